/* Grids of formats, weights of blocks, and the lower bound of a block's error. */
#include "encoders.h"
#include "gap_blocks.h"
#include "roundel_block.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_BLOCK = 256,
    MAX_BYTES = 256,
#ifdef ROUNDEL_SLOW_RUN
    BLOCKS = 6
#else
    BLOCKS = 40
#endif
};

static struct gap_source source;

static void *scratch_of(enum rdl_format format)
{
    void *scratch = malloc(rdl_block_bound_scratch_size(format) + 1);
    ck_assert_ptr_nonnull(scratch);
    return scratch;
}

static double error_of(size_t n, const float *x, const float *y, const float *w)
{
    double error = 0.0;
    for (size_t i = 0; i < n; i++)
        error += (double)w[i] * ((double)x[i] - (double)y[i]) * ((double)x[i] - (double)y[i]);
    return error;
}

/* ------------------------------------------------------------------------------------------------
 * The bound
 */

/* Any bytes that decode to numbers of an ordinary size. */
static void draw_block(enum rdl_format format, uint8_t *bytes, float *y)
{
    const struct rdl_format_info *info = rdl_format_info(format);
    const struct rdl_job job = {.format = format, .nrows = 1, .ncols = info->block_length};
    double largest;
    do {
        for (size_t i = 0; i < info->block_bytes; i++)
            bytes[i] = (uint8_t)gap_source_word(&source);
        ck_assert_int_eq(rdl_dequantize(&job, bytes, y), RDL_OK);
        largest = 0.0;
        for (size_t i = 0; i < info->block_length; i++)
            largest = isfinite(y[i]) ? fmax(largest, fabs((double)y[i])) : INFINITY;
    } while (!(largest > 1e-3 && largest < 1e6));
}

/* Blocks of random bytes have scales and mins of every sign. What they decode to has an error of 0,
 * but for the roundings of the decoder; and with noise on it, no more than the noise. */
START_TEST(no_block_is_below_its_bound)
{
    const enum rdl_format format = (enum rdl_format)_i;
    const size_t n = rdl_format_info(format)->block_length;
    void *scratch = scratch_of(format);
    source = (struct gap_source){.state = 77 + (uint64_t)_i};
    for (int b = 0; b < BLOCKS; b++) {
        uint8_t bytes[MAX_BYTES];
        float y[MAX_BLOCK], x[MAX_BLOCK], noise[MAX_BLOCK], w[MAX_BLOCK];
        double bound, square = 0.0;
        draw_block(format, bytes, y);
        gap_source_block(&source, GAP_GAUSSIAN, GAP_IMPORTANCE, n, noise, w);
        for (size_t i = 0; i < n; i++)
            square += (double)w[i] * (double)y[i] * (double)y[i];
        ck_assert_int_eq(rdl_block_bound(format, RDL_SCALAR, y, w, scratch, &bound), RDL_OK);
        ck_assert_msg(bound >= 0.0 && bound <= 1e-12 * square, "%s: %g of %g",
                      rdl_format_info(format)->name, bound, square);
        const float unit = (float)sqrt(square / (double)n) * 0.05f;
        for (size_t i = 0; i < n; i++)
            x[i] = y[i] + unit * noise[i];
        ck_assert_int_eq(rdl_block_bound(format, RDL_SCALAR, x, w, scratch, &bound), RDL_OK);
        const double error = error_of(n, x, y, w);
        ck_assert_double_le(bound, error * (1.0 + 1e-6));
    }
    free(scratch);
}
END_TEST

/* The best that ggml's encoders find is not far above: the bound is not 0 for everything. Its
 * ternary blocks, which take the largest magnitude for their scale, have 3.5 and 4.8 times as much.
 */
START_TEST(bound_is_near_what_encoders_reach)
{
    const enum rdl_format format = (enum rdl_format)_i;
    const struct rdl_format_info *info = rdl_format_info(format);
    const size_t n = info->block_length;
    void *scratch = scratch_of(format);
    source = (struct gap_source){.state = 5};
    const bool is_iq1 = format == RDL_IQ1_S || format == RDL_IQ1_M; /* they have no nearest */
    const struct encoder encoder = {
        .format = format,
        .rounding = is_iq1 ? RDL_GGML_FIXED : RDL_NEAREST,
        .weighting = is_iq1 ? RDL_NATIVE : RDL_UNIFORM,
    };
    double bounds = 0.0, errors = 0.0;
    for (int b = 0; b < BLOCKS; b++) {
        uint8_t bytes[MAX_BYTES];
        float x[MAX_BLOCK], y[MAX_BLOCK], w[MAX_BLOCK];
        double bound;
        gap_source_block(&source, GAP_GAUSSIAN, GAP_UNIFORM, n, x, w);
        const struct rdl_job job = encoder_job(&encoder, 1, n);
        ck_assert_int_eq(rdl_quantize(&job, x, NULL, bytes, NULL), RDL_OK);
        ck_assert_int_eq(rdl_dequantize(&job, bytes, y), RDL_OK);
        ck_assert_int_eq(rdl_block_bound(format, RDL_SCALAR, x, w, scratch, &bound), RDL_OK);
        bounds += bound;
        errors += error_of(n, x, y, w);
    }
    const double most = info->grid == RDL_GRID_TERNARY ? 5.0 : 2.2;
    ck_assert_msg(errors >= bounds && errors < most * bounds, "%s: %g, bound %g", info->name,
                  errors, bounds);
    free(scratch);
}
END_TEST

