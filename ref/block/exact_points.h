/*
 * What the points of exclusion searches (exact_ops.h) are evaluated of, and the batches of them.
 */
#ifndef RDL_REF_EXACT_POINTS_H
#define RDL_REF_EXACT_POINTS_H

#include "exact_ops.h"
#include "solver.h"

/* The weights x of factors w, none of them above 2^7, in binary32. */
void rdl_exact_weights_start(struct rdl_exact_weights *weights, int n, const double *x,
                             const double *w);

/* At least two entries, ascending, magnitudes below 2^7; false if they are too uneven for bins. */
bool rdl_exact_table_start(struct rdl_exact_table *table, const double *entries, int count);

#endif
