/*
 * The cumulative searches: exact ones against all assignments of codes, and what holds for all.
 */
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
    REPEATS = 1
#else
    REPEATS = 8
#endif
};

static const enum rdl_solver solvers[] = {
    RDL_SOLVE_SORT,        RDL_SOLVE_SORT_SIGNED, RDL_SOLVE_HEAP,
    RDL_SOLVE_HEAP_SIGNED, RDL_SOLVE_HEAP_NL,     RDL_SOLVE_HEAP_NL_FAST,
    RDL_SOLVE_SWEEP,       RDL_SOLVE_SWEEP_BASES, RDL_SOLVE_CUMULATIVE,
};

enum {
    SOLVERS = sizeof solvers / sizeof *solvers
};

static const float iq4[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                              1,    13,   25,  38,  53,  69,  89,  113};

/* ------------------------------------------------------------------------------------------------
 * Blocks
 */

struct sample {
    struct rdl_block block; /* of these */
    float x[MAX_N], w[MAX_N];
};

static int draw(struct gap_source *source, int count)
{
    return (int)(gap_source_word(source) % (uint64_t)count);
}

/* Weights: gaussian, shifted up and down, integers (whose breakpoints coincide), small integers;
 * factors: 1, log-normal, the same with zeros, integers. */
static void draw_sample(struct gap_source *source, int kind, size_t n, struct rdl_block_grid grid,
                        struct sample *sample)
{
    static const float shift[5] = {0.0f, 4.0f, -4.0f, 0.0f, 0.0f};
    const int weights = kind % 5, factors = kind / 5 % 4;
    gap_source_block(source, GAP_GAUSSIAN, GAP_IMPORTANCE, n, sample->x, sample->w);
    for (size_t i = 0; i < n; i++) {
        sample->x[i] += shift[weights];
        if (weights >= 3)
            sample->x[i] = (float)(draw(source, weights == 3 ? 25 : 7) - (weights == 3 ? 12 : 3));
        if (factors == 0)
            sample->w[i] = 1.0f;
        if (factors == 2 && draw(source, 3) == 0)
            sample->w[i] = 0.0f;
        if (factors == 3)
            sample->w[i] = (float)draw(source, 4);
    }
    sample->x[0] = sample->x[0] != 0.0f ? sample->x[0] : 1.0f;
    sample->w[0] = sample->w[0] > 0.0f ? sample->w[0] : 1.0f;
    sample->block = (struct rdl_block){n, sample->x, sample->w, grid};
}

static struct rdl_block_fit solve(enum rdl_solver solver, const struct rdl_block *block,
                                  uint8_t *codes)
{
    const size_t size = rdl_block_scratch_size(solver, &block->grid, block->n);
    void *scratch = size > 0 ? malloc(size) : NULL;
    struct rdl_block_fit fit;
    ck_assert_int_eq(rdl_block_solve(solver, block, NULL, scratch, codes, &fit), RDL_OK);
    free(scratch);
    return fit;
}

static double error_of(enum rdl_solver solver, const struct rdl_block *block)
{
    uint8_t codes[MAX_N];
    return solve(solver, block, codes).error;
}

static bool supports(enum rdl_solver solver, const struct rdl_block_grid *grid)
{
    return rdl_solver_support(solver, grid->kind, grid->entries != NULL);
}

static double value_of(const struct rdl_block_grid *grid, int code)
{
    return grid->entries ? (double)grid->entries[code] : (double)(grid->first + code);
}

static double sum_squares(const struct rdl_block *block)
{
    double sum = 0.0;
    for (size_t i = 0; i < block->n; i++)
        sum += (double)block->weights[i] * (double)block->x[i] * (double)block->x[i];
    return sum;
}

/* ------------------------------------------------------------------------------------------------
 * Exactness
 */

/* The error of given codes with the best scale that the kind of grid allows. */
static double error_of_codes(const struct rdl_block *block, const int *codes, double squares)
{
    double xv = 0.0, vv = 0.0;
    for (size_t i = 0; i < block->n; i++) {
        const double w = (double)block->weights[i], v = value_of(&block->grid, codes[i]);
        xv += w * (double)block->x[i] * v;
        vv += w * v * v;
    }
    if (!(vv > 0.0) || (block->grid.kind != RDL_BLOCK_SIGNED && !(xv > 0.0)))
        return squares;
    return squares - xv * xv / vv;
}

