/* The optimum of grids with an offset, by exclusion: exact_affine.c says how. */
#ifndef RDL_REF_EXACT_AFFINE_H
#define RDL_REF_EXACT_AFFINE_H

#include "block/exact_block.h"

size_t rdl_exact_affine_scratch(const struct rdl_block_grid *grid, size_t n);

/* The solver; counts are added to, or NULL. */
void rdl_exact_affine(const struct rdl_block *block, const struct rdl_solver_options *options,
                      void *scratch, uint8_t *codes, struct rdl_block_fit *fit,
                      struct rdl_exact_counts *counts);

#endif
