/*
 * What the published searches of a scale have in common. They work in binary32, in ggml's order of
 * operations, so that on the grids of its formats they give its results.
 */
#ifndef RDL_REF_SCALE_SEARCH_H
#define RDL_REF_SCALE_SEARCH_H

#include "block/block.h"
#include "block_stats.h"
#include "nearest.h"

/* The value to which a search sends the weight of largest magnitude, as ggml's do: that of the
 * first code. Where no value is negative, that of the last, for the first can be 0. */
static inline float rdl_scale_search_end(const struct rdl_block_grid *grid)
{
    const double first = rdl_block_value(grid, 0);
    return (float)(first < 0.0 ? first : rdl_block_value(grid, grid->count - 1));
}

/* False for a block that is too small to be searched, which is solved then; else its weight of
 * largest magnitude. The searches leave code 0 there, whatever its value. */
static inline bool rdl_scale_search_begin(const struct rdl_block *block, float *extreme,
                                          uint8_t *codes, struct rdl_block_fit *fit)
{
    if (!(rdl_signed_absmax((int)block->n, block->x, extreme) < RDL_SEARCH_EPSILON))
        return true;
    rdl_block_codes(block, 0.0, 0.0, codes);
    fit->scale = 0.0;
    return false;
}

/*
 * The end of a search: takes its scale and sees to the weights of factor 0. Where sums overflowed,
 * so that the scale is infinite or NaN, the least-squares scale of the nearest codes, in binary64,
 * replaces both scale and codes.
 */
static inline void rdl_scale_search_finish(const struct rdl_block *block, float scale,
                                           uint8_t *codes, struct rdl_block_fit *fit)
{
    if (!isfinite(scale)) {
        rdl_solve_nearest_refit(block, NULL, NULL, codes, fit);
        return;
    }
    fit->scale = (double)scale;
    rdl_block_idle_codes(block, fit->scale, 0.0, codes);
}

#endif
