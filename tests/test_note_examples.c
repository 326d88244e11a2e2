/* The worked examples of notes/heuristics.md, notes/cumulative-search.md and notes/oracles.md. */
#include "block/oracle_codebook.h"
#include "roundel_block.h"
#include "search_cases.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_N = 6
};

static const float iq4_nl[] = {-127, -104, -83, -65, -49, -35, -22, -10,
                               1,    13,   25,  38,  53,  69,  89,  113};

static const struct example {
    struct rdl_block_grid grid;
    size_t n;
    float x[MAX_N], w[MAX_N]; /* w of 0 in front: all 1 */
} examples[] = {
    {{RDL_BLOCK_SIGNED, 8, -4, NULL}, 4, {18, 14, -18, 15}, {1, 4, 5, 5}},
    {{RDL_BLOCK_UNSIGNED, 4, 0, NULL}, 4, {22, 16, 11, 0}, {2, 1, 6, 1}},
    {{RDL_BLOCK_SIGNED, 16, 0, iq4_nl}, 4, {-3, -7, 7, 0}, {0}},
    {{RDL_BLOCK_AFFINE, 4, 0, NULL}, 6, {-9, -7, -3, -19, 1, -16}, {0}},
    {{RDL_BLOCK_SIGNED, 4, -2, NULL}, 4, {7, 3, -6, 2}, {0}},
    {{RDL_BLOCK_AFFINE, 3, 0, NULL}, 3, {0, 1, 4}, {0}},
    {{RDL_BLOCK_FREE, 3, 0, NULL}, 3, {0, 1, 4}, {0}},
};

enum {
    INTEGERS,
    FROM_ZERO,
    TABLE,
    OFFSET,
    SIGNS,
    CELLS,
    CELLS_FREE
};

/* As printed: errors, and the values of the codes. */
static const struct row {
    int example;
    enum rdl_solver solver;
    double error;
    int values[MAX_N];
} rows[] = {
    {INTEGERS, RDL_SOLVE_NEAREST, 113.5, {-4, -3, 3, -3}},
    {INTEGERS, RDL_SOLVE_NEAREST_REFIT, 48.5986, {-4, -3, 3, -3}},
    {INTEGERS, RDL_SOLVE_Q3, 54.1803, {-4, -3, 3, -3}},
    {INTEGERS, RDL_SOLVE_Q3_FIXED, 42.1340, {-3, -2, 3, -2}},
    {INTEGERS, RDL_SOLVE_QX, 44.9333, {-3, -3, 3, -3}},
    {INTEGERS, RDL_SOLVE_WLS, 44.9333, {-3, -3, 3, -3}},
    {INTEGERS, RDL_SOLVE_QXG, 22.1235, {3, 3, -4, 3}},
    {INTEGERS, RDL_SOLVE_EXACT, 22.1235, {3, 3, -4, 3}},
    {INTEGERS, RDL_SOLVE_HEAP, 37.4889, {-3, -2, 3, -2}},
    {INTEGERS, RDL_SOLVE_HEAP_SIGNED, 22.1235, {3, 3, -4, 3}},
    {INTEGERS, RDL_SOLVE_CUMULATIVE, 22.1235, {3, 3, -4, 3}},

    {FROM_ZERO, RDL_SOLVE_NEAREST, 82.4444, {3, 2, 2, 0}},
    {FROM_ZERO, RDL_SOLVE_NEAREST_REFIT, 45.3043, {3, 2, 2, 0}},
    {FROM_ZERO, RDL_SOLVE_QP, 41.2941, {3, 3, 2, 0}},
    {FROM_ZERO, RDL_SOLVE_WLS, 28.0, {2, 2, 1, 0}},
    {FROM_ZERO, RDL_SOLVE_SORT, 23.3333, {2, 1, 1, 0}},
    {FROM_ZERO, RDL_SOLVE_EXACT, 23.3333, {2, 1, 1, 0}},

    {TABLE, RDL_SOLVE_NEAREST, 0.6880, {-49, -127, 113, 1}},
    {TABLE, RDL_SOLVE_NEAREST_REFIT, 0.3569, {-49, -127, 113, 1}},
    {TABLE, RDL_SOLVE_NL, 0.3417, {53, 113, -127, 1}},
    {TABLE, RDL_SOLVE_NLG, 0.3251, {53, 113, -104, 1}},
    {TABLE, RDL_SOLVE_WLS, 0.1944, {-49, -104, 113, 1}},
    {TABLE, RDL_SOLVE_HEAP_NL_FAST, 0.1479, {-35, -83, 89, 1}},
    {TABLE, RDL_SOLVE_HEAP_NL, 0.1329, {38, 89, -83, 1}},
    {TABLE, RDL_SOLVE_EXACT, 0.1329, {38, 89, -83, 1}},

    {OFFSET, RDL_SOLVE_NEAREST, 29.0, {2, 2, 2, 0, 3, 0}},
    {OFFSET, RDL_SOLVE_NEAREST_REFIT, 24.8, {2, 2, 2, 0, 3, 0}},
    {OFFSET, RDL_SOLVE_QKX1, 26.4985, {2, 2, 2, 0, 3, 0}},
    {OFFSET, RDL_SOLVE_QKX2, 17.3929, {2, 2, 3, 0, 3, 0}},
    {OFFSET, RDL_SOLVE_QKX3, 16.5833, {1, 1, 2, 0, 2, 0}},
    {OFFSET, RDL_SOLVE_WLS, 16.7727, {1, 2, 2, 0, 3, 0}},
    {OFFSET, RDL_SOLVE_ALT, 16.1463, {2, 2, 3, 0, 3, 1}},
    {OFFSET, RDL_SOLVE_SWEEP, 288.8333, {0, 0, 0, 0, 0, 0}},
    {OFFSET, RDL_SOLVE_SWEEP_BASES, 16.1463, {2, 2, 3, 0, 3, 1}},
    {OFFSET, RDL_SOLVE_EXACT, 16.1463, {2, 2, 3, 0, 3, 1}},

    {SIGNS, RDL_SOLVE_SORT_SIGNED, 59.0 / 6.0, {-2, -1, 1, 0}},
    {SIGNS, RDL_SOLVE_HEAP_SIGNED, 59.0 / 6.0, {-2, -1, 1, 0}},
    {SIGNS, RDL_SOLVE_CUMULATIVE, 61.0 / 7.0, {-2, -1, 1, -1}},
    {SIGNS, RDL_SOLVE_ORACLE, 61.0 / 7.0, {-2, -1, 1, -1}},

    {CELLS, RDL_SOLVE_QKX3, 2.0 / 3.0, {0, 1, 2}},
    {CELLS, RDL_SOLVE_WLS, 2.0 / 3.0, {0, 1, 2}},
    {CELLS, RDL_SOLVE_CUMULATIVE, 2.0 / 3.0, {0, 1, 2}},
    {CELLS, RDL_SOLVE_ORACLE, 0.5, {1, 1, 2}},
    {CELLS_FREE, RDL_SOLVE_ORACLE, 0.5, {0, 0, 1}},
};

