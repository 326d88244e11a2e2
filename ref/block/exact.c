/*
 * The solver `exact`: the optimum of any grid by exclusion, at the speed of a heuristic. How:
 * exact_scale.c and exact_affine.c; why: notes/exact-search.md.
 */
#include "block/block.h"
#include "block/exact_affine.h"
#include "block/exact_scale.h"

size_t rdl_solve_exact_scratch(const struct rdl_block_grid *grid, size_t n)
{
    return rdl_block_has_offset(grid) ? rdl_exact_affine_scratch(grid, n) : 0;
}

void rdl_solve_exact(const struct rdl_block *block, const struct rdl_solver_options *options,
                     void *scratch, uint8_t *codes, struct rdl_block_fit *fit)
{
    if (rdl_block_has_offset(&block->grid))
        rdl_exact_affine(block, options, scratch, codes, fit, NULL);
    else
        rdl_exact_scale(block, options, codes, fit, NULL);
}
