/*
 * The exact search against the enumeration, on blocks of all sorts and every kind of grid; and that
 * it gets there by exclusion. `test_exact slow` takes more blocks.
 */
#include "block/exact_affine.h"
#include "block/exact_scale.h"
#include "exact_blocks.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
#ifdef ROUNDEL_SLOW_RUN
    MAGNITUDES = 8,
    SHORT_BLOCKS = 8000,
#else
    MAGNITUDES = 40,
    SHORT_BLOCKS = 20000,
#endif
    MAX_N = RDL_BLOCK_MAX_LENGTH
};

static bool slow;

static const float iq4_nl[] = {-127, -104, -83, -65, -49, -35, -22, -10,
                               1,    13,   25,  38,  53,  69,  89,  113};
static const float e2m1[] = {-12, -8, -6, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6, 8, 12};
static const float no_zero[] = {-1, 1};
static const float one_side[] = {1, 2, 5, 9, 11};
static const float uneven[] = {-3e10f, -1.5f, -1.25f, -0.1f, 0, 1e-6f, 2e-6f, 0.5f, 1, 1e20f};

struct setting {
    struct rdl_block_grid grid;
    size_t n;
    unsigned part; /* quick runs divide the number of blocks by this: enumeration is slow */
};

static const struct setting settings[] = {
    {{RDL_BLOCK_SIGNED, 16, 0, iq4_nl}, 32, 1},   {{RDL_BLOCK_SIGNED, 16, 0, iq4_nl}, 3, 1},
    {{RDL_BLOCK_SIGNED, 16, -8, NULL}, 32, 1},    {{RDL_BLOCK_SIGNED, 16, -8, NULL}, 4, 1},
    {{RDL_BLOCK_SIGNED, 16, -8, NULL}, 64, 1},    {{RDL_BLOCK_SIGNED, 8, -4, NULL}, 16, 1},
    {{RDL_BLOCK_SIGNED, 8, -4, NULL}, 64, 1},     {{RDL_BLOCK_SIGNED, 64, -32, NULL}, 16, 1},
    {{RDL_BLOCK_SIGNED, 64, -32, NULL}, 3, 1},    {{RDL_BLOCK_SIGNED, 32, -16, NULL}, 32, 1},
    {{RDL_BLOCK_SIGNED, 3, -1, NULL}, 32, 1},     {{RDL_BLOCK_SIGNED, 3, -1, NULL}, 64, 1},
    {{RDL_BLOCK_SIGNED, 255, -127, NULL}, 32, 1}, {{RDL_BLOCK_SIGNED, 255, -127, NULL}, 3, 1},
    {{RDL_BLOCK_SIGNED, 16, 0, NULL}, 32, 1},     {{RDL_BLOCK_SIGNED, 16, -15, NULL}, 32, 1},
    {{RDL_BLOCK_SIGNED, 15, 0, e2m1}, 32, 1},     {{RDL_BLOCK_SIGNED, 2, 0, no_zero}, 64, 1},
    {{RDL_BLOCK_SIGNED, 5, 0, one_side}, 64, 1},  {{RDL_BLOCK_SIGNED, 10, 0, uneven}, 32, 1},
    {{RDL_BLOCK_POSITIVE, 16, -8, NULL}, 32, 1},  {{RDL_BLOCK_POSITIVE, 16, -15, NULL}, 16, 1},
    {{RDL_BLOCK_POSITIVE, 16, 0, iq4_nl}, 32, 1}, {{RDL_BLOCK_POSITIVE, 3, 0, one_side}, 64, 1},
    {{RDL_BLOCK_UNSIGNED, 4, 0, NULL}, 64, 1},    {{RDL_BLOCK_UNSIGNED, 16, 0, NULL}, 32, 1},
    {{RDL_BLOCK_UNSIGNED, 64, 0, NULL}, 16, 1},   {{RDL_BLOCK_UNSIGNED, 256, 0, NULL}, 8, 1},
    {{RDL_BLOCK_AFFINE, 16, 0, NULL}, 32, 2},     {{RDL_BLOCK_AFFINE, 32, 0, NULL}, 32, 8},
    {{RDL_BLOCK_AFFINE, 4, 0, NULL}, 16, 1},      {{RDL_BLOCK_AFFINE, 8, 0, NULL}, 32, 1},
    {{RDL_BLOCK_AFFINE, 64, 0, NULL}, 16, 8},     {{RDL_BLOCK_AFFINE, 2, 0, NULL}, 32, 1},
    {{RDL_BLOCK_AFFINE, 5, 0, NULL}, 32, 1},      {{RDL_BLOCK_AFFINE, 15, 0, NULL}, 3, 1},
    {{RDL_BLOCK_AFFINE, 16, 0, NULL}, 64, 8},     {{RDL_BLOCK_FREE, 16, 0, NULL}, 32, 2},
    {{RDL_BLOCK_FREE, 32, 0, NULL}, 32, 8},       {{RDL_BLOCK_FREE, 4, 0, NULL}, 16, 1},
    {{RDL_BLOCK_FREE, 8, 0, NULL}, 4, 1},         {{RDL_BLOCK_FREE, 64, 0, NULL}, 16, 8},
    {{RDL_BLOCK_FREE, 3, 0, NULL}, 32, 1},        {{RDL_BLOCK_FREE, 15, 0, NULL}, 16, 1},
};

