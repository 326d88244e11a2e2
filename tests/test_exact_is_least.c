/*
 * No solver finds less than the exact one, on any grid: on blocks of all sorts, and on those of the
 * published gap tables with the methods there.
 */
#include "exact_blocks.h"
#include "gap_presets.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    MAX_N = RDL_BLOCK_MAX_LENGTH,
#ifdef ROUNDEL_SLOW_RUN
    BLOCKS = EXACT_KINDS,
    GAP_BLOCKS = 4
#else
    BLOCKS = 4 * EXACT_KINDS, /* all kinds with all sorts of factors */
    GAP_BLOCKS = 100
#endif
};

static const float iq4_nl[] = {-127, -104, -83, -65, -49, -35, -22, -10,
                               1,    13,   25,  38,  53,  69,  89,  113};
static const float e2m1[] = {-12, -8, -6, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6, 8, 12};
static const float no_zero[] = {-1, 1};
static const float one_side[] = {1, 2, 5, 9, 11};

static const struct setting {
    struct rdl_block_grid grid;
    size_t n;
} settings[] = {
    {{RDL_BLOCK_SIGNED, 3, -1, NULL}, 32},    {{RDL_BLOCK_SIGNED, 8, -4, NULL}, 16},
    {{RDL_BLOCK_SIGNED, 16, -8, NULL}, 32},   {{RDL_BLOCK_SIGNED, 32, -16, NULL}, 32},
    {{RDL_BLOCK_SIGNED, 64, -32, NULL}, 16},  {{RDL_BLOCK_SIGNED, 255, -127, NULL}, 32},
    {{RDL_BLOCK_SIGNED, 16, 0, iq4_nl}, 32},  {{RDL_BLOCK_SIGNED, 15, 0, e2m1}, 32},
    {{RDL_BLOCK_SIGNED, 2, 0, no_zero}, 32},  {{RDL_BLOCK_SIGNED, 5, 0, one_side}, 16},
    {{RDL_BLOCK_POSITIVE, 16, -8, NULL}, 32}, {{RDL_BLOCK_POSITIVE, 16, 0, iq4_nl}, 32},
    {{RDL_BLOCK_POSITIVE, 15, 0, e2m1}, 32},  {{RDL_BLOCK_UNSIGNED, 4, 0, NULL}, 16},
    {{RDL_BLOCK_UNSIGNED, 16, 0, NULL}, 32},  {{RDL_BLOCK_UNSIGNED, 64, 0, NULL}, 16},
    {{RDL_BLOCK_AFFINE, 2, 0, NULL}, 32},     {{RDL_BLOCK_AFFINE, 4, 0, NULL}, 16},
    {{RDL_BLOCK_AFFINE, 16, 0, NULL}, 32},    {{RDL_BLOCK_AFFINE, 32, 0, NULL}, 32},
    {{RDL_BLOCK_FREE, 3, 0, NULL}, 32},       {{RDL_BLOCK_FREE, 4, 0, NULL}, 16},
    {{RDL_BLOCK_FREE, 16, 0, NULL}, 32},      {{RDL_BLOCK_FREE, 32, 0, NULL}, 16},
};

enum {
    NSETTINGS = sizeof settings / sizeof settings[0]
};

/* ------------------------------------------------------------------------------------------------
 * Comparison
 */

static struct rdl_block_fit solve(enum rdl_solver solver, const struct rdl_block *block,
                                  const struct rdl_solver_options *options)
{
    static void *memory;
    static size_t memory_size;
    const size_t size = rdl_block_scratch_size(solver, &block->grid, block->n) + 1;
    if (size > memory_size) {
        free(memory);
        memory = malloc(size);
        memory_size = size;
        ck_assert_ptr_nonnull(memory);
    }
    uint8_t codes[MAX_N];
    struct rdl_block_fit fit;
    ck_assert_int_eq(rdl_block_solve(solver, block, options, memory, codes, &fit), RDL_OK);
    return fit;
}

/*
 * Where errors are rounding: a block that a scale and an offset stand for has an error of 0 but for
 * what is lost of s v + b, some units in the last place of x, or of b where the terms cancel.
 */
static double rounding(const struct rdl_block *block, const struct rdl_block_fit *fit)
{
    double sum = 0.0;
    for (size_t i = 0; i < block->n; i++) {
        const double lost = 0x1p-50 * (fabs((double)block->x[i]) + fabs(fit->offset));
        sum += (double)block->weights[i] * (lost * lost);
    }
    return sum;
}

