/* Every solver on every grid that it works on: the contract of rdl_block_solve(). */
#include "gap_blocks.h"
#include "roundel_block.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const float iq4_nl[] = {-127, -104, -83, -65, -49, -35, -22, -10,
                               1,    13,   25,  38,  53,  69,  89,  113};
static const float no_zero[] = {-1, 1};
static const float one_side[] = {1, 2, 5};

static const struct rdl_block_grid grids[] = {
    {RDL_BLOCK_SIGNED, 16, -8, NULL},    {RDL_BLOCK_SIGNED, 8, -4, NULL},
    {RDL_BLOCK_SIGNED, 3, -1, NULL},     {RDL_BLOCK_SIGNED, 255, -127, NULL},
    {RDL_BLOCK_SIGNED, 16, 0, iq4_nl},   {RDL_BLOCK_SIGNED, 2, 0, no_zero},
    {RDL_BLOCK_SIGNED, 3, 0, one_side},  {RDL_BLOCK_POSITIVE, 8, -4, NULL},
    {RDL_BLOCK_POSITIVE, 16, 0, iq4_nl}, {RDL_BLOCK_UNSIGNED, 16, 0, NULL},
    {RDL_BLOCK_UNSIGNED, 64, 0, NULL},   {RDL_BLOCK_AFFINE, 16, 0, NULL},
    {RDL_BLOCK_AFFINE, 4, 0, NULL},      {RDL_BLOCK_AFFINE, 32, 0, NULL},
    {RDL_BLOCK_AFFINE, 2, 0, NULL},      {RDL_BLOCK_FREE, 16, 0, NULL},
    {RDL_BLOCK_FREE, 3, 0, NULL},
};

enum {
    NGRIDS = sizeof grids / sizeof grids[0],
    PAIRS = NGRIDS * RDL_SOLVER_COUNT,
    N = 16
};

static bool supports(int solver, const struct rdl_block_grid *grid)
{
    return rdl_solver_support((enum rdl_solver)solver, grid->kind, grid->entries != NULL);
}

static void *scratch_for(int solver, const struct rdl_block_grid *grid, size_t n)
{
    const size_t size = rdl_block_scratch_size((enum rdl_solver)solver, grid, n);
    void *scratch = size > 0 ? malloc(size) : NULL;
    ck_assert(size == 0 || scratch);
    return scratch;
}

/* ------------------------------------------------------------------------------------------------
 * Blocks that make searches stumble
 */

enum kind {
    GAUSSIAN,
    IMPORTANT, /* with factors of some spread */
    SOME_ZERO, /* a third of the factors */
    CONSTANT,
    NEGATIVE,
    SHIFTED_UP,
    INTEGERS, /* ties */
    SPIKE,
    SINGLE,
    HUGE_WEIGHTS,
    TINY_WEIGHTS,
    SUBNORMAL,
    ONE_FACTOR,
    KINDS
};

static void fill(enum kind kind, uint64_t seed, size_t n, float *x, float *w)
{
    struct gap_source source = {.state = seed};
    const bool plain = kind == GAUSSIAN || kind == INTEGERS || kind == SPIKE;
    gap_source_block(&source, GAP_GAUSSIAN, plain ? GAP_UNIFORM : GAP_IMPORTANCE, n, x, w);
    for (size_t i = 0; i < n; i++)
        switch (kind) {
        case SOME_ZERO:
            w[i] = i % 3 == 1 ? 0.0f : w[i];
            break;
        case CONSTANT:
            x[i] = seed % 2 ? 0.75f : -0.75f;
            break;
        case NEGATIVE:
            x[i] = -fabsf(x[i]);
            break;
        case SHIFTED_UP:
            x[i] += 5.0f;
            break;
        case INTEGERS:
            x[i] = (float)(int)(4.0f * x[i]);
            break;
        case SPIKE:
            x[i] *= i == 3 ? 1000.0f : 1.0f;
            break;
        case SINGLE:
            x[i] = i == 5 ? -2.5f : 0.0f;
            break;
        case HUGE_WEIGHTS:
            x[i] *= 1e30f;
            break;
        case TINY_WEIGHTS:
            x[i] *= 1e-30f;
            break;
        case SUBNORMAL:
            x[i] *= 1e-41f;
            break;
        case ONE_FACTOR:
            w[i] = i == 2 ? 1.0f : 0.0f;
            break;
        case GAUSSIAN:
        case IMPORTANT:
        case KINDS:
            break;
        }
}

static double value_of(const struct rdl_block_grid *grid, int code)
{
    return grid->entries ? (double)grid->entries[code] : (double)(grid->first + code);
}

