/*
 * The optimum of grids without an offset, by exclusion: roundel_block.h says which, exact_scale.c
 * how.
 */
#ifndef RDL_REF_EXACT_SCALE_H
#define RDL_REF_EXACT_SCALE_H

#include "block/exact_block.h"
#include "exact_ops.h"

/*
 * Looks for codes of less error than a claim (INFINITY: none); returns the error of the codes found
 * with their best scale, INFINITY and no codes if no scale is better than 0. They are optimal if
 * that error is below the claim; otherwise no codes have an error below the claim.
 */
double rdl_exact_scale_search(const struct rdl_block *block, double claim,
                              const struct rdl_exact_ops *ops, uint8_t *codes,
                              struct rdl_exact_counts *counts);

/* The solver; counts are added to, or NULL. */
void rdl_exact_scale(const struct rdl_block *block, const struct rdl_solver_options *options,
                     uint8_t *codes, struct rdl_block_fit *fit, struct rdl_exact_counts *counts);

#endif
