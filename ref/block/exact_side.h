/*
 * The inverse scales of one sign: which of them an optimum can have, and where to look first.
 */
#ifndef RDL_REF_EXACT_SIDE_H
#define RDL_REF_EXACT_SIDE_H

#include "block/exact_block.h"
#include "block/exact_grid.h"

enum {
    RDL_EXACT_FIRST_POINTS = 32 /* at most */
};

struct rdl_exact_side {
    double sign;
    double from;  /* some optimum of this sign is not below */
    double xv;    /* sum w x v with the value v that makes each product largest */
    double x_max; /* largest magnitude of weights that the grid can follow with this sign */
};

/* False if no scale of this sign is better than scale 0. */
bool rdl_exact_side_start(struct rdl_exact_side *side, const struct rdl_exact_block *block,
                          const struct rdl_exact_grid *grid, double sign);

/* Codes that explain more than a part of the sum of squares have inverse scales below this. */
double rdl_exact_side_end(const struct rdl_exact_side *side, double part);

/* Fills magnitudes of inverse scales, ascending; returns their number. */
int rdl_exact_first_points(const struct rdl_exact_side *side, const struct rdl_exact_grid *grid,
                           float *t);

#endif
