/*
 * The sweep of a gap: every vector of codes that is nearest somewhere on an interval of inverse
 * scales, in binary64.
 *
 * As t grows the code of weight x changes where t x crosses the midpoint of two values, to its
 * neighbour. So the codes at the start of the interval and those at its end say how many changes
 * there are; they are made one by one, in the order of their t (then of the weights), and the sums
 * A = sum w x v and B = sum w v^2 follow each. The part of sum w x^2 that a vector explains with
 * its best scale is A^2 / B.
 */
#ifndef RDL_REF_EXACT_SWEEP_H
#define RDL_REF_EXACT_SWEEP_H

#include "block/exact_block.h"
#include "block/exact_gaps.h"
#include "block/exact_grid.h"

struct rdl_exact_peak {
    double score; /* A^2 / B */
    uint8_t codes[RDL_BLOCK_MAX_LENGTH];
};

/* Replaces a peak by a higher one; returns the number of changes. */
long rdl_exact_sweep(const struct rdl_exact_block *block, const struct rdl_exact_grid *grid,
                     const struct rdl_exact_gap *gap, const struct rdl_exact_ops *ops,
                     struct rdl_exact_peak *peak);

#endif
