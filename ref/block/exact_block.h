/*
 * A block as the exact searches want it: the weights that count, by powers of two brought to where
 * binary32 neither overflows nor underflows; and what the searches count.
 */
#ifndef RDL_REF_EXACT_BLOCK_H
#define RDL_REF_EXACT_BLOCK_H

#include "exact_ops.h"
#include "solver.h"

#include <math.h>

/* Takes the weights of positive factor, or those of them above 0; false if there are none other
 * than 0. */
bool rdl_exact_block_start(struct rdl_exact_block *exact, const struct rdl_block *block,
                           bool positive, const struct rdl_exact_ops *ops);

/* The codes of the weights that have been taken, to their places in a block of n; others get 0. */
void rdl_exact_block_codes(const struct rdl_exact_block *exact, size_t n, const uint8_t *taken,
                           uint8_t *codes);

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
