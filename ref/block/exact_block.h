/*
 * A block as the exact searches want it: the weights that count, by powers of two brought to where
 * binary32 neither overflows nor underflows; and what the searches count.
 */
#ifndef RDL_REF_EXACT_BLOCK_H
#define RDL_REF_EXACT_BLOCK_H

#include "solver.h"

#include <math.h>

struct rdl_exact_block {
    int n;
    /* Exact; largest |x|, w in [1, 2); then 0 to the end of a group. */
    double x[RDL_BLOCK_MAX_LENGTH], w[RDL_BLOCK_MAX_LENGTH];
    double xx;     /* sum w x^2 */
    double rest;   /* the same of weights left out though their factor is positive */
    double x_unit; /* a weight of 1 here, in the block */
    double unit;   /* an error of 1 here, in the units of the block */
    uint8_t index[RDL_BLOCK_MAX_LENGTH]; /* in the block */
};

/* Takes the weights of positive factor, or those of them above 0; false if there are none other
 * than 0. */
bool rdl_exact_block_start(struct rdl_exact_block *exact, const struct rdl_block *block,
                           bool positive);

/* Errors below this part of sum w x^2 are those of rounding. */
static const double rdl_exact_precision = 1e-13;

/* A claim that is a little above a known error, so that what reaches this error is still found. */
static inline double rdl_exact_claim(double incumbent)
{
    return incumbent >= 0.0 || incumbent < 0.0 ? incumbent * (1.0 + 2e-6) : INFINITY;
}

/* What a search has done. */
struct rdl_exact_counts {
    long points;  /* evaluated in binary32 */
    long refits;  /* vectors of codes evaluated in binary64 */
    long gaps;    /* swept */
    long changes; /* of codes, in sweeps of gaps */
    long levels;  /* of cells */
    long leaves;
    long states;  /* of leaves */
    long oracles; /* handed over to the enumeration */
};

#endif
