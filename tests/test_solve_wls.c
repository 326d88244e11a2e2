/* Alternations of codes with scale and offset: alt against enumeration, wls against its starts and
 * on every kind of grid; and hard blocks for all searches of scale and offset. */
#include "fill.h"
#include "gap_blocks.h"
#include "roundel_block.h"
#include "suite.h"

#include <check.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_N = RDL_BLOCK_MAX_LENGTH,
#ifdef ROUNDEL_SLOW_RUN
    SHARE = 8
#else
    SHARE = 1
#endif
};

static const float iq4_nl[] = {-127, -104, -83, -65, -49, -35, -22, -10,
                               1,    13,   25,  38,  53,  69,  89,  113};
static const float no_zero[] = {-1, 1};
static const float above[] = {1, 2, 5};
static const float below[] = {-5, -2, -1};
static const float wide[] = {-FLT_MAX, -1.0f, 0.0f, 0x1p-149f, FLT_MAX};

/* The ends of a grid to which wls sends weights: a value, and how much further out it is than the
 * next one. None: 0. */
struct end {
    double value, gap;
};

static const struct wls_grid {
    struct rdl_block_grid grid;
    struct end end, other; /* other: with a positive scale, for negative weights */
} grids[] = {
    {{RDL_BLOCK_SIGNED, 16, -8, NULL}, {-8, -1}, {0, 0}},
    {{RDL_BLOCK_SIGNED, 8, -4, NULL}, {-4, -1}, {0, 0}},
    {{RDL_BLOCK_SIGNED, 3, -1, NULL}, {-1, -1}, {0, 0}},
    {{RDL_BLOCK_SIGNED, 16, -3, NULL}, {12, 1}, {0, 0}},
    {{RDL_BLOCK_SIGNED, 255, -127, NULL}, {-127, -1}, {0, 0}},
    {{RDL_BLOCK_SIGNED, 256, 0, NULL}, {255, 1}, {0, 0}},
    {{RDL_BLOCK_SIGNED, 16, 0, iq4_nl}, {-127, -23}, {0, 0}},
    {{RDL_BLOCK_SIGNED, 2, 0, no_zero}, {-1, -2}, {0, 0}},
    {{RDL_BLOCK_SIGNED, 3, 0, above}, {5, 3}, {0, 0}},
    {{RDL_BLOCK_SIGNED, 3, 0, below}, {-5, -3}, {0, 0}},
    {{RDL_BLOCK_SIGNED, 5, 0, wide}, {0, 0}, {0, 0}},
    {{RDL_BLOCK_POSITIVE, 8, -4, NULL}, {3, 1}, {-4, -1}},
    {{RDL_BLOCK_POSITIVE, 256, -255, NULL}, {0, 0}, {-255, -1}},
    {{RDL_BLOCK_POSITIVE, 16, 0, iq4_nl}, {113, 24}, {-127, -23}},
    {{RDL_BLOCK_POSITIVE, 3, 0, above}, {5, 3}, {0, 0}},
    {{RDL_BLOCK_POSITIVE, 3, 0, below}, {0, 0}, {-5, -3}},
    {{RDL_BLOCK_POSITIVE, 5, 0, wide}, {0, 0}, {0, 0}},
    {{RDL_BLOCK_UNSIGNED, 16, 0, NULL}, {15, 1}, {0, 0}},
    {{RDL_BLOCK_UNSIGNED, 2, 0, NULL}, {1, 1}, {0, 0}},
    {{RDL_BLOCK_UNSIGNED, 256, 0, NULL}, {255, 1}, {0, 0}},
    {{RDL_BLOCK_AFFINE, 2, 0, NULL}, {0, 0}, {0, 0}},
    {{RDL_BLOCK_AFFINE, 4, 0, NULL}, {0, 0}, {0, 0}},
    {{RDL_BLOCK_AFFINE, 16, 0, NULL}, {0, 0}, {0, 0}},
    {{RDL_BLOCK_AFFINE, 256, 0, NULL}, {0, 0}, {0, 0}},
    {{RDL_BLOCK_FREE, 3, 0, NULL}, {0, 0}, {0, 0}},
    {{RDL_BLOCK_FREE, 32, 0, NULL}, {0, 0}, {0, 0}},
    {{RDL_BLOCK_FREE, 256, 0, NULL}, {0, 0}, {0, 0}},
};

enum {
    NGRIDS = sizeof grids / sizeof grids[0]
};

