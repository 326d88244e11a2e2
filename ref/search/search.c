#include "search/search.h"

#include "row_blocks.h"
#include "search/joint.h"
#include "search/lsqk.h"
#include "search/store.h"
#include "search_weights.h"

#include <math.h>

enum {
    /* Sub-blocks that a solver gets at a time: those of a super-block of 16, or of as many smaller
     * blocks as make up so many, because some solvers take several at once. */
    TILE_SUB_BLOCKS = RDL_SEARCH_MAX_SUB_BLOCKS,
    TILE_WEIGHTS = 2 * RDL_SUPER_BLOCK
};

static rdl_store_scales_fn *const stages[RDL_SCALES_COUNT] = {
    [RDL_SCALES_MAX] = rdl_store_max,
    [RDL_SCALES_QP] = rdl_store_qp,
    [RDL_SCALES_EXHAUSTIVE] = rdl_store_exhaustive,
    [RDL_SCALES_ALTERNATE] = rdl_store_alternate,
    [RDL_SCALES_JOINT] = rdl_store_joint,
    [RDL_SCALES_JOINT_FULL] = rdl_store_joint,
};

static struct rdl_block_grid free_grid(const struct rdl_search_layout *layout)
{
    struct rdl_block_grid grid = layout->grid;
    grid.kind = RDL_BLOCK_FREE;
    return grid;
}

static bool has_mins(const struct rdl_search_layout *layout)
{
    return layout->min_last > 0;
}

static enum rdl_solver solver_of(const struct rdl_rows *rows)
{
    enum rdl_solver solver = RDL_SOLVE_EXACT;
    (void)rdl_rounding_solver(rows->rounding, &solver);
    return solver;
}

/* On any grid that the sub-blocks may be solved on. */
static size_t solver_scratch(const struct rdl_search_layout *layout, enum rdl_solver solver)
{
    const size_t length = (size_t)layout->length;
    const size_t size = rdl_block_scratch_size(solver, &layout->grid, length);
    if (!has_mins(layout) || !rdl_solver_support(solver, RDL_BLOCK_FREE, false))
        return size;
    const struct rdl_block_grid grid = free_grid(layout);
    const size_t free_size = rdl_block_scratch_size(solver, &grid, length);
    return free_size > size ? free_size : size;
}

/*
 * Codes that leave the first or the last one unused stand for the same weights when all of them are
 * moved by one, and the offset by the scale. Solvers take any of such fits; here it is the one of
 * least offset, since the largest offset says how fine mins are.
 */
static void make_offset_small(const struct rdl_block *block, const uint8_t *codes,
                              struct rdl_block_fit *fit)
{
    int lowest = block->grid.count - 1, highest = 0;
    for (size_t i = 0; i < block->n; i++)
        if (block->weights[i] > 0.0f) {
            lowest = codes[i] < lowest ? codes[i] : lowest;
            highest = codes[i] > highest ? codes[i] : highest;
        }
    for (; lowest > 0 && fit->offset + fit->scale <= 0.0; lowest--)
        fit->offset += fit->scale;
    for (; highest < block->grid.count - 1 && fit->offset - fit->scale >= 0.0; highest++)
        fit->offset -= fit->scale;
}

static bool is_joint(enum rdl_scales scales)
{
    return scales == RDL_SCALES_JOINT || scales == RDL_SCALES_JOINT_FULL;
}

/* What the solvers need, those of the joint search among them; what that needs itself follows. */
static size_t joint_scratch_at(const struct rdl_search_layout *layout, enum rdl_solver solver)
{
    const size_t size = solver_scratch(layout, solver);
    const size_t exact_size = solver_scratch(layout, RDL_SOLVE_EXACT);
    return ((exact_size > size ? exact_size : size) + 63) / 64 * 64;
}

size_t rdl_search_scratch(const struct rdl_search_layout *layout, const struct rdl_rows *rows)
{
    const enum rdl_solver solver = solver_of(rows);
    if (!is_joint(rows->scales))
        return solver_scratch(layout, solver);
    return joint_scratch_at(layout, solver) + rdl_joint_scratch(layout);
}

/* The real scales and offsets of sub-blocks that follow each other. The data is good: no error. */
static void solve(const struct rdl_search_problem *problem, const struct rdl_block_grid *grid,
                  size_t count, struct rdl_block_fit *fits)
{
    uint8_t codes[TILE_WEIGHTS];
    struct rdl_block block = {
        .n = (size_t)problem->layout->length,
        .x = problem->x,
        .weights = problem->weights,
        .grid = *grid,
    };
    (void)rdl_blocks_solve(problem->solver, &count, &block, &problem->options, problem->scratch,
                           codes, fits);
    for (size_t j = 0; j < count && has_mins(problem->layout); j++) {
        make_offset_small(&block, codes + j * block.n, &fits[j]);
        block.x += block.n;
        block.weights += block.n;
    }
}