enum {
    NSETTINGS = sizeof settings / sizeof settings[0]
};

/* Quick runs take all kinds of blocks with all sorts of factors, twice. */
static unsigned blocks_of(const struct setting *setting)
{
#ifdef ROUNDEL_SLOW_RUN
    return 2 * EXACT_KINDS;
#endif
    return slow ? 25 * 4 * EXACT_KINDS : 2 * 4 * EXACT_KINDS / setting->part;
}

/* ------------------------------------------------------------------------------------------------
 * Both solvers
 */

struct solution {
    struct rdl_block_fit fit;
    uint8_t codes[MAX_N];
};

struct bench {
    void *exact, *oracle; /* scratch */
};

static struct bench bench_for(const struct rdl_block_grid *grid, size_t n)
{
    const struct bench bench = {malloc(rdl_block_scratch_size(RDL_SOLVE_EXACT, grid, n) + 1),
                                malloc(rdl_block_scratch_size(RDL_SOLVE_ORACLE, grid, n) + 1)};
    ck_assert(bench.exact && bench.oracle);
    return bench;
}

static void release(struct bench *bench)
{
    free(bench->exact);
    free(bench->oracle);
}

static struct solution solve(enum rdl_solver solver, const struct rdl_block *block, void *scratch,
                             double incumbent)
{
    struct rdl_solver_options options = rdl_solver_defaults(solver, &block->grid);
    struct solution solution;
    options.incumbent = incumbent;
    ck_assert_int_eq(
        rdl_block_solve(solver, block, &options, scratch, solution.codes, &solution.fit), RDL_OK);
    return solution;
}

static double sum_of_squares(const struct rdl_block *block)
{
    double sum = 0.0;
    for (size_t i = 0; i < block->n; i++)
        sum += (double)block->weights[i] * (double)block->x[i] * (double)block->x[i];
    return sum;
}

static bool is_valid(const struct rdl_block *block, const struct solution *solution)
{
    const struct rdl_block_fit *const fit = &solution->fit;
    for (size_t i = 0; i < block->n; i++)
        if (solution->codes[i] >= block->grid.count)
            return false;
    if (!isfinite(fit->scale) || !isfinite(fit->offset))
        return false;
    if (block->grid.kind < RDL_BLOCK_AFFINE && fit->offset != 0.0)
        return false;
    return (block->grid.kind == RDL_BLOCK_SIGNED || fit->scale >= 0.0) &&
           (block->grid.kind == RDL_BLOCK_FREE || fit->offset <= 0.0);
}

/* What is lost at most where s v and b cancel: the rounding of s v + b. Codes that are others moved
 * or spread, and as good, may have an offset of quite another magnitude. */
static double rounding(const struct rdl_block *block, const struct rdl_block_fit *fit)
{
    double w = 0.0;
    for (size_t i = 0; i < block->n; i++)
        w += (double)block->weights[i];
    return w * pow(0x1p-50 * fit->offset, 2.0);
}

/* The error of one solution is no more than that of the other. */
static bool is_no_more(const struct rdl_block *block, const struct solution *solution,
                       const struct solution *other)
{
    return solution->fit.error <= other->fit.error * (1.0 + 1e-9) + 1e-12 * sum_of_squares(block) +
                                      rounding(block, &other->fit) +
                                      rounding(block, &solution->fit);
}

static const char *name_of(const struct rdl_block *block, const struct exact_block *data)
{
    static char name[160];
    snprintf(name, sizeof name, "kind %d, %d codes from %d%s, n = %zu, %s, factors %d",
             (int)block->grid.kind, block->grid.count, block->grid.first,
             block->grid.entries ? " (table)" : "", block->n, exact_kind_name(data->kind),
             (int)data->weights);
    return name;
}