START_TEST(targets_agree_on_the_bound)
{
    const unsigned detected = rdl_detect_targets();
    for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++) {
        const enum rdl_format format = (enum rdl_format)f;
        void *scratch = scratch_of(format);
        source = (struct gap_source){.state = 9 + f};
        float x[MAX_BLOCK], w[MAX_BLOCK];
        gap_source_block(&source, GAP_LAPLACE, GAP_IMPORTANCE,
                         rdl_format_info(format)->block_length, x, w);
        double expected, bound;
        ck_assert_int_eq(rdl_block_bound(format, RDL_SCALAR, x, w, scratch, &expected), RDL_OK);
        for (unsigned t = 1; t < RDL_TARGET_COUNT; t++)
            if (detected >> t & 1u) {
                ck_assert_int_eq(rdl_block_bound(format, (enum rdl_target)t, x, w, scratch, &bound),
                                 RDL_OK);
                ck_assert_double_eq(bound, expected);
            }
        free(scratch);
    }
}
END_TEST

START_TEST(wrong_calls_are_refused)
{
    float x[32] = {1.0f}, w[32] = {1.0f};
    double bound;
    void *scratch = scratch_of(RDL_Q4_0);
    const enum rdl_format none = RDL_FORMAT_COUNT;
    ck_assert_int_eq(rdl_block_bound(none, RDL_SCALAR, x, w, scratch, &bound), RDL_UNKNOWN_VALUE);
    ck_assert_int_eq(rdl_block_bound(RDL_Q4_0, RDL_TARGET_COUNT, x, w, scratch, &bound),
                     RDL_UNKNOWN_VALUE);
    ck_assert_int_eq(rdl_block_bound(RDL_Q4_0, RDL_SCALAR, NULL, w, scratch, &bound),
                     RDL_NULL_POINTER);
    ck_assert_int_eq(rdl_block_bound(RDL_Q4_0, RDL_SCALAR, x, NULL, scratch, &bound),
                     RDL_NULL_POINTER);
    ck_assert_int_eq(rdl_block_bound(RDL_Q4_0, RDL_SCALAR, x, w, NULL, &bound),
                     RDL_SCRATCH_TOO_SMALL);
    ck_assert_uint_eq(rdl_block_bound_scratch_size(none), 0);
    x[3] = NAN;
    ck_assert_int_eq(rdl_block_bound(RDL_Q4_0, RDL_SCALAR, x, w, scratch, &bound), RDL_WEIGHT_NAN);
    x[3] = INFINITY;
    ck_assert_int_eq(rdl_block_bound(RDL_Q4_0, RDL_SCALAR, x, w, scratch, &bound),
                     RDL_WEIGHT_INFINITE);
    x[3] = 0.0f;
    w[3] = -1.0f;
    ck_assert_int_eq(rdl_block_bound(RDL_Q4_0, RDL_SCALAR, x, w, scratch, &bound),
                     RDL_IMPORTANCE_INVALID);
    w[3] = 0.0f;
    ck_assert_int_eq(rdl_block_bound(RDL_Q4_0, RDL_SCALAR, x, w, scratch, &bound), RDL_OK);
    ck_assert_double_eq(bound, 0.0);
    free(scratch);
}
END_TEST

