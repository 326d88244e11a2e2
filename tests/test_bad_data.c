/*
 * Bad data beside good: every encoder, every place, the documented status, report and bytes. What
 * is expected comes from bad_data.c.
 */
#include "bad_data.h"
#include "fill.h"

#include "binary16.h"
#include "suite.h"

#include <check.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
#if defined(ROUNDEL_SLOW_RUN)
    RANDOM_TENSORS = 8,
    PLACE_STEP = 9, /* one of the nine blocks of a tensor, another one for each probe */
    PAIR_STEP = 3,  /* of pairs such as weights and importance a third, with each of either */
#else
    RANDOM_TENSORS = 150,
    PLACE_STEP = 1,
    PAIR_STEP = 1,
#endif
    SEED = 0xBAD
};

static const struct encoder *encoder_number(int i)
{
    size_t count;
    return &kernel_list(&count)[i];
}

/* Runs the check and returns what was expected. */
static struct rdl_report check(const struct bad_tensor *tensor, const char *what)
{
    struct bad_expectation expected;
    bad_expect(tensor, &expected);
    bad_check(tensor, &expected, what);
    return expected.report;
}

/* ------------------------------------------------------------------------------------------------
 * Single weights
 */

static const struct {
    const char *name;
    uint32_t bits;
    enum rdl_status status;
} weight_probes[] = {
    {"quiet NaN", 0x7FC00000, RDL_WEIGHT_NAN},
    {"negative NaN", 0xFFC00000, RDL_WEIGHT_NAN},
    {"signalling NaN", 0x7F800001, RDL_WEIGHT_NAN},
    {"negative signalling NaN", 0xFFBFFFFF, RDL_WEIGHT_NAN},
    {"NaN with payload", 0x7FFFFFFF, RDL_WEIGHT_NAN},
    {"infinity", 0x7F800000, RDL_WEIGHT_INFINITE},
    {"-infinity", 0xFF800000, RDL_WEIGHT_INFINITE},
    {"zero", 0x00000000, RDL_OK},
    {"-zero", 0x80000000, RDL_OK},
    {"smallest subnormal", 0x00000001, RDL_OK},
    {"largest subnormal", 0x807FFFFF, RDL_OK},
    {"1e-30", 0x0DA24260, RDL_OK},
    {"65504", 0x477FE000, RDL_OK},
    {"-65504", 0xC77FE000, RDL_OK},
};

START_TEST(single_weights)
{
    const struct encoder *encoder = encoder_number(_i);
    const size_t length = encoder->info->block_length;
    const size_t columns[] = {0, length / 2 + 1, length - 1};
    for (size_t p = 0; p < sizeof weight_probes / sizeof weight_probes[0]; p++)
        for (size_t b = p % PLACE_STEP; b < BAD_ROWS * BAD_BLOCKS; b += PLACE_STEP) {
            const size_t row = b / BAD_BLOCKS, block = b % BAD_BLOCKS;
            const size_t column = columns[(p + row + block) % 3]; /* each in each row and block */
            struct bad_tensor tensor;
            bad_tensor_init(&tensor, encoder, SEED);
            bad_block(&tensor, row, block)[column] = rdl_bits_float(weight_probes[p].bits);
            const struct rdl_report report = check(&tensor, weight_probes[p].name);
            ck_assert_int_eq(report.status, weight_probes[p].status);
            if (report.status == RDL_OK)
                continue;
            ck_assert_uint_eq(report.row, row);
            ck_assert_uint_eq(report.block, block);
            ck_assert_uint_eq(report.column, block * length + column);
            ck_assert_uint_eq(report.bad_blocks, 1);
        }
}
END_TEST

/* Good tensors of every kind, subnormals, zeros of both signs and 1e-30 among them, are no bad
 * data.
 */