/* ------------------------------------------------------------------------------------------------
 * The optimum
 */

START_TEST(errors_are_those_of_the_enumeration)
{
    const struct setting *const setting = &settings[_i];
    struct bench bench = bench_for(&setting->grid, setting->n);
    struct gap_source source = {.state = 1234 + (uint64_t)_i};
    for (unsigned number = 0; number < blocks_of(setting); number++) {
        struct exact_block data;
        exact_block_draw(&data, &source, number, &setting->grid, setting->n);
        const struct rdl_block block = {setting->n, data.x, data.w, setting->grid};
        const struct solution exact = solve(RDL_SOLVE_EXACT, &block, bench.exact, INFINITY);
        const struct solution oracle = solve(RDL_SOLVE_ORACLE, &block, bench.oracle, INFINITY);
        const char *const name = name_of(&block, &data);
        ck_assert_msg(is_valid(&block, &exact), "%s, %u: scale %g, offset %g", name, number,
                      exact.fit.scale, exact.fit.offset);
        ck_assert_msg(is_no_more(&block, &exact, &oracle) && is_no_more(&block, &oracle, &exact),
                      "%s, %u: %.17g, enumeration %.17g", name, number, exact.fit.error,
                      oracle.fit.error);
    }
    release(&bench);
}
END_TEST

/* Also if it cannot be reached, or is none. */
START_TEST(an_incumbent_never_does_harm)
{
    static const double parts[] = {1.0, 1.0 + 1e-9, 1.001, 0.999, 0.5, 0.0, -1.0};
    const struct setting *const setting = &settings[_i];
    struct bench bench = bench_for(&setting->grid, setting->n);
    struct gap_source source = {.state = 4321 + (uint64_t)_i};
    for (unsigned number = 0; number < 2 * EXACT_KINDS; number++) {
        struct exact_block data;
        exact_block_draw(&data, &source, number, &setting->grid, setting->n);
        const struct rdl_block block = {setting->n, data.x, data.w, setting->grid};
        const struct solution without = solve(RDL_SOLVE_EXACT, &block, bench.exact, INFINITY);
        for (size_t p = 0; p <= sizeof parts / sizeof parts[0]; p++) {
            const double incumbent =
                p < sizeof parts / sizeof parts[0] ? parts[p] * without.fit.error : (double)NAN;
            const struct solution with = solve(RDL_SOLVE_EXACT, &block, bench.exact, incumbent);
            ck_assert_msg(is_valid(&block, &with) && is_no_more(&block, &with, &without),
                          "%s, incumbent %g: %.17g instead of %.17g", name_of(&block, &data),
                          incumbent, with.fit.error, without.fit.error);
        }
    }
    release(&bench);
}
END_TEST

/* Weights and factors from all over binary32; in every fourth block, the weights alone. */
static void draw_magnitudes(struct exact_block *block, struct gap_source *source, unsigned number,
                            const struct setting *setting)
{
    const int range = number % 4 < 2 ? 120 : 30;
    exact_block_draw(block, source, 0, &setting->grid, setting->n);
    for (size_t i = 0; i < setting->n; i++) {
        const uint64_t word = gap_source_word(source);
        block->x[i] = ldexpf(block->x[i], (int)(word >> 40) % (2 * range) - range);
        block->w[i] = number % 4 == 3 ? 1.0f : ldexpf(1.0f, (int)(word & 0xFFFF) % 200 - 100);
    }
}

START_TEST(any_magnitudes_will_do)
{
    const struct setting *const setting = &settings[_i];
    struct bench bench = bench_for(&setting->grid, setting->n);
    struct gap_source source = {.state = 99 + (uint64_t)_i};
    for (unsigned number = 0; number < MAGNITUDES; number++) {
        struct exact_block data;
        draw_magnitudes(&data, &source, number, setting);
        const struct rdl_block block = {setting->n, data.x, data.w, setting->grid};
        const struct solution exact = solve(RDL_SOLVE_EXACT, &block, bench.exact, INFINITY);
        const struct solution oracle = solve(RDL_SOLVE_ORACLE, &block, bench.oracle, INFINITY);
        ck_assert_msg(is_valid(&block, &exact), "%s, %u", name_of(&block, &data), number);
        ck_assert_msg(is_no_more(&block, &exact, &oracle), "%s, %u: %.17g, enumeration %.17g",
                      name_of(&block, &data), number, exact.fit.error, oracle.fit.error);
    }
    release(&bench);
}
END_TEST