static bool has_offset(const struct rdl_block_grid *grid)
{
    return grid->kind == RDL_BLOCK_AFFINE || grid->kind == RDL_BLOCK_FREE;
}

static double value_of(const struct rdl_block_grid *grid, int code)
{
    return grid->entries ? (double)grid->entries[code] : (double)(grid->first + code);
}

static void solve(enum rdl_solver solver, const struct rdl_block *block,
                  const struct rdl_solver_options *options, uint8_t *codes,
                  struct rdl_block_fit *fit)
{
    ck_assert_uint_eq(rdl_block_scratch_size(solver, &block->grid, block->n), 0);
    ck_assert_int_eq(rdl_block_solve(solver, block, options, NULL, codes, fit), RDL_OK);
}

/* Blocks of every fourth kind have 0 among their factors, or a mean. */
static void fill_block(struct gap_source *source, int number, size_t n, float *x, float *w)
{
    gap_source_block(source, number % 2 ? GAP_GAUSSIAN : GAP_LAPLACE, GAP_IMPORTANCE, n, x, w);
    for (size_t i = 0; i < n; i++) {
        w[i] = number % 4 == 2 && i % 3 == 1 ? 0.0f : w[i];
        x[i] += number % 4 == 3 ? 1.5f : 0.0f;
    }
}

/* ------------------------------------------------------------------------------------------------
 * alt
 */

/* The next vector of codes, as a number counts up; false behind the last one. */
static bool next_codes(size_t n, int count, uint8_t *codes)
{
    for (size_t i = 0; i < n; i++) {
        if (++codes[i] < count)
            return true;
        codes[i] = 0;
    }
    return false;
}

/* (sum w y v)^2 / sum w v^2 with y = x - offset, for a positive scale. */
static double score_of(const struct rdl_block *block, double offset, const uint8_t *codes)
{
    double yv = 0.0, vv = 0.0;
    for (size_t i = 0; i < block->n; i++) {
        const double w = (double)block->weights[i], v = (double)codes[i];
        yv += w * ((double)block->x[i] - offset) * v;
        vv += w * v * v;
    }
    return yv > 0.0 ? yv * yv / vv : 0.0;
}

/* The best line for given codes. */
static void fit_freely(const struct rdl_block *block, const uint8_t *codes,
                       struct rdl_block_fit *fit)
{
    double w = 0.0, x = 0.0, v = 0.0, vv = 0.0, xv = 0.0;
    for (size_t i = 0; i < block->n; i++) {
        const double wi = (double)block->weights[i], xi = (double)block->x[i];
        w += wi;
        x += wi * xi;
        v += wi * codes[i];
        vv += wi * codes[i] * codes[i];
        xv += wi * xi * codes[i];
    }
    const double spread = w * vv - v * v;
    fit->scale = spread > 1e-12 * w * vv ? (w * xv - x * v) / spread : 0.0;
    fit->offset = (x - fit->scale * v) / w;
    if (block->grid.kind == RDL_BLOCK_AFFINE && fit->offset > 0.0) {
        fit->offset = 0.0;
        fit->scale = vv > 0.0 ? xv / vv : 0.0;
    }
    fit->error = 0.0;
    for (size_t i = 0; i < block->n; i++)
        fit->error += (double)block->weights[i] *
                      pow((double)block->x[i] - fit->scale * codes[i] - fit->offset, 2.0);
}

