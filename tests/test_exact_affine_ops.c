/*
 * The exact search with an offset on every target of this machine against the scalar one, bit for
 * bit: whole searches on all sorts of blocks, and each operation of sums and cells (exact_ops.h),
 * that of the plain-C twin of the lanes included.
 */
#include "block/exact_sums.h"
#include "exact_blocks.h"
#include "exact_targets.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_N = RDL_BLOCK_MAX_LENGTH,
    MAX_CELLS = 150,
    ROOM = 4 * MAX_CELLS + 8 * RDL_EXACT_LANES,
#ifdef ROUNDEL_SLOW_RUN
    BLOCKS = 40,
    TRIALS = 200
#else
    BLOCKS = 300,
    TRIALS = 5000
#endif
};

static const struct rdl_exact_ops *scalar_ops(void)
{
    return rdl_exact_ops(RDL_SCALAR);
}

static unsigned below(struct gap_source *source, unsigned bound)
{
    return (unsigned)(gap_source_word(source) >> 32) % bound;
}

/* -1 <= .. < 1 */
static double fraction(struct gap_source *source)
{
    return (double)(gap_source_word(source) >> 11) * 0x1p-52 - 1.0;
}

/* ------------------------------------------------------------------------------------------------
 * Whole searches
 */

START_TEST(searches_are_those_of_scalar)
{
    static const struct rdl_block_grid grids[] = {
        {RDL_BLOCK_AFFINE, 4, 0, NULL},  {RDL_BLOCK_AFFINE, 16, 0, NULL},
        {RDL_BLOCK_AFFINE, 32, 0, NULL}, {RDL_BLOCK_FREE, 2, 0, NULL},
        {RDL_BLOCK_FREE, 8, 0, NULL},    {RDL_BLOCK_FREE, 64, 0, NULL},
    };
    static const size_t lengths[] = {16, 32, 32, 64, 5, 16};
    const struct rdl_block_grid *const grid = &grids[_i];
    struct gap_source source = {.state = 31 + (uint64_t)_i};
    void *scratch = malloc(rdl_block_scratch_size(RDL_SOLVE_EXACT, grid, MAX_N));
    ck_assert_ptr_nonnull(scratch);
    for (unsigned number = 0; number < BLOCKS; number++) {
        struct rdl_solver_options options = rdl_solver_defaults(RDL_SOLVE_EXACT, grid);
        struct exact_block data;
        uint8_t codes[MAX_N], expected[MAX_N];
        struct rdl_block_fit fit, expected_fit;
        exact_block_draw(&data, &source, number, grid, lengths[_i]);
        const struct rdl_block block = {lengths[_i], data.x, data.w, *grid};
        ck_assert_int_eq(
            rdl_block_solve(RDL_SOLVE_EXACT, &block, &options, scratch, expected, &expected_fit),
            RDL_OK);
        for (int target = 1; target < RDL_TARGET_COUNT; target++) {
            if (!exact_target_ops(target))
                continue;
            options.target = (enum rdl_target)target;
            rdl_block_solve(RDL_SOLVE_EXACT, &block, &options, scratch, codes, &fit);
            ck_assert_msg(memcmp(codes, expected, block.n) == 0 &&
                              memcmp(&fit, &expected_fit, sizeof fit) == 0,
                          "%s, block %u: error %g instead of %g", exact_target_name(target), number,
                          fit.error, expected_fit.error);
        }
    }
    free(scratch);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Sums over weights
 */

/* A block in binary64, with zeros behind it. */
struct block {
    int n;
    double x[MAX_N], w[MAX_N];
};

static void draw_block(struct block *block, struct gap_source *source, unsigned number)
{
    static const struct rdl_block_grid grid = {RDL_BLOCK_FREE, 16, 0, NULL};
    struct exact_block data;
    block->n = 1 + (int)below(source, MAX_N);
    exact_block_draw(&data, source, number, &grid, (size_t)block->n);
    for (int i = 0; i < MAX_N; i++) {
        block->x[i] = i < block->n ? (double)data.x[i] : 0.0;
        block->w[i] = i < block->n ? (double)data.w[i] : 0.0;
    }
}

/* What comes before sums of codes. */
struct deviations {
    double z[MAX_N], w[MAX_N];
    struct rdl_exact_weights rounded;
    struct rdl_exact_extent extent;
};

static bool deviate(const struct rdl_exact_ops *ops, const struct block *block,
                    struct deviations *deviations)
{
    memset(deviations, 0, sizeof *deviations);
    return ops->deviations(block->n, block->x, block->w, deviations->z, deviations->w,
                           &deviations->rounded, &deviations->extent);
}

START_TEST(deviations_have_the_bytes_of_scalar)
{
    const struct rdl_exact_ops *const ops = exact_target_ops(_i);
    struct gap_source source = {.state = 32};
    int constant = 0;
    for (unsigned number = 0; ops && number < TRIALS; number++) {
        struct block block;
        struct deviations deviations, expected;
        draw_block(&block, &source, number);
        if (number % 7 == 0)
            block.w[0] *= ldexp(1.0, -(int)below(&source, 140));
        const bool has_any = deviate(scalar_ops(), &block, &expected);
        ck_assert_int_eq(deviate(ops, &block, &deviations), has_any);
        constant += !has_any;
        ck_assert_msg(!has_any || memcmp(&deviations, &expected, sizeof expected) == 0,
                      "%s, block %u", exact_target_name(_i), number);
    }
    ck_assert(!ops || (constant > 0 && constant < TRIALS / 2));
}
END_TEST

static int draw_last(struct gap_source *source)
{
    static const int last[] = {1, 3, 4, 15, 31, 63, 255};
    return last[below(source, sizeof last / sizeof last[0])];
}

START_TEST(fits_have_the_bytes_of_scalar)
{
    const struct rdl_exact_ops *const ops = exact_target_ops(_i);
    struct gap_source source = {.state = 33};
    for (unsigned number = 0; ops && number < TRIALS; number++) {
        struct block block;
        struct deviations d;
        struct rdl_exact_fit fit, expected;
        uint8_t codes[MAX_N] = {0}, expected_codes[MAX_N] = {0};
        draw_block(&block, &source, number);
        if (!deviate(scalar_ops(), &block, &d))
            continue;
        const int last = draw_last(&source);
        /* Ties too. */
        const double tau = number % 5 == 0 ? 0.5 : fraction(&source) * (double)last;
        const double v = number % 5 == 0 ? 1.5 : 0.5 * (1.0 + fraction(&source)) * (double)last;
        scalar_ops()->nearest_fit(block.n, d.z, d.w, last, tau, v, expected_codes, &expected);
        ops->nearest_fit(block.n, d.z, d.w, last, tau, v, codes, &fit);
        ck_assert_msg(memcmp(codes, expected_codes, sizeof codes) == 0, "%s: codes of block %u",
                      exact_target_name(_i), number);
        ck_assert_msg(memcmp(&fit, &expected, sizeof fit) == 0, "%s: nearest fit of block %u",
                      exact_target_name(_i), number);
        for (int k = 0; k < block.n; k++)
            codes[k] = (uint8_t)below(&source, (unsigned)last + 1u);
        scalar_ops()->fit(block.n, d.z, d.w, codes, &expected);
        ops->fit(block.n, d.z, d.w, codes, &fit);
        ck_assert_msg(memcmp(&fit, &expected, sizeof fit) == 0, "%s: fit of block %u",
                      exact_target_name(_i), number);
    }
}
END_TEST

START_TEST(leaves_have_the_bytes_of_scalar)
{
    const struct rdl_exact_ops *const ops = exact_target_ops(_i);
    struct gap_source source = {.state = 34};
    int decided_count = 0, with_two = 0;
    for (unsigned number = 0; ops && number < TRIALS; number++) {
        struct block block;
        struct deviations d;
        struct rdl_exact_decided decided, expected;
        draw_block(&block, &source, number);
        if (!deviate(scalar_ops(), &block, &d))
            continue;
        const int last = draw_last(&source);
        /* Weights on boundaries, but for what rounding is allowed for. */
        for (int k = 0; number % 5 == 0 && k < block.n; k++)
            d.z[k] = 0.25 * (double)((int)below(&source, 17) - 8);
        const double tau = number % 5 == 0 ? 2.0 : fabs(fraction(&source)) * 0.5 * (double)last,
                     half = ldexp(1.0, -(int)below(&source, 12));
        const double v = number % 5 == 0 ? 1.0 : 0.5 * (1.0 + fraction(&source)) * (double)last;
        memset(&decided, 0, sizeof decided);
        memset(&expected, 0, sizeof expected);
        const bool is_one =
            scalar_ops()->decide(block.n, d.z, d.w, last, tau, v, half, half, &expected);
        ck_assert_int_eq(ops->decide(block.n, d.z, d.w, last, tau, v, half, half, &decided),
                         is_one);
        decided_count += is_one;
        with_two += is_one && expected.undecided != 0;
        ck_assert_msg(!is_one || memcmp(&decided, &expected, sizeof expected) == 0, "%s, block %u",
                      exact_target_name(_i), number);
    }
    ck_assert(!ops || (decided_count > TRIALS / 8 && decided_count < TRIALS * 7 / 8 &&
                       with_two > TRIALS / 16));
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Cells
 */

struct cells {
    struct rdl_exact_cells cells;
    float tau[ROOM], v[ROOM], g[ROOM];
};

static void start_cells(struct cells *cells, float half)
{
    memset(cells, 0, sizeof *cells);
    cells->cells = (struct rdl_exact_cells){.capacity = 4 * MAX_CELLS + 4 * RDL_EXACT_LANES,
                                            .half_tau = half,
                                            .half_v = half,
                                            .tau = cells->tau,
                                            .v = cells->v,
                                            .g = cells->g};
}

static void draw_cells(struct gap_source *source, struct cells *cells, struct cells *copy)
{
    start_cells(cells, ldexpf(1.0f, -(int)below(source, 8)));
    start_cells(copy, cells->cells.half_tau);
    cells->cells.count = copy->cells.count = (int)below(source, MAX_CELLS);
    for (int p = 0; p < cells->cells.count; p++) {
        copy->tau[p] = cells->tau[p] = (float)(2 * below(source, 16) + 1) * cells->cells.half_tau;
        copy->v[p] = cells->v[p] = (float)(2 * below(source, 16) + 1) * cells->cells.half_v;
        copy->g[p] = cells->g[p] = (float)(0.2 * fabs(fraction(source)));
    }
}

static bool are_same(const struct cells *cells, const struct cells *others)
{
    const size_t size = (size_t)others->cells.count * sizeof(float);
    return cells->cells.count == others->cells.count &&
           memcmp(cells->tau, others->tau, size) == 0 && memcmp(cells->v, others->v, size) == 0;
}

START_TEST(evaluated_cells_are_those_of_scalar)
{
    const struct rdl_exact_ops *const ops = exact_target_ops(_i);
    struct gap_source source = {.state = 35};
    for (unsigned number = 0; ops && number < TRIALS; number++) {
        struct cells cells, copy;
        struct block block;
        struct deviations d;
        draw_cells(&source, &cells, &copy);
        draw_block(&block, &source, number);
        if (!deviate(scalar_ops(), &block, &d))
            continue;
        const int last = draw_last(&source);
        const int expected = scalar_ops()->cells_evaluate(&copy.cells, &d.rounded, last);
        ck_assert_int_eq(ops->cells_evaluate(&cells.cells, &d.rounded, last), expected);
        ck_assert_msg(memcmp(cells.g, copy.g, (size_t)copy.cells.count * sizeof(float)) == 0 &&
                          are_same(&cells, &copy),
                      "%s, trial %u", exact_target_name(_i), number);
        const float bound = (float)fabs(fraction(&source)) * 0.01f;
        const float radius2 = 0.1f * (float)fabs(fraction(&source));
        scalar_ops()->cells_keep(&copy.cells, 0.9999f, bound, radius2);
        ops->cells_keep(&cells.cells, 0.9999f, bound, radius2);
        ck_assert_msg(are_same(&cells, &copy), "%s, trial %u: %d kept instead of %d",
                      exact_target_name(_i), number, cells.cells.count, copy.cells.count);
    }
}
END_TEST

static struct rdl_exact_conditions draw_conditions(struct gap_source *source, bool is_free)
{
    const float bottom = 2.0f * (float)fraction(source), middle = 4.0f * (float)fraction(source);
    return (struct rdl_exact_conditions){
        .z_min = -2.0f * (float)fabs(fraction(source)),
        .z_max = 2.0f * (float)fabs(fraction(source)),
        .mean = (float)fraction(source),
        .tau_min = (float)fraction(source),
        .tau_max = 4.0f + (float)fraction(source),
        .top = 3.0f * (float)fraction(source),
        .bottom = bottom,
        .middle = is_free ? -INFINITY : middle,
        .lowest = is_free ? -INFINITY : -1.0f + (float)fraction(source),
    };
}

START_TEST(divided_cells_are_those_of_scalar)
{
    const struct rdl_exact_ops *const ops = exact_target_ops(_i);
    struct gap_source source = {.state = 36};
    long all = 0, met = 0;
    for (unsigned number = 0; ops && number < TRIALS; number++) {
        struct cells cells, copy, quarters, expected;
        draw_cells(&source, &cells, &copy);
        const float half = 0.5f * cells.cells.half_tau;
        const struct rdl_exact_conditions conditions = draw_conditions(&source, number % 3 == 0);
        start_cells(&quarters, half);
        start_cells(&expected, half);
        for (int column = 0; column < 3; column++) {
            const int rows = 1 + (int)below(&source, 40);
            const float tau = (float)(2 * column + 1) * half;
            scalar_ops()->cells_column(&expected.cells, &conditions, tau, rows);
            ops->cells_column(&quarters.cells, &conditions, tau, rows);
            all += rows;
        }
        met += expected.cells.count;
        ck_assert_msg(are_same(&quarters, &expected), "%s, trial %u: %d cells instead of %d",
                      exact_target_name(_i), number, quarters.cells.count, expected.cells.count);
        quarters.cells.count = expected.cells.count = 0;
        ck_assert(scalar_ops()->cells_quarters(&copy.cells, &conditions, &expected.cells));
        ck_assert(ops->cells_quarters(&cells.cells, &conditions, &quarters.cells));
        ck_assert_msg(are_same(&quarters, &expected), "%s, trial %u: %d quarters instead of %d",
                      exact_target_name(_i), number, quarters.cells.count, expected.cells.count);
        quarters.cells.capacity = 3 * RDL_EXACT_LANES;
        ck_assert_int_eq(ops->cells_quarters(&cells.cells, &conditions, &quarters.cells),
                         cells.cells.count == 0);
    }
    ck_assert(!ops || (met > all / 8 && met < all * 7 / 8));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("exact affine ops");
    TCase *tcase = tcase_create("exact affine ops");
    tcase_set_timeout(tcase, 0);
    tcase_add_loop_test(tcase, searches_are_those_of_scalar, 0, 6);
    tcase_add_loop_test(tcase, deviations_have_the_bytes_of_scalar, 1, EXACT_TARGETS);
    tcase_add_loop_test(tcase, fits_have_the_bytes_of_scalar, 1, EXACT_TARGETS);
    tcase_add_loop_test(tcase, leaves_have_the_bytes_of_scalar, 1, EXACT_TARGETS);
    tcase_add_loop_test(tcase, evaluated_cells_are_those_of_scalar, 1, EXACT_TARGETS);
    tcase_add_loop_test(tcase, divided_cells_are_those_of_scalar, 1, EXACT_TARGETS);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
