/*
 * The published searches of a scale, by one candidate and by lists of them, on blocks that nobody
 * would encode: they return codes of the grid and a scale and an offset that it allows, and do no
 * worse than scale 0 where they refit.
 */
#include "codebooks.h"
#include "gap_blocks.h"
#include "roundel_block.h"
#include "suite.h"

#include <check.h>
#include <float.h>
#include <math.h>
#include <string.h>

enum {
    MAX_N = RDL_BLOCK_MAX_LENGTH,
    HOSTILE_X = 14,
    HOSTILE_WEIGHTS = 9
};

static struct rdl_block_grid integers(enum rdl_block_kind kind, int first, int last)
{
    return (struct rdl_block_grid){kind, last - first + 1, first, NULL};
}

static struct rdl_block_grid table(const float *entries, int count)
{
    return (struct rdl_block_grid){RDL_BLOCK_SIGNED, count, 0, entries};
}

static double value_of(const struct rdl_block_grid *grid, int code)
{
    return grid->entries ? (double)grid->entries[code] : (double)(grid->first + code);
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

static float hostile_x(int kind, int i, int n, struct gap_source *source)
{
    const float sign = i % 2 ? -1.0f : 1.0f, part = (float)(i + 1) / (float)n;
    switch (kind) {
    case 0:
        return 1.0f;
    case 1:
        return -1.0f;
    case 2:
        return i == 0 ? -3.0f : 0.0f;
    case 3:
        return i == n - 1 ? 5.0f : -0.0f;
    case 4:
        return sign * 1e30f * part;
    case 5:
        return -FLT_MAX;
    case 6:
        return sign * 1e-30f * part;
    case 7:
        return sign * FLT_TRUE_MIN;
    case 8:
        return -part;
    case 9:
        return part;
    case 10:
        return floorf(9.0f * uniform(source)) - 4.0f;
    case 11:
        return i == n / 2 ? 1e30f : sign * 1e-10f;
    case 12:
        return sign * exp2f(floorf(240.0f * uniform(source)) - 120.0f);
    default:
        return sign * 1e-14f * part;
    }
}

static float hostile_weight(int kind, int i, float x, struct gap_source *source)
{
    switch (kind) {
    case 0:
        return 1.0f;
    case 1:
        return fminf(x * x, FLT_MAX);
    case 2:
        return i == 0 ? 1.0f : 0.0f;
    case 3:
        return i % 2 ? 2.0f : 0.0f;
    case 4:
        return FLT_MAX;
    case 5:
        return FLT_TRUE_MIN;
    case 6:
        return exp2f(floorf(240.0f * uniform(source)) - 120.0f);
    case 7:
        return 0.0f;
    default:
        return x < 0.0f ? 1e30f : 1e-30f;
    }
}

/* q3 minimises the error under weights x^2. */
static bool is_least_squares(enum rdl_solver solver, int weight_kind)
{
    const bool q3 = solver == RDL_SOLVE_Q3 || solver == RDL_SOLVE_Q3_FIXED;
    return q3 ? weight_kind == 1 : solver != RDL_SOLVE_NEAREST;
}

static void check_hostile(enum rdl_solver solver, const struct rdl_block *block, int x_kind,
                          int weight_kind)
{
    uint8_t codes[MAX_N];
    memset(codes, 0xAA, sizeof codes);
    const struct rdl_block_fit fit = solve(solver, block, codes);
    const struct rdl_block_grid *grid = &block->grid;
    bool good = isfinite(fit.scale) && isfinite(fit.offset) && isfinite(fit.error);
    good &= grid->kind == RDL_BLOCK_SIGNED || fit.scale >= 0.0;
    good &= grid->kind == RDL_BLOCK_FREE ||
            (grid->kind == RDL_BLOCK_AFFINE ? fit.offset <= 0.0 : fit.offset == 0.0);
    double at_0 = 0.0;
    for (size_t i = 0; i < block->n; i++) {
        good &= codes[i] < grid->count;
        at_0 += (double)block->weights[i] * ((double)block->x[i] * (double)block->x[i]);
    }
    if (is_least_squares(solver, weight_kind))
        good &= fit.error <= at_0 * (1.0 + 1e-6);
    ck_assert_msg(good,
                  "%s, kind %d, %g .. %g, n %zu, x %d, weights %d: scale %g offset %g error %g, "
                  "at scale 0 %g",
                  rdl_solver_name(solver), grid->kind, value_of(grid, 0),
                  value_of(grid, grid->count - 1), block->n, x_kind, weight_kind, fit.scale,
                  fit.offset, fit.error, at_0);
}

static void check_hostile_blocks(enum rdl_solver solver, struct rdl_block_grid grid)
{
    static const int lengths[] = {1, 2, 32, MAX_N};
    struct gap_source source = {.state = 11};
    if (!rdl_solver_support(solver, grid.kind, grid.entries != NULL))
        return;
    for (int l = 0; l < 4; l++)
        for (int x_kind = 0; x_kind < HOSTILE_X; x_kind++)
            for (int weight_kind = 0; weight_kind < HOSTILE_WEIGHTS; weight_kind++) {
                float x[MAX_N], w[MAX_N];
                for (int i = 0; i < lengths[l]; i++) {
                    x[i] = hostile_x(x_kind, i, lengths[l], &source);
                    w[i] = hostile_weight(weight_kind, i, x[i], &source);
                }
                const struct rdl_block block = {(size_t)lengths[l], x, w, grid};
                check_hostile(solver, &block, x_kind, weight_kind);
            }
}

START_TEST(hostile_blocks_have_a_result)
{
    static const int ends[][2] = {{-8, 7}, {-4, 3}, {-127, 127}, {0, 15},  {-15, 0},
                                  {-1, 0}, {0, 1},  {-255, 0},   {0, 255}, {-3, 200}};
    static const float pair[] = {-1.0f, 1.0f}, positive[] = {1.0f, 2.0f, 3.0f},
                       negative[] = {-3.0f, -2.0f}, from_0[] = {0.0f, 1.0f, 3.0f},
                       tiny[] = {-1e-40f, 1e-42f, 1e-40f}, huge[] = {-FLT_MAX, 0.0f, FLT_MAX};
    const struct rdl_block_grid tables[] = {table(rdl_iq4_nl_values, 16),
                                            table(pair, 2),
                                            table(positive, 3),
                                            table(negative, 2),
                                            table(from_0, 3),
                                            table(tiny, 3),
                                            table(huge, 3)};
    for (int solver = RDL_SOLVE_NEAREST; solver <= RDL_SOLVE_NLG; solver++) {
        for (size_t g = 0; g < sizeof ends / sizeof ends[0]; g++)
            for (int kind = 0; kind < RDL_BLOCK_KIND_COUNT; kind++) {
                const bool from_zero = kind > RDL_BLOCK_POSITIVE;
                const int first = from_zero ? 0 : ends[g][0];
                check_hostile_blocks(
                    (enum rdl_solver)solver,
                    integers((enum rdl_block_kind)kind, first, first + ends[g][1] - ends[g][0]));
            }
        for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
            struct rdl_block_grid grid = tables[t];
            check_hostile_blocks((enum rdl_solver)solver, grid);
            grid.kind = RDL_BLOCK_POSITIVE;
            check_hostile_blocks((enum rdl_solver)solver, grid);
        }
    }
}
END_TEST

