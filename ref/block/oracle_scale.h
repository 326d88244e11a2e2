/*
 * The oracle for grids without offset: the optimum by enumeration of every vector of codes that is
 * nearest for some scale.
 */
#ifndef RDL_REF_ORACLE_SCALE_H
#define RDL_REF_ORACLE_SCALE_H

#include "solver.h"

size_t rdl_oracle_scale_scratch(const struct rdl_block_grid *grid, size_t n);

/* Codes, scale and offset (0); SIGNED: of the better sign. */
void rdl_oracle_scale(const struct rdl_block *block, void *scratch, uint8_t *codes,
                      struct rdl_block_fit *fit);

#endif