static void check_no_less(const struct rdl_block *block, const struct rdl_block_fit *exact,
                          const struct rdl_block_fit *other, const char *solver, const char *data)
{
    ck_assert_msg(exact->error <=
                      other->error * (1.0 + 1e-6) + rounding(block, exact) + rounding(block, other),
                  "kind %d, %d codes%s, %s: %s finds %.17g, an exact solver %.17g",
                  (int)block->grid.kind, block->grid.count,
                  block->grid.entries ? " of a table" : "", data, solver, other->error,
                  exact->error);
}

/* ------------------------------------------------------------------------------------------------
 * Blocks of all sorts, every solver
 */

/* As `exact`, where enumeration proves that: test_exact. */
static bool is_compared(int solver, const struct rdl_block_grid *grid)
{
    return solver != RDL_SOLVE_EXACT && solver != RDL_SOLVE_ORACLE &&
           rdl_solver_support((enum rdl_solver)solver, grid->kind, grid->entries != NULL);
}

START_TEST(no_solver_finds_less)
{
    const struct setting *const setting = &settings[_i];
    struct gap_source source = {.state = 555 + (uint64_t)_i};
    for (unsigned number = 0; number < BLOCKS; number++) {
        struct exact_block data;
        exact_block_draw(&data, &source, number, &setting->grid, setting->n);
        const struct rdl_block block = {setting->n, data.x, data.w, setting->grid};
        const struct rdl_block_fit exact = solve(RDL_SOLVE_EXACT, &block, NULL);
        for (int s = 0; s < RDL_SOLVER_COUNT; s++) {
            if (!is_compared(s, &setting->grid))
                continue;
            const struct rdl_block_fit other = solve((enum rdl_solver)s, &block, NULL);
            check_no_less(&block, &exact, &other, rdl_solver_name((enum rdl_solver)s),
                          exact_kind_name(data.kind));
        }
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Blocks of the gap tables
 */

static void check_gap_block(const struct gap_preset *preset, const struct gap_setting *setting,
                            struct rdl_block *block)
{
    const struct rdl_block_fit exact = solve(RDL_SOLVE_EXACT, block, NULL);
    const struct rdl_block_fit oracle = solve(RDL_SOLVE_ORACLE, block, NULL);
    for (size_t m = 0; m < preset->nmethods; m++) {
        const struct gap_method *const method = &preset->methods[m];
        if (!gap_method_applies(method, setting))
            continue;
        struct rdl_block other = *block;
        if (method->positive)
            other.grid.kind = RDL_BLOCK_POSITIVE;
        const struct rdl_block_fit fit =
            solve(method->solver, &other, method->has_options ? &method->options : NULL);
        check_no_less(block, &exact, &fit, method->name, setting->name);
        check_no_less(block, &oracle, &fit, method->name, setting->name);
    }
}

/* Nor less than the enumeration. */
START_TEST(no_method_of_the_gap_tables_finds_less)
{
    const struct gap_preset *const preset = gap_preset((size_t)_i / GAP_DATA_COUNT);
    for (size_t s = 0; s < preset->nsettings; s++) {
        const struct gap_setting *const setting = &preset->settings[s];
        struct gap_source source = {.state = 1234};
        for (int b = 0; b < GAP_BLOCKS; b++) {
            float x[MAX_N], w[MAX_N];
            gap_source_block(&source, (enum gap_data)(_i % GAP_DATA_COUNT), setting->weights,
                             setting->grid->n, x, w);
            struct rdl_block block = {setting->grid->n, x, w, setting->grid->grid};
            check_gap_block(preset, setting, &block);
        }
    }
}
END_TEST

static int count_presets(void)
{
    int count = 0;
    while (gap_preset((size_t)count))
        count++;
    return count;
}

int main(void)
{
    Suite *suite = suite_create("exact is least");
    TCase *tcase = tcase_create("exact is least");
    tcase_set_timeout(tcase, 0);
    tcase_add_loop_test(tcase, no_solver_finds_less, 0, NSETTINGS);
    tcase_add_loop_test(tcase, no_method_of_the_gap_tables_finds_less, 0,
                        GAP_DATA_COUNT * count_presets());
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