/*
 * Scales so small that no code is far beyond half of its side of the grid: about one in a thousand
 * blocks of 3 has its optimum there. (A search that starts where the next code begins misses it.)
 */
START_TEST(the_lowest_scales_are_not_left_out)
{
    static const struct rdl_block_grid grids[] = {
        {RDL_BLOCK_SIGNED, 5, -2, NULL},   {RDL_BLOCK_SIGNED, 4, -2, NULL},
        {RDL_BLOCK_POSITIVE, 5, -2, NULL}, {RDL_BLOCK_UNSIGNED, 5, 0, NULL},
        {RDL_BLOCK_FREE, 5, 0, NULL},      {RDL_BLOCK_AFFINE, 4, 0, NULL},
    };
    const struct rdl_block_grid *const grid = &grids[_i];
    struct bench bench = bench_for(grid, 3);
    struct gap_source source = {.state = 3};
    for (int number = 0; number < SHORT_BLOCKS; number++) {
        float x[3], w[3];
        gap_source_block(&source, GAP_GAUSSIAN, GAP_UNIFORM, 3, x, w);
        const struct rdl_block block = {3, x, w, *grid};
        const struct solution exact = solve(RDL_SOLVE_EXACT, &block, bench.exact, INFINITY);
        const struct solution oracle = solve(RDL_SOLVE_ORACLE, &block, bench.oracle, INFINITY);
        ck_assert_msg(is_no_more(&block, &exact, &oracle), "%d, %d: %.17g, enumeration %.17g", _i,
                      number, exact.fit.error, oracle.fit.error);
    }
    release(&bench);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Exclusion
 */

/* The mean of what a search does, over gaussian blocks with all sorts of factors. */
static void count(const struct rdl_block_grid *grid, size_t n, int blocks, double *points,
                  double *changes, double *states)
{
    const struct rdl_solver_options options = rdl_solver_defaults(RDL_SOLVE_EXACT, grid);
    struct rdl_exact_counts counts = {0};
    struct gap_source source = {.state = 5};
    struct bench bench = bench_for(grid, n);
    for (int b = 0; b < blocks; b++) {
        float x[MAX_N], w[MAX_N];
        struct solution solution;
        gap_source_block(&source, GAP_GAUSSIAN, (enum gap_weights)(b % GAP_WEIGHTS_COUNT), n, x, w);
        const struct rdl_block block = {n, x, w, *grid};
        if (grid->kind >= RDL_BLOCK_AFFINE)
            rdl_exact_affine(&block, &options, bench.exact, solution.codes, &solution.fit, &counts);
        else
            rdl_exact_scale(&block, &options, solution.codes, &solution.fit, &counts);
    }
    *points = (double)counts.points / blocks;
    *changes = (double)counts.changes / blocks;
    *states = (double)counts.states / blocks;
    release(&bench);
}

/* Otherwise the right answers might come from sweeps and leaves alone. */
START_TEST(few_points_leave_little)
{
    static const struct {
        struct setting setting;
        double points, changes, states;
    } most[] = {
        {{{RDL_BLOCK_SIGNED, 16, 0, iq4_nl}, 32, 0}, 80, 2, 0},
        {{{RDL_BLOCK_SIGNED, 16, -8, NULL}, 32, 0}, 40, 2, 0},
        {{{RDL_BLOCK_SIGNED, 8, -4, NULL}, 16, 0}, 35, 2, 0},
        {{{RDL_BLOCK_SIGNED, 32, -16, NULL}, 32, 0}, 60, 2, 0},
        {{{RDL_BLOCK_SIGNED, 64, -32, NULL}, 16, 0}, 90, 2, 0},
        {{{RDL_BLOCK_UNSIGNED, 16, 0, NULL}, 32, 0}, 50, 5, 0},
        {{{RDL_BLOCK_AFFINE, 16, 0, NULL}, 32, 0}, 300, 0, 40},
        {{{RDL_BLOCK_AFFINE, 32, 0, NULL}, 32, 0}, 550, 0, 40},
        {{{RDL_BLOCK_FREE, 4, 0, NULL}, 16, 0}, 90, 0, 10},
    };
    double points, changes, states;
    for (size_t i = 0; i < sizeof most / sizeof most[0]; i++) {
        const struct setting *const setting = &most[i].setting;
        count(&setting->grid, setting->n, 300, &points, &changes, &states);
        ck_assert_msg(points > 10.0 && points <= most[i].points && changes <= most[i].changes &&
                          states <= most[i].states,
                      "%zu: %g points, %g changes, %g states", i, points, changes, states);
    }
}
END_TEST

/* On none of the blocks that are compared with it. */
START_TEST(the_enumeration_is_not_needed)
{
    const struct setting *const setting = &settings[_i];
    if (setting->grid.kind < RDL_BLOCK_AFFINE)
        return;
    const struct rdl_solver_options options = rdl_solver_defaults(RDL_SOLVE_EXACT, &setting->grid);
    struct rdl_exact_counts counts = {0};
    struct bench bench = bench_for(&setting->grid, setting->n);
    struct gap_source source = {.state = 1234 + (uint64_t)_i};
    for (unsigned number = 0; number < 4 * blocks_of(setting); number++) {
        struct exact_block data;
        struct solution solution;
        exact_block_draw(&data, &source, number, &setting->grid, setting->n);
        const struct rdl_block block = {setting->n, data.x, data.w, setting->grid};
        if (sum_of_squares(&block) > 0.0)
            rdl_exact_affine(&block, &options, bench.exact, solution.codes, &solution.fit, &counts);
        ck_assert_msg(counts.oracles == 0, "%s, %u", name_of(&block, &data), number);
    }
    release(&bench);
}
END_TEST

/* Where codes and their negatives are both in the grid: then they tie, and the scale is above 0. */
START_TEST(negatives_are_not_returned)
{
    static const struct rdl_block_grid grid = {RDL_BLOCK_SIGNED, 8, -4, NULL};
    struct gap_source source = {.state = 8};
    unsigned negative = 0;
    for (unsigned number = 0; number < 400; number++) {
        float x[16], w[16];
        gap_source_block(&source, GAP_GAUSSIAN, GAP_IMPORTANCE, 16, x, w);
        const struct rdl_block block = {16, x, w, grid};
        const struct solution exact = solve(RDL_SOLVE_EXACT, &block, NULL, INFINITY);
        if (exact.fit.scale >= 0.0)
            continue;
        negative++;
        ck_assert_ptr_nonnull(memchr(exact.codes, 0, 16));
    }
    ck_assert_uint_gt(negative, 100);
}
END_TEST

/* But on some of absurd factors, for which no cell is small enough. */
START_TEST(the_enumeration_takes_over)
{
    static const struct setting setting = {{RDL_BLOCK_AFFINE, 4, 0, NULL}, 16, 1};
    const struct rdl_solver_options options = rdl_solver_defaults(RDL_SOLVE_EXACT, &setting.grid);
    struct rdl_exact_counts counts = {0};
    struct bench bench = bench_for(&setting.grid, setting.n);
    struct gap_source source = {.state = 6};
    for (unsigned number = 0; number < 400; number += 4) {
        struct exact_block data;
        draw_magnitudes(&data, &source, number, &setting);
        const struct rdl_block block = {setting.n, data.x, data.w, setting.grid};
        const struct solution oracle = solve(RDL_SOLVE_ORACLE, &block, bench.oracle, INFINITY);
        const long before = counts.oracles;
        struct solution exact;
        rdl_exact_affine(&block, &options, bench.exact, exact.codes, &exact.fit, &counts);
        if (counts.oracles > before)
            ck_assert(exact.fit.scale == oracle.fit.scale &&
                      exact.fit.offset == oracle.fit.offset &&
                      memcmp(exact.codes, oracle.codes, setting.n) == 0);
    }
    ck_assert_int_gt(counts.oracles, 0);
    release(&bench);
}
END_TEST

int main(int argc, char **argv)
{
    slow = argc > 1 && strcmp(argv[1], "slow") == 0;
    Suite *suite = suite_create("exact");
    TCase *tcase = tcase_create("exact");
    tcase_set_timeout(tcase, 0);
    tcase_add_loop_test(tcase, errors_are_those_of_the_enumeration, 0, NSETTINGS);
    tcase_add_loop_test(tcase, an_incumbent_never_does_harm, 0, NSETTINGS);
    tcase_add_loop_test(tcase, any_magnitudes_will_do, 0, NSETTINGS);
    tcase_add_loop_test(tcase, the_lowest_scales_are_not_left_out, 0, 6);
    tcase_add_test(tcase, few_points_leave_little);
    tcase_add_loop_test(tcase, the_enumeration_is_not_needed, 0, NSETTINGS);
    tcase_add_test(tcase, negatives_are_not_returned);
    tcase_add_test(tcase, the_enumeration_takes_over);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
