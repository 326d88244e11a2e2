/*
 * The problem of scale and offset in coordinates without units, and the closed form of the best
 * line through given codes.
 *
 * With the weighted mean mu and deviation sigma of the block, z = (x - mu) / sigma and factors
 * w / sum w, so that sum w z = 0 and sum w z^2 = 1. A scale s and an offset b become tau = sigma /
 * s and v = (mu - b) / s, the value of the codes that the mean is mapped to: weight i is at
 * y = tau z + v. Errors are parts of sum w (x - mu)^2.
 */
#ifndef RDL_REF_EXACT_LINE_H
#define RDL_REF_EXACT_LINE_H

#include "block/exact_block.h"
#include "block/exact_points.h"

struct rdl_exact_line {
    const struct rdl_exact_ops *ops;
    int n, last;  /* codes are 0 .. last */
    bool is_free; /* any offset; otherwise b <= 0, which is v >= tau mean */
    double z[RDL_BLOCK_MAX_LENGTH], w[RDL_BLOCK_MAX_LENGTH]; /* then 0 to the end of a group */
    struct rdl_exact_weights rounded;                        /* z and w in binary32 */
    double z_min, z_max;
    double z_above;      /* sum of w z over positive z */
    double mean, sigma;  /* mu / sigma; sigma in the units of the block */
    double claim, error; /* to be beaten; of the best codes known */
    double slope, shift; /* their line: z is about slope * code - shift */
    uint8_t codes[RDL_BLOCK_MAX_LENGTH];
    struct rdl_exact_counts *counts;
};

/* Fills all but what concerns codes, with the operations that are there; false if the block is
 * constant but for rounding. `unit` is the sum w (x - mu)^2 in the units of the block. */
bool rdl_exact_line_start(struct rdl_exact_line *line, const struct rdl_exact_block *block,
                          double *unit);

/* The error of codes with the line that fits them best, known to 1e-14; they are kept if it is less
 * than the error so far. Returns false, and no line, if there is none of positive scale. */
bool rdl_exact_line_consider(struct rdl_exact_line *line, const uint8_t *codes, double *tau,
                             double *v);

/* Considers the nearest codes at a point, then those at the point that is best for them, and so on:
 * `rounds` times, or until they stay the same. */
void rdl_exact_line_improve(struct rdl_exact_line *line, double tau, double v, int rounds);

/* The code nearest to y; of two the higher one. */
static inline int rdl_exact_code(double y, int last)
{
    return (int)((y > 0.0 ? y < (double)last ? y : (double)last : 0.0) + 0.5);
}

/* What must be beaten: the claim or the error. */
static inline double rdl_exact_line_bound(const struct rdl_exact_line *line)
{
    return line->error < line->claim ? line->error : line->claim;
}

#endif
