/*
 * The weights of a block as a fit with an offset sees them, for the oracle: those that count, in
 * ascending order, equal ones as one. (Equal weights share a code without loss: what is best for
 * one is best for the other.)
 */
#ifndef RDL_REF_ORACLE_POINTS_H
#define RDL_REF_ORACLE_POINTS_H

#include "solver.h"

struct rdl_points {
    int count;
    double x[RDL_BLOCK_MAX_LENGTH], w[RDL_BLOCK_MAX_LENGTH];
    double wx[RDL_BLOCK_MAX_LENGTH]; /* w (x - mean) */
    double weight, mean;             /* sum w; sum w x / sum w */
};

void rdl_gather_points(const struct rdl_block *block, struct rdl_points *points);

#endif
