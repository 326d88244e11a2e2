/* Searches of scale and offset: qkx1, qkx2 and qkx3 against their procedures written once more,
 * and with alt against the published distances from the optimum. */
#include "fill.h"
#include "gap_blocks.h"
#include "roundel_block.h"
#include "suite.h"

#include <check.h>
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

static const enum rdl_solver affine_solvers[] = {RDL_SOLVE_QKX1, RDL_SOLVE_QKX2, RDL_SOLVE_QKX3,
                                                 RDL_SOLVE_ALT};

static struct rdl_block block_of(enum rdl_block_kind kind, int count, size_t n, const float *x,
                                 const float *w)
{
    return (struct rdl_block){n, x, w, {kind, count, 0, NULL}};
}

static void solve(enum rdl_solver solver, const struct rdl_block *block,
                  const struct rdl_solver_options *options, uint8_t *codes,
                  struct rdl_block_fit *fit)
{
    const size_t size = rdl_block_scratch_size(solver, &block->grid, block->n);
    void *scratch = malloc(size > 0 ? size : 1);
    ck_assert_ptr_nonnull(scratch);
    ck_assert_int_eq(rdl_block_solve(solver, block, options, scratch, codes, fit), RDL_OK);
    free(scratch);
}

/* ------------------------------------------------------------------------------------------------
 * The procedures of ggml once more
 */

struct result {
    float scale, offset;
    int codes[MAX_N];
};

/* Nearest integer by the sum's last place, as ggml rounds; then between 0 and `max`. */
static int round_code(float v, int max)
{
    const float sum = v + 12582912.0f;
    uint32_t bits;
    memcpy(&bits, &sum, sizeof bits);
    const int code = (int)(bits & 0x7FFFFFu) - 0x400000;
    return code < 0 ? 0 : code > max ? max : code;
}

static void extremes(size_t n, const float *x, float *min, float *max)
{
    *min = *max = x[0];
    for (size_t i = 1; i < n; i++) {
        *min = x[i] < *min ? x[i] : *min;
        *max = x[i] > *max ? x[i] : *max;
    }
    *min = *min > 0.0f ? 0.0f : *min;
}

/* A candidate of make_qkx2_quants(): its codes, scale and offset; false if it has none. */
static bool fit_line(const struct rdl_block *block, float inverse, float base, struct result *to)
{
    float sw = 0.0f, sx = 0.0f, sl = 0.0f, sl2 = 0.0f, sxl = 0.0f;
    for (size_t i = 0; i < block->n; i++) {
        const float w = block->weights[i], x = block->x[i];
        const int l = to->codes[i] = round_code(inverse * (x - base), block->grid.count - 1);
        sw += w;
        sx += w * x;
        sl += w * (float)l;
        sl2 += w * (float)l * (float)l;
        sxl += w * (float)l * x;
    }
    const float d = sw * sl2 - sl * sl;
    if (!(d > 0.0f))
        return false;
    to->scale = (sw * sxl - sx * sl) / d;
    to->offset = (sl2 * sx - sl * sxl) / d;
    if (to->offset > 0.0f) {
        to->offset = 0.0f;
        to->scale = sxl / sl2;
    }
    return true;
}

static float line_error(const struct rdl_block *block, const struct result *line, bool absolute)
{
    float error = 0.0f;
    for (size_t i = 0; i < block->n; i++) {
        const float rest = line->scale * (float)line->codes[i] + line->offset - block->x[i];
        error += block->weights[i] * (absolute ? fabsf(rest) : rest * rest);
    }
    return error;
}

static void qkx2_again(const struct rdl_block *block, const struct rdl_solver_options *options,
                       struct result *best)
{
    const int top = block->grid.count - 1;
    float min, max;
    extremes(block->n, block->x, &min, &max);
    *best = (struct result){0.0f, min, {0}};
    if (max == min)
        return;
    const float inverse = (float)top / (max - min);
    best->scale = 1.0f / inverse;
    for (size_t i = 0; i < block->n; i++)
        best->codes[i] = round_code(inverse * (block->x[i] - min), top);
    float least = line_error(block, best, options->absolute);
    for (int s = 0; s <= options->last; s++) {
        struct result candidate;
        const float span = options->first + options->step * (float)s + (float)top;
        if (!fit_line(block, span / (max - best->offset), best->offset, &candidate))
            continue;
        const float error = line_error(block, &candidate, options->absolute);
        if (error < least) {
            least = error;
            *best = candidate;
        }
    }
}

