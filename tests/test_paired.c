/* The paired comparison against cases worked by hand, and its coverage. */
#include "paired.h"
#include "philox.h"
#include "suite.h"
#include <check.h>
#include <math.h>
#include <stdlib.h>

/* Uniform in [0, 1): element k of a sequence that the draw number selects. */
static double uniform(uint64_t k, uint32_t draw)
{
    const struct philox_point point = {.seed = 42, .element = k, .draw = draw};

    return (double)(philox(&point).word[0] >> 11) * 0x1p-53;
}

/*
 * s = 1, 2, 3 and t = 2, 2, 4: S = 6, T = 8, r = -1/4; residuals s - 3/4 t = -1/2, 1/2, 0, so the
 * variance is 3/2 * 1/2 / 64 = 3/256.
 */
START_TEST(interval_of_three_blocks)
{
    const double s[] = {1.0, 2.0, 3.0}, t[] = {2.0, 2.0, 4.0};
    struct paired_sums sums = {0};

    paired_add(&sums, s, t, 3);
    const struct paired_result r = paired_evaluate(&sums);
    const double half_width = 2.5758293035489 * sqrt(3.0) / 16.0;

    ck_assert(r.change == -0.25);
    ck_assert_double_eq_tol(r.low, -0.25 - half_width, 1e-15);
    ck_assert_double_eq_tol(r.high, -0.25 + half_width, 1e-15);
    ck_assert(r.better == 2.0 / 3.0 && r.equal == 1.0 / 3.0 && r.worse == 0.0);
}
END_TEST

START_TEST(equal_sides_have_an_interval_of_exactly_zero)
{
    double s[1000];
    struct paired_sums sums = {0};

    for (uint64_t k = 0; k < 1000; k++)
        s[k] = uniform(k, 0);
    paired_add(&sums, s, s, 1000);
    const struct paired_result r = paired_evaluate(&sums);

    ck_assert(r.change == 0.0 && r.low == 0.0 && r.high == 0.0);
    ck_assert(r.equal == 1.0);
}
END_TEST

/* A constant ratio has no scatter: what is left of the interval is rounding, of either sign. */
START_TEST(constant_ratio_has_a_tiny_interval)
{
    const double ratio = 1.0 + _i / 10.0;
    double s[1000], t[1000];
    struct paired_sums sums = {0};

    for (uint64_t k = 0; k < 1000; k++) {
        t[k] = uniform(k, 0);
        s[k] = ratio * t[k];
    }
    paired_add(&sums, s, t, 1000);
    const struct paired_result r = paired_evaluate(&sums);

    ck_assert_double_eq_tol(r.change, ratio - 1.0, 1e-13);
    ck_assert(r.low <= r.change && r.high >= r.change && r.high - r.low < 1e-7);
    ck_assert(r.worse == 1.0);
}
END_TEST

/* Of 2000 samples of 200 blocks, about 99 % of the intervals cover the true ratio. */
START_TEST(interval_covers_the_truth_as_often_as_it_says)
{
    enum {
        SAMPLES = 2000,
        BLOCKS = 200
    };
    int covered = 0;

    for (uint64_t sample = 0; sample < SAMPLES; sample++) {
        struct paired_sums sums = {0};

        for (uint64_t b = 0; b < BLOCKS; b++) {
            const double t = 1.0 + uniform(sample * BLOCKS + b, 0);
            const double s = t * (0.5 + 0.6 * uniform(sample * BLOCKS + b, 1)); /* mean 0.8 t */

            paired_add(&sums, &s, &t, 1);
        }
        const struct paired_result r = paired_evaluate(&sums);

        covered += r.low <= -0.2 && r.high >= -0.2;
    }
    ck_assert_int_ge(covered, SAMPLES * 98 / 100);
    ck_assert_int_le(covered, SAMPLES * 998 / 1000);
}
END_TEST

/* Rounding leaves some of these single blocks a residual, which must not become an interval. */
START_TEST(one_block_has_no_interval)
{
    for (uint64_t k = 0; k < 100; k++) {
        const double s = uniform(k, 0), t = uniform(k, 1);
        struct paired_sums sums = {0};

        paired_add(&sums, &s, &t, 1);
        const struct paired_result r = paired_evaluate(&sums);

        ck_assert(r.change == (s - t) / t && isnan(r.low) && isnan(r.high));
    }
}
END_TEST

START_TEST(degenerate_pairs_are_the_documented_ones)
{
    const double zeros[] = {0.0, 0.0}, some[] = {1.0, 4.0}, bad[] = {NAN, INFINITY};
    struct paired_sums none = {0}, nothing = {0}, from_zero = {0}, one = {0}, broken = {0};
    struct paired_result r = paired_evaluate(&none);

    ck_assert(isnan(r.change) && isnan(r.low) && isnan(r.high));
    ck_assert(isnan(r.better) && isnan(r.equal) && isnan(r.worse));

    paired_add(&nothing, zeros, zeros, 2);
    r = paired_evaluate(&nothing);
    ck_assert(isnan(r.change) && isnan(r.low) && isnan(r.high) && r.equal == 1.0);

    paired_add(&from_zero, some, zeros, 2);
    r = paired_evaluate(&from_zero);
    ck_assert(isnan(r.change) && isnan(r.low) && isnan(r.high) && r.worse == 1.0);

    paired_add(&one, zeros, some, 1);
    r = paired_evaluate(&one);
    ck_assert(r.change == -1.0 && isnan(r.low) && isnan(r.high) && r.better == 1.0);

    paired_add(&broken, bad, some, 2);
    paired_add(&broken, some, bad, 2);
    paired_add(&broken, bad, bad, 2);
    ck_assert_uint_eq(broken.non_finite, 6);
    ck_assert_uint_eq(broken.better + broken.equal + broken.worse, 0);
    ck_assert(broken.t == 0.0 && broken.uu == 0.0);
}
END_TEST

START_TEST(merging_pairs_is_adding_them)
{
    const double s[] = {1.0, 2.0, 7.0, NAN}, t[] = {2.0, 2.0, 4.0, 1.0};
    struct paired_sums whole = {0}, left = {0}, right = {0};

    paired_add(&whole, s, t, 4);
    paired_add(&left, s, t, 2);
    paired_add(&right, s + 2, t + 2, 2);
    paired_merge(&left, &right);
    ck_assert_mem_eq(&whole, &left, sizeof(whole));
    ck_assert_uint_eq(whole.better, 1);
    ck_assert_uint_eq(whole.equal, 1);
    ck_assert_uint_eq(whole.worse, 1);
    ck_assert_uint_eq(whole.non_finite, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("paired");
    TCase *tc = tcase_create("all");

    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, interval_of_three_blocks);
    tcase_add_test(tc, equal_sides_have_an_interval_of_exactly_zero);
    tcase_add_loop_test(tc, constant_ratio_has_a_tiny_interval, 1, 20);
    tcase_add_test(tc, interval_covers_the_truth_as_often_as_it_says);
    tcase_add_test(tc, one_block_has_no_interval);
    tcase_add_test(tc, degenerate_pairs_are_the_documented_ones);
    tcase_add_test(tc, merging_pairs_is_adding_them);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
