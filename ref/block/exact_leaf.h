/*
 * Leaves of the search of scale and offset: cells so small that few codes are undecided in them.
 *
 * Weight i is at y = tau z + v for the centre of the cell and within |z| half_tau + half_v of it
 * elsewhere: either one code is nearest throughout, or one boundary k + 1/2 lies within, or the
 * cell is too large. Of the weights at one boundary those above it are the larger ones, as tau > 0;
 * so a group of m weights that are undecided there has m + 1 states, weights of equal z counting as
 * one. All combinations of the groups' states are scored, in binary64.
 */
#ifndef RDL_REF_EXACT_LEAF_H
#define RDL_REF_EXACT_LEAF_H

#include "block/exact_cells.h"
#include "block/exact_line.h"

/* Considers the best codes of cell number p; false, and nothing done, if it has too many states. */
bool rdl_exact_leaf(struct rdl_exact_line *line, const struct rdl_exact_cells *cells, int p);

#endif
