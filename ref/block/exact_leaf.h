/*
 * Leaves of the search of scale and offset: cells so small that few codes are undecided in them.
 *
 * Weight i is at y = tau z + v for the center of the cell and within |z| h + h of it elsewhere, h
 * being half the side: either one code is nearest throughout, or one boundary k + 1/2 lies within.
 * Of the weights at one boundary those above it are the larger ones, as tau > 0; so a group of g
 * weights that are undecided there has g + 1 states, weights of equal z counting as one. All
 * combinations of the groups' states are scored, in binary64.
 */
#ifndef RDL_REF_EXACT_LEAF_H
#define RDL_REF_EXACT_LEAF_H

#include "block/exact_line.h"

/* Considers the best codes of a cell; false, and nothing done, if it has too many states. */
bool rdl_exact_leaf(struct rdl_exact_line *line, double tau, double v, double half);

#endif
