/* Percentiles against a sort, within the documented bound. */
#include "histogram.h"
#include "philox.h"
#include "suite.h"
#include <check.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Too large for the stack. */
static struct error_histogram histogram, other;

static void setup(void)
{
    memset(&histogram, 0, sizeof(histogram));
    memset(&other, 0, sizeof(other));
}

/* Uniform in [0, 1): element k of a sequence that the draw number selects. */
static double uniform(uint64_t k, uint32_t draw)
{
    const struct philox_point point = {.seed = 42, .element = k, .draw = draw};

    return (double)(philox(&point).word[0] >> 11) * 0x1p-53;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

START_TEST(percentiles_are_near_those_of_a_sort)
{
    enum {
        N = 5000
    };
    static double sizes[N];
    const unsigned per_mille[] = {1, 10, 250, 500, 900, 950, 990, 999, 1000};

    for (uint64_t k = 0; k < N; k++) {
        const double octaves = _i == 0 ? 1.0 : 60.0; /* narrow and wide */

        sizes[k] =
            k % 50 == 7 ? 0.0 : exp2(octaves * (uniform(k, 0) - 0.5)) * (1.0 + uniform(k, 1));
        histogram_add(&histogram, sizes[k]);
    }
    qsort(sizes, N, sizeof(sizes[0]), ascending);
    for (size_t i = 0; i < sizeof(per_mille) / sizeof(per_mille[0]); i++) {
        const double truth = sizes[N * per_mille[i] / 1000 - 1];
        const double estimate = histogram_percentile(&histogram, per_mille[i]);

        ck_assert_msg(fabs(estimate - truth) <= truth / 255.0, "%u per mille: %.17g, not %.17g",
                      per_mille[i], estimate, truth);
    }
}
END_TEST

/* Four equal sizes in the bin [1, 1 + 2^-8) are taken as its 1/8, 3/8, 5/8, 7/8 points. */
START_TEST(sizes_of_a_bin_are_spread_evenly)
{
    for (int i = 0; i < 4; i++)
        histogram_add(&histogram, 1.0);
    ck_assert(histogram_percentile(&histogram, 250) == 1.0 + 0x1p-8 * 0.125);
    ck_assert(histogram_percentile(&histogram, 251) == 1.0 + 0x1p-8 * 0.375);
    ck_assert(histogram_percentile(&histogram, 500) == 1.0 + 0x1p-8 * 0.375);
    ck_assert(histogram_percentile(&histogram, 999) == 1.0 + 0x1p-8 * 0.875);
    ck_assert(histogram_percentile(&histogram, 1000) == 1.0 + 0x1p-8 * 0.875);
}
END_TEST

START_TEST(ends_of_the_histogram)
{
    ck_assert(isnan(histogram_percentile(&histogram, 500)));
    histogram_add(&histogram, 0.0);
    histogram_add(&histogram, 0x1p-149);
    histogram_add(&histogram, 0x1.fffcp-135);
    ck_assert(histogram_percentile(&histogram, 1000) == 0.0);
    histogram_add(&histogram, 0x1p-134);
    ck_assert(histogram_percentile(&histogram, 1000) == 0x1.8p-134);
    histogram_add(&histogram, (double)FLT_MAX);
    histogram_add(&histogram, 2.0 * (double)FLT_MAX);
    histogram_add(&histogram, DBL_MAX);
    ck_assert_uint_eq(histogram.count[HISTOGRAM_BINS - 1], 3);
    ck_assert(histogram_percentile(&histogram, 1000) < 0x1p128);
}
END_TEST

/* Ranks of counts whose product with 1000 leaves 64 bits. */
START_TEST(huge_counts_do_not_overflow)
{
    histogram.count[100] = UINT64_C(1) << 62;
    histogram.count[200] = UINT64_C(1) << 62;
    other.count[100] = 1;
    other.count[200] = 1;
    for (unsigned per_mille = 400; per_mille <= 600; per_mille += 50) {
        const double ratio =
            histogram_percentile(&histogram, per_mille) / histogram_percentile(&other, per_mille);

        ck_assert_double_eq_tol(ratio, 1.0, 1.0 / 100.0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("histogram");
    TCase *tc = tcase_create("all");

    tcase_set_timeout(tc, 0);
    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_loop_test(tc, percentiles_are_near_those_of_a_sort, 0, 2);
    tcase_add_test(tc, sizes_of_a_bin_are_spread_evenly);
    tcase_add_test(tc, ends_of_the_histogram);
    tcase_add_test(tc, huge_counts_do_not_overflow);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
