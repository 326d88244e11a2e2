#include "search/joint_lists.h"

#include "block/block.h"

#include <math.h>

/*
 * How far above its optimum a sub-block is listed, in parts of what integers cost it: a scale that
 * is d off costs stretch d^2, a min that is dmin off weight dmin^2. With 32 levels there are five
 * times as many vectors so near the optimum as with 16, and less of them is the better bargain
 * (notes/super-blocks-joint.md).
 */
static double tolerance_of(const struct rdl_block_grid *grid)
{
    if (grid->kind != RDL_BLOCK_AFFINE)
        return 0.1;
    return grid->count > 16 ? 0.02 : 0.03;
}

/* ------------------------------------------------------------------------------------------------
 * Bounds
 */

static double solve(const struct rdl_search_problem *problem, const struct rdl_block *block,
                    enum rdl_block_kind kind, const struct rdl_joint_room *room, uint8_t *codes)
{
    struct rdl_block other = *block;
    struct rdl_block_fit fit;
    struct rdl_solver_options options = rdl_solver_defaults(RDL_SOLVE_EXACT, &block->grid);
    options.target = problem->options.target;
    other.grid.kind = kind;
    (void)rdl_block_solve(RDL_SOLVE_EXACT, &other, &options, room->exact, codes, &fit);
    return fit.error;
}

/* With an offset above 0 weights below 0 have at least the error of themselves. */
static double error_below_zero(const struct rdl_block *block)
{
    double error = 0.0;
    for (size_t i = 0; i < block->n; i++)
        if (block->x[i] < 0.0f)
            error += (double)block->weights[i] * ((double)block->x[i] * (double)block->x[i]);
    return error;
}

/* The least error with offsets as they are to be stored, more or less, and a lower bound of that
 * with any offset. */
struct bounds {
    double optimum, least;
};

static struct bounds find_bounds(const struct rdl_search_problem *problem,
                                 const struct rdl_block *block, int j,
                                 const struct rdl_joint_room *room)
{
    const struct rdl_block_fit *const fit = &problem->fits[j];
    const enum rdl_block_kind kind = block->grid.kind;
    uint8_t codes[RDL_SEARCH_MAX_LENGTH];
    const bool is_proven = problem->solver == RDL_SOLVE_EXACT;
    struct bounds bounds = {.optimum = fit->error};
    if (kind != RDL_BLOCK_AFFINE) {
        bounds.least = bounds.optimum =
            is_proven ? fit->error : solve(problem, block, kind, room, codes);
        return bounds;
    }
    if (problem->min_sign < 0) {
        bounds.least = is_proven ? fit->error : solve(problem, block, RDL_BLOCK_FREE, room, codes);
        bounds.optimum = fit->offset >= 0.0
                             ? bounds.least
                             : solve(problem, block, RDL_BLOCK_UNSIGNED, room, codes);
        return bounds;
    }
    if (!is_proven)
        bounds.optimum = solve(problem, block, RDL_BLOCK_AFFINE, room, codes);
    bounds.least = error_below_zero(block) < bounds.optimum
                       ? solve(problem, block, RDL_BLOCK_FREE, room, codes)
                       : bounds.optimum;
    return bounds;
}

/* ------------------------------------------------------------------------------------------------
 * One sub-block
 */

/* Codes that are all the same follow from any scale. */
static void add_constants(struct rdl_candidates *list, const struct rdl_block *block)
{
    double w = 0.0, x = 0.0, square = 0.0;
    for (size_t i = 0; i < block->n; i++) {
        w += (double)block->weights[i];
        x += (double)block->weights[i] * (double)block->x[i];
    }
    const double mean = x / w;
    for (size_t i = 0; i < block->n; i++) {
        const double r = (double)block->x[i] - mean;
        square += (double)block->weights[i] * (r * r);
    }
    list->limit = INFINITY;
    for (int code = 0; code <= 1; code++) {
        const double scale = code > 0 && mean > 0.0 ? mean : 0.0;
        const struct rdl_candidate candidate = {
            .error = square, .scale = scale, .offset = mean - scale, .center = (double)code};
        rdl_candidates_add(list, &candidate);
    }
    list->limit = 0.0;
}