/* The least error of all count^n assignments. */
static double least_error(const struct rdl_block *block)
{
    int codes[MAX_N] = {0};
    const double squares = sum_squares(block);
    double least = squares;
    for (size_t i = 0; i < block->n;) {
        const double error = error_of_codes(block, codes, squares);
        least = error < least ? error : least;
        for (i = 0; i < block->n && ++codes[i] == block->grid.count; i++)
            codes[i] = 0;
    }
    return least;
}

static void check_exactness(struct gap_source *source, struct rdl_block_grid grid)
{
    for (int kind = 0; kind < 20; kind++)
        for (size_t n = 3; n <= 7; n++) {
            struct sample sample;
            draw_sample(source, kind, n, grid, &sample);
            const double least = least_error(&sample.block);
            for (int s = 0; s < SOLVERS; s++)
                if (rdl_solver_is_exact(solvers[s], grid.kind, grid.entries != NULL))
                    ck_assert_double_eq_tol(error_of(solvers[s], &sample.block), least,
                                            1e-10 * sum_squares(&sample.block));
        }
}

START_TEST(no_assignment_of_integers_is_better)
{
    struct gap_source source = {.state = 1};
    for (int count = 3; count <= 5; count++) {
        for (int first = 1 - count; first <= 0; first++) {
            check_exactness(&source, (struct rdl_block_grid){RDL_BLOCK_SIGNED, count, first, NULL});
            check_exactness(&source,
                            (struct rdl_block_grid){RDL_BLOCK_POSITIVE, count, first, NULL});
        }
        check_exactness(&source, (struct rdl_block_grid){RDL_BLOCK_UNSIGNED, count, 0, NULL});
    }
}
END_TEST

static const struct {
    int count;
    float entries[5];
} tables[] = {{2, {-1, 1}},           {3, {1, 2, 5}},           {3, {-5, -3, -1}},
              {3, {-2.5f, 0, 0.25f}}, {4, {-9, -3, 1.5f, 4}},   {5, {-7, -1, 2, 3, 9}},
              {3, {2, 3, 7}},         {4, {-0.5f, 0.5f, 1, 2}}, {5, {0, 1, 2, 4, 8}}};

