/*
 * Searches of formats: every combination of format, rounding, weighting and scales gives valid
 * blocks for any data, the same however rows are cut.
 */
#include "fill.h"
#include "search_cases.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of all combinations, and of all fills for each, those that are so many apart are taken: none has
 * a divisor in common with the number of weightings. */
enum {
#ifdef ROUNDEL_SLOW_RUN
    SPARSE = 5,
#else
    SPARSE = 1,
#endif
    FILLS_APART = 11 * SPARSE,
    BLOCKS = 3
};

struct data {
    size_t n; /* BLOCKS blocks */
    float x[SEARCH_MAX_WEIGHTS], importance[SEARCH_MAX_WEIGHTS];
};

static void fill(struct data *data, enum rdl_format format, enum weights weights,
                 enum importances importances, uint64_t seed)
{
    const struct rdl_format_info *info = rdl_format_info(format);
    struct random random = {.seed = seed};
    data->n = BLOCKS * info->block_length;
    fill_weights(weights, info->max_magnitude, &random, data->n, data->x);
    fill_importance(importances, &random, data->n, data->importance);
}

/* Enumeration is too slow where there is an offset, and proves the same as its own tests there. */
static bool is_slow(const struct search_case *search)
{
    const enum rdl_grid grid = rdl_format_info(search->format)->grid;
    return (search->rounding == RDL_ORACLE && grid == RDL_GRID_AFFINE) ||
           (search->rounding == RDL_ORACLE && search->format == RDL_Q8_0) ||
           (search->rounding == RDL_CUMULATIVE && grid == RDL_GRID_AFFINE) ||
           (search->scales > RDL_SCALES_EXHAUSTIVE && search->rounding != RDL_EXACT);
}

/* Calls the function for searches of the format on the scalar target, `apart` from each other. */
static void for_each(enum rdl_format format, int apart,
                     void (*check)(const struct search_case *search))
{
    int count = 0;
    struct search_case search = {.format = format, .target = RDL_SCALAR};
    for (unsigned r = RDL_FIRST_SEARCH; r < RDL_ROUNDING_COUNT; r++)
        for (unsigned s = RDL_SCALES_DEFAULT; s <= RDL_SCALES_ALTERNATE; s++)
            for (unsigned w = 0; w < RDL_WEIGHTING_COUNT; w++) {
                search.rounding = (enum rdl_rounding)r;
                search.scales = (enum rdl_scales)s;
                search.weighting = (enum rdl_weighting)w;
                if (search_exists(&search) && !is_slow(&search) && count++ % apart == 0)
                    check(&search);
            }
}

/* ------------------------------------------------------------------------------------------------
 * Valid blocks
 */

/* Weights may be too large for a scale, which is no defect; nothing else may be wrong. */
static void check_fill(const struct search_case *search, const struct data *data,
                       enum weights weights)
{
    uint8_t blocks[SEARCH_MAX_BYTES];
    float y[SEARCH_MAX_WEIGHTS];
    struct rdl_report report;
    const enum rdl_status status =
        search_encode(search, data->x, data->importance, 1, data->n, RDL_GO_ON, blocks, &report);
    ck_assert_msg(status == RDL_OK, "%s: %s", search_name(search), rdl_status_text(status));
    ck_assert_msg(report.bad_blocks == 0 || weights == WEIGHTS_HUGE || weights == WEIGHTS_MIXED,
                  "%s %s: %s", search_name(search), weights_name(weights),
                  rdl_status_text(report.status));
    ck_assert_msg(rdl_check_blocks(search->format, blocks, BLOCKS) == BLOCKS, "%s %s",
                  search_name(search), weights_name(weights));
    search_decode(search->format, blocks, 1, data->n, y);
    for (size_t i = 0; i < data->n; i++)
        ck_assert_msg(isfinite(y[i]), "%s %s", search_name(search), weights_name(weights));
}

static void check_valid(const struct search_case *search)
{
    static int turn;
    struct data data;
    for (unsigned w = 0; w < WEIGHTS_COUNT; w++) {
        if (turn++ % FILLS_APART != 0)
            continue;
        const enum importances importances = (enum importances)((w + turn) % IMPORTANCE_COUNT);
        fill(&data, search->format, (enum weights)w, importances, 17 + w);
        check_fill(search, &data, (enum weights)w);
    }
}

