/* Statistics of tensors. */
#include "input.h"
#include "statistics.h"

#include "hostile.h"
#include "suite.h"
#include "temp_dir.h"
#include <math.h>
#include <omp.h>

/* Statistics of numbers in memory, as a matrix. */
static struct statistics statistics_of_weights(const float *weights, uint64_t nrows, uint64_t ncols)
{
    const uint64_t dims[2] = {ncols, nrows};
    struct error error;
    struct source source;
    struct statistics statistics;
    struct tensor tensor = {.name = temp_dir, .kind = ELEMENT_F32, .type = "F32"};
    ck_assert(tensor_set_dims(&tensor, 2, dims, &error));
    tensor.nbytes = nrows * ncols * sizeof(float);
    ck_assert(source_open_memory(&source, "memory", weights, tensor.nbytes, &error));
    tensor.source = &source;
    ck_assert_msg(statistics_of(&tensor, &statistics, &error), "%s", error.text);
    source_close(&source);
    return statistics;
}

START_TEST(statistics_by_hand)
{
    static const float weights[4] = {1.0f, 2.0f, 3.0f, 6.0f};
    const struct statistics s = statistics_of_weights(weights, 2, 2);
    ck_assert_uint_eq(s.count, 4);
    ck_assert_uint_eq(s.finite, 4);
    ck_assert(s.min == 1.0);
    ck_assert(s.max == 6.0);
    ck_assert(s.mean == 3.0);
    ck_assert(s.rms == sqrt(12.5));
    /* Deviations -2, -1, 0, 3: m2 = 14 / 4, m4 = 98 / 4. */
    ck_assert(s.kurtosis == 4.0 * 98.0 / (14.0 * 14.0));
    ck_assert_uint_eq(s.zeros + s.subnormals + s.nans + s.infinities, 0);
}
END_TEST

START_TEST(every_kind_is_counted)
{
    static const float weights[12] = {0.0f,      -0.0f,    0x1p-149f, -0x1p-127f, 0x1p-126f, 1.0f,
                                      -INFINITY, INFINITY, -1.0f,     INFINITY,   2.0f,      0.0f};
    float copy[12];
    memcpy(copy, weights, sizeof weights);
    copy[9] = NAN;
    const struct statistics s = statistics_of_weights(copy, 3, 4);
    ck_assert_uint_eq(s.count, 12);
    ck_assert_uint_eq(s.finite, 9);
    ck_assert_uint_eq(s.zeros, 3);
    ck_assert_uint_eq(s.subnormals, 2);
    ck_assert_uint_eq(s.nans, 1);
    ck_assert_uint_eq(s.infinities, 2);
    ck_assert_uint_eq(s.bad.row, 1);
    ck_assert_uint_eq(s.bad.column, 2);
    ck_assert(s.bad.value == -INFINITY);
    ck_assert(s.min == -1.0);
    ck_assert(s.max == 2.0);
}
END_TEST

START_TEST(nothing_finite_has_no_statistics)
{
    static const float weights[2] = {NAN, INFINITY};
    for (uint64_t ncols = 0; ncols <= 2; ncols++) {
        const struct statistics s = statistics_of_weights(weights, 1, ncols);
        ck_assert_uint_eq(s.count, ncols);
        ck_assert_uint_eq(s.finite, 0);
        ck_assert_uint_eq(s.nans + s.infinities, ncols);
        ck_assert(isnan(s.min) && isnan(s.max) && isnan(s.mean) && isnan(s.rms) &&
                  isnan(s.kurtosis));
    }
}
END_TEST

START_TEST(the_extremes_do_not_overflow)
{
    static const float weights[4] = {0x1.fffffep127f, -0x1.fffffep127f, 0x1.fffffep127f,
                                     -0x1.fffffep127f};
    struct statistics s = statistics_of_weights(weights, 1, 4);
    ck_assert(s.mean == 0.0);
    ck_assert(s.rms == 0x1.fffffep127);
    ck_assert(s.kurtosis == 1.0);

    static const float tiny[4] = {0x1p-149f, -0x1p-149f, 0x1p-149f, -0x1p-149f};
    s = statistics_of_weights(tiny, 1, 4);
    ck_assert(s.rms == 0x1p-149);
    ck_assert(s.kurtosis == 1.0);

    /* No variance, no kurtosis. */
    static const float equal[3] = {0.1f, 0.1f, 0.1f};
    s = statistics_of_weights(equal, 1, 3);
    ck_assert(isnan(s.kurtosis));
}
END_TEST

enum {
    LONG_ROWS = 1500,
    LONG_COLUMNS = 1024 /* many pieces */
};