/* make_qkx1_quants(), but that no code is known to its first round. */
static void qkx1_again(const struct rdl_block *block, const struct rdl_solver_options *options,
                       struct result *to)
{
    const int top = block->grid.count - 1;
    float min, max;
    extremes(block->n, block->x, &min, &max);
    for (size_t i = 0; i < block->n; i++)
        to->codes[i] = -1;
    float inverse = (float)top / (max - min);
    for (int round = 0; round < options->rounds; round++) {
        float sumlx = 0.0f, sum = 0.0f;
        int suml2 = 0;
        bool did_change = false;
        for (size_t i = 0; i < block->n; i++) {
            const int l = round_code(inverse * (block->x[i] - min), top);
            did_change |= l != to->codes[i];
            to->codes[i] = l;
            sumlx += (block->x[i] - min) * (float)l;
            suml2 += l * l;
        }
        to->scale = sumlx / (float)suml2;
        for (size_t i = 0; i < block->n; i++)
            sum += block->x[i] - to->scale * (float)to->codes[i];
        min = options->blend * min + (1.0f - options->blend) * sum / (float)block->n;
        min = min > 0.0f ? 0.0f : min;
        inverse = 1.0f / to->scale;
        if (!did_change)
            break;
    }
    to->offset = min;
}

static double error_again(const struct rdl_block *block, const struct result *line)
{
    double error = 0.0;
    for (size_t i = 0; i < block->n; i++)
        error +=
            (double)block->weights[i] *
            pow((double)block->x[i] - (double)line->scale * line->codes[i] - (double)line->offset,
                2.0);
    return error;
}

/* Bit for bit, and the codes of weights that count; but a scale that cancellation makes negative is
 * mended, and one that overflows is not looked at. */
static void check_equal(enum rdl_solver solver, const struct rdl_block *block,
                        const struct rdl_solver_options *options, const struct result *expected,
                        const char *name)
{
    uint8_t codes[MAX_N];
    struct rdl_block_fit fit;
    if (!isfinite(expected->scale) || !isfinite(expected->offset))
        return;
    solve(solver, block, options, codes, &fit);
    if (expected->scale < 0.0f) {
        ck_assert_double_le(fit.error, error_again(block, expected));
        return;
    }
    ck_assert_msg(fit.scale == (double)expected->scale && fit.offset == (double)expected->offset,
                  "%s, %s, %d codes, n %zu: scale %a, offset %a, not %a, %a",
                  rdl_solver_name(solver), name, block->grid.count, block->n, fit.scale, fit.offset,
                  (double)expected->scale, (double)expected->offset);
    for (size_t i = 0; i < block->n; i++)
        ck_assert_msg(block->weights[i] == 0.0f || codes[i] == expected->codes[i],
                      "%s, %s: code %zu is %d, not %d", rdl_solver_name(solver), name, i, codes[i],
                      expected->codes[i]);
}

static const int counts[] = {2, 4, 16, 32, 64, 256};

static bool counts_at_all(const struct rdl_block *block)
{
    for (size_t i = 0; i < block->n; i++)
        if (block->weights[i] > 0.0f && block->x[i] != 0.0f)
            return true;
    return false;
}

START_TEST(they_follow_their_procedures)
{
    const enum weights weights = (enum weights)_i;
    struct random random = {.seed = 41};
    for (int repeat = 0; repeat < 24 / SHARE; repeat++)
        for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++)
            for (int q = 0; q <= IMPORTANCE_HOLES; q++) {
                float x[MAX_N], w[MAX_N];
                fill_weights(weights, 65504.0, &random, MAX_N, x);
                fill_importance((enum importances)q, &random, MAX_N, w);
                const size_t n = repeat % 3 ? repeat % 3 * 16u : 1 + random_below(&random, MAX_N);
                const struct rdl_block block = block_of(RDL_BLOCK_AFFINE, counts[c], n, x, w);
                float min, max;
                extremes(n, x, &min, &max);
                if (min == max || !counts_at_all(&block))
                    continue;
                for (int s = 0; s < 3; s++) {
                    const enum rdl_solver solver = affine_solvers[s];
                    const struct rdl_solver_options options =
                        rdl_solver_defaults(solver, &block.grid);
                    struct result expected;
                    (s == 0 ? qkx1_again : qkx2_again)(&block, &options, &expected);
                    check_equal(solver, &block, NULL, &expected, weights_name(weights));
                }
            }
}
END_TEST

