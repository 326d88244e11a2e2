/*
 * Cumulative search on grids of integers, over a sorted list of all breakpoints; published as
 * a llama.cpp proposal. What it walks over is in breakpoints.h and signed_walk.h. Sums are in
 * binary64 here, in binary32 as published. The list is in scratch.
 *
 * rdl_solve_sort: scales > 0. Exact but for the part of the time line that it leaves out.
 *
 * rdl_solve_sort_signed: both signs, with the defect of rdl_walk_signed(). Its results are those of
 * rdl_solve_heap_signed.
 *
 * Complexity: n count log (n count).
 */
#include "block/signed_walk.h"

size_t rdl_solve_sort_scratch(const struct rdl_block_grid *grid, size_t n)
{
    return n * (size_t)(grid->count - 1) * sizeof(struct rdl_breakpoint);
}

void rdl_solve_sort(const struct rdl_block *block, const struct rdl_solver_options *options,
                    void *scratch, uint8_t *codes, struct rdl_block_fit *fit)
{
    (void)options;
    const struct rdl_time_range range = rdl_published_range(block);
    double score = 0.0;
    rdl_walk_scales(block, 1.0, range.from, range.to, (struct rdl_breakpoint *)scratch, &score,
                    codes);
    rdl_finish_scale(block, score, codes, fit);
}

void rdl_solve_sort_signed(const struct rdl_block *block, const struct rdl_solver_options *options,
                           void *scratch, uint8_t *codes, struct rdl_block_fit *fit)
{
    (void)options;
    rdl_walk_signed(block, (struct rdl_breakpoint *)scratch, codes, fit);
}
