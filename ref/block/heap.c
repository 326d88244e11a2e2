/*
 * Cumulative search on grids of integers, by a heap of the next breakpoint of each weight;
 * published as a llama.cpp proposal. What it walks over is in breakpoints.h and signed_walk.h. Sums
 * are in binary64 here, in binary32 as published.
 *
 * rdl_solve_heap tries one sign: that which gives the weight of largest magnitude (the first of
 * several) the longer side of the grid. DEFECT: the other sign may be better, in about 0.1 % of
 * blocks of equal factors, in several percent under unequal ones (notes/search-defects.md).
 *
 * rdl_solve_heap_signed tries both; its defect is that of rdl_walk_signed().
 *
 * Neither is exact. Complexity: n count log n.
 */
#include "block/signed_walk.h"

#include <math.h>

static float extreme_of(const struct rdl_block *block)
{
    float extreme = 0.0f;
    for (size_t i = 0; i < block->n; i++)
        if (block->weights[i] > 0.0f && fabsf(block->x[i]) > fabsf(extreme))
            extreme = block->x[i];
    return extreme;
}

void rdl_solve_heap(const struct rdl_block *block, const struct rdl_solver_options *options,
                    void *scratch, uint8_t *codes, struct rdl_block_fit *fit)
{
    (void)options;
    (void)scratch;
    const struct rdl_block_grid *grid = &block->grid;
    const int longer_side = -grid->first - (grid->first + grid->count - 1);
    const bool turn = longer_side != 0 && (longer_side > 0) == (extreme_of(block) > 0.0f);
    const struct rdl_time_range range = rdl_published_range(block);
    double score = 0.0;
    rdl_walk_scales(block, turn ? -1.0 : 1.0, range.from, range.to, NULL, &score, codes);
    rdl_finish_scale(block, score, codes, fit);
}

void rdl_solve_heap_signed(const struct rdl_block *block, const struct rdl_solver_options *options,
                           void *scratch, uint8_t *codes, struct rdl_block_fit *fit)
{
    (void)options;
    (void)scratch;
    rdl_walk_signed(block, NULL, codes, fit);
}