START_TEST(blocks_are_valid)
{
    for_each((enum rdl_format)_i, 1, check_valid);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Rows
 */

/* More short blocks than a solver takes at a time, in rows that end amid these. */
static void check_rows(const struct search_case *search)
{
    enum {
        ROWS = 5
    };
    const struct rdl_format_info *info = rdl_format_info(search->format);
    const size_t ncols = info->block_length == 32 ? 7 * 32 : info->block_length;
    float x[SEARCH_MAX_WEIGHTS], importance[SEARCH_MAX_WEIGHTS];
    uint8_t together[SEARCH_MAX_BYTES], alone[SEARCH_MAX_BYTES];
    struct random random = {.seed = 3};
    fill_weights(WEIGHTS_GAUSSIAN, info->max_magnitude, &random, ROWS * ncols, x);
    fill_importance(IMPORTANCE_HOLES, &random, ncols, importance);
    const size_t row_bytes = rdl_blocks_size(search->format, 1, ncols);
    ck_assert_int_eq(search_encode(search, x, importance, ROWS, ncols, 0, together, NULL), RDL_OK);
    for (size_t r = 0; r < ROWS; r++)
        ck_assert_int_eq(search_encode(search, x + r * ncols, importance, 1, ncols, 0,
                                       alone + r * row_bytes, NULL),
                         RDL_OK);
    ck_assert_msg(memcmp(together, alone, ROWS * row_bytes) == 0, "%s", search_name(search));
}

START_TEST(rows_are_independent)
{
    for_each((enum rdl_format)_i, 11 * SPARSE, check_rows);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Nothing to encode, and nothing sane
 */

static void check_zeros(const struct search_case *search)
{
    struct data data;
    uint8_t blocks[SEARCH_MAX_BYTES];
    float y[SEARCH_MAX_WEIGHTS];
    fill(&data, search->format, WEIGHTS_ZEROS, IMPORTANCE_HOLES, 1);
    ck_assert_int_eq(search_encode(search, data.x, data.importance, 1, data.n, 0, blocks, NULL),
                     RDL_OK);
    search_decode(search->format, blocks, 1, data.n, y);
    for (size_t i = 0; i < data.n; i++)
        ck_assert_msg(y[i] == 0.0f, "%s", search_name(search));
}

START_TEST(zeros_stay_zeros)
{
    for_each((enum rdl_format)_i, 3 * SPARSE, check_zeros);
}
END_TEST

/* Only the block with a NaN, and those that follow a bad importance, are other than without it. */
static void check_bad(const struct search_case *search)
{
    struct data data;
    uint8_t good[SEARCH_MAX_BYTES], blocks[SEARCH_MAX_BYTES];
    struct rdl_report report;
    const struct rdl_format_info *info = rdl_format_info(search->format);
    fill(&data, search->format, WEIGHTS_GAUSSIAN, IMPORTANCE_SPREAD, 8);
    data.x[info->block_length + 3] = 0.0f;
    ck_assert_int_eq(search_encode(search, data.x, data.importance, 1, data.n, 0, good, NULL),
                     RDL_OK);
    data.x[info->block_length + 3] = NAN;
    ck_assert_int_eq(search_encode(search, data.x, data.importance, 1, data.n, 0, blocks, &report),
                     RDL_WEIGHT_NAN);
    ck_assert_uint_eq(report.block, 1);
    ck_assert_uint_eq(report.column, info->block_length + 3);
    ck_assert_int_eq(
        search_encode(search, data.x, data.importance, 1, data.n, RDL_GO_ON, blocks, &report),
        RDL_OK);
    ck_assert_uint_eq(report.bad_blocks, 1);
    /* A NaN is 0. */
    ck_assert_msg(memcmp(good, blocks, BLOCKS * info->block_bytes) == 0, "%s", search_name(search));
    data.importance[info->block_length] = -1.0f;
    ck_assert_int_eq(
        search_encode(search, data.x, data.importance, 1, data.n, RDL_GO_ON, blocks, &report),
        RDL_OK);
    ck_assert_int_eq(report.status, RDL_IMPORTANCE_INVALID);
    ck_assert_uint_eq(rdl_check_blocks(search->format, blocks, BLOCKS), BLOCKS);
}

START_TEST(bad_data_goes_by_the_rule)
{
    for_each((enum rdl_format)_i, 11 * SPARSE, check_bad);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * What there is
 */

START_TEST(there_are_these_searches)
{
    static const struct {
        enum rdl_format format;
        enum rdl_rounding rounding;
        bool expected;
    } cases[] = {
        {RDL_Q4_K, RDL_EXACT, true},  {RDL_Q4_K, RDL_QX, false},   {RDL_Q4_K, RDL_QKX2, true},
        {RDL_Q8_0, RDL_QX, true},     {RDL_Q8_0, RDL_NL, false},   {RDL_IQ4_NL, RDL_NL, true},
        {RDL_IQ4_XS, RDL_NLG, true},  {RDL_IQ4_XS, RDL_QX, false}, {RDL_Q3_K, RDL_HEAP, true},
        {RDL_Q6_K, RDL_SWEEP, false}, {RDL_Q2_K, RDL_SWEEP, true}, {RDL_Q5_0, RDL_WLS, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct search_case search = {.format = cases[i].format,
                                           .rounding = cases[i].rounding};
        ck_assert_msg(search_exists(&search) == cases[i].expected, "%s", search_name(&search));
    }
    ck_assert(rdl_scales_support(RDL_Q4_K, RDL_EXACT, RDL_SCALES_ALTERNATE));
    ck_assert(!rdl_scales_support(RDL_Q4_0, RDL_EXACT, RDL_SCALES_QP));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("search");
    TCase *tests = tcase_create("search");
    tcase_set_timeout(tests, 600.0);
    tcase_add_loop_test(tests, blocks_are_valid, 0, RDL_FORMAT_COUNT);
    tcase_add_loop_test(tests, rows_are_independent, 0, RDL_FORMAT_COUNT);
    tcase_add_loop_test(tests, zeros_stay_zeros, 0, RDL_FORMAT_COUNT);
    tcase_add_loop_test(tests, bad_data_goes_by_the_rule, 0, RDL_FORMAT_COUNT);
    tcase_add_test(tests, there_are_these_searches);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
