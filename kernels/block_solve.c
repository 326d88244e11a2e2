/* Which solvers there are, and the call of one: roundel_block.h. */
#include "solver.h"

#include <math.h>
#include <string.h>

struct row {
    const char *name;
    unsigned kinds, table_kinds, exact;
    rdl_solve_fn *solve;
    rdl_solve_scratch_fn *scratch;
};

static const struct row rows[] = {
#define RDL_SOLVER(solver, name, kinds, table_kinds, exact, function, scratch)                     \
    [RDL_SOLVE_##solver] = {name, kinds, table_kinds, exact, function, scratch},
#include "solvers.def"
#undef RDL_SOLVER
};

static rdl_solve_lanes_fn *const lanes[RDL_SOLVER_COUNT][RDL_TARGET_COUNT] = {
#define RDL_LANE_SOLVER(solver, target, function) [RDL_SOLVE_##solver][RDL_##target] = function,
#include "lane_solvers.def"
#undef RDL_LANE_SOLVER
};

static const struct row *row_of(enum rdl_solver solver)
{
    return (unsigned)solver < RDL_SOLVER_COUNT ? &rows[solver] : NULL;
}

size_t rdl_no_scratch(const struct rdl_block_grid *grid, size_t n)
{
    (void)grid;
    (void)n;
    return 0;
}

/* ------------------------------------------------------------------------------------------------
 * Queries
 */

const char *rdl_solver_name(enum rdl_solver solver)
{
    const struct row *row = row_of(solver);
    return row ? row->name : NULL;
}

bool rdl_solver_support(enum rdl_solver solver, enum rdl_block_kind kind, bool table)
{
    const struct row *row = row_of(solver);
    return row && (unsigned)kind < RDL_BLOCK_KIND_COUNT &&
           ((table ? row->table_kinds : row->kinds) >> kind & 1u);
}

bool rdl_solver_is_exact(enum rdl_solver solver, enum rdl_block_kind kind, bool table)
{
    return rdl_solver_support(solver, kind, table) &&
           (row_of(solver)->exact >> (kind + (table ? RDL_BLOCK_KIND_COUNT : 0)) & 1u);
}

size_t rdl_solver_max_length(enum rdl_solver solver, enum rdl_block_kind kind, bool table)
{
    if (!rdl_solver_support(solver, kind, table))
        return 0;
    const bool has_offset = kind == RDL_BLOCK_AFFINE || kind == RDL_BLOCK_FREE;
    const bool enumerates = solver == RDL_SOLVE_ORACLE || solver == RDL_SOLVE_EXACT;
    return enumerates && !has_offset ? RDL_BLOCK_LONG_LENGTH : RDL_BLOCK_MAX_LENGTH;
}

bool rdl_solver_has_lanes(enum rdl_solver solver, enum rdl_target target)
{
    return lanes[solver][target] != NULL;
}

/* The grids of ggml's quantizers: its paths with importance for qkx3, those without for qkx2. */
struct rdl_solver_options rdl_solver_defaults(enum rdl_solver solver,
                                              const struct rdl_block_grid *grid)
{
    struct rdl_solver_options options = {
        .first = -1.0f, .step = 0.1f, .last = 20, .incumbent = INFINITY};
    if (grid->count == 32)
        options.first = -0.5f, options.last = 15;
    if (grid->count == 4)
        options.first = -0.5f, options.last = 15, options.absolute = true;
    if (solver == RDL_SOLVE_QKX3)
        options = (struct rdl_solver_options){
            .first = -0.9f, .step = 0.05f, .last = 36, .incumbent = INFINITY};
    if (solver == RDL_SOLVE_QKX1)
        options.rounds = 9;
    if (solver == RDL_SOLVE_ALT)
        options.rounds = 3;
    options.blend = 0.5f;
    return options;
}

size_t rdl_block_scratch_size(enum rdl_solver solver, const struct rdl_block_grid *grid, size_t n)
{
    const struct row *row = row_of(solver);
    return row ? row->scratch(grid, n) : 0;
}

/* ------------------------------------------------------------------------------------------------
 * The call
 */

static bool entries_are_increasing(const struct rdl_block_grid *grid)
{
    for (int k = 0; k < grid->count; k++)
        if (!isfinite(grid->entries[k]) || (k > 0 && !(grid->entries[k] > grid->entries[k - 1])))
            return false;
    return true;
}

static bool grid_is_valid(const struct rdl_block_grid *grid)
{
    if ((unsigned)grid->kind >= RDL_BLOCK_KIND_COUNT || grid->count < 2 ||
        grid->count > RDL_BLOCK_MAX_CODES)
        return false;
    if (grid->kind != RDL_BLOCK_SIGNED && grid->kind != RDL_BLOCK_POSITIVE)
        return grid->first == 0 && !grid->entries;
    if (grid->entries)
        return entries_are_increasing(grid);
    return grid->first <= 0 && grid->first + grid->count - 1 >= 0;
}

/* All at once, which a compiler can do in lanes: v - v is 0 unless v is infinite or NaN. */
static bool data_are_valid(const struct rdl_block *block)
{
    int bad = 0;
    for (size_t i = 0; i < block->n; i++)
        bad |= !(block->x[i] - block->x[i] == 0.0f);
    for (size_t i = 0; block->weights && i < block->n; i++)
        bad |= !(block->weights[i] >= 0.0f) | !(block->weights[i] < INFINITY);
    return !bad;
}

static enum rdl_status check_data(const struct rdl_block *block)
{
    if (data_are_valid(block))
        return RDL_OK;
    for (size_t i = 0; i < block->n; i++) {
        if (isnan(block->x[i]))
            return RDL_WEIGHT_NAN;
        if (isinf(block->x[i]))
            return RDL_WEIGHT_INFINITE;
        if (block->weights && !(block->weights[i] >= 0.0f && block->weights[i] < INFINITY))
            return RDL_IMPORTANCE_INVALID;
    }
    return RDL_OK;
}

/* True if no weight that counts differs from 0. */
static bool is_zero(const struct rdl_block *block)
{
    for (size_t i = 0; i < block->n; i++)
        if (block->weights[i] > 0.0f && block->x[i] != 0.0f)
            return false;
    return true;
}

static int code_of_zero(const struct rdl_block_grid *grid)
{
    if (!grid->entries)
        return -grid->first;
    int nearest = 0;
    for (int k = 1; k < grid->count; k++)
        if (fabsf(grid->entries[k]) <= fabsf(grid->entries[nearest]))
            nearest = k;
    return nearest;
}

double rdl_block_error(const struct rdl_block *block, double scale, double offset,
                       const uint8_t *codes)
{
    double terms[RDL_BLOCK_LONG_LENGTH], error = 0.0;
    for (size_t i = 0; i < block->n; i++) {
        const double value = rdl_block_value(&block->grid, codes[i]);
        const double difference = (double)block->x[i] - (scale * value + offset);
        terms[i] = (double)block->weights[i] * (difference * difference);
    }
    for (size_t i = 0; i < block->n; i++)
        error += terms[i];
    return error;
}

/* All of a call but the data. */
static enum rdl_status check_call(enum rdl_solver solver, const struct rdl_block *block,
                                  const struct rdl_solver_options *options, const void *scratch)
{
    const struct row *row = row_of(solver);
    if (!row || (options && (unsigned)options->target >= RDL_TARGET_COUNT) || block->n == 0 ||
        block->n > RDL_BLOCK_LONG_LENGTH || !grid_is_valid(&block->grid))
        return RDL_UNKNOWN_VALUE;
    const bool table = block->grid.entries != NULL;
    if (!rdl_solver_support(solver, block->grid.kind, table))
        return RDL_UNSUPPORTED;
    if (block->n > rdl_solver_max_length(solver, block->grid.kind, table))
        return RDL_UNKNOWN_VALUE;
    return !scratch && row->scratch(&block->grid, block->n) > 0 ? RDL_SCRATCH_TOO_SMALL : RDL_OK;
}

/* A block of a call that is right. */
static enum rdl_status solve(const struct row *row, const struct rdl_block *block,
                             const struct rdl_solver_options *options, void *scratch,
                             uint8_t *codes, struct rdl_block_fit *fit)
{
    const enum rdl_status status = check_data(block);
    if (status != RDL_OK)
        return status;
    float ones[RDL_BLOCK_LONG_LENGTH];
    struct rdl_block weighted = *block;
    if (!block->weights) {
        for (size_t i = 0; i < block->n; i++)
            ones[i] = 1.0f;
        weighted.weights = ones;
    }
    *fit = (struct rdl_block_fit){0.0, 0.0, 0.0};
    if (is_zero(&weighted)) {
        memset(codes, code_of_zero(&block->grid), block->n);
        return RDL_OK;
    }
    row->solve(&weighted, options, scratch, codes, fit);
    fit->error = rdl_block_error(&weighted, fit->scale, fit->offset, codes);
    return RDL_OK;
}

enum rdl_status rdl_block_solve(enum rdl_solver solver, const struct rdl_block *block,
                                const struct rdl_solver_options *options, void *scratch,
                                uint8_t *codes, struct rdl_block_fit *fit)
{
    if (!block || !block->x || !codes || !fit)
        return RDL_NULL_POINTER;
    const enum rdl_status status = check_call(solver, block, options, scratch);
    if (status != RDL_OK)
        return status;
    const struct rdl_solver_options defaults = rdl_solver_defaults(solver, &block->grid);
    return solve(row_of(solver), block, options ? options : &defaults, scratch, codes, fit);
}

/* Up to RDL_SOLVE_LANES blocks: those that have no lanes, or that lanes do not solve, one by one.
 */
static enum rdl_status solve_some(enum rdl_solver solver, size_t *count,
                                  const struct rdl_block *first,
                                  const struct rdl_solver_options *options, void *scratch,
                                  uint8_t *codes, struct rdl_block_fit *fits)
{
    uint8_t solved[RDL_SOLVE_LANES] = {0};
    rdl_solve_lanes_fn *const in_lanes = lanes[solver][options->target];
    if (in_lanes && first->n <= RDL_BLOCK_MAX_LENGTH)
        in_lanes(*count, first, options, codes, fits, solved);
    for (size_t b = 0; b < *count; b++) {
        struct rdl_block block = *first;
        block.x += b * block.n;
        block.weights = block.weights ? block.weights + b * block.n : NULL;
        const enum rdl_status status = solved[b] ? RDL_OK
                                                 : solve(row_of(solver), &block, options, scratch,
                                                         codes + b * block.n, fits + b);
        if (status != RDL_OK) {
            *count = b;
            return status;
        }
    }
    return RDL_OK;
}

enum rdl_status rdl_blocks_solve(enum rdl_solver solver, size_t *count,
                                 const struct rdl_block *first,
                                 const struct rdl_solver_options *options, void *scratch,
                                 uint8_t *codes, struct rdl_block_fit *fits)
{
    if (!count || !first)
        return RDL_NULL_POINTER;
    if (*count == 0)
        return RDL_OK;
    if (!first->x || !codes || !fits) {
        *count = 0;
        return RDL_NULL_POINTER;
    }
    const enum rdl_status call = check_call(solver, first, options, scratch);
    if (call != RDL_OK) {
        *count = 0;
        return call;
    }
    const struct rdl_solver_options defaults = rdl_solver_defaults(solver, &first->grid);
    struct rdl_block block = *first;
    for (size_t b = 0; b < *count; b += RDL_SOLVE_LANES) {
        size_t some = *count - b < RDL_SOLVE_LANES ? *count - b : RDL_SOLVE_LANES;
        const enum rdl_status status =
            solve_some(solver, &some, &block, options ? options : &defaults, scratch,
                       codes + b * block.n, fits + b);
        if (status != RDL_OK) {
            *count = b + some;
            return status;
        }
        block.x += some * block.n;
        block.weights = block.weights ? block.weights + some * block.n : NULL;
    }
    return RDL_OK;
}