START_TEST(good_tensors)
{
    for (int w = 0; w < WEIGHTS_HUGE; w++)
        for (int q = w % PAIR_STEP; q < IMPORTANCE_COUNT; q += PAIR_STEP) {
            struct bad_tensor tensor;
            bad_tensor_init(&tensor, encoder_number(_i), SEED);
            struct random random = {.seed = (uint64_t)(w * IMPORTANCE_COUNT + q)};
            fill_weights((enum weights)w, 65504.0, &random, BAD_ROWS * bad_ncols(&tensor),
                         tensor.x);
            fill_importance((enum importances)q, &random, bad_ncols(&tensor), tensor.importance);
            ck_assert_int_eq(check(&tensor, weights_name((enum weights)w)).status, RDL_OK);
        }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Large weights
 */

/* The largest float that is not above max_magnitude. */
static float largest_legal(const struct encoder *encoder)
{
    const double limit = fmin(encoder->info->max_magnitude, (double)FLT_MAX);
    const float nearest = (float)limit;
    return (double)nearest > limit ? nextafterf(nearest, 0.0f) : nearest;
}

START_TEST(weights_above_the_limit)
{
    const struct encoder *encoder = encoder_number(_i);
    const float above = nextafterf(largest_legal(encoder), INFINITY);
    if (isinf(above))
        return; /* no finite weight is above the limit */
    const float probes[] = {above, -above, FLT_MAX, -FLT_MAX};
    for (size_t p = 0; p < sizeof probes / sizeof probes[0]; p++)
        for (size_t b = p % PLACE_STEP; b < BAD_ROWS * BAD_BLOCKS; b += PLACE_STEP) {
            struct bad_tensor tensor;
            bad_tensor_init(&tensor, encoder, SEED);
            float *x = bad_block(&tensor, b / BAD_BLOCKS, b % BAD_BLOCKS);
            x[5] = 0.5f * probes[p];
            x[9] = x[11] = probes[p];
            const struct rdl_report report = check(&tensor, "above max_magnitude");
            ck_assert_int_eq(report.status, RDL_SCALE_OVERFLOW);
            ck_assert_uint_eq(report.column, b % BAD_BLOCKS * bad_length(&tensor) + 9);
        }
}
END_TEST

static void fill_large(float *x, size_t n, float c, int pattern)
{
    for (size_t i = 0; i < n; i++)
        x[i] = pattern == 0   ? c
               : pattern == 1 ? (i % 2 ? c : -c)
               : pattern == 2 ? c * (((float)i + 1.0f) / (float)n)
                              : 0.0f;
    x[n - 1] = c;
}

/* Whether the scale overflows below the limit depends on the block: a constant -c, say, is all
 * offset in an affine format. Either way status and bytes fit each other. */
START_TEST(weights_up_to_the_limit)
{
    const struct encoder *encoder = encoder_number(_i);
    static const float fractions[] = {1.0f, 0.999999f, 0.99f, 0.9f, 0.5f, 0.1f, 0.01f};
    for (size_t f = 0; f < sizeof fractions / sizeof fractions[0]; f++)
        for (int pattern = (int)f % PAIR_STEP; pattern < 8; pattern += PAIR_STEP) {
            const float c = largest_legal(encoder) * fractions[f] * (pattern < 4 ? 1.0f : -1.0f);
            struct bad_tensor tensor;
            bad_tensor_init(&tensor, encoder, SEED);
            fill_large(bad_block(&tensor, 1, 1), bad_length(&tensor), c, pattern % 4);
            const struct rdl_report report = check(&tensor, "up to max_magnitude");
            ck_assert(report.status == RDL_OK || report.status == RDL_SCALE_OVERFLOW);
        }
}
END_TEST

/* -60000 * 945: a min of 900000 would be needed, and 65504 / 63 * 63 is the most. */
START_TEST(offsets_overflow_below_the_limit)
{
    const struct encoder *encoder = encoder_number(_i);
    if (encoder->info->grid != RDL_GRID_AFFINE)
        return; /* only these have an offset */
    struct bad_tensor tensor;
    bad_tensor_init(&tensor, encoder, SEED);
    fill_large(bad_block(&tensor, 2, 0), bad_length(&tensor), -0.9f * largest_legal(encoder), 2);
    ck_assert_int_eq(check(&tensor, "offset").status, RDL_SCALE_OVERFLOW);
}
END_TEST

/*
 * Weights within 65504 whose scale overflows all the same, by importance alone: the only two
 * weights that count lie so close together that the least-squares scale of their sub-block is
 * rounding noise and negative, which the coding of the scales answers with one that has no bound.
 */
START_TEST(importance_makes_scales_overflow)
{
    const struct encoder *encoder = encoder_number(_i);
    if (encoder->rounding != RDL_GGML || !encoder->with_importance ||
        encoder->info->grid != RDL_GRID_AFFINE || encoder->info->sub_block_length != 32)
        return; /* made for these searches */
    static const struct {
        float a, b, importance_a, importance_b, rest;
    } blocks[] = {
        {-38642.0f, -38635.0f, 3.0f, 5.0f, 42400.0f},
        {-42397.0f, -42381.0f, 5.0f, 2.25f, 55300.0f},
    };
    size_t noverflows = 0;
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        struct bad_tensor tensor;
        bad_tensor_init(&tensor, encoder, SEED);
        float *x = bad_block(&tensor, 1, 1), *q = bad_factors(&tensor, 1);
        memset(x, 0, bad_length(&tensor) * sizeof *x);
        memset(q, 0, bad_length(&tensor) * sizeof *q);
        x[0] = -65504.0f;
        x[1] = 65504.0f;
        x[2] = blocks[i].a;
        x[3] = blocks[i].b;
        q[2] = blocks[i].importance_a;
        q[3] = blocks[i].importance_b;
        for (size_t k = 32; k < 64; k++)
            x[k] = blocks[i].rest;
        const struct rdl_report report = check(&tensor, "importance on two close weights");
        noverflows += report.status == RDL_SCALE_OVERFLOW;
    }
    ck_assert_msg(noverflows > 0, "%s: no scale overflows, the test tests nothing", encoder->name);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Importance
 */

static const struct {
    const char *name;
    uint32_t bits;
    enum rdl_status status;
} importance_probes[] = {
    {"NaN", 0x7FC00000, RDL_IMPORTANCE_INVALID},
    {"negative NaN", 0xFFC00000, RDL_IMPORTANCE_INVALID},
    {"signalling NaN", 0x7F800001, RDL_IMPORTANCE_INVALID},
    {"infinity", 0x7F800000, RDL_IMPORTANCE_INVALID},
    {"-infinity", 0xFF800000, RDL_IMPORTANCE_INVALID},
    {"-1", 0xBF800000, RDL_IMPORTANCE_INVALID},
    {"-subnormal", 0x80000001, RDL_IMPORTANCE_INVALID},
    {"FLT_MAX", 0x7F7FFFFF, RDL_IMPORTANCE_INVALID},
    {"just above 1e16", 0x5A0E1BCB, RDL_IMPORTANCE_INVALID},
    {"1e16", 0x5A0E1BCA, RDL_OK},
    {"subnormal", 0x00000001, RDL_OK},
    {"zero", 0x00000000, RDL_OK},
    {"-zero", 0x80000000, RDL_OK},
};

START_TEST(the_importance_limit_is_1e16)
{
    ck_assert_uint_eq(rdl_float_bits(RDL_IMPORTANCE_MAX), 0x5A0E1BCA);
}
END_TEST

START_TEST(single_factors)
{
    const struct encoder *encoder = encoder_number(_i);
    if (!encoder->with_importance)
        return;
    const size_t length = encoder->info->block_length;
    const size_t columns[] = {
        0, length - 1, length, 2 * length - 1, 2 * length + 3, 3 * length - 1};
    for (size_t p = 0; p < sizeof importance_probes / sizeof importance_probes[0]; p++)
        for (size_t c = p % PAIR_STEP; c < sizeof columns / sizeof columns[0]; c += PAIR_STEP) {
            struct bad_tensor tensor;
            bad_tensor_init(&tensor, encoder, SEED);
            tensor.importance[columns[c]] = rdl_bits_float(importance_probes[p].bits);
            const struct rdl_report report = check(&tensor, importance_probes[p].name);
            ck_assert_int_eq(report.status, importance_probes[p].status);
            if (report.status == RDL_OK)
                continue;
            ck_assert_uint_eq(report.row, 0);
            ck_assert_uint_eq(report.block, columns[c] / length);
            ck_assert_uint_eq(report.column, columns[c]);
            ck_assert_uint_eq(report.bad_blocks, BAD_ROWS); /* the columns of every row */
        }
}
END_TEST

/* The same factor in every column of a block, and in all columns. */
START_TEST(whole_blocks_of_factors)
{
    const struct encoder *encoder = encoder_number(_i);
    if (!encoder->with_importance)
        return;
    for (size_t p = 0; p < sizeof importance_probes / sizeof importance_probes[0]; p++)
        for (size_t block = p % PAIR_STEP; block <= BAD_BLOCKS; block += PAIR_STEP) {
            struct bad_tensor tensor;
            bad_tensor_init(&tensor, encoder, SEED);
            const size_t length = encoder->info->block_length;
            const size_t first = block < BAD_BLOCKS ? block * length : 0;
            const size_t last = block < BAD_BLOCKS ? first + length : bad_ncols(&tensor);
            for (size_t i = first; i < last; i++)
                tensor.importance[i] = rdl_bits_float(importance_probes[p].bits);
            const struct rdl_report report = check(&tensor, importance_probes[p].name);
            ck_assert_int_eq(report.status, importance_probes[p].status);
        }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Several at once
 */

START_TEST(the_first_of_several_is_reported)
{
    const struct encoder *encoder = encoder_number(_i);
    const size_t length = encoder->info->block_length;
    struct bad_tensor tensor;
    bad_tensor_init(&tensor, encoder, SEED);
    bad_block(&tensor, 2, 0)[1] = NAN;
    bad_block(&tensor, 1, 2)[length - 1] = -INFINITY;
    bad_block(&tensor, 1, 2)[7] = INFINITY;
    bad_block(&tensor, 1, 2)[8] = NAN;
    struct rdl_report report = check(&tensor, "several weights");
    ck_assert_int_eq(report.status, RDL_WEIGHT_INFINITE);
    ck_assert_uint_eq(report.row, 1);
    ck_assert_uint_eq(report.block, 2);
    ck_assert_uint_eq(report.column, 2 * length + 7);
    ck_assert_uint_eq(report.bad_blocks, 2);
    if (!encoder->with_importance)
        return;
    tensor.importance[length] = -1.0f;
    report = check(&tensor, "weights and importance");
    ck_assert_int_eq(report.status, RDL_IMPORTANCE_INVALID);
    ck_assert_uint_eq(report.row, 0);
    ck_assert_uint_eq(report.column, length);
    ck_assert_uint_eq(report.bad_blocks, BAD_ROWS + 2);
}
END_TEST

/* Any bits as weights and as importance, in some blocks. */
START_TEST(random_bits)
{
    struct random random = {.seed = SEED + 1};
    for (int n = 0; n < RANDOM_TENSORS; n++) {
        struct bad_tensor tensor;
        bad_tensor_init(&tensor, encoder_number(_i), (uint64_t)n);
        for (size_t i = 0; i < BAD_ROWS * bad_ncols(&tensor); i++)
            if (random_below(&random, 4 * bad_length(&tensor)) == 0)
                tensor.x[i] = rdl_bits_float((uint32_t)random_word(&random));
        for (size_t i = 0; i < bad_ncols(&tensor); i++)
            if (random_below(&random, 4 * bad_length(&tensor)) == 0)
                tensor.importance[i] = rdl_bits_float((uint32_t)random_word(&random));
        (void)check(&tensor, "random bits");
    }
}
END_TEST

/*
 * Weights -65504, 0 and 65504. The smallest value of IQ1_M is an eighth of its scale, and where the
 * search gives it to weights that large the scale overflows.
 */
START_TEST(largest_ternary_weights)
{
    enum {
        TRIALS = 60
    };
    const struct encoder *encoder = encoder_number(_i);
    if (encoder->info->grid != RDL_GRID_TERNARY)
        return; /* the others have levels between */
    struct random random = {.seed = SEED + 2};
    size_t noverflows = 0;
    for (int n = 0; n < TRIALS; n++) {
        struct bad_tensor tensor;
        bad_tensor_init(&tensor, encoder, SEED);
        float *x = bad_block(&tensor, 1, 1);
        for (size_t i = 0; i < bad_length(&tensor); i++)
            x[i] = 65504.0f * ((float)random_below(&random, 3) - 1.0f);
        noverflows += check(&tensor, "largest ternary weights").status == RDL_SCALE_OVERFLOW;
    }
    if (encoder->format == RDL_IQ1_M && !encoder->with_importance)
        ck_assert_msg(noverflows > 0, "%s: no scale overflows, the test tests nothing",
                      encoder->name);
}
END_TEST

int main(void)
{
    size_t nencoders;
    (void)kernel_list(&nencoders);
    Suite *suite = suite_create("bad data");
    TCase *tcase = tcase_create("bad data");
    tcase_set_timeout(tcase, 0);
    tcase_add_loop_test(tcase, single_weights, 0, (int)nencoders);
    tcase_add_loop_test(tcase, good_tensors, 0, (int)nencoders);
    tcase_add_loop_test(tcase, weights_above_the_limit, 0, (int)nencoders);
    tcase_add_loop_test(tcase, weights_up_to_the_limit, 0, (int)nencoders);
    tcase_add_loop_test(tcase, offsets_overflow_below_the_limit, 0, (int)nencoders);
    tcase_add_loop_test(tcase, importance_makes_scales_overflow, 0, (int)nencoders);
    tcase_add_test(tcase, the_importance_limit_is_1e16);
    tcase_add_loop_test(tcase, single_factors, 0, (int)nencoders);
    tcase_add_loop_test(tcase, whole_blocks_of_factors, 0, (int)nencoders);
    tcase_add_loop_test(tcase, the_first_of_several_is_reported, 0, (int)nencoders);
    tcase_add_loop_test(tcase, random_bits, 0, (int)nencoders);
    tcase_add_loop_test(tcase, largest_ternary_weights, 0, (int)nencoders);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
