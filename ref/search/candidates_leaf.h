/*
 * Cells of the plane of exact_line.h in which few codes are undecided: all vectors that are nearest
 * somewhere in one.
 *
 * Weights are sorted, largest first, so that codes never rise; those that are undecided at the same
 * boundary follow each other, and take the upper code from the first one on. Weights of equal z
 * count as one.
 */
#ifndef RDL_REF_CANDIDATES_LEAF_H
#define RDL_REF_CANDIDATES_LEAF_H

#include "search/candidates.h"

struct rdl_leaf_block {
    int n, last;
    double z[RDL_BLOCK_MAX_LENGTH], w[RDL_BLOCK_MAX_LENGTH], wz[RDL_BLOCK_MAX_LENGTH];
    /* Of the block's own units. */
    double sigma, mean, unit, weight;
};

void rdl_leaf_block_start(struct rdl_leaf_block *block, const struct rdl_exact_line *line,
                          double unit, double weight);

/* Adds the vectors of cell number p to the list; false, and nothing done, if there are too many. */
bool rdl_leaf_candidates(const struct rdl_leaf_block *block, const struct rdl_exact_cells *cells,
                         int p, struct rdl_candidates *list);

#endif
