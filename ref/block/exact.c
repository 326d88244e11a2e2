/*
 * The solver `exact`: the optimum of any grid by exclusion, at the speed of a heuristic. How:
 * exact_scale.c and exact_affine.c; why: notes/exact-search.md. The bounds there hold for blocks of
 * up to 64 weights; longer ones, which have no offset, are enumerated. Where integers have few
 * breakpoints, as in the blocks of three weights that projections show, little can be excluded:
 * there the walk over all of them (cumulative.c), which is exact without an offset, is as fast or,
 * in lanes, several times faster.
 */
#include "block/block.h"
#include "block/exact_affine.h"
#include "block/exact_scale.h"
#include "block/oracle_scale.h"

size_t rdl_solve_exact_scratch(const struct rdl_block_grid *grid, size_t n)
{
    if (rdl_block_has_offset(grid))
        return rdl_exact_affine_scratch(grid, n);
    return n > RDL_BLOCK_MAX_LENGTH ? rdl_oracle_scale_scratch(grid, n) : 0;
}

void rdl_solve_exact(const struct rdl_block *block, const struct rdl_solver_options *options,
                     void *scratch, uint8_t *codes, struct rdl_block_fit *fit)
{
    if (rdl_block_has_offset(&block->grid))
        rdl_exact_affine(block, options, scratch, codes, fit, NULL);
    else if (block->n > RDL_BLOCK_MAX_LENGTH)
        rdl_oracle_scale(block, scratch, codes, fit);
    else if (rdl_breakpoints_are_few(block))
        rdl_solve_cumulative(block, options, scratch, codes, fit);
    else
        rdl_exact_scale(block, options, codes, fit, NULL);
}
