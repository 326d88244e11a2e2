/*
 * The published searches of a scale, by one candidate and by lists of them: on the grids of ggml's
 * formats they are the encoders' searches; they do what is said of them on other grids; and
 * whatever the block, they return codes of the grid. How good they are: test_solve_scale_gap.c.
 */
#include "affine_search.h"
#include "block/block.h"
#include "codebooks.h"
#include "gap_blocks.h"
#include "iq4_search.h"
#include "nearest.h"
#include "nonnegative_search.h"
#include "roundel_block.h"
#include "suite.h"
#include "symmetric_search.h"

#include <check.h>
#include <math.h>
#include <string.h>

enum {
    MAX_N = RDL_BLOCK_MAX_LENGTH
};

static struct rdl_block_grid integers(enum rdl_block_kind kind, int first, int last)
{
    return (struct rdl_block_grid){kind, last - first + 1, first, NULL};
}

static struct rdl_block_grid table(const float *entries, int count)
{
    return (struct rdl_block_grid){RDL_BLOCK_SIGNED, count, 0, entries};
}

static struct rdl_block_fit solve(enum rdl_solver solver, const struct rdl_block *block,
                                  uint8_t *codes)
{
    struct rdl_block_fit fit;
    ck_assert_int_eq(rdl_block_solve(solver, block, NULL, NULL, codes, &fit), RDL_OK);
    return fit;
}

static float uniform(struct gap_source *source)
{
    return (float)(gap_source_word(source) >> 40) * 0x1p-24f;
}

/* ------------------------------------------------------------------------------------------------
 * Equality with the encoders' searches
 */

enum {
    EQUAL_BLOCKS = 2000
};

/* Blocks of the gap tables, of integers (ties), of mixed magnitudes, and with factors of 0. */
static void draw(struct gap_source *source, int round, size_t n, float *x, float *w)
{
    gap_source_block(source, (enum gap_data)(round / 2 % 2), (enum gap_weights)(round % 5), n, x,
                     w);
    for (size_t i = 0; i < n; i++) {
        if (round % 4 == 1)
            x[i] = floorf(4.0f * x[i]);
        if (round % 4 == 2)
            x[i] *= exp2f(floorf(20.0f * uniform(source)) - 10.0f);
        if (round % 3 == 2 && uniform(source) < 0.25f)
            w[i] = 0.0f;
        if (round % 7 == 6)
            w[i] *= exp2f(floorf(30.0f * uniform(source)) - 15.0f);
    }
    x[round % (int)n] += 0.125f; /* not all 0 */
    w[round % (int)n] += 0.125f;
}

/* Weights of factor 0 have the nearest code here, whatever the encoders give them. */
static void check_equal(const struct rdl_block *block, const struct rdl_block_fit *fit,
                        const uint8_t *codes, float scale, const uint8_t *expected)
{
    uint8_t nearest[MAX_N];
    ck_assert_msg((float)fit->scale == scale, "scale %.9g, not %.9g", fit->scale, (double)scale);
    rdl_block_codes(block, fit->scale, 0.0, nearest);
    for (size_t i = 0; i < block->n; i++)
        ck_assert_int_eq(codes[i], block->weights[i] > 0.0f ? expected[i] : nearest[i]);
}

static const struct {
    int n, half_range;
} symmetric[] = {{32, 8}, {32, 16}, {16, 4}, {16, 32}, {7, 2}, {2, 1}, {32, 127}};

#define SYMMETRIC_COUNT ((int)(sizeof symmetric / sizeof symmetric[0]))

static void check_symmetric(enum rdl_solver solver, int c)
{
    const int n = symmetric[c].n, half_range = symmetric[c].half_range;
    struct gap_source source = {.state = 5};
    for (int round = 0; round < EQUAL_BLOCKS; round++) {
        float x[MAX_N], w[MAX_N];
        uint8_t codes[MAX_N], expected[MAX_N];
        draw(&source, round, (size_t)n, x, w);
        const struct rdl_block block = {(size_t)n, x, w,
                                        integers(RDL_BLOCK_SIGNED, -half_range, half_range - 1)};
        const struct rdl_block_fit fit = solve(solver, &block, codes);
        const float scale =
            solver == RDL_SOLVE_QX
                ? rdl_symmetric_search(n, rdl_symmetric_levels(half_range), x, w, expected)
                : rdl_symmetric_descent(n, rdl_symmetric_levels(half_range), x,
                                        solver == RDL_SOLVE_Q3, expected);
        check_equal(&block, &fit, codes, scale, expected);
        const float extreme_scale = rdl_symmetric_extreme_scale(n, half_range, x);
        ck_assert(extreme_scale == (float)solve(RDL_SOLVE_NEAREST, &block, codes).scale);
    }
}

