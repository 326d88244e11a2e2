/* The oracle of blocks: what must hold between its results, and on blocks that are no usual ones.
 */
#include "oracle_samples.h"
#include "suite.h"

#include <check.h>
#include <float.h>
#include <math.h>
#include <string.h>

enum {
    MAX_N = RDL_BLOCK_MAX_LENGTH,
#ifdef ROUNDEL_SLOW_RUN
    CASES = SAMPLE_KINDS
#else
    CASES = 6 * SAMPLE_KINDS
#endif
};

static const struct grids {
    struct rdl_block_grid grid;
    size_t n;
} grids[] = {
    {{RDL_BLOCK_SIGNED, 16, -8, NULL}, 32},  {{RDL_BLOCK_SIGNED, 64, -32, NULL}, 16},
    {{RDL_BLOCK_POSITIVE, 8, -4, NULL}, 16}, {{RDL_BLOCK_UNSIGNED, 16, 0, NULL}, 32},
    {{RDL_BLOCK_AFFINE, 4, 0, NULL}, 16},    {{RDL_BLOCK_AFFINE, 16, 0, NULL}, 32},
    {{RDL_BLOCK_FREE, 4, 0, NULL}, 16},      {{RDL_BLOCK_FREE, 16, 0, NULL}, 32},
};

enum {
    GRIDS = sizeof grids / sizeof *grids
};

START_TEST(scaling_by_a_power_of_two_scales_the_error)
{
    struct gap_source source = {.state = 11};
    for (int i = 0; i < CASES; i++)
        for (int g = 0; g < GRIDS; g++) {
            struct sample sample;
            uint8_t codes[MAX_N], scaled_codes[MAX_N];
            draw_sample(&source, i, grids[g].n, &sample);
            const struct rdl_block block = {grids[g].n, sample.x, sample.w, grids[g].grid};
            const struct rdl_block_fit fit = solve_oracle(&block, codes);
            const int exponent = i % 2 ? 40 : -30;
            for (size_t j = 0; j < block.n; j++)
                sample.x[j] = ldexpf(sample.x[j], exponent);
            const struct rdl_block_fit scaled = solve_oracle(&block, scaled_codes);
            ck_assert(scaled.error == ldexp(fit.error, 2 * exponent));
            ck_assert(scaled.scale == ldexp(fit.scale, exponent));
            ck_assert(scaled.offset == ldexp(fit.offset, exponent));
            ck_assert_mem_eq(codes, scaled_codes, block.n);
        }
}
END_TEST

static void reverse(float *values, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        const float value = values[i];
        values[i] = values[n - 1 - i];
        values[n - 1 - i] = value;
    }
}

static void negate(float *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        values[i] = -values[i];
}

START_TEST(order_does_not_matter)
{
    struct gap_source source = {.state = 12};
    for (int i = 0; i < CASES; i++)
        for (int g = 0; g < GRIDS; g++) {
            struct sample sample;
            uint8_t codes[MAX_N];
            draw_sample(&source, i, grids[g].n, &sample);
            const struct rdl_block block = {grids[g].n, sample.x, sample.w, grids[g].grid};
            const double error = solve_oracle(&block, codes).error;
            reverse(sample.x, block.n);
            reverse(sample.w, block.n);
            ck_assert_double_eq_tol(solve_oracle(&block, codes).error, error,
                                    1e-14 * sum_squares(&block));
        }
}
END_TEST

START_TEST(negated_weights_on_a_negated_table)
{
    struct gap_source source = {.state = 13};
    float entries[16];
    memcpy(entries, iq4_grid.entries, sizeof entries);
    negate(entries, 16);
    reverse(entries, 16);
    for (int i = 0; i < CASES; i++)
        for (enum rdl_block_kind kind = RDL_BLOCK_SIGNED; kind <= RDL_BLOCK_POSITIVE; kind++) {
            struct sample sample;
            const struct rdl_block_grid grid = {kind, 16, 0, iq4_grid.entries};
            const struct rdl_block_grid negated = {kind, 16, 0, entries};
            draw_sample(&source, i, 32, &sample);
            const double error = optimum(sample.x, sample.w, 32, grid);
            negate(sample.x, 32);
            ck_assert(optimum(sample.x, sample.w, 32, negated) == error);
        }
}
END_TEST

/* With any offset codes may run down as well. */
START_TEST(negated_weights_with_any_offset)
{
    struct gap_source source = {.state = 14};
    for (int i = 0; i < CASES; i++) {
        struct sample sample;
        draw_sample(&source, i, 32, &sample);
        const struct rdl_block block = {32, sample.x, sample.w, integers(RDL_BLOCK_FREE, 0, 16)};
        const double error = optimum(sample.x, sample.w, 32, block.grid);
        negate(sample.x, 32);
        ck_assert_double_eq_tol(optimum(sample.x, sample.w, 32, block.grid), error,
                                1e-13 * sum_squares(&block));
    }
}
END_TEST

