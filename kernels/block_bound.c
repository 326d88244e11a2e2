/* The error of a format's block: its weights, and a lower bound, the optima of its sub-blocks. */
#include "codebook_bound.h"
#include "search_weights.h"
#include "searches.h"

#include <math.h>

enum {
    MAX_BLOCK = 256,
    MAX_SUB_BLOCKS = 16
};

enum rdl_status rdl_block_weights(enum rdl_format format, enum rdl_weighting weighting,
                                  const float *x, const float *importance, float row_mean_square,
                                  float *weights, double *unit)
{
    if (!x || !weights)
        return RDL_NULL_POINTER;
    if ((unsigned)format >= RDL_FORMAT_COUNT || (unsigned)weighting >= RDL_WEIGHTING_COUNT)
        return RDL_UNKNOWN_VALUE;
    if (!importance && !(rdl_search_importance(weighting) & RDL_PLAIN))
        return RDL_IMPORTANCE_REQUIRED;
    const double power =
        rdl_search_weights(format, weighting, x, importance, row_mean_square, weights);
    if (unit)
        *unit = 1.0 / power;
    return RDL_OK;
}

/* The grid that leaves a sub-block most freedom; false where there is none. */
static bool widest_grid(enum rdl_format format, struct rdl_block_grid *grid)
{
    if (!rdl_format_grid(format, grid))
        return false;
    if (grid->kind == RDL_BLOCK_AFFINE)
        grid->kind = RDL_BLOCK_FREE;
    return true;
}

size_t rdl_block_bound_scratch_size(enum rdl_format format)
{
    struct rdl_block_grid grid;
    if ((unsigned)format >= RDL_FORMAT_COUNT)
        return 0;
    if (!widest_grid(format, &grid))
        return rdl_codebook_bound_scratch(format);
    const size_t length = rdl_format_info(format)->sub_block_length;
    const size_t size = rdl_block_scratch_size(RDL_SOLVE_EXACT, &grid, length);
    return size > 0 ? size : 1;
}

static enum rdl_status check_data(const float *x, const float *weights, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (isnan(x[i]))
            return RDL_WEIGHT_NAN;
        if (isinf(x[i]))
            return RDL_WEIGHT_INFINITE;
        if (!(weights[i] >= 0.0f && weights[i] < INFINITY))
            return RDL_IMPORTANCE_INVALID;
    }
    return RDL_OK;
}

static enum rdl_status bound_of_codebook(enum rdl_format format, const float *x,
                                         const float *weights, void *scratch, double *bound)
{
    const struct rdl_format_info *const info = rdl_format_info(format);
    const enum rdl_status status = check_data(x, weights, info->block_length);
    *bound = 0.0;
    for (size_t i = 0; i < info->block_length && status == RDL_OK; i += info->sub_block_length)
        *bound += rdl_codebook_bound(format, x + i, weights + i, scratch);
    return status;
}

static enum rdl_status bound_of_grid(const struct rdl_block *sub_block, size_t count,
                                     enum rdl_target target, void *scratch, double *bound)
{
    uint8_t codes[MAX_BLOCK];
    struct rdl_block_fit fits[MAX_SUB_BLOCKS];
    struct rdl_solver_options options = rdl_solver_defaults(RDL_SOLVE_EXACT, &sub_block->grid);
    options.target = target;
    const enum rdl_status status =
        rdl_blocks_solve(RDL_SOLVE_EXACT, &count, sub_block, &options, scratch, codes, fits);
    *bound = 0.0;
    for (size_t i = 0; i < count && status == RDL_OK; i++)
        *bound += fits[i].error;
    return status;
}

enum rdl_status rdl_block_bound(enum rdl_format format, enum rdl_target target, const float *x,
                                const float *weights, void *scratch, double *bound)
{
    if ((unsigned)format >= RDL_FORMAT_COUNT || (unsigned)target >= RDL_TARGET_COUNT)
        return RDL_UNKNOWN_VALUE;
    if (!x || !weights || !bound)
        return RDL_NULL_POINTER;
    if (!scratch)
        return RDL_SCRATCH_TOO_SMALL;
    const struct rdl_format_info *const info = rdl_format_info(format);
    if (format == RDL_MXFP4) {
        const enum rdl_status status = check_data(x, weights, info->block_length);
        *bound = status == RDL_OK ? rdl_mxfp4_least_error(x, weights) : 0.0;
        return status;
    }
    struct rdl_block sub_block = {.n = info->sub_block_length, .x = x, .weights = weights};
    if (!widest_grid(format, &sub_block.grid))
        return bound_of_codebook(format, x, weights, scratch, bound);
    return bound_of_grid(&sub_block, info->block_length / info->sub_block_length, target, scratch,
                         bound);
}