enum {
    ROWS = sizeof rows / sizeof rows[0]
};

static int value_of(const struct rdl_block_grid *grid, int code)
{
    return grid->entries ? (int)grid->entries[code] : grid->first + code;
}

START_TEST(blocks)
{
    const struct row *const row = &rows[_i];
    const struct example *const example = &examples[row->example];
    const struct rdl_block block = {example->n, example->x,
                                    example->w[0] > 0.0f ? example->w : NULL, example->grid};
    uint8_t codes[MAX_N];
    struct rdl_block_fit fit;
    void *scratch = malloc(rdl_block_scratch_size(row->solver, &block.grid, block.n) + 1);
    ck_assert_int_eq(rdl_block_solve(row->solver, &block, NULL, scratch, codes, &fit), RDL_OK);
    free(scratch);
    ck_assert_msg(fabs(fit.error - row->error) < 0.6e-4, "%s: %.6f, printed %.4f",
                  rdl_solver_name(row->solver), fit.error, row->error);
    for (size_t i = 0; i < block.n; i++)
        ck_assert_msg(value_of(&block.grid, codes[i]) == row->values[i], "%s: value %d of %zu",
                      rdl_solver_name(row->solver), value_of(&block.grid, codes[i]), i);
}
END_TEST

/* A super-block whose first sub-block makes d and dmin 1, and the second one the example. */
START_TEST(integers_of_given_units)
{
    static const float unit[4] = {-15, 0, 15, 30}, example[4] = {-1.75f, -0.25f, 1.25f, 3.0f};
    float x[256] = {0}, y[256];
    uint8_t block[84];
    for (int i = 0; i < 16; i++) {
        x[i] = unit[i % 4];
        x[16 + i] = example[i % 4];
    }
    const struct search_case search = {.format = RDL_Q2_K,
                                       .rounding = RDL_EXACT,
                                       .weighting = RDL_UNIFORM,
                                       .scales = RDL_SCALES_EXHAUSTIVE};
    ck_assert_int_eq(search_encode(&search, x, NULL, 1, 256, 0, block, NULL), RDL_OK);
    ck_assert_uint_eq(block[0], 0xFF);
    ck_assert_uint_eq(block[1], 1 << 4 | 2); /* min, scale */
    search_decode(RDL_Q2_K, block, 1, 256, y);
    for (int i = 0; i < 4; i++)
        ck_assert_float_eq(y[16 + i], (float)((const int[]){-1, -1, 1, 3})[i]);
}
END_TEST

START_TEST(rows_and_signs)
{
    static const uint8_t entries[3][8] = {
        {1, 1, 1, 1, 1, 1, 1, 1}, {3, 3, 1, 1, 1, 1, 1, 1}, {3, 3, 3, 3, 3, 1, 1, 1}};
    static const struct rdl_codebook codebook = {entries, 3, 8, 1, 0, 0};
    static const float x[8] = {5, -4, 3, 2, 1, 1.5f, 1.5f, 1.5f},
                       ones[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    const struct rdl_codebook_block block = {&codebook, true, 8, x, ones};
    struct rdl_codebook_fit fit;
    void *scratch = malloc(rdl_codebook_oracle_scratch(&codebook, 8));
    rdl_codebook_oracle(&block, scratch, &fit);
    free(scratch);
    ck_assert_uint_eq(fit.rows[0], 1);
    ck_assert_uint_eq(fit.signs[0], 1u << 1 | 1u << 4);
    ck_assert_double_eq_tol(fit.scale, 35.5 / 24.0, 1e-12);
    ck_assert_double_eq_tol(rdl_codebook_error(&block, &fit), 61.75 - 35.5 * 35.5 / 24.0, 1e-12);
    /* The wrong sign of the last row is elsewhere. */
    fit.scale = 46.5 / 48.0;
    fit.scale *= 0.9; /* t = 1.15, beyond the last crossing */
    rdl_codebook_nearest(&block, &fit);
    ck_assert_uint_eq(fit.rows[0], 2);
    ck_assert_uint_eq(fit.signs[0], 1u << 1 | 1u << 5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("examples of notes");
    TCase *tcase = tcase_create("examples of notes");
    tcase_add_loop_test(tcase, blocks, 0, ROWS);
    tcase_add_test(tcase, integers_of_given_units);
    tcase_add_test(tcase, rows_and_signs);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
