/*
 * Blocks of more than 64 weights: who takes them, and that their optimum is one. The judge tries
 * every scale at which a code changes, from scratch.
 */
#include "gap_blocks.h"
#include "roundel_block.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

enum {
    MAX_N = RDL_BLOCK_LONG_LENGTH,
#ifdef ROUNDEL_SLOW_RUN
    REPEATS = 1
#else
    REPEATS = 8
#endif
};

static const struct rdl_block_grid grids[] = {
    {RDL_BLOCK_SIGNED, 3, -1, NULL}, /* TQ1_0 */
    {RDL_BLOCK_SIGNED, 4, -1, NULL}, /* TQ2_0 */
    {RDL_BLOCK_POSITIVE, 4, -1, NULL},
    {RDL_BLOCK_UNSIGNED, 4, 0, NULL},
};

static const size_t lengths[] = {RDL_BLOCK_MAX_LENGTH + 1, 128, MAX_N - 1, MAX_N};

enum {
    NGRIDS = sizeof grids / sizeof grids[0],
    NLENGTHS = sizeof lengths / sizeof lengths[0]
};

/* The error of the codes that are nearest at inverse scale t, with their best scale of this sign.
 */
static double error_at(const struct rdl_block *block, double t)
{
    const double first = (double)block->grid.first, last = first + block->grid.count - 1;
    double xx = 0.0, xv = 0.0, vv = 0.0;
    for (size_t i = 0; i < block->n; i++) {
        const double x = (double)block->x[i], w = (double)block->weights[i];
        const double v = fmin(fmax(floor(t * x + 0.5), first), last);
        xx += w * x * x;
        xv += w * x * v;
        vv += w * v * v;
    }
    return xv * t > 0.0 ? xx - xv * xv / vv : xx;
}

static double judge(const struct rdl_block *block)
{
    double least = INFINITY;
    for (size_t i = 0; i < block->n; i++)
        for (int k = 0; k < block->grid.count - 1; k++) {
            const double midpoint = (double)(block->grid.first + k) + 0.5;
            const double t = midpoint / (double)block->x[i];
            if (!isfinite(t) || (t < 0.0 && block->grid.kind != RDL_BLOCK_SIGNED))
                continue;
            least = fmin(least, error_at(block, t * (1.0 + 1e-9)));
            least = fmin(least, error_at(block, t * (1.0 - 1e-9)));
        }
    return least;
}

static struct rdl_block_fit solve(enum rdl_solver solver, const struct rdl_block *block,
                                  uint8_t *codes)
{
    struct rdl_block_fit fit;
    void *scratch = malloc(rdl_block_scratch_size(solver, &block->grid, block->n));
    ck_assert_ptr_nonnull(scratch);
    ck_assert_int_eq(rdl_block_solve(solver, block, NULL, scratch, codes, &fit), RDL_OK);
    free(scratch);
    return fit;
}

START_TEST(optimum_of_long_blocks)
{
    static const enum gap_weights weightings[] = {GAP_UNIFORM, GAP_IMPORTANCE};
    struct gap_source source = {.state = 71};
    float x[MAX_N], w[MAX_N];
    for (int repeat = 0; repeat < REPEATS; repeat++)
        for (size_t g = 0; g < NGRIDS; g++) {
            const size_t n = lengths[(g + (size_t)repeat) % NLENGTHS];
            gap_source_block(&source, GAP_GAUSSIAN, weightings[repeat % 2], n, x, w);
            const struct rdl_block block = {n, x, w, grids[g]};
            uint8_t codes[2][MAX_N];
            const double optimum = judge(&block);
            const struct rdl_block_fit oracle = solve(RDL_SOLVE_ORACLE, &block, codes[0]);
            const struct rdl_block_fit exact = solve(RDL_SOLVE_EXACT, &block, codes[1]);
            ck_assert_mem_eq(codes[0], codes[1], n);
            ck_assert_double_eq(oracle.error, exact.error);
            ck_assert_msg(fabs(exact.error / optimum - 1.0) < 1e-9,
                          "grid %zu, %zu weights: %.17g, not %.17g", g, n, exact.error, optimum);
        }
}
END_TEST

/* What has an offset, and heuristics, end at RDL_BLOCK_MAX_LENGTH; what enumerates goes on. */
START_TEST(limits_of_length)
{
    static float x[MAX_N + 1] = {1.0f, -2.0f, 0.5f};
    struct rdl_block_fit fit;
    uint8_t codes[MAX_N + 1];
    for (unsigned s = 0; s < RDL_SOLVER_COUNT; s++)
        for (unsigned kind = 0; kind < RDL_BLOCK_KIND_COUNT; kind++) {
            const enum rdl_solver solver = (enum rdl_solver)s;
            struct rdl_block block = {.x = x, .grid = {.kind = (enum rdl_block_kind)kind, 4}};
            const size_t most = rdl_solver_max_length(solver, block.grid.kind, false);
            ck_assert_int_eq(most > 0, rdl_solver_support(solver, block.grid.kind, false));
            ck_assert(most == 0 || most == RDL_BLOCK_MAX_LENGTH ||
                      (most == MAX_N && rdl_solver_is_exact(solver, block.grid.kind, false)));
            if (most == 0)
                continue;
            void *scratch = malloc(rdl_block_scratch_size(solver, &block.grid, most) + 1);
            block.n = most;
            ck_assert_int_eq(rdl_block_solve(solver, &block, NULL, scratch, codes, &fit), RDL_OK);
            block.n = most + 1;
            ck_assert_int_eq(rdl_block_solve(solver, &block, NULL, scratch, codes, &fit),
                             RDL_UNKNOWN_VALUE);
            free(scratch);
        }
    ck_assert_uint_eq(rdl_solver_max_length(RDL_SOLVE_EXACT, RDL_BLOCK_SIGNED, true), MAX_N);
    ck_assert_uint_eq(rdl_solver_max_length(RDL_SOLVE_EXACT, RDL_BLOCK_FREE, false),
                      RDL_BLOCK_MAX_LENGTH);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("long_blocks");
    TCase *tcase = tcase_create("long_blocks");
    tcase_set_timeout(tcase, 300.0);
    tcase_add_test(tcase, optimum_of_long_blocks);
    tcase_add_test(tcase, limits_of_length);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