START_TEST(symmetric_searches_are_the_encoders)
{
    check_symmetric(RDL_SOLVE_QX, _i);
    check_symmetric(RDL_SOLVE_Q3, _i);
    check_symmetric(RDL_SOLVE_Q3_FIXED, _i);
}
END_TEST

static void check_nonnegative(int n, int last, const float *x, const float *w)
{
    uint8_t codes[MAX_N], expected[MAX_N];
    const struct rdl_block block = {(size_t)n, x, w, integers(RDL_BLOCK_UNSIGNED, 0, last)};
    const struct rdl_block_fit fit = solve(RDL_SOLVE_QP, &block, codes);
    const float scale = rdl_nonnegative_search(n, last, x, w, true, expected);
    check_equal(&block, &fit, codes, scale, expected);
}

START_TEST(nonnegative_search_is_the_encoders)
{
    static const int shapes[][2] = {{8, 63}, {16, 15}, {32, 4}, {32, 255}, {3, 1}};
    struct gap_source source = {.state = 6};
    for (int round = 0; round < EQUAL_BLOCKS; round++) {
        const int n = shapes[round % 5][0];
        float x[MAX_N], w[MAX_N];
        draw(&source, round, (size_t)n, x, w);
        for (int i = 0; i < n; i++)
            x[i] = fabsf(x[i]);
        check_nonnegative(n, shapes[round % 5][1], x, w);
    }
}
END_TEST

START_TEST(nonnegative_search_has_a_fifth_pass)
{
    static const float x[13] = {10, 15, 70, 65, 89, 59, 67, 28, 44, 88, 94, 16, 66};
    static const float w[13] = {36, 9, 49, 16, 36, 1, 64, 64, 4, 9, 36, 4, 49};
    check_nonnegative(13, 15, x, w);
}
END_TEST

START_TEST(table_search_is_the_encoders)
{
    struct gap_source source = {.state = 7};
    for (int round = 0; round < EQUAL_BLOCKS; round++) {
        float x[MAX_N], w[MAX_N];
        uint8_t codes[MAX_N], expected[MAX_N];
        draw(&source, round, 32, x, w);
        const struct rdl_block block = {32, x, w, table(rdl_iq4_nl_values, 16)};
        const struct rdl_block_fit fit = solve(RDL_SOLVE_NL, &block, codes);
        const float scale = rdl_iq4_search(x, w), inverse = scale != 0.0f ? 1.0f / scale : 0.0f;
        for (int i = 0; i < 32; i++)
            expected[i] = (uint8_t)rdl_nearest_iq4_nl(inverse * x[i]);
        check_equal(&block, &fit, codes, scale, expected);
        ck_assert(rdl_iq4_extreme_scale(x) == (float)solve(RDL_SOLVE_NEAREST, &block, codes).scale);
    }
}
END_TEST

