/*
 * Cumulative search on tables, by a heap; published as a llama.cpp proposal.
 *
 * rdl_solve_heap_nl walks over all breakpoints of both signs of the scale: exact, and the same as
 * rdl_solve_cumulative on tables, which says why. As published it sums in binary32, here in
 * binary64.
 *
 * rdl_solve_heap_nl_fast walks over those of one sign: that which sends the weight of largest
 * magnitude towards the entry of largest magnitude (the first of several, both). Not exact: on
 * the table of IQ4_NL every fourth to third block is better with the other sign.
 *
 * Complexity: n (count - 1) log n.
 */
#include "block/breakpoints.h"

#include <math.h>

static float largest_magnitude(const float *values, const float *weights, size_t n)
{
    float largest = 0.0f;
    for (size_t i = 0; i < n; i++)
        if ((!weights || weights[i] > 0.0f) && fabsf(values[i]) > fabsf(largest))
            largest = values[i];
    return largest;
}

void rdl_solve_heap_nl(const struct rdl_block *block, const struct rdl_solver_options *options,
                       void *scratch, uint8_t *codes, struct rdl_block_fit *fit)
{
    (void)options;
    (void)scratch;
    double score = 0.0;
    rdl_walk_scales(block, 1.0, 0.0, INFINITY, NULL, &score, codes);
    rdl_walk_scales(block, -1.0, 0.0, INFINITY, NULL, &score, codes);
    rdl_finish_scale(block, score, codes, fit);
}

void rdl_solve_heap_nl_fast(const struct rdl_block *block, const struct rdl_solver_options *options,
                            void *scratch, uint8_t *codes, struct rdl_block_fit *fit)
{
    (void)options;
    (void)scratch;
    const struct rdl_block_grid *grid = &block->grid;
    const float entry = largest_magnitude(grid->entries, NULL, (size_t)grid->count);
    const float x = largest_magnitude(block->x, block->weights, block->n);
    double score = 0.0;
    rdl_walk_scales(block, (entry > 0.0f) == (x > 0.0f) ? 1.0 : -1.0, 0.0, INFINITY, NULL, &score,
                    codes);
    rdl_finish_scale(block, score, codes, fit);
}