/* ------------------------------------------------------------------------------------------------
 * Negative dmin
 */

/* Where no weight that counts is negative, offsets above 0 may be best. */
static bool may_want_offsets_above_zero(const struct rdl_search_problem *problem)
{
    const int n = problem->layout->sub_blocks * problem->layout->length;
    if (!has_mins(problem->layout) || !rdl_solver_support(problem->solver, RDL_BLOCK_FREE, false))
        return false;
    for (int i = 0; i < n; i++)
        if (problem->x[i] < 0.0f && problem->weights[i] > 0.0f)
            return false;
    return true;
}

/* Stores the block with a negative dmin if that is better. */
static void try_offsets_above_zero(const struct rdl_search_problem *problem,
                                   struct rdl_search_block *block)
{
    struct rdl_block_fit fits[RDL_SEARCH_MAX_SUB_BLOCKS];
    const struct rdl_block_grid grid = free_grid(problem->layout);
    solve(problem, &grid, (size_t)problem->layout->sub_blocks, fits);
    struct rdl_search_problem negative = *problem;
    negative.fits = fits;
    negative.min_sign = -1;
    struct rdl_search_block other = *block;
    stages[problem->scales](&negative, &other);
    if (rdl_stored_block_error(&negative, &other) < rdl_stored_block_error(problem, block))
        *block = other;
}

/* ------------------------------------------------------------------------------------------------
 * Blocks
 */

static void encode_block(const struct rdl_search_problem *problem, uint8_t *bytes)
{
    const struct rdl_search_layout *layout = problem->layout;
    struct rdl_search_block block;
    if (problem->fits)
        stages[problem->scales](problem, &block);
    else
        rdl_lsqk(problem, &block);
    if (may_want_offsets_above_zero(problem))
        try_offsets_above_zero(problem, &block);
    for (int j = 0; j < layout->sub_blocks; j++)
        rdl_stored_codes(problem, j, rdl_stored_scale_of(layout, &block, j),
                         block.codes + layout->length * j);
    layout->pack(&block, bytes);
}

/* The weights of blocks that follow each other, from number `first` on. *mean_square stays that of
 * the row from one call to the next. */
static void fill_weights(const struct rdl_rows *rows, size_t length, size_t first, size_t count,
                         float *mean_square, float *weights)
{
    const bool is_native_lsqk = rows->rounding == RDL_LSQK && rows->weighting == RDL_NATIVE;
    const enum rdl_weighting weighting = is_native_lsqk ? RDL_ABS : rows->weighting;
    for (size_t b = first; b < first + count; b++) {
        if (length < RDL_SUPER_BLOCK && b * length % rows->ncols == 0)
            *mean_square = rdl_row_mean_square(rows, b * length / rows->ncols);
        rdl_search_weights(rows->format, weighting, rows->x + b * length,
                           rdl_block_importance(rows, length, b), *mean_square, weights);
        weights += length;
    }
}

void rdl_search_encode(const struct rdl_search_layout *layout, const struct rdl_rows *rows,
                       uint8_t *blocks)
{
    const size_t sub_blocks = (size_t)layout->sub_blocks;
    const size_t length = sub_blocks * (size_t)layout->length;
    const size_t nblocks = rdl_count_blocks(rows, length);
    const size_t most = TILE_SUB_BLOCKS / sub_blocks, room = TILE_WEIGHTS / length;
    const size_t tile = most < room ? most : room;
    struct rdl_block_fit fits[TILE_SUB_BLOCKS];
    float weights[TILE_WEIGHTS], mean_square = 0.0f;
    struct rdl_search_problem problem = {
        .layout = layout,
        .scales = rows->scales,
        .solver = solver_of(rows),
        .scratch = rows->scratch,
        .min_sign = 1,
    };
    if (is_joint(rows->scales))
        problem.joint = (char *)rows->scratch + joint_scratch_at(layout, problem.solver);
    problem.options = rdl_solver_defaults(problem.solver, &layout->grid);
    problem.options.target = rows->target;
    for (size_t b = 0; b < nblocks; b += tile) {
        const size_t count = nblocks - b < tile ? nblocks - b : tile;
        fill_weights(rows, length, b, count, &mean_square, weights);
        problem.x = rows->x + b * length;
        problem.weights = weights;
        if (rows->rounding != RDL_LSQK)
            solve(&problem, &layout->grid, count * sub_blocks, fits);
        for (size_t k = 0; k < count; k++) {
            problem.fits = rows->rounding != RDL_LSQK ? fits + k * sub_blocks : NULL;
            encode_block(&problem, blocks + (b + k) * layout->block_bytes);
            problem.x += length;
            problem.weights += length;
        }
    }
}