/* The same statuses by the way of the vector codebooks. */
START_TEST(bad_data_of_codebooks_are_refused)
{
    float x[MAX_BLOCK] = {0}, w[MAX_BLOCK] = {0};
    double bound;
    void *scratch = scratch_of(RDL_IQ3_S);
    ck_assert_int_eq(rdl_block_bound(RDL_IQ3_S, RDL_SCALAR, x, w, scratch, &bound), RDL_OK);
    ck_assert_double_eq(bound, 0.0);
    x[255] = NAN;
    ck_assert_int_eq(rdl_block_bound(RDL_IQ3_S, RDL_SCALAR, x, w, scratch, &bound), RDL_WEIGHT_NAN);
    x[255] = 1.0f;
    w[255] = INFINITY;
    ck_assert_int_eq(rdl_block_bound(RDL_IQ3_S, RDL_SCALAR, x, w, scratch, &bound),
                     RDL_IMPORTANCE_INVALID);
    free(scratch);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Grids and weights
 */

START_TEST(formats_with_codes_of_their_own_have_grids)
{
    for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++) {
        const enum rdl_format format = (enum rdl_format)f;
        const enum rdl_grid kind = rdl_format_info(format)->grid;
        struct rdl_block_grid grid;
        const bool has = rdl_format_grid(format, &grid);
        ck_assert_int_eq(has,
                         kind != RDL_GRID_CODEBOOK && format != RDL_IQ1_S && format != RDL_IQ1_M);
        if (!has)
            continue;
        ck_assert_int_eq(grid.kind == RDL_BLOCK_AFFINE, kind == RDL_GRID_AFFINE);
        ck_assert_int_eq(grid.entries != NULL, kind == RDL_GRID_TABLE);
        ck_assert(rdl_solver_support(RDL_SOLVE_EXACT, grid.kind, grid.entries != NULL));
    }
}
END_TEST

START_TEST(weights_are_those_of_the_weighting)
{
    float x[32], importance[32], w[32];
    double unit;
    for (int i = 0; i < 32; i++) {
        x[i] = 0.25f * (float)(i - 16);
        importance[i] = (float)(i % 5);
    }
    for (unsigned k = 0; k < RDL_WEIGHTING_COUNT; k++) {
        const enum rdl_weighting weighting = (enum rdl_weighting)k;
        ck_assert_int_eq(rdl_block_weights(RDL_Q4_0, weighting, x, importance, 9.0f, w, &unit),
                         RDL_OK);
        float largest = 0.0f;
        for (int i = 0; i < 32; i++) {
            const double v = (double)x[i], q = (double)importance[i];
            const double expected[RDL_WEIGHTING_COUNT] = {
                [RDL_NATIVE] = q * sqrt(9.0 + v * v),
                [RDL_UNIFORM] = 1.0,
                [RDL_X2] = v * v,
                [RDL_ABS] = fabs(v),
                [RDL_RMS_ABS] = 3.0 + fabs(v),
                [RDL_IMPORTANCE] = q,
                [RDL_IMPORTANCE_RMS] = q * sqrt(9.0 + v * v),
            };
            ck_assert_double_le(fabs((double)w[i] * unit - expected[k]), 1e-6 * expected[k]);
            largest = w[i] > largest ? w[i] : largest;
        }
        ck_assert(largest >= 1.0f && largest <= 2.0f);
    }
    ck_assert_int_eq(rdl_block_weights(RDL_Q4_0, RDL_UNIFORM, x, NULL, 9.0f, w, NULL), RDL_OK);
    ck_assert_int_eq(rdl_block_weights(RDL_Q4_0, RDL_IMPORTANCE, x, NULL, 9.0f, w, NULL),
                     RDL_IMPORTANCE_REQUIRED);
    ck_assert_int_eq(rdl_block_weights(RDL_Q4_0, RDL_UNIFORM, NULL, NULL, 9.0f, w, NULL),
                     RDL_NULL_POINTER);
    ck_assert_int_eq(rdl_block_weights(RDL_FORMAT_COUNT, RDL_UNIFORM, x, NULL, 9.0f, w, NULL),
                     RDL_UNKNOWN_VALUE);
    ck_assert_int_eq(rdl_block_weights(RDL_Q4_0, RDL_WEIGHTING_COUNT, x, NULL, 9.0f, w, NULL),
                     RDL_UNKNOWN_VALUE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("block bound");
    TCase *tcase = tcase_create("block bound");
    tcase_set_timeout(tcase, 0);
    tcase_add_loop_test(tcase, no_block_is_below_its_bound, 0, RDL_FORMAT_COUNT);
    tcase_add_loop_test(tcase, bound_is_near_what_encoders_reach, 0, RDL_FORMAT_COUNT);
    tcase_add_test(tcase, targets_agree_on_the_bound);
    tcase_add_test(tcase, wrong_calls_are_refused);
    tcase_add_test(tcase, bad_data_of_codebooks_are_refused);
    tcase_add_test(tcase, formats_with_codes_of_their_own_have_grids);
    tcase_add_test(tcase, weights_are_those_of_the_weighting);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