START_TEST(no_assignment_of_entries_is_better)
{
    struct gap_source source = {.state = 2};
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (int kind = RDL_BLOCK_SIGNED; kind <= RDL_BLOCK_POSITIVE; kind++)
            check_exactness(&source,
                            (struct rdl_block_grid){(enum rdl_block_kind)kind, tables[t].count, 0,
                                                    tables[t].entries});
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Properties of all
 */

static const struct rdl_block_grid grids[] = {
    {RDL_BLOCK_SIGNED, 16, -8, NULL},    {RDL_BLOCK_SIGNED, 3, -1, NULL},
    {RDL_BLOCK_SIGNED, 4, 0, NULL},      {RDL_BLOCK_SIGNED, 7, -6, NULL},
    {RDL_BLOCK_SIGNED, 255, -127, NULL}, {RDL_BLOCK_SIGNED, 256, 0, NULL},
    {RDL_BLOCK_SIGNED, 256, -255, NULL}, {RDL_BLOCK_POSITIVE, 16, -8, NULL},
    {RDL_BLOCK_POSITIVE, 9, 0, NULL},    {RDL_BLOCK_POSITIVE, 9, -8, NULL},
    {RDL_BLOCK_UNSIGNED, 64, 0, NULL},   {RDL_BLOCK_UNSIGNED, 2, 0, NULL},
    {RDL_BLOCK_AFFINE, 4, 0, NULL},      {RDL_BLOCK_AFFINE, 2, 0, NULL},
    {RDL_BLOCK_AFFINE, 32, 0, NULL},     {RDL_BLOCK_FREE, 16, 0, NULL},
    {RDL_BLOCK_FREE, 2, 0, NULL},        {RDL_BLOCK_SIGNED, 16, 0, iq4},
    {RDL_BLOCK_POSITIVE, 16, 0, iq4},    {RDL_BLOCK_SIGNED, 5, 0, tables[5].entries}};

enum {
    GRIDS = sizeof grids / sizeof *grids
};

typedef void check_fn(enum rdl_solver solver, const struct sample *sample, int round);

/* Calls a check for every solver, on every grid that it knows and blocks of many kinds. */
static void for_all(check_fn *check)
{
    struct gap_source source = {.state = 3};
    for (int g = 0; g < GRIDS; g++)
        for (int round = 0; round < 20 * REPEATS; round++) {
            struct sample sample;
            const int longest = round % 10 == 0 ? MAX_N : 16;
            draw_sample(&source, round, 1 + (size_t)draw(&source, longest), grids[g], &sample);
            for (int s = 0; s < SOLVERS; s++)
                if (supports(solvers[s], &grids[g]))
                    check(solvers[s], &sample, round);
        }
}

static void scaling(enum rdl_solver solver, const struct sample *sample, int round)
{
    struct sample scaled = *sample;
    const int power = round % 2 == 0 ? 9 : -30;
    for (size_t i = 0; i < scaled.block.n; i++)
        scaled.x[i] = ldexpf(sample->x[i], power);
    scaled.block.x = scaled.x;
    uint8_t codes[MAX_N], scaled_codes[MAX_N];
    const struct rdl_block_fit fit = solve(solver, &sample->block, codes);
    const struct rdl_block_fit scaled_fit = solve(solver, &scaled.block, scaled_codes);
    ck_assert_mem_eq(codes, scaled_codes, sample->block.n);
    ck_assert_double_eq(scaled_fit.scale, ldexp(fit.scale, power));
    ck_assert_double_eq(scaled_fit.offset, ldexp(fit.offset, power));
    ck_assert_double_eq(scaled_fit.error, ldexp(fit.error, 2 * power));
}

START_TEST(powers_of_two_pass_through)
{
    for_all(scaling);
}
END_TEST

/* Where weights and factors are integers, sums are exact in any order. */
static void turning_round(enum rdl_solver solver, const struct sample *sample, int round)
{
    if (solver != RDL_SOLVE_CUMULATIVE && solver != RDL_SOLVE_HEAP_NL)
        return;
    struct sample turned = *sample;
    const size_t n = turned.block.n;
    for (size_t i = 0; i < n; i++) {
        turned.x[i] = sample->x[n - 1 - i];
        turned.w[i] = sample->w[n - 1 - i];
    }
    turned.block.x = turned.x;
    turned.block.weights = turned.w;
    uint8_t codes[MAX_N], turned_codes[MAX_N];
    const struct rdl_block_fit fit = solve(solver, &sample->block, codes);
    const struct rdl_block_fit turned_fit = solve(solver, &turned.block, turned_codes);
    ck_assert_double_eq_tol(turned_fit.error, fit.error, 1e-12 * sum_squares(&sample->block));
    const bool has_offset = sample->block.grid.kind >= RDL_BLOCK_AFFINE;
    const bool integers = round % 5 >= 3 && round / 5 % 4 % 3 == 0;
    if (has_offset || !integers)
        return;
    ck_assert_double_eq(turned_fit.scale, fit.scale);
    for (size_t i = 0; i < n; i++)
        ck_assert_int_eq(turned_codes[i], codes[n - 1 - i]);
}

START_TEST(the_order_of_weights_is_nothing)
{
    for_all(turning_round);
}
END_TEST

/* Weights of factor 0 have no influence, and their nearest codes. */
static void changing_idle(enum rdl_solver solver, const struct sample *sample, int round)
{
    struct sample changed = *sample;
    const struct rdl_block *block = &changed.block;
    for (size_t i = 0; i < block->n; i++)
        if (sample->w[i] == 0.0f)
            changed.x[i] = 40.0f - (float)(round % 7) * sample->x[i];
    changed.block.x = changed.x;
    changed.block.weights = changed.w;
    uint8_t codes[MAX_N], changed_codes[MAX_N];
    const struct rdl_block_fit fit = solve(solver, &sample->block, codes);
    const struct rdl_block_fit changed_fit = solve(solver, block, changed_codes);
    ck_assert_double_eq(changed_fit.scale, fit.scale);
    ck_assert_double_eq(changed_fit.offset, fit.offset);
    for (size_t i = 0; i < block->n; i++) {
        if (block->weights[i] > 0.0f) {
            ck_assert_int_eq(changed_codes[i], codes[i]);
            continue;
        }
        const double x = (double)changed.x[i] - fit.offset;
        const double distance = fabs(x - fit.scale * value_of(&block->grid, changed_codes[i]));
        for (int k = 0; k < block->grid.count; k++)
            ck_assert_double_ge(fabs(x - fit.scale * value_of(&block->grid, k)),
                                distance * (1.0 - 1e-12));
    }
}

START_TEST(idle_weights_have_no_influence)
{
    for_all(changing_idle);
}
END_TEST

/* The exhaustive search is never worse than those that leave states out, nor better than the
 * optimum. */
static void comparison(enum rdl_solver solver, const struct sample *sample, int round)
{
    (void)round;
    const struct rdl_block *block = &sample->block;
    const double tolerance = 1e-12 * sum_squares(block);
    const double least = error_of(RDL_SOLVE_CUMULATIVE, block);
    ck_assert_double_ge(error_of(solver, block), least - tolerance);
    if (solver == RDL_SOLVE_HEAP_NL)
        ck_assert_double_eq(error_of(solver, block), least);
    if (solver == RDL_SOLVE_SORT_SIGNED)
        ck_assert_double_eq(error_of(solver, block), error_of(RDL_SOLVE_HEAP_SIGNED, block));
    if (solver == RDL_SOLVE_CUMULATIVE && block->grid.count <= 64)
        ck_assert_double_le(error_of(RDL_SOLVE_ORACLE, block), least + 1e-9 * sum_squares(block));
}

START_TEST(errors_are_in_order)
{
    for_all(comparison);
}
END_TEST

static void check_validity(const struct rdl_block *block, const struct rdl_block_fit *fit,
                           const uint8_t *codes)
{
    const enum rdl_block_kind kind = block->grid.kind;
    for (size_t i = 0; i < block->n; i++)
        ck_assert_int_lt(codes[i], block->grid.count);
    ck_assert(isfinite(fit->scale) && isfinite(fit->offset) && isfinite(fit->error));
    ck_assert(kind == RDL_BLOCK_SIGNED || fit->scale >= 0.0);
    ck_assert(kind == RDL_BLOCK_FREE || fit->offset <= 0.0);
    ck_assert(kind >= RDL_BLOCK_AFFINE || fit->offset == 0.0);
    ck_assert_double_le(fit->error, sum_squares(block) * (1.0 + 1e-6));
}

static void huge_and_tiny(enum rdl_solver solver, const struct sample *sample, int round)
{
    static const float units[4] = {FLT_TRUE_MIN, 1e-20f, 1e17f, FLT_MAX / 16.0f};
    struct sample extreme = *sample;
    for (size_t i = 0; i < extreme.block.n; i++) {
        extreme.x[i] = fmaxf(-15.0f, fminf(15.0f, sample->x[i])) * units[round % 4];
        extreme.w[i] = fminf(15.0f, sample->w[i]) * units[round / 4 % 4];
    }
    extreme.block.x = extreme.x;
    extreme.block.weights = extreme.w;
    uint8_t codes[MAX_N];
    const struct rdl_block_fit fit = solve(solver, &extreme.block, codes);
    check_validity(&extreme.block, &fit, codes);
}

START_TEST(huge_and_tiny_weights_are_searched)
{
    for_all(huge_and_tiny);
}
END_TEST

/* A table and its mirror image. */
START_TEST(negation_turns_tables_round)
{
    struct gap_source source = {.state = 4};
    for (size_t t = 1; t < 7; t++)
        for (int round = 0; round < 40 * REPEATS; round++) {
            const int count = tables[t].count;
            struct rdl_block_grid grid = {(enum rdl_block_kind)(round % 2), count, 0,
                                          tables[t].entries};
            struct sample sample;
            draw_sample(&source, round, 1 + (size_t)draw(&source, 32), grid, &sample);
            uint8_t codes[MAX_N], mirrored_codes[MAX_N];
            const struct rdl_block_fit fit = solve(RDL_SOLVE_CUMULATIVE, &sample.block, codes);
            float mirrored[5];
            for (int k = 0; k < count; k++)
                mirrored[k] = -tables[t].entries[count - 1 - k];
            for (size_t i = 0; i < sample.block.n; i++)
                sample.x[i] = -sample.x[i];
            sample.block.grid.entries = mirrored;
            const struct rdl_block_fit mirrored_fit =
                solve(RDL_SOLVE_CUMULATIVE, &sample.block, mirrored_codes);
            ck_assert_double_eq(mirrored_fit.scale, fit.scale);
            for (size_t i = 0; i < sample.block.n; i++)
                if (sample.w[i] > 0.0f)
                    ck_assert_int_eq(mirrored_codes[i], count - 1 - codes[i]);
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cumulative");
    TCase *tcase = tcase_create("searches");
    tcase_set_timeout(tcase, 120.0);
    tcase_add_test(tcase, no_assignment_of_integers_is_better);
    tcase_add_test(tcase, no_assignment_of_entries_is_better);
    tcase_add_test(tcase, powers_of_two_pass_through);
    tcase_add_test(tcase, the_order_of_weights_is_nothing);
    tcase_add_test(tcase, idle_weights_have_no_influence);
    tcase_add_test(tcase, errors_are_in_order);
    tcase_add_test(tcase, huge_and_tiny_weights_are_searched);
    tcase_add_test(tcase, negation_turns_tables_round);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