/* Codes of which some are multiples of others score the same, and lead to the same line. */
START_TEST(rounds_of_alt_are_best_in_turn)
{
    struct gap_source source = {.state = 9};
    for (int repeat = 0; repeat < 100 / SHARE; repeat++)
        for (int free_offset = 0; free_offset < 2; free_offset++) {
            float x[6], w[6];
            gap_source_block(&source, GAP_GAUSSIAN, GAP_IMPORTANCE, 6, x, w);
            for (int i = 0; i < 6; i++)
                x[i] += repeat % 3 ? 0.0f : 2.0f;
            if (repeat % 4 == 1) { /* does not count */
                x[5] = -10.0f;
                w[5] = 0.0f;
            }
            const enum rdl_block_kind kind = free_offset ? RDL_BLOCK_FREE : RDL_BLOCK_AFFINE;
            const struct rdl_block block = {6, x, w, {kind, 4, 0, NULL}};
            float min = free_offset ? x[0] : 0.0f;
            for (int i = 0; i < 6; i++)
                min = w[i] > 0.0f && x[i] < min ? x[i] : min;
            struct rdl_block_fit expected = {.offset = (double)min}, fit;
            for (int rounds = 1; rounds <= 3; rounds++) {
                uint8_t codes[6] = {0}, best[6] = {0}, found[6];
                while (next_codes(6, 4, codes))
                    if (score_of(&block, expected.offset, codes) >
                        score_of(&block, expected.offset, best))
                        memcpy(best, codes, 6);
                fit_freely(&block, best, &expected);
                solve(RDL_SOLVE_ALT, &block, &(struct rdl_solver_options){.rounds = rounds}, found,
                      &fit);
                ck_assert_double_eq_tol(fit.offset, expected.offset, 1e-9);
                ck_assert_double_eq_tol(fit.error, expected.error, 1e-9);
            }
        }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * wls
 */

/* The nearest code by trial; no ties are met. */
static int nearest_code(const struct rdl_block_grid *grid, double v)
{
    int nearest = 0;
    for (int k = 1; k < grid->count; k++)
        if (fabs(v - value_of(grid, k)) < fabs(v - value_of(grid, nearest)))
            nearest = k;
    return nearest;
}

/* The error of nearest codes with the scale, and if it may be the offset, that are best for them.
 */
static double refitted_error(const struct rdl_block *block, double scale, double offset)
{
    uint8_t codes[MAX_N];
    double xv = 0.0, vv = 0.0, xx = 0.0;
    for (size_t i = 0; i < block->n; i++) {
        const double w = (double)block->weights[i], x = (double)block->x[i];
        codes[i] = (uint8_t)nearest_code(&block->grid, (x - offset) / scale);
        const double v = value_of(&block->grid, codes[i]);
        xv += w * x * v;
        vv += w * v * v;
        xx += w * x * x;
    }
    if (!has_offset(&block->grid))
        return vv > 0.0 && (block->grid.kind == RDL_BLOCK_SIGNED || xv > 0.0) ? xx - xv * xv / vv
                                                                              : xx;
    struct rdl_block_fit fit;
    fit_freely(block, codes, &fit);
    return fit.error;
}

/* Of the weights that count: the first one of largest magnitude, or the largest, or the least. */
static double extreme(const struct rdl_block *block, int sign)
{
    double found = 0.0;
    for (size_t i = 0; i < block->n; i++) {
        const double x = (double)block->x[i];
        if (block->weights[i] > 0.0f && (sign ? sign * x > sign * found : fabs(x) > fabs(found)))
            found = x;
    }
    return found;
}

static void check_not_above(const struct rdl_block *block, double error, double bound,
                            const char *what, int k)
{
    ck_assert_msg(error <= bound * (1.0 + 1e-9), "kind %d, %d codes%s: error %.9g, %s %d has %.9g",
                  (int)block->grid.kind, block->grid.count, block->grid.entries ? " (table)" : "",
                  error, what, k, bound);
}

static void check_scales(const struct rdl_block *block, const struct wls_grid *g, double error)
{
    const bool any_sign = block->grid.kind == RDL_BLOCK_SIGNED;
    double x = extreme(block, any_sign ? 0 : 1);
    struct end end = g->end;
    if (!any_sign && g->other.value != 0.0 &&
        (end.value == 0.0 || extreme(block, -1) / g->other.value > x / end.value)) {
        x = extreme(block, -1);
        end = g->other;
    }
    for (int k = -9; k <= 9; k++) {
        const double value = end.value + 0.1 * k * end.gap;
        if (k != -5 && value * end.value > 0.0 && x != 0.0) /* -5: a tie for the extreme */
            check_not_above(block, error, refitted_error(block, x / value, 0.0), "candidate", k);
    }
}

/* With one candidate it is on the base of the minimum. */
static void check_lines(const struct rdl_block *block)
{
    const double max = extreme(block, 1);
    double min = block->grid.kind == RDL_BLOCK_AFFINE ? 0.0 : max;
    for (size_t i = 0; i < block->n; i++)
        if (block->weights[i] > 0.0f && (double)block->x[i] < min)
            min = (double)block->x[i];
    for (int k = -6; k <= 6; k++) {
        const struct rdl_solver_options options = {.first = 0.15f * (float)k + 0.01f};
        uint8_t codes[MAX_N];
        struct rdl_block_fit fit;
        solve(RDL_SOLVE_WLS, block, &options, codes, &fit);
        const double span = (double)options.first + (double)(block->grid.count - 1);
        check_not_above(block, fit.error, refitted_error(block, (max - min) / span, min),
                        "candidate", k);
    }
}

START_TEST(wls_is_not_above_its_starts)
{
    const struct wls_grid *g = &grids[_i];
    struct gap_source source = {.state = 17};
    for (int number = 0; number < 160 / SHARE; number++) {
        float x[32], w[32];
        uint8_t codes[32], other[32];
        struct rdl_block_fit fit, nearest;
        fill_block(&source, number, number % 3 ? 32 : 9, x, w);
        const struct rdl_block block = {number % 3 ? 32 : 9, x, w, g->grid};
        solve(RDL_SOLVE_WLS, &block, NULL, codes, &fit);
        solve(RDL_SOLVE_NEAREST_REFIT, &block, NULL, other, &nearest);
        check_not_above(&block, fit.error, nearest.error, "nearest-refit", 0);
        if (has_offset(&g->grid))
            check_lines(&block);
        else
            check_scales(&block, g, fit.error);
    }
}
END_TEST

/* Codes are nearest at their scale and offset, and these are best for the codes: derivatives of the
 * error are 0. */
START_TEST(wls_ends_at_a_fixed_point)
{
    const struct rdl_block_grid *grid = &grids[_i].grid;
    struct gap_source source = {.state = 19};
    for (int number = 0; number < 400 / SHARE; number++) {
        float x[32], w[32];
        uint8_t codes[32];
        struct rdl_block_fit fit;
        fill_block(&source, number, 32, x, w);
        const struct rdl_block block = {32, x, w, *grid};
        solve(RDL_SOLVE_WLS, &block, NULL, codes, &fit);
        if (fit.scale == 0.0)
            continue;
        double by_scale = 0.0, by_offset = 0.0, scale_terms = 0.0, offset_terms = 0.0;
        for (int i = 0; i < 32; i++) {
            const double v = value_of(grid, codes[i]), y = (double)x[i] - fit.offset;
            const double nearest = value_of(grid, nearest_code(grid, y / fit.scale));
            const double rest = y - fit.scale * v;
            ck_assert_double_le(fabs(rest), fabs(y - fit.scale * nearest) + 1e-12);
            by_scale += (double)w[i] * rest * v;
            scale_terms += (double)w[i] * fabs(y * v);
            by_offset += (double)w[i] * rest;
            offset_terms += (double)w[i] * fabs(y);
        }
        ck_assert_double_le(fabs(by_scale), 1e-9 * scale_terms);
        if (has_offset(grid) && (grid->kind == RDL_BLOCK_FREE || fit.offset < 0.0))
            ck_assert_double_le(fabs(by_offset), 1e-9 * offset_terms);
    }
}
END_TEST

/* Percent above another solver: the optimum, which cumulative finds without an offset, where less
 * is left than was published for the candidates alone, those of qx and nl; and qkx2. */
START_TEST(wls_is_better_than_its_candidates)
{
    static const struct {
        struct rdl_block_grid grid;
        size_t n;
        enum gap_weights weights;
        enum rdl_solver other;
        double least, most;
    } rows[] = {
        {{RDL_BLOCK_SIGNED, 16, -8, NULL}, 32, GAP_UNIFORM, RDL_SOLVE_CUMULATIVE, 0.10, 0.195},
        {{RDL_BLOCK_SIGNED, 8, -4, NULL}, 16, GAP_UNIFORM, RDL_SOLVE_CUMULATIVE, 0.01, 0.10},
        {{RDL_BLOCK_SIGNED, 16, -8, NULL}, 32, GAP_IMPORTANCE, RDL_SOLVE_CUMULATIVE, 1.2, 1.96},
        {{RDL_BLOCK_SIGNED, 8, -4, NULL}, 16, GAP_IMPORTANCE, RDL_SOLVE_CUMULATIVE, 1.2, 1.83},
        {{RDL_BLOCK_SIGNED, 16, 0, iq4_nl}, 32, GAP_UNIFORM, RDL_SOLVE_CUMULATIVE, 2.0, 4.34},
        {{RDL_BLOCK_SIGNED, 16, 0, iq4_nl}, 32, GAP_IMPORTANCE, RDL_SOLVE_CUMULATIVE, 6.0, 9.70},
        {{RDL_BLOCK_AFFINE, 16, 0, NULL}, 32, GAP_UNIFORM, RDL_SOLVE_QKX2, -1.2, -0.3},
        {{RDL_BLOCK_AFFINE, 16, 0, NULL}, 32, GAP_IMPORTANCE, RDL_SOLVE_QKX2, -1.5, -0.3},
    };
    struct gap_source source = {.state = 1234};
    double sum = 0.0;
    const int blocks = 2000;
    for (int b = 0; b < blocks; b++) {
        float x[32], w[32];
        uint8_t codes[32];
        struct rdl_block_fit fit, other;
        gap_source_block(&source, GAP_GAUSSIAN, rows[_i].weights, rows[_i].n, x, w);
        const struct rdl_block block = {rows[_i].n, x, w, rows[_i].grid};
        solve(RDL_SOLVE_WLS, &block, NULL, codes, &fit);
        solve(rows[_i].other, &block, NULL, codes, &other);
        sum += 100.0 * (fit.error / other.error - 1.0);
    }
    ck_assert_msg(sum / blocks < rows[_i].most && sum / blocks > rows[_i].least,
                  "row %d: %.3f %% above %s", _i, sum / blocks, rdl_solver_name(rows[_i].other));
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Hard blocks
 */

static void check_answer(enum rdl_solver solver, const struct rdl_block *block, const char *name)
{
    uint8_t codes[MAX_N];
    struct rdl_block_fit fit;
    if (!rdl_solver_support(solver, block->grid.kind, block->grid.entries != NULL))
        return;
    solve(solver, block, NULL, codes, &fit);
    const enum rdl_block_kind kind = block->grid.kind;
    ck_assert_msg(isfinite(fit.error) && isfinite(fit.scale) && isfinite(fit.offset) &&
                      (kind == RDL_BLOCK_SIGNED || fit.scale >= 0.0) &&
                      (kind == RDL_BLOCK_FREE || fit.offset <= 0.0),
                  "%s, %s: scale %g, offset %g, error %g", rdl_solver_name(solver), name, fit.scale,
                  fit.offset, fit.error);
    for (size_t i = 0; i < block->n; i++)
        ck_assert_msg(codes[i] < block->grid.count, "%s, %s: code %d", rdl_solver_name(solver),
                      name, codes[i]);
    if (solver != RDL_SOLVE_WLS)
        return;
    struct rdl_block_fit nearest;
    solve(RDL_SOLVE_NEAREST_REFIT, block, NULL, codes, &nearest);
    check_not_above(block, fit.error, nearest.error, "nearest-refit", 0);
}

START_TEST(hard_blocks_have_answers)
{
    static const enum rdl_solver solvers[] = {RDL_SOLVE_QKX1, RDL_SOLVE_QKX2, RDL_SOLVE_QKX3,
                                              RDL_SOLVE_ALT, RDL_SOLVE_WLS};
    static const double magnitudes[] = {65504.0, 1e30, (double)FLT_MAX};
    const enum weights weights = (enum weights)_i;
    struct random random = {.seed = 43};
    for (int repeat = 0; repeat < 24 / SHARE; repeat++)
        for (int q = 0; q < IMPORTANCE_COUNT; q++) {
            float x[MAX_N], w[MAX_N];
            fill_weights(weights, magnitudes[repeat % 3], &random, MAX_N, x);
            fill_importance((enum importances)q, &random, MAX_N, w);
            for (int i = 0; i < MAX_N && repeat % 4 == 3; i++)
                w[i] = w[i] > 0.0f ? FLT_MAX : 0.0f;
            const size_t n = 1 + random_below(&random, MAX_N);
            for (size_t g = 0; g < NGRIDS; g++)
                for (size_t s = 0; s < sizeof solvers / sizeof solvers[0]; s++) {
                    const struct rdl_block block = {n, x, w, grids[g].grid};
                    check_answer(solvers[s], &block, weights_name(weights));
                }
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("alternations");
    TCase *tcase = tcase_create("solve_wls");
    tcase_set_timeout(tcase, 0);
    tcase_add_test(tcase, rounds_of_alt_are_best_in_turn);
    tcase_add_loop_test(tcase, wls_is_not_above_its_starts, 0, NGRIDS);
    tcase_add_loop_test(tcase, wls_ends_at_a_fixed_point, 0, NGRIDS);
    tcase_add_loop_test(tcase, wls_is_better_than_its_candidates, 0, 8);
    tcase_add_loop_test(tcase, hard_blocks_have_answers, 0, WEIGHTS_COUNT);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