/* What always has an error, if not the least. */
static void add_feasible(struct rdl_candidates *list, const struct rdl_search_problem *problem,
                         const struct rdl_block *block, int j, const struct rdl_joint_room *room)
{
    uint8_t codes[RDL_SEARCH_MAX_LENGTH];
    const struct rdl_block_fit *const fit = &problem->fits[j];
    rdl_block_codes(block, fit->scale, fit->offset, codes);
    (void)rdl_candidates_add_codes(list, block, codes);
    if (block->grid.kind == RDL_BLOCK_AFFINE) {
        (void)solve(problem, block, RDL_BLOCK_UNSIGNED, room, codes);
        (void)rdl_candidates_add_codes(list, block, codes);
        add_constants(list, block);
    }
}

static bool has_factor(const struct rdl_block *block)
{
    for (size_t i = 0; i < block->n; i++)
        if (block->weights[i] > 0.0f)
            return true;
    return false;
}

static double sum_factors(const struct rdl_block *block)
{
    double w = 0.0;
    for (size_t i = 0; i < block->n; i++)
        w += (double)block->weights[i];
    return w;
}

/* sum w x^2, or that of x less its mean. */
static double sum_squares(const struct rdl_block *block, double weight, bool centred)
{
    double x = 0.0, square = 0.0;
    for (size_t i = 0; i < block->n; i++)
        x += (double)block->weights[i] * (double)block->x[i];
    const double mean = centred ? x / weight : 0.0;
    for (size_t i = 0; i < block->n; i++) {
        const double r = (double)block->x[i] - mean;
        square += (double)block->weights[i] * (r * r);
    }
    return square;
}

/* Returns whether the list goes at least a tenth as far as it should. */
static bool fill_list(struct rdl_candidates *list, const struct rdl_search_problem *problem,
                      const struct rdl_block *block, int j, double d, double dmin,
                      const struct rdl_joint_room *room)
{
    const bool has_offset = block->grid.kind == RDL_BLOCK_AFFINE;
    const struct bounds bounds = find_bounds(problem, block, j, room);
    const double weight = sum_factors(block), square = sum_squares(block, weight, has_offset);
    const double scale = problem->fits[j].scale;
    const double stretch = scale != 0.0 ? square / (scale * scale) : 0.0;
    const double cost = stretch * (d * d) + (has_offset ? weight * (dmin * dmin) : 0.0);
    const double limit = bounds.optimum + cost * tolerance_of(&block->grid);
    rdl_candidates_start(list, has_offset ? weight : 0.0, limit);
    if (has_offset) {
        struct rdl_exact_cells cells[2];
        for (int k = 0; k < 2; k++)
            cells[k] = (struct rdl_exact_cells){
                .capacity = RDL_JOINT_CELLS,
                .tau = room->cells + 2 * k * RDL_JOINT_STRIDE,
                .v = room->cells + (2 * k + 1) * RDL_JOINT_STRIDE,
                .g = room->cells + 4 * RDL_JOINT_STRIDE,
            };
        rdl_candidates_of_line(list, block, -problem->min_sign, bounds.least,
                               rdl_exact_ops(problem->options.target), cells);
    } else {
        rdl_candidates_of_scale(list, block, bounds.least, rdl_exact_ops(problem->options.target));
    }
    if (list->count == 0 || list->limit == 0.0)
        add_feasible(list, problem, block, j, room);
    rdl_candidates_finish(list);
    return list->limit - bounds.optimum >= 0.1 * (limit - bounds.optimum);
}

static void sum_least_errors(struct rdl_joint_lists *lists)
{
    double after = 0.0;
    for (int j = lists->count - 1; j >= 0; j--) {
        lists->list[j].after = after;
        after += lists->list[j].least;
    }
}

void rdl_joint_lists_fill(struct rdl_joint_lists *lists, const struct rdl_search_problem *problem,
                          double d, double dmin, const struct rdl_joint_room *room)
{
    const struct rdl_search_layout *const layout = problem->layout;
    lists->count = 0;
    lists->is_short = false;
    for (int j = 0; j < layout->sub_blocks; j++) {
        const struct rdl_block block = {.n = (size_t)layout->length,
                                        .x = problem->x + layout->length * j,
                                        .weights = problem->weights + layout->length * j,
                                        .grid = *layout->grid};
        if (!has_factor(&block))
            continue;
        if (!fill_list(&lists->list[lists->count], problem, &block, j, d, dmin, room))
            lists->is_short = true;
        lists->sub_block[lists->count++] = (uint8_t)j;
    }
    sum_least_errors(lists);
}
