/*
 * The solver `oracle`: the optimum of any grid by enumeration, slow, against which all others are
 * measured. The two enumerations: oracle_scale.c and oracle_affine.c.
 */
#include "block/block.h"
#include "block/oracle_affine.h"
#include "block/oracle_scale.h"

size_t rdl_solve_oracle_scratch(const struct rdl_block_grid *grid, size_t n)
{
    return rdl_block_has_offset(grid) ? rdl_oracle_affine_scratch(grid, n)
                                      : rdl_oracle_scale_scratch(grid, n);
}

void rdl_solve_oracle(const struct rdl_block *block, const struct rdl_solver_options *options,
                      void *scratch, uint8_t *codes, struct rdl_block_fit *fit)
{
    (void)options;
    if (rdl_block_has_offset(&block->grid))
        rdl_oracle_affine(block, scratch, codes, fit);
    else
        rdl_oracle_scale(block, scratch, codes, fit);
}