/* The weights that a scale of one sign can serve are 2^-130 of the others: points at the natural
 * scales of such a side are beyond binary32. */
START_TEST(exact_where_weights_are_far_apart)
{
    static const float x[][4] = {
        {506.458893f, 7.90997917e-28f, 1.30985605e21f, -1.74139045e-19f},
        {2.19600625e25f, 4.03780617e-31f, 0.0f, -3.42259753e-25f},
        {-9.21604633f, -1.4980195e25f, 0.0f, 4.38243452e-12f},
        {-1.0f, 1e-38f, 0.0f, -1e30f},
    };
    enum {
        BLOCKS = sizeof x / sizeof x[0]
    };
    float many[60];
    for (int k = 0; k < 60; k++)
        many[k] = (float)(k * k + k % 3);
    const struct rdl_block_grid grids[] = {table(many, 60), table(many, 16), table(many, 30)};
    const unsigned targets = rdl_detect_targets();
    for (size_t g = 0; g < 3; g++)
        for (size_t b = 0; b < BLOCKS; b++)
            for (unsigned t = 0; t < RDL_TARGET_COUNT; t++) {
                if (!(targets >> t & 1u))
                    continue;
                const struct rdl_block block = {4, x[b], NULL, grids[g]};
                struct rdl_solver_options options =
                    rdl_solver_defaults(RDL_SOLVE_EXACT, &block.grid);
                uint8_t codes[4], best[4];
                struct rdl_block_fit fit, least;
                options.target = (enum rdl_target)t;
                ck_assert_int_eq(
                    rdl_block_solve(RDL_SOLVE_EXACT, &block, &options, NULL, codes, &fit), RDL_OK);
                ck_assert_int_eq(
                    rdl_block_solve(RDL_SOLVE_CUMULATIVE, &block, NULL, NULL, best, &least),
                    RDL_OK);
                ck_assert_msg(fit.error <= least.error * (1 + 1e-9), "table %zu, block %zu: %g, %g",
                              g, b, fit.error, least.error);
            }
}
END_TEST

/* Below the encoders' limit blocks are 0; sums that overflow leave one candidate. */
START_TEST(limits_of_float_sums)
{
    static const float small[2] = {9e-16f, -3e-16f}, large[2] = {-8e30f, 7e30f};
    static const float w[2] = {1e10f, 1e10f};
    const struct rdl_block_grid grid = integers(RDL_BLOCK_SIGNED, -8, 7);
    const struct rdl_block zero = {2, small, NULL, grid}, overflowing = {2, large, w, grid};
    uint8_t codes[2];
    for (int solver = RDL_SOLVE_QX; solver <= RDL_SOLVE_Q3_FIXED; solver++) {
        ck_assert(solve((enum rdl_solver)solver, &zero, codes).scale == 0.0);
        ck_assert(codes[0] == 8 && codes[1] == 8);
        const struct rdl_block_fit fit = solve((enum rdl_solver)solver, &overflowing, codes);
        ck_assert_double_le(fabs(fit.scale - 1e30), 1e24);
        ck_assert(codes[0] == 0 && codes[1] == 15);
    }
    ck_assert(solve(RDL_SOLVE_NEAREST, &zero, codes).scale != 0.0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("searches of a scale, hostile blocks");
    TCase *tcase = tcase_create("blocks");
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, hostile_blocks_have_a_result);
    tcase_add_test(tcase, exact_where_weights_are_far_apart);
    tcase_add_test(tcase, limits_of_float_sums);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