static double error_of(const struct rdl_block *block, const struct rdl_block_fit *fit,
                       const uint8_t *codes)
{
    double error = 0.0;
    for (size_t i = 0; i < block->n; i++) {
        const double value = fit->scale * value_of(&block->grid, codes[i]) + fit->offset;
        const double difference = (double)block->x[i] - value;
        error += (double)block->weights[i] * (difference * difference);
    }
    return error;
}

/* Of scale 0; with an offset, of the constant that fits best. */
static double error_of_zero(const struct rdl_block *block)
{
    double error = 0.0;
    for (size_t i = 0; i < block->n; i++)
        error += (double)block->weights[i] * (double)block->x[i] * (double)block->x[i];
    return error;
}

static const char *place(int solver, const struct rdl_block_grid *grid, int kind, uint64_t seed)
{
    static char text[128];
    (void)snprintf(text, sizeof text, "%s, kind of grid %d, %d codes%s, fill %d, seed %d",
                   rdl_solver_name((enum rdl_solver)solver), (int)grid->kind, grid->count,
                   grid->entries ? " of a table" : "", kind, (int)seed);
    return text;
}

/* ------------------------------------------------------------------------------------------------
 * Properties
 */

START_TEST(every_answer_is_a_valid_one)
{
    const int solver = _i / NGRIDS;
    const struct rdl_block_grid *grid = &grids[_i % NGRIDS];
    if (!supports(solver, grid))
        return;
    void *scratch = scratch_for(solver, grid, N);
    for (int kind = 0; kind < KINDS; kind++)
        for (uint64_t seed = 0; seed < 4; seed++) {
            float x[N], w[N];
            uint8_t codes[N + 1];
            fill((enum kind)kind, seed, N, x, w);
            const struct rdl_block block = {N, x, w, *grid};
            struct rdl_block_fit fit = {NAN, NAN, NAN};
            memset(codes, 0xEE, sizeof codes);
            ck_assert_int_eq(
                rdl_block_solve((enum rdl_solver)solver, &block, NULL, scratch, codes, &fit),
                RDL_OK);
            const char *where = place(solver, grid, kind, seed);
            for (size_t i = 0; i < N; i++)
                ck_assert_msg(codes[i] < grid->count, "%s: code %d", where, codes[i]);
            ck_assert_msg(codes[N] == 0xEE, "%s: writes too much", where);
            ck_assert_msg(isfinite(fit.scale) && isfinite(fit.offset), "%s: scale %g, offset %g",
                          where, fit.scale, fit.offset);
            ck_assert_msg(grid->kind == RDL_BLOCK_SIGNED || fit.scale >= 0.0, "%s: scale %g", where,
                          fit.scale);
            ck_assert_msg(
                grid->kind == RDL_BLOCK_FREE ||
                    (grid->kind == RDL_BLOCK_AFFINE ? fit.offset <= 0.0 : fit.offset == 0.0),
                "%s: offset %g", where, fit.offset);
            ck_assert_msg(fit.error == error_of(&block, &fit, codes), "%s: error %g", where,
                          fit.error);
        }
    free(scratch);
}
END_TEST

/* No search finds less than the optimum, and who says exact finds it. */
START_TEST(the_oracle_is_never_beaten)
{
    const int solver = _i / NGRIDS;
    const struct rdl_block_grid *grid = &grids[_i % NGRIDS];
    if (!supports(solver, grid))
        return;
    void *scratch = scratch_for(solver, grid, N);
    void *oracle_scratch = scratch_for(RDL_SOLVE_ORACLE, grid, N);
    for (int kind = 0; kind < KINDS; kind++)
        for (uint64_t seed = 10; seed < 16; seed++) {
            float x[N], w[N];
            uint8_t codes[N], best[N];
            fill((enum kind)kind, seed, N, x, w);
            const struct rdl_block block = {N, x, w, *grid};
            struct rdl_block_fit fit, optimum;
            (void)rdl_block_solve((enum rdl_solver)solver, &block, NULL, scratch, codes, &fit);
            (void)rdl_block_solve(RDL_SOLVE_ORACLE, &block, NULL, oracle_scratch, best, &optimum);
            const double zero = error_of_zero(&block), floor = 1e-12 * zero;
            const char *where = place(solver, grid, kind, seed);
            ck_assert_msg(optimum.error <= fit.error * (1.0 + 1e-9) + floor,
                          "%s: error %.17g below the optimum %.17g", where, fit.error,
                          optimum.error);
            if (rdl_solver_is_exact((enum rdl_solver)solver, grid->kind, grid->entries != NULL))
                ck_assert_msg(fit.error <= optimum.error * (1.0 + 1e-9) + floor,
                              "%s: error %.17g above the optimum %.17g", where, fit.error,
                              optimum.error);
        }
    free(scratch);
    free(oracle_scratch);
}
END_TEST

