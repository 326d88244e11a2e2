/*
 * The oracle for grids with an offset: the optimum by enumeration of every vector of codes that is
 * nearest for some scale and offset.
 */
#ifndef RDL_REF_ORACLE_AFFINE_H
#define RDL_REF_ORACLE_AFFINE_H

#include "solver.h"

size_t rdl_oracle_affine_scratch(const struct rdl_block_grid *grid, size_t n);

void rdl_oracle_affine(const struct rdl_block *block, void *scratch, uint8_t *codes,
                       struct rdl_block_fit *fit);

#endif
