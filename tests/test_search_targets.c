/*
 * test_search_targets TARGET: every search of formats gives the bytes on the target that it gives
 * on the scalar one, for every weighting that encoders have by themselves and every way to store
 * scales. Exit status 77 (skipped) if this machine does not offer the target.
 */
#include "fill.h"
#include "search_cases.h"
#include "suite.h"
#include "target_argument.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum rdl_target target;

/* ------------------------------------------------------------------------------------------------
 * Rows
 */

enum {
    /* The row behind the fills of fill.h has no weight below 0: there, a dmin below 0 is tried. */
    POSITIVE_ROW = WEIGHTS_COUNT,
    ROWS
};

struct data {
    size_t nrows, ncols;
    bool has_importance;
    float x[SEARCH_MAX_WEIGHTS], importance[SEARCH_MAX_WEIGHTS];
};

static void fill_row(enum rdl_format format, int row, size_t n, float *x)
{
    struct random random = {.seed = 7 + (uint64_t)row};
    const enum weights weights = row == POSITIVE_ROW ? WEIGHTS_GAUSSIAN : (enum weights)row;
    fill_weights(weights, rdl_format_info(format)->max_magnitude, &random, n, x);
    for (size_t i = 0; i < n && row == POSITIVE_ROW; i++)
        x[i] = 0.01f + fabsf(x[i]);
}

/* Of short blocks, rows have so many that solvers which take several at a time meet the end of one
 * amid them. */
static size_t columns_of(enum rdl_format format)
{
    const size_t length = rdl_format_info(format)->block_length;
    return length == 32 ? 7 * length : length;
}

static void fill_rows(struct data *data, enum rdl_format format, int first, size_t nrows)
{
    struct random random = {.seed = 3};
    data->nrows = nrows;
    data->ncols = columns_of(format);
    for (size_t row = 0; row < nrows; row++)
        fill_row(format, first + (int)row, data->ncols, data->x + row * data->ncols);
    fill_importance(IMPORTANCE_HOLES, &random, data->ncols, data->importance);
}

/* ------------------------------------------------------------------------------------------------
 * Comparison
 */

struct outcome {
    enum rdl_status status;
    struct rdl_report report;
    uint8_t blocks[SEARCH_MAX_BYTES];
};

static void encode(const struct search_case *search, const struct data *data,
                   struct outcome *outcome)
{
    memset(outcome, 0, sizeof *outcome);
    outcome->status =
        search_encode(search, data->x, data->has_importance ? data->importance : NULL, data->nrows,
                      data->ncols, RDL_GO_ON, outcome->blocks, &outcome->report);
}

static void compare(const struct search_case *search, const struct data *data, int first_row)
{
    static struct outcome expected, actual;
    struct search_case scalar = *search;
    scalar.target = RDL_SCALAR;
    encode(&scalar, data, &expected);
    encode(search, data, &actual);
    ck_assert_int_eq(expected.status, RDL_OK);
    ck_assert_int_eq(actual.status, RDL_OK);
    ck_assert_msg(expected.report.bad_blocks == actual.report.bad_blocks, "%s",
                  search_name(search));
    const size_t row_bytes = rdl_blocks_size(search->format, 1, data->ncols);
    for (size_t row = 0; row < data->nrows; row++) {
        const int fill = first_row + (int)row;
        ck_assert_msg(memcmp(expected.blocks + row * row_bytes, actual.blocks + row * row_bytes,
                             row_bytes) == 0,
                      "%s%s: %s", search_name(search),
                      data->has_importance ? " with importance" : "",
                      fill == POSITIVE_ROW ? "positive" : weights_name((enum weights)fill));
    }
}

/* ------------------------------------------------------------------------------------------------
 * Searches
 */

/* Those that get all rows at once; the others, which take from a millisecond to a tenth of a second
 * for a super-block, one row, another one each time. */
static bool is_fast(const struct search_case *search)
{
#ifdef ROUNDEL_SLOW_RUN
    (void)search;
    return false;
#else
    const enum rdl_grid grid = rdl_format_info(search->format)->grid;
    const bool enumerates = search->rounding == RDL_ORACLE || search->rounding == RDL_CUMULATIVE;
    return search->scales <= RDL_SCALES_EXHAUSTIVE && grid != RDL_GRID_CODEBOOK &&
           !(enumerates && (grid == RDL_GRID_AFFINE || search->format == RDL_Q8_0));
#endif
}

enum {
    WEIGHTINGS = 3
};

/*
 * The joint searches of scales do the same after every solver, one of them slowly: that one gets
 * all weightings after the exact solver, one after each of the others. Slow runs take one weighting
 * of everything, and joint searches after the exact solver alone.
 */
static bool is_left_out(const struct search_case *search, unsigned weighting)
{
    const bool is_turn = weighting == (search->rounding + search->format) % WEIGHTINGS;
#ifdef ROUNDEL_SLOW_RUN
    return !is_turn || (search->scales >= RDL_SCALES_JOINT && search->rounding != RDL_JOINT);
#else
    return !is_turn && search->scales == RDL_SCALES_JOINT_FULL && search->rounding != RDL_JOINT;
#endif
}

static void check_search(const struct search_case *search, bool with_importance)
{
    static struct data data;
    static int turn;
    const int first = is_fast(search) ? 0 : turn++ % ROWS;
    data.has_importance = with_importance;
    fill_rows(&data, search->format, first, is_fast(search) ? ROWS : 1);
    compare(search, &data, first);
}

/* The default is one of the others, but for a rounding that has a way of its own. */
static bool repeats_another(const struct search_case *search)
{
    return search->scales == RDL_SCALES_DEFAULT && search->rounding != RDL_LSQK;
}

static void check_weightings(struct search_case *search)
{
    static const struct {
        enum rdl_weighting weighting;
        bool with_importance;
    } cases[WEIGHTINGS] = {{RDL_NATIVE, false}, {RDL_NATIVE, true}, {RDL_IMPORTANCE, true}};
    for (unsigned i = 0; i < WEIGHTINGS; i++) {
        search->weighting = cases[i].weighting;
        if (search_exists(search) && !repeats_another(search) && !is_left_out(search, i))
            check_search(search, cases[i].with_importance);
    }
}

START_TEST(blocks_are_those_of_scalar)
{
    struct search_case search = {.format = (enum rdl_format)_i, .target = target};
    for (unsigned r = RDL_FIRST_SEARCH; r < RDL_ROUNDING_COUNT; r++)
        for (unsigned s = 0; s < RDL_SCALES_COUNT; s++) {
            search.rounding = (enum rdl_rounding)r;
            search.scales = (enum rdl_scales)s;
            check_weightings(&search);
        }
}
END_TEST

int main(int argc, char **argv)
{
    if (argc != 2 || !target_argument(argv[1], &target)) {
        puts("usage: test_search_targets TARGET");
        return EXIT_FAILURE;
    }
    if (!(rdl_detect_targets() >> target & 1u)) {
        printf("skipped: this machine does not offer %s\n", argv[1]);
        return SKIPPED;
    }
    Suite *suite = suite_create("search targets");
    TCase *tests = tcase_create("search targets");
    tcase_set_timeout(tests, 0);
    tcase_add_loop_test(tests, blocks_are_those_of_scalar, 0, RDL_FORMAT_COUNT);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