/* A power of two in the weights is one in the scale, and no code moves. */
START_TEST(scaling_by_a_power_of_two_changes_no_code)
{
    const int solver = _i / NGRIDS;
    const struct rdl_block_grid *grid = &grids[_i % NGRIDS];
    if (!supports(solver, grid))
        return;
    void *scratch = scratch_for(solver, grid, N);
    for (uint64_t seed = 20; seed < 40; seed++) {
        float x[N], w[N], scaled[N];
        uint8_t codes[N], other[N];
        fill(IMPORTANT, seed, N, x, w);
        for (size_t i = 0; i < N; i++)
            scaled[i] = 64.0f * x[i];
        const struct rdl_block block = {N, x, w, *grid}, larger = {N, scaled, w, *grid};
        struct rdl_block_fit fit, large;
        (void)rdl_block_solve((enum rdl_solver)solver, &block, NULL, scratch, codes, &fit);
        (void)rdl_block_solve((enum rdl_solver)solver, &larger, NULL, scratch, other, &large);
        const char *where = place(solver, grid, IMPORTANT, seed);
        ck_assert_msg(memcmp(codes, other, N) == 0, "%s: other codes", where);
        ck_assert_msg(large.scale == 64.0 * fit.scale && large.error == 4096.0 * fit.error,
                      "%s: scale %g and %g", where, fit.scale, large.scale);
    }
    free(scratch);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Calls
 */

START_TEST(names_are_there_and_differ)
{
    for (int a = 0; a < RDL_SOLVER_COUNT; a++) {
        ck_assert_ptr_nonnull(rdl_solver_name((enum rdl_solver)a));
        for (int b = 0; b < a; b++)
            ck_assert_str_ne(rdl_solver_name((enum rdl_solver)a),
                             rdl_solver_name((enum rdl_solver)b));
        bool any = false;
        for (size_t g = 0; g < NGRIDS; g++) {
            const struct rdl_block_grid *grid = &grids[g];
            any |= supports(a, grid);
            ck_assert(supports(a, grid) ||
                      !rdl_solver_is_exact((enum rdl_solver)a, grid->kind, grid->entries != NULL));
        }
        ck_assert_msg(any, "%s works on no grid", rdl_solver_name((enum rdl_solver)a));
    }
    ck_assert_ptr_null(rdl_solver_name(RDL_SOLVER_COUNT));
}
END_TEST

static enum rdl_status call(const struct rdl_block *block)
{
    uint8_t codes[RDL_BLOCK_MAX_LENGTH];
    struct rdl_block_fit fit;
    return rdl_block_solve(RDL_SOLVE_NEAREST, block, NULL, NULL, codes, &fit);
}

START_TEST(wrong_calls_are_refused)
{
    float x[RDL_BLOCK_MAX_LENGTH + 1] = {1.0f, -2.0f, 0.5f}, w[3] = {1.0f, 1.0f, 1.0f};
    uint8_t codes[3];
    struct rdl_block_fit fit;
    const struct rdl_block good = {3, x, w, grids[0]};
    ck_assert_int_eq(call(&good), RDL_OK);
    ck_assert_int_eq(call(NULL), RDL_NULL_POINTER);
    ck_assert_int_eq(rdl_block_solve(RDL_SOLVE_QX, &good, NULL, NULL, NULL, &fit),
                     RDL_NULL_POINTER);
    ck_assert_int_eq(rdl_block_solve(RDL_SOLVE_QX, &good, NULL, NULL, codes, NULL),
                     RDL_NULL_POINTER);
    ck_assert_int_eq(rdl_block_solve(RDL_SOLVER_COUNT, &good, NULL, NULL, codes, &fit),
                     RDL_UNKNOWN_VALUE);
    ck_assert_int_eq(rdl_block_solve(RDL_SOLVE_QKX2, &good, NULL, NULL, codes, &fit),
                     RDL_UNSUPPORTED);
    ck_assert_int_eq(rdl_block_solve(RDL_SOLVE_ORACLE, &good, NULL, NULL, codes, &fit),
                     RDL_SCRATCH_TOO_SMALL);

    struct rdl_block block = good;
    block.x = NULL;
    ck_assert_int_eq(call(&block), RDL_NULL_POINTER);
    block = good;
    block.n = 0;
    ck_assert_int_eq(call(&block), RDL_UNKNOWN_VALUE);
    block.n = RDL_BLOCK_MAX_LENGTH + 1;
    ck_assert_int_eq(call(&block), RDL_UNKNOWN_VALUE);

    static const float decreasing[] = {1.0f, 1.0f}, bad[] = {0.0f, INFINITY};
    static const struct rdl_block_grid wrong[] = {
        {RDL_BLOCK_KIND_COUNT, 16, 0, NULL}, {RDL_BLOCK_SIGNED, 1, 0, NULL},
        {RDL_BLOCK_SIGNED, 257, -8, NULL},   {RDL_BLOCK_SIGNED, 4, 1, NULL},
        {RDL_BLOCK_SIGNED, 4, -4, NULL},     {RDL_BLOCK_AFFINE, 4, -1, NULL},
        {RDL_BLOCK_AFFINE, 2, 0, no_zero},   {RDL_BLOCK_SIGNED, 2, 0, decreasing},
        {RDL_BLOCK_SIGNED, 2, 0, bad},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        block = (struct rdl_block){3, x, w, wrong[i]};
        ck_assert_msg(call(&block) == RDL_UNKNOWN_VALUE, "grid %zu is taken", i);
    }
}
END_TEST

START_TEST(bad_data_are_refused)
{
    static const struct {
        float x, w;
        enum rdl_status status;
    } bad[] = {
        {NAN, 1.0f, RDL_WEIGHT_NAN},
        {-INFINITY, 1.0f, RDL_WEIGHT_INFINITE},
        {1.0f, -1.0f, RDL_IMPORTANCE_INVALID},
        {1.0f, NAN, RDL_IMPORTANCE_INVALID},
        {1.0f, INFINITY, RDL_IMPORTANCE_INVALID},
        {NAN, 0.0f, RDL_WEIGHT_NAN},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const float x[3] = {1.0f, bad[i].x, 2.0f}, w[3] = {1.0f, bad[i].w, 1.0f};
        const struct rdl_block block = {3, x, w, grids[0]};
        ck_assert_int_eq(call(&block), bad[i].status);
    }
}
END_TEST

START_TEST(blocks_without_anything_have_scale_0)
{
    const float x[4] = {3.0f, -1.0f, 2.0f, 8.0f}, none[4] = {0.0f}, zeros[4] = {0.0f, -0.0f};
    for (size_t g = 0; g < NGRIDS; g++)
        for (int zero = 0; zero < 2; zero++) {
            const struct rdl_block block = {4, zero ? zeros : x, zero ? NULL : none, grids[g]};
            struct rdl_block_fit fit;
            uint8_t codes[4];
            ck_assert_int_eq(rdl_block_solve(RDL_SOLVE_NEAREST, &block, NULL, NULL, codes, &fit),
                             RDL_OK);
            ck_assert_double_eq(fit.scale, 0.0);
            ck_assert_double_eq(fit.error, 0.0);
            for (size_t i = 0; i < 4; i++)
                ck_assert_int_lt(codes[i], grids[g].count);
        }
}
END_TEST

/* Factors of 1 and no factors are the same block. */
START_TEST(no_factors_are_factors_of_1)
{
    float x[N], w[N];
    for (int solver = 0; solver < RDL_SOLVER_COUNT; solver++)
        for (size_t g = 0; g < NGRIDS; g++) {
            if (!supports(solver, &grids[g]))
                continue;
            void *scratch = scratch_for(solver, &grids[g], N);
            fill(GAUSSIAN, 77, N, x, w);
            const struct rdl_block with = {N, x, w, grids[g]}, without = {N, x, NULL, grids[g]};
            struct rdl_block_fit a, b;
            uint8_t codes[N], other[N];
            (void)rdl_block_solve((enum rdl_solver)solver, &with, NULL, scratch, codes, &a);
            (void)rdl_block_solve((enum rdl_solver)solver, &without, NULL, scratch, other, &b);
            ck_assert(memcmp(&a, &b, sizeof a) == 0 && memcmp(codes, other, N) == 0);
            free(scratch);
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("block solve");
    TCase *tcase = tcase_create("block solve");
    tcase_set_timeout(tcase, 0);
    tcase_add_loop_test(tcase, every_answer_is_a_valid_one, 0, PAIRS);
    tcase_add_loop_test(tcase, the_oracle_is_never_beaten, 0, PAIRS);
    tcase_add_loop_test(tcase, scaling_by_a_power_of_two_changes_no_code, 0, PAIRS);
    tcase_add_test(tcase, names_are_there_and_differ);
    tcase_add_test(tcase, wrong_calls_are_refused);
    tcase_add_test(tcase, bad_data_are_refused);
    tcase_add_test(tcase, blocks_without_anything_have_scale_0);
    tcase_add_test(tcase, no_factors_are_factors_of_1);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
