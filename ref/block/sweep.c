/*
 * Cumulative search for scale and offset, on grids of integers from 0 and offsets <= 0; published
 * as a llama.cpp proposal. What it walks over is in breakpoints.h. Sums are in binary64 here, in
 * binary32 as published.
 *
 * rdl_solve_sweep walks from one base, min(x, 0), over a sorted list in scratch, and starts where
 * the largest weight has passed half of the codes, as signed_walk.h says. DEFECT, on purpose: it
 * accepts only offsets above -(count - 1) max(x). That rejects good offsets where max(x) is small,
 * often so for few codes, and all of them where it is not positive (notes/search-defects.md). A
 * block without any that is accepted becomes constant, which the publication does not say.
 *
 * rdl_solve_sweep_bases walks from each weight <= 0 as base, by a heap, without that test; for
 * blocks of positive weights, from 0.
 *
 * Neither is exact: states between the lines of their bases are missed. Complexity: n count
 * log (n count), and n times n count log n.
 */
#include "block/breakpoints.h"

size_t rdl_solve_sweep_scratch(const struct rdl_block_grid *grid, size_t n)
{
    return n * (size_t)(grid->count - 1) * sizeof(struct rdl_breakpoint);
}

void rdl_solve_sweep(const struct rdl_block *block, const struct rdl_solver_options *options,
                     void *scratch, uint8_t *codes, struct rdl_block_fit *fit)
{
    (void)options;
    const struct rdl_range range = rdl_range_of(block->n, block->x, block->weights);
    const double base = range.min < 0.0 ? range.min : 0.0;
    const int last = block->grid.count - 1;
    struct rdl_line_search search;
    rdl_start_lines(&search, block, codes);
    search.offsets_above = -(double)last * range.max; /* the defect */
    if (range.max > base)
        rdl_walk_line(&search, base, (double)(last / 2 + 1) / (range.max - base),
                      (struct rdl_breakpoint *)scratch);
    rdl_finish_line(&search, fit);
}

void rdl_solve_sweep_bases(const struct rdl_block *block, const struct rdl_solver_options *options,
                           void *scratch, uint8_t *codes, struct rdl_block_fit *fit)
{
    (void)options;
    (void)scratch;
    struct rdl_line_search search;
    rdl_start_lines(&search, block, codes);
    for (size_t j = 0; j < block->n; j++)
        if (block->weights[j] > 0.0f && block->x[j] <= 0.0f)
            rdl_walk_line(&search, (double)block->x[j], 0.0, NULL);
    if (rdl_range_of(block->n, block->x, block->weights).min > 0.0)
        rdl_walk_line(&search, 0.0, 0.0, NULL);
    rdl_finish_line(&search, fit);
}