/* Blocks of 2^16 weights: -3 and 3 in even blocks, -1 and 1 in odd ones: every sum is exact. */
static float *long_weights(void)
{
    float *weights = malloc(LONG_ROWS * LONG_COLUMNS * sizeof *weights);
    ck_assert_ptr_nonnull(weights);
    for (size_t i = 0; i < LONG_ROWS * LONG_COLUMNS; i++) {
        float magnitude = i >> 16 & 1 ? 1.0f : 3.0f;
        weights[i] = i & 1 ? magnitude : -magnitude;
    }
    return weights;
}

START_TEST(pieces_are_merged)
{
    float *weights = long_weights();
    const double n = LONG_ROWS * LONG_COLUMNS;
    /* 23 whole blocks and 28672 weights of block 23, which is odd. */
    const double of3 = 12.0 * 65536.0;
    const double of1 = n - of3;
    struct statistics s = statistics_of_weights(weights, LONG_ROWS, LONG_COLUMNS);
    const double m2 = of1 + 9.0 * of3;
    const double m4 = of1 + 81.0 * of3;
    ck_assert(s.mean == 0.0);
    ck_assert(s.rms == sqrt(m2 / n));
    ck_assert(s.kurtosis == n * m4 / (m2 * m2));

    weights[1400 * LONG_COLUMNS + 7] = NAN;
    weights[700 * LONG_COLUMNS + 9] = INFINITY;
    s = statistics_of_weights(weights, LONG_ROWS, LONG_COLUMNS);
    ck_assert_uint_eq(s.bad.row, 700);
    ck_assert_uint_eq(s.bad.column, 9);
    ck_assert_uint_eq(s.nans, 1);
    ck_assert_uint_eq(s.infinities, 1);
    free(weights);
}
END_TEST

/* The formulas of the merge, where the means of the pieces differ: integers, so that sums are exact
 * but for the divisions. */
START_TEST(merged_moments_are_those_of_the_whole)
{
    enum {
        N = 4 * 65536
    };
    float *weights = malloc(N * sizeof *weights);
    ck_assert_ptr_nonnull(weights);
    double mean = 0.0;
    for (size_t i = 0; i < N; i++) {
        weights[i] = (float)((i >> 16) * (i >> 16) * 10 + (i * i) % 7);
        mean += (double)weights[i] / N;
    }
    double m2 = 0.0;
    double m4 = 0.0;
    for (size_t i = 0; i < N; i++) {
        const double squared = ((double)weights[i] - mean) * ((double)weights[i] - mean);
        m2 += squared;
        m4 += squared * squared;
    }
    const struct statistics s = statistics_of_weights(weights, 256, 1024);
    const double kurtosis = N * m4 / (m2 * m2);
    ck_assert(fabs(s.mean / mean - 1.0) < 1e-12);
    ck_assert(fabs(s.kurtosis / kurtosis - 1.0) < 1e-12);
    free(weights);
}
END_TEST

START_TEST(threads_do_not_change_a_digit)
{
    const struct input_options options = {0};
    struct error error;
    struct tensor_list list = {0};
    ck_assert(input_open("synth:student-t:3,shape=1000x1001", &options, &list, &error));
    struct statistics first;
    for (int threads = 1; threads <= 5; threads++) {
        struct statistics s;
        omp_set_num_threads(threads);
        ck_assert_msg(statistics_of(&list.tensors[0], &s, &error), "%s", error.text);
        first = threads == 1 ? s : first;
        ck_assert(s.mean == first.mean);
        ck_assert(s.rms == first.rms);
        ck_assert(s.kurtosis == first.kurtosis);
    }
    tensor_list_free(&list);
}
END_TEST

START_TEST(read_errors_come_back)
{
    const struct input_options options = {.shape = "300x1024"};
    struct error error;
    struct statistics statistics;
    struct tensor_list list = {0};
    struct bytes bytes = {0};
    put_repeated(&bytes, 0, 300 * 1024 * 4);
    temp_write("a.f32", bytes.data, bytes.size);
    bytes_free(&bytes);
    ck_assert(input_open(temp_path("a.f32"), &options, &list, &error));
    ck_assert_int_eq(truncate(temp_path("a.f32"), 299 * 1024 * 4), 0);
    ck_assert(!statistics_of(&list.tensors[0], &statistics, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "became shorter"));
    tensor_list_free(&list);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("statistics");
    TCase *all = tcase_create("statistics");
    tcase_set_timeout(all, 0);
    tcase_add_checked_fixture(all, temp_dir_make, temp_dir_remove);
    tcase_add_test(all, statistics_by_hand);
    tcase_add_test(all, every_kind_is_counted);
    tcase_add_test(all, nothing_finite_has_no_statistics);
    tcase_add_test(all, the_extremes_do_not_overflow);
    tcase_add_test(all, pieces_are_merged);
    tcase_add_test(all, merged_moments_are_those_of_the_whole);
    tcase_add_test(all, threads_do_not_change_a_digit);
    tcase_add_test(all, read_errors_come_back);
    suite_add_tcase(suite, all);

    return suite_run(suite);
}