/* Few rounds, no blending, a wide line. */
START_TEST(options_are_heeded)
{
    struct gap_source source = {.state = 5};
    for (int repeat = 0; repeat < 50; repeat++) {
        float x[29], w[29];
        gap_source_block(&source, GAP_LAPLACE, GAP_IMPORTANCE, 29, x, w);
        const struct rdl_block block = block_of(RDL_BLOCK_AFFINE, 16, 29, x, w);
        struct rdl_solver_options options = {
            .first = -3.0f, .step = 0.02f, .last = 300, .rounds = 1 + repeat % 4, .blend = 0.3f};
        struct result expected;
        qkx1_again(&block, &options, &expected);
        check_equal(RDL_SOLVE_QKX1, &block, &options, &expected, "options");
        options.absolute = repeat % 2;
        options.rounds = 0; /* of alternation, which is not ggml's */
        qkx2_again(&block, &options, &expected);
        check_equal(RDL_SOLVE_QKX2, &block, &options, &expected, "options");
        check_equal(RDL_SOLVE_QKX3, &block, &options, &expected, "options");
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Distances from the optimum, gaussian blocks
 */

enum {
    COLUMNS = 5
};

/* Blocks of the published tables, and how many of them are looked at here. */
static const struct column {
    int count;
    size_t n;
    enum gap_weights weights;
    int blocks;
} columns[COLUMNS] = {
    {16, 32, GAP_RMS_ABS, 300}, {16, 32, GAP_IMPORTANCE, 300}, {16, 32, GAP_UNIFORM, 300},
    {4, 16, GAP_ABS, 1500},     {4, 16, GAP_IMPORTANCE, 1500},
};

/* Mean excess over the optimum and share of optimal blocks, in percent, as published (alt: for
 * RDL_BLOCK_FREE, and not for every column). */
static const struct gap_row {
    enum rdl_solver solver;
    enum rdl_block_kind kind;
    struct rdl_solver_options options; /* last 0: the defaults */
    struct {
        double excess, optimal;
    } expected[COLUMNS];
} gap_rows[] = {
    {RDL_SOLVE_QKX1,
     RDL_BLOCK_AFFINE,
     {.last = 0},
     {{15.9, 0.0}, {43.4, 0.0}, {17.2, 0.0}, {24.4, 0.0}, {68.0, 0.0}}},
    {RDL_SOLVE_QKX2,
     RDL_BLOCK_AFFINE,
     {.last = 0},
     {{2.45, 66.0}, {5.23, 56.0}, {2.63, 63.0}, {11.6, 35.0}, {11.1, 39.0}}},
    {RDL_SOLVE_QKX3,
     RDL_BLOCK_AFFINE,
     {.last = 0},
     {{2.36, 70.0}, {5.41, 60.0}, {2.39, 66.0}, {0.855, 91.0}, {4.23, 82.0}}},
    {RDL_SOLVE_QKX3,
     RDL_BLOCK_AFFINE,
     {.first = -3.0f, .step = 0.02f, .last = 300},
     {{1.46, 79.0}, {2.70, 74.0}, {1.86, 72.0}, {0.776, 92.0}, {3.82, 85.0}}},
    {RDL_SOLVE_QKX3,
     RDL_BLOCK_AFFINE,
     {.first = -0.9f, .step = 0.05f, .last = 36, .rounds = 64},
     {{2.09, 72.0}, {4.98, 64.0}, {2.19, 68.0}, {0.830, 92.0}, {4.01, 84.0}}},
    {RDL_SOLVE_ALT,
     RDL_BLOCK_FREE,
     {.last = 0},
     {{NAN, NAN}, {5.1, 58.0}, {3.4, 51.0}, {NAN, NAN}, {13.4, 64.0}}},
};

/* The mean of a sample lies within four of its standard errors, and the rounding of what was
 * published, of the mean of all blocks. */
static void check_mean(const struct gap_row *row, int column, const char *what, double published,
                       int n, double sum, double squares)
{
    const double mean = sum / n, variance = squares / n - mean * mean;
    const double tolerance = 4.0 * sqrt(variance / n) + 0.01 * published + 0.1;
    ck_assert_msg(fabs(mean - published) <= tolerance,
                  "%s, column %d: %s %.3f %%, published is %.3f %% (tolerance %.3f)",
                  rdl_solver_name(row->solver), column, what, mean, published, tolerance);
}

START_TEST(distances_are_the_published_ones)
{
    const struct gap_row *row = &gap_rows[_i / COLUMNS];
    const struct column *column = &columns[_i % COLUMNS];
    const double excess = row->expected[_i % COLUMNS].excess;
    if (isnan(excess))
        return;
    struct gap_source source = {.state = 1234};
    double sum = 0.0, squares = 0.0, optimal = 0.0;
    const int blocks = column->blocks / SHARE;
    for (int b = 0; b < blocks; b++) {
        float x[32], w[32];
        uint8_t codes[32];
        struct rdl_block_fit fit, optimum;
        gap_source_block(&source, GAP_GAUSSIAN, column->weights, column->n, x, w);
        const struct rdl_block block = block_of(row->kind, column->count, column->n, x, w);
        solve(RDL_SOLVE_ORACLE, &block, NULL, codes, &optimum);
        solve(row->solver, &block, row->options.last ? &row->options : NULL, codes, &fit);
        const double above = fit.error / optimum.error - 1.0;
        sum += 100.0 * above;
        squares += 1e4 * above * above;
        optimal += above < 1e-5 ? 1.0 : 0.0;
    }
    check_mean(row, _i % COLUMNS, "excess", excess, blocks, sum, squares);
    check_mean(row, _i % COLUMNS, "optimal", row->expected[_i % COLUMNS].optimal, blocks,
               100.0 * optimal, 1e4 * optimal);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Constants, and blocks that overflow
 */

/* Constants that an offset alone, or a scale alone, can give. */
START_TEST(constant_blocks_are_exact)
{
    for (size_t n = 1; n <= MAX_N; n += 21)
        for (int sign = -1; sign <= 1; sign += 2)
            for (int s = 0; s < 4; s++) {
                float x[MAX_N];
                for (size_t i = 0; i < n; i++)
                    x[i] = 0.7f * (float)sign;
                const struct rdl_block block = block_of(RDL_BLOCK_AFFINE, 16, n, x, NULL);
                uint8_t codes[MAX_N];
                struct rdl_block_fit fit;
                solve(affine_solvers[s], &block, NULL, codes, &fit);
                ck_assert_msg(fit.error <= (double)n * 1e-13, "%s, n %zu, sign %d: error %g",
                              rdl_solver_name(affine_solvers[s]), n, sign, fit.error);
            }
}
END_TEST

/* The difference of the extremes overflows binary32. */
START_TEST(where_nothing_is_left_they_are_nearest)
{
    const float x[4] = {-3e38f, 1e38f, -1e38f, 3e38f};
    const struct rdl_block block = block_of(RDL_BLOCK_AFFINE, 16, 4, x, NULL);
    for (int s = 0; s < 3; s++) {
        uint8_t codes[4], nearest_codes[4];
        struct rdl_block_fit fit, nearest;
        solve(affine_solvers[s], &block, NULL, codes, &fit);
        solve(RDL_SOLVE_NEAREST, &block, NULL, nearest_codes, &nearest);
        ck_assert_double_eq(fit.error, nearest.error);
        ck_assert_mem_eq(codes, nearest_codes, 4);
    }
}
END_TEST

/* Weights of factor 0, whatever the searches made of them. */
START_TEST(idle_weights_have_nearest_codes)
{
    struct gap_source source = {.state = 23};
    for (int repeat = 0; repeat < 200 / SHARE; repeat++)
        for (int s = 0; s < 4; s++) {
            float x[16], w[16];
            uint8_t codes[16];
            struct rdl_block_fit fit;
            gap_source_block(&source, GAP_LAPLACE, GAP_IMPORTANCE, 16, x, w);
            for (int i = 0; i < 16; i += 3)
                w[i] = 0.0f;
            const struct rdl_block block = block_of(RDL_BLOCK_AFFINE, 8, 16, x, w);
            solve(affine_solvers[s], &block, NULL, codes, &fit);
            for (int i = 0; i < 16; i += 3) {
                const double code = ((double)x[i] - fit.offset) / fit.scale;
                ck_assert_double_eq(codes[i], fmin(fmax(rint(code), 0.0), 7.0));
            }
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("searches of scale and offset");
    TCase *tcase = tcase_create("solve_affine");
    tcase_set_timeout(tcase, 0);
    tcase_add_loop_test(tcase, they_follow_their_procedures, 0, WEIGHTS_COUNT);
    tcase_add_test(tcase, options_are_heeded);
    tcase_add_loop_test(tcase, distances_are_the_published_ones, 0,
                        (int)(sizeof gap_rows / sizeof gap_rows[0]) * COLUMNS);
    tcase_add_test(tcase, constant_blocks_are_exact);
    tcase_add_test(tcase, where_nothing_is_left_they_are_nearest);
    tcase_add_test(tcase, idle_weights_have_nearest_codes);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