START_TEST(more_freedom_is_not_worse)
{
    static const int counts[4] = {2, 4, 16, 32};
    struct gap_source source = {.state = 15};
    for (int i = 0; i < CASES; i++)
        for (int c = 0; c < 4; c++) {
            struct sample sample;
            const size_t n = counts[c] == 32 ? 12 : 32;
            draw_sample(&source, i, n, &sample);
            double error[3];
            for (int k = 0; k < 3; k++) {
                const enum rdl_block_kind kind = (enum rdl_block_kind)(RDL_BLOCK_UNSIGNED + k);
                error[k] = optimum(sample.x, sample.w, n, integers(kind, 0, counts[c]));
            }
            ck_assert_double_le(error[1], error[0] * (1.0 + 1e-12));
            ck_assert_double_le(error[2], error[1] * (1.0 + 1e-12));
        }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Constants
 */

static void check_constant(float value, enum rdl_block_kind kind, double scale, double offset,
                           int code)
{
    /* The first weight does not count. */
    const float x[5] = {100.0f, value, value, value, value}, w[5] = {0, 1, 2, 3, 4};
    uint8_t codes[MAX_N];
    const struct rdl_block block = {5, x, w, integers(kind, 0, 4)};
    const struct rdl_block_fit fit = solve_oracle(&block, codes);
    ck_assert_double_le(fit.error, 1e-30 * (double)value * (double)value);
    ck_assert_double_le(fabs(fit.scale - scale), 1e-15 * scale);
    ck_assert_double_le(fabs(fit.offset - offset), 1e-15 * fabs(offset));
    for (int i = 1; i < 5; i++)
        ck_assert_int_eq(codes[i], code);
}

START_TEST(constants)
{
    check_constant(2.5f, RDL_BLOCK_AFFINE, 2.5 / 3.0, 0.0, 3);
    check_constant(-2.5f, RDL_BLOCK_AFFINE, 0.0, -2.5, 0);
    check_constant(2.5f, RDL_BLOCK_FREE, 0.0, 2.5, 0);
    check_constant(-2.5f, RDL_BLOCK_FREE, 0.0, -2.5, 0);
    check_constant(1e30f, RDL_BLOCK_AFFINE, (double)1e30f / 3.0, 0.0, 3);
}
END_TEST

START_TEST(negative_weights)
{
    struct gap_source source = {.state = 16};
    for (int i = 0; i < CASES; i++) {
        struct sample sample;
        uint8_t codes[MAX_N];
        draw_sample(&source, i, 32, &sample);
        for (int j = 0; j < 32; j++)
            sample.x[j] = -fabsf(sample.x[j]) - 0.25f;
        struct rdl_block block = {32, sample.x, sample.w, integers(RDL_BLOCK_UNSIGNED, 0, 16)};
        const struct rdl_block_fit fit = solve_oracle(&block, codes);
        ck_assert(fit.scale == 0.0);
        ck_assert_double_eq_tol(fit.error, sum_squares(&block), 1e-12 * fit.error);
        block.grid.kind = RDL_BLOCK_AFFINE;
        const double error = solve_oracle(&block, codes).error;
        block.grid.kind = RDL_BLOCK_FREE;
        ck_assert(solve_oracle(&block, codes).error == error);
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Extremes
 */

/*
 * Three light weights around all others, so far off that these have one code, 5, at the least
 * error, and the light ones 0, 7 and 9. In the plane of 1 / scale and offset / scale the codes of
 * the optimum have only lines of light weights above them: seen from there, sums are those of the
 * others, and what differs is 1e-17 of them.
 */
START_TEST(light_outliers)
{
    const struct rdl_block_grid grid = integers(RDL_BLOCK_FREE, 0, 10);
    const double light[3] = {-1e8, 0.44e8, 0.8e8}, codes[3] = {-5.0, 2.0, 4.0};
    double xx = 0.0, xq = 0.0, qq = 0.0; /* the mean of the others, with code 5, is as good as 0 */
    for (int k = 0; k < 3; k++) {
        xx += light[k] * light[k];
        xq += light[k] * codes[k];
        qq += codes[k] * codes[k];
    }
    const double error = 1e-17 * (xx - xq * xq / qq);
    struct gap_source source = {.state = 17};
    for (int i = 0; i < CASES; i++) {
        struct sample sample;
        gap_source_block(&source, GAP_GAUSSIAN, GAP_IMPORTANCE, 32, sample.x, sample.w);
        for (int j = 0; j < 29; j++)
            sample.x[j] *= 1e-6f;
        for (int k = 0; k < 3; k++) {
            sample.x[29 + k] = (float)light[k];
            sample.w[29 + k] = 1e-17f;
        }
        ck_assert_double_eq_tol(optimum(sample.x, sample.w, 32, grid), error, 1e-4 * error);
        negate(sample.x, 32);
        ck_assert_double_eq_tol(optimum(sample.x, sample.w, 32, grid), error, 1e-4 * error);
    }
}
END_TEST

/* Weights near to each other and far from 0: nothing is lost to cancellation. */
START_TEST(narrow_block_far_from_zero)
{
    struct gap_source source = {.state = 18};
    for (int i = 0; i < CASES; i++) {
        struct sample sample, shifted;
        gap_source_block(&source, GAP_GAUSSIAN, GAP_IMPORTANCE, 32, sample.x, sample.w);
        shifted = sample;
        for (int j = 0; j < 32; j++) {
            sample.x[j] = roundf(sample.x[j] * 256.0f) / 256.0f;
            shifted.x[j] = sample.x[j] + 16384.0f;
        }
        const struct rdl_block_grid grid = integers(RDL_BLOCK_FREE, 0, 16);
        const double error = optimum(sample.x, sample.w, 32, grid);
        ck_assert_double_eq_tol(optimum(shifted.x, shifted.w, 32, grid), error, 1e-9 * error);
    }
}
END_TEST

START_TEST(extremes_of_binary32)
{
    static const float magnitudes[4] = {FLT_MAX, 1e30f, FLT_MIN, 1e-45f};
    static const float entries[5] = {-FLT_MAX, -1e-45f, 1e-45f, 1.0f, FLT_MAX};
    struct gap_source source = {.state = 19};
    for (int i = 0; i < CASES; i++) {
        struct sample sample;
        uint8_t codes[MAX_N];
        for (int j = 0; j < 16; j++) {
            const uint64_t word = gap_source_word(&source);
            sample.x[j] = (word & 1 ? 1.0f : -1.0f) * magnitudes[word >> 1 & 3];
            sample.w[j] = word >> 3 & 1 ? magnitudes[word >> 4 & 3] : (float)(word >> 4 & 1);
        }
        for (int g = 0; g < GRIDS; g++)
            solve_oracle(&(struct rdl_block){16, sample.x, sample.w, grids[g].grid}, codes);
        for (enum rdl_block_kind kind = RDL_BLOCK_SIGNED; kind <= RDL_BLOCK_POSITIVE; kind++) {
            const struct rdl_block_grid table = {kind, 5, 0, entries};
            solve_oracle(&(struct rdl_block){16, sample.x, sample.w, table}, codes);
        }
    }
}
END_TEST

START_TEST(longest_blocks_and_grids)
{
    struct gap_source source = {.state = 20};
    struct sample sample;
    draw_sample(&source, 0, MAX_N, &sample);
    const double scaled = optimum(sample.x, sample.w, MAX_N, integers(RDL_BLOCK_SIGNED, -128, 256));
    ck_assert_double_ge(scaled, 0.0);
    for (enum rdl_block_kind kind = RDL_BLOCK_AFFINE; kind <= RDL_BLOCK_FREE; kind++) {
        const double error = optimum(sample.x, sample.w, MAX_N, integers(kind, 0, 24));
        ck_assert_double_le(optimum(sample.x, sample.w, 6, integers(kind, 0, 256)), error);
        ck_assert_double_le(optimum(sample.x, sample.w, 1, integers(kind, 0, 2)), 1e-30);
    }
    const struct rdl_block two = {2, sample.x, sample.w, integers(RDL_BLOCK_FREE, 0, 2)};
    ck_assert_double_le(optimum(two.x, two.weights, 2, two.grid), 1e-30 * sum_squares(&two));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("oracle properties");
    TCase *tcase = tcase_create("properties");
    tcase_set_timeout(tcase, 300.0);
    tcase_add_test(tcase, scaling_by_a_power_of_two_scales_the_error);
    tcase_add_test(tcase, order_does_not_matter);
    tcase_add_test(tcase, negated_weights_on_a_negated_table);
    tcase_add_test(tcase, negated_weights_with_any_offset);
    tcase_add_test(tcase, more_freedom_is_not_worse);
    tcase_add_test(tcase, constants);
    tcase_add_test(tcase, negative_weights);
    tcase_add_test(tcase, light_outliers);
    tcase_add_test(tcase, narrow_block_far_from_zero);
    tcase_add_test(tcase, extremes_of_binary32);
    tcase_add_test(tcase, longest_blocks_and_grids);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
