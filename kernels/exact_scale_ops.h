/*
 * The operations of the exact search of a scale (ref/block/exact_scale.c), and what they work on:
 * a block, a grid, points of the axis of inverse scales, and the gaps between what these exclude.
 * exact_ops.h says what operations owe.
 *
 * Arrays of weights and of points have eights for lanes: room for a multiple of 8 elements, in
 * which weights end with zeros. A sum of binary64 is taken in eight parts, element i in part
 * i mod 8, in ascending order; parts are added as ((0 + 4) + (2 + 6)) + ((1 + 5) + (3 + 7)).
 * Products of three factors are taken from the left.
 */
#ifndef RDL_EXACT_SCALE_OPS_H
#define RDL_EXACT_SCALE_OPS_H

#include "exact_points_ops.h"

/* ------------------------------------------------------------------------------------------------
 * Blocks
 */

struct rdl_exact_block {
    int n;
    double x[RDL_BLOCK_MAX_LENGTH], w[RDL_BLOCK_MAX_LENGTH]; /* exact; largest |x|, w in [1, 2) */
    double xx;                                               /* sum w x^2 */
    double above, below;     /* sums of w |x| over x > 0 and over x < 0 */
    double magnitudes;       /* sum |x| */
    double highest, lowest;  /* largest x and largest -x, or 0 */
    double x_power, w_power; /* what x and w have been multiplied by */
    double rest;             /* sum w x^2 of weights left out though their factor is positive */
    double unit;             /* an error of 1 here, in the units of the block */
    bool is_whole;           /* all weights are here, in their places */
    uint8_t index[RDL_BLOCK_MAX_LENGTH]; /* in the block */
};

/* Fills all but n, rest, unit, is_whole and index from n weights and factors, in eights. Powers are
 * those that bring the largest magnitudes into [1, 2). */
typedef void rdl_exact_block_fn(struct rdl_exact_block *block, const float *x, const float *w);

/* The block in binary32, with zeros for elements of which x (unless it is 0) or w is below 2^-100:
 * products would lose places, or vanish. */
typedef void rdl_exact_rounded_fn(const struct rdl_exact_block *block,
                                  struct rdl_exact_weights *weights);

/* ------------------------------------------------------------------------------------------------
 * Codes
 */

/* Values of codes: integers as they are; entries of a table times a power of two that brings them
 * to where binary32 is exact enough. */
struct rdl_exact_grid {
    int count;
    bool is_table;
    bool is_uneven;     /* a table whose points cannot be evaluated */
    double first, last; /* values of the first and the last code */
    /* Of a table. Between entries k and k + 1 there is midpoint k; as many midpoints as the power
     * of two says, at least 16, less 1, those beyond the last one infinite. */
    int power;
    double table_power; /* what entries have been multiplied by; 1 for integers */
    double entries[RDL_BLOCK_MAX_CODES], midpoints[RDL_BLOCK_MAX_CODES];
    struct rdl_exact_table table;
};

/* The codes nearest to t x, of n weights in eights, and their values: integers go to
 * trunc(min(max(t x - first, 0), last - first) + 1/2), y of a table to the number of midpoints at
 * or below. None decreases as its t x grows. */
typedef void rdl_exact_nearest_fn(const struct rdl_exact_grid *grid, int n, const double *x,
                                  double t, uint8_t *codes, double *values);

/* sum w x v, sum w v^2, and the error sum w (x - s v)^2 for s = xv / vv. */
struct rdl_exact_scale_fit {
    double xv, vv, error;
};

typedef void rdl_exact_scale_fit_fn(const struct rdl_exact_block *block, const double *values,
                                    struct rdl_exact_scale_fit *fit);

/* xv and vv of the codes nearest to `from` x; false if those nearest to `to` x are the same. */
typedef bool rdl_exact_ends_fn(const struct rdl_exact_block *block,
                               const struct rdl_exact_grid *grid, double from, double to,
                               struct rdl_exact_scale_fit *fit);

/* ------------------------------------------------------------------------------------------------
 * Points and gaps
 */

enum {
    RDL_EXACT_MAX_POINTS = 128,
    RDL_EXACT_MAX_GAPS = 144
};

/* In ascending order; g as above, with u = 0. */
struct rdl_exact_probes {
    int count;
    float t[RDL_EXACT_MAX_POINTS], g[RDL_EXACT_MAX_POINTS];
};

struct rdl_exact_gap {
    double from, to;
};

/* In ascending order. */
struct rdl_exact_gaps {
    int count;
    struct rdl_exact_gap at[RDL_EXACT_MAX_GAPS];
};

/* Intervals in ascending order; room for an eight beyond the last one. */
struct rdl_exact_intervals {
    int count;
    double from[RDL_EXACT_MAX_GAPS], to[RDL_EXACT_MAX_GAPS];
};

/* The number of the first probe of least (g / t) / t, in binary32; 0 if there is none below
 * infinity. Whole batches are read. */
typedef int rdl_exact_least_fn(const struct rdl_exact_probes *probes);

/*
 * What probes leave of the axis. Probe k excludes t_k +- r_k, with
 *
 *     r = sqrt(max(0, (of_g g - of_tt t^2) - 2^-119) per_xx) (1 - 1e-6)
 *
 * and g above FLT_MAX taken for that; what is not a number is 0. Between probes k - 1 and k it
 * leaves what is above t + r of both k - 2 and k - 1 and below t - r of both k and k + 1; those
 * which do not exist exclude nothing.
 */
struct rdl_exact_radius {
    double of_g, of_tt, per_xx;
};

typedef void rdl_exact_open_fn(const struct rdl_exact_probes *probes,
                               const struct rdl_exact_radius *radius,
                               struct rdl_exact_intervals *open);

#endif