/* In binary64 here: the range is not rounded before it is divided. */
START_TEST(min_max_is_the_encoders)
{
    struct gap_source source = {.state = 8};
    for (int round = 0; round < EQUAL_BLOCKS; round++) {
        float x[MAX_N], w[MAX_N];
        uint8_t codes[MAX_N];
        draw(&source, round, 32, x, w);
        const struct rdl_block block = {32, x, w, integers(RDL_BLOCK_AFFINE, 0, 15)};
        const struct rdl_block_fit fit = solve(RDL_SOLVE_NEAREST, &block, codes);
        const struct rdl_affine_fit expected = rdl_affine_min_max(32, x, 15);
        ck_assert_double_le(fabs(fit.scale - (double)expected.scale), 3e-7 * fit.scale);
        ck_assert(fit.offset == -(double)expected.min);
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * The defect of q3
 */

/* -3 1 1 1 at scale -2. The start is at scale -1.5, where 6 has code -4. */
START_TEST(q3_refines_negative_extremes_only)
{
    static const float x[4] = {6.0f, -2.0f, -2.0f, -2.0f}, mirrored[4] = {-6.0f, 2.0f, 2.0f, 2.0f};
    static const float w[4] = {36.0f, 4.0f, 4.0f, 4.0f};
    static const uint8_t start[4] = {0, 5, 5, 5}, best[4] = {1, 5, 5, 5};
    const struct rdl_block positive = {4, x, w, integers(RDL_BLOCK_SIGNED, -4, 3)};
    const struct rdl_block negative = {4, mirrored, w, integers(RDL_BLOCK_SIGNED, -4, 3)};
    uint8_t codes[4];
    ck_assert_double_eq(solve(RDL_SOLVE_Q3, &negative, codes).error, 0.0);
    ck_assert_mem_eq(codes, best, 4);
    ck_assert_double_eq(solve(RDL_SOLVE_Q3_FIXED, &negative, codes).error, 0.0);
    ck_assert_mem_eq(codes, best, 4);
    ck_assert_double_eq(solve(RDL_SOLVE_Q3_FIXED, &positive, codes).error, 0.0);
    ck_assert_mem_eq(codes, best, 4);
    ck_assert_double_gt(solve(RDL_SOLVE_Q3, &positive, codes).error, 2.9);
    ck_assert_mem_eq(codes, start, 4);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * The walks of qxg and nlg: they end at the optimum of these blocks, which no candidate reaches
 */

static void check_walk(enum rdl_solver solver, const struct rdl_block *block, const uint8_t *best,
                       double scale)
{
    uint8_t codes[4];
    const struct rdl_block_fit fit = solve(solver, block, codes);
    ck_assert_mem_eq(codes, best, 4);
    ck_assert_double_le(fabs(fit.scale - scale), 1e-6);
}

START_TEST(walk_leaves_the_candidates)
{
    static const float x[4] = {-3, 9, 16, 9}, w[4] = {7, 7, 1, 7};
    static const uint8_t best[4] = {7, 11, 13, 11}; /* -1 3 5 3; candidates have 6 for 5 */
    const struct rdl_block block = {4, x, w, integers(RDL_BLOCK_SIGNED, -8, 7)};
    check_walk(RDL_SOLVE_QXG, &block, best, 479.0 / 158.0);
}
END_TEST

START_TEST(walk_on_a_table_leaves_the_candidates)
{
    static const float x[4] = {-110, 68, -82, 37}, w[4] = {1, 3, 3, 4};
    static const uint8_t best[4] = {1, 13, 2, 11}; /* -104 69 -83 38 */
    const struct rdl_block block = {4, x, w, table(rdl_iq4_nl_values, 16)};
    check_walk(RDL_SOLVE_NLG, &block, best, 51558.0 / 51542.0);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Other grids
 */

static double value_of(const struct rdl_block_grid *grid, int code)
{
    return grid->entries ? (double)grid->entries[code] : (double)(grid->first + code);
}

/* 64 weights at values of the grid, both ends among them. */
static void check_grid_is_found(enum rdl_solver solver, struct rdl_block_grid grid, float scale)
{
    float x[MAX_N];
    uint8_t codes[MAX_N], expected[MAX_N];
    for (int i = 0; i < MAX_N; i++) {
        expected[i] = (uint8_t)(i * (grid.count - 1) / (MAX_N - 1));
        x[i] = scale * (float)value_of(&grid, expected[i]);
    }
    const struct rdl_block block = {MAX_N, x, NULL, grid};
    const double found = solve(solver, &block, codes).scale;
    ck_assert_msg(fabs(found - (double)scale) < 1e-6 * fabs((double)scale) &&
                      memcmp(codes, expected, MAX_N) == 0,
                  "%s, %g .. %g: scale %g", rdl_solver_name(solver), value_of(&grid, 0),
                  value_of(&grid, grid.count - 1), found);
}

/* On a signed grid, of either sign. */
static void check_signs_are_found(enum rdl_solver solver, struct rdl_block_grid grid)
{
    check_grid_is_found(solver, grid, 0.25f);
    check_grid_is_found(solver, grid, -0.25f);
}

/* Grids whose first code has the largest magnitude, or that have one sign. */
START_TEST(integers_of_any_grid_are_found)
{
    static const int ends[][2] = {{-8, 7}, {-127, 127}, {-7, 7},  {-1, 0},   {-1, 1},  {0, 15},
                                  {0, 1},  {-255, 0},   {0, 255}, {-100, 3}, {-63, 0}, {-128, 127}};
    for (size_t g = 0; g < sizeof ends / sizeof ends[0]; g++) {
        const struct rdl_block_grid grid = integers(RDL_BLOCK_SIGNED, ends[g][0], ends[g][1]);
        for (int solver = RDL_SOLVE_NEAREST; solver <= RDL_SOLVE_Q3_FIXED; solver++)
            check_signs_are_found((enum rdl_solver)solver, grid);
        const struct rdl_block_grid positive = {RDL_BLOCK_POSITIVE, grid.count, grid.first, NULL};
        check_grid_is_found(RDL_SOLVE_NEAREST, positive, 0.25f);
        const struct rdl_block_grid from_0 = integers(RDL_BLOCK_UNSIGNED, 0, grid.count - 1);
        check_grid_is_found(RDL_SOLVE_NEAREST_REFIT, from_0, 0.25f);
        check_grid_is_found(RDL_SOLVE_QP, from_0, 0.25f);
    }
    check_signs_are_found(RDL_SOLVE_QXG, integers(RDL_BLOCK_SIGNED, -3, 100));
}
END_TEST

START_TEST(entries_of_any_table_are_found)
{
    static const float thirds[] = {-3.0f, -2.0f, 0.0f}, positive[] = {1.0f, 2.0f, 3.0f},
                       small[] = {-0.01f, -0.004f, 0.001f, 0.009f},
                       longer_last[] = {-1.0f, 1.0f, 5.0f};
    const struct rdl_block_grid tables[] = {table(rdl_iq4_nl_values, 16), table(thirds, 3),
                                            table(positive, 3), table(small, 4),
                                            table(longer_last, 3)};
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
        check_signs_are_found(RDL_SOLVE_NLG, tables[t]);
        if (tables[t].entries != longer_last) {
            check_signs_are_found(RDL_SOLVE_NL, tables[t]);
            check_signs_are_found(RDL_SOLVE_NEAREST, tables[t]);
        }
    }
}
END_TEST

/* The unit of the candidates on tables is a part of their ends. */
START_TEST(unit_of_a_table_does_not_matter)
{
    struct gap_source source = {.state = 10};
    float eighths[16];
    for (int k = 0; k < 16; k++)
        eighths[k] = rdl_iq4_nl_values[k] / 8.0f;
    for (int round = 0; round < EQUAL_BLOCKS; round++) {
        float x[MAX_N], w[MAX_N];
        uint8_t codes[MAX_N], expected[MAX_N];
        draw(&source, round, MAX_N, x, w);
        const struct rdl_block block = {MAX_N, x, w, table(rdl_iq4_nl_values, 16)};
        const struct rdl_block other = {MAX_N, x, w, table(eighths, 16)};
        const enum rdl_solver solver = round % 2 ? RDL_SOLVE_NL : RDL_SOLVE_NLG;
        const double scale = solve(solver, &block, expected).scale;
        ck_assert(solve(solver, &other, codes).scale == 8.0 * scale);
        ck_assert_mem_eq(codes, expected, MAX_N);
    }
}
END_TEST

static struct rdl_block_fit solve_nearest(const float *x, size_t n, struct rdl_block_grid grid,
                                          uint8_t *codes)
{
    const struct rdl_block block = {n, x, NULL, grid};
    return solve(RDL_SOLVE_NEAREST, &block, codes);
}

/* What extremes go where. */
START_TEST(nearest_sends_extremes_to_ends)
{
    static const float x[4] = {-6.0f, 3.0f, 1.0f, 14.0f}, high[2] = {2.0f, 6.0f},
                       low[3] = {-9.0f, -5.0f, -1.0f};
    uint8_t codes[4];
    struct rdl_block_fit fit = solve_nearest(x, 4, integers(RDL_BLOCK_POSITIVE, -4, 7), codes);
    ck_assert(fit.scale == 2.0 && codes[0] == 1 && codes[3] == 11); /* 6 / 4 would clip 14 */
    fit = solve_nearest(x, 4, integers(RDL_BLOCK_POSITIVE, -2, 7), codes);
    ck_assert(fit.scale == 3.0 && codes[0] == 0 && codes[3] == 7);
    fit = solve_nearest(x, 4, integers(RDL_BLOCK_UNSIGNED, 0, 7), codes);
    ck_assert(fit.scale == 2.0 && codes[0] == 0 && codes[3] == 7);
    fit = solve_nearest(x, 4, integers(RDL_BLOCK_AFFINE, 0, 20), codes);
    ck_assert(fit.scale == 1.0 && fit.offset == -6.0 && codes[0] == 0 && codes[3] == 20);
    fit = solve_nearest(high, 2, integers(RDL_BLOCK_AFFINE, 0, 3), codes);
    ck_assert(fit.scale == 2.0 && fit.offset == 0.0 && codes[0] == 1 && codes[1] == 3);
    fit = solve_nearest(high, 2, integers(RDL_BLOCK_FREE, 0, 4), codes);
    ck_assert(fit.scale == 1.0 && fit.offset == 2.0 && codes[0] == 0 && codes[1] == 4);
    fit = solve_nearest(low, 3, integers(RDL_BLOCK_AFFINE, 0, 2), codes);
    ck_assert(fit.scale == 4.0 && fit.offset == -9.0 && codes[1] == 1 && codes[2] == 2);
    fit = solve_nearest(low, 3, integers(RDL_BLOCK_UNSIGNED, 0, 2), codes);
    ck_assert(fit.scale == 0.0 && codes[0] == 0);
}
END_TEST

/* 0 1 3, without offset or with none above 0; 0 0 3 with any. */
START_TEST(refit_keeps_the_codes)
{
    static const float x[3] = {1.0f, 2.0f, 7.0f};
    uint8_t codes[3], kept[3];
    for (int kind = 0; kind < RDL_BLOCK_KIND_COUNT; kind++) {
        const struct rdl_block block = {3, x, NULL, integers((enum rdl_block_kind)kind, 0, 3)};
        const struct rdl_block_fit fit = solve(RDL_SOLVE_NEAREST, &block, kept);
        const struct rdl_block_fit refit = solve(RDL_SOLVE_NEAREST_REFIT, &block, codes);
        ck_assert_mem_eq(codes, kept, 3);
        ck_assert_double_lt(refit.error, fit.error);
        const bool free = kind == RDL_BLOCK_FREE;
        ck_assert_double_le(fabs(refit.scale - (free ? 11.0 / 6.0 : 2.3)), 1e-12);
        ck_assert_double_le(fabs(refit.offset - (free ? 1.5 : 0.0)), 1e-12);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("searches of a scale");
    TCase *tcase = tcase_create("blocks");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, symmetric_searches_are_the_encoders, 0, SYMMETRIC_COUNT);
    tcase_add_test(tcase, nonnegative_search_is_the_encoders);
    tcase_add_test(tcase, nonnegative_search_has_a_fifth_pass);
    tcase_add_test(tcase, table_search_is_the_encoders);
    tcase_add_test(tcase, min_max_is_the_encoders);
    tcase_add_test(tcase, q3_refines_negative_extremes_only);
    tcase_add_test(tcase, walk_leaves_the_candidates);
    tcase_add_test(tcase, walk_on_a_table_leaves_the_candidates);
    tcase_add_test(tcase, integers_of_any_grid_are_found);
    tcase_add_test(tcase, entries_of_any_table_are_found);
    tcase_add_test(tcase, unit_of_a_table_does_not_matter);
    tcase_add_test(tcase, nearest_sends_extremes_to_ends);
    tcase_add_test(tcase, refit_keeps_the_codes);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
