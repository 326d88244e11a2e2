/*
 * Points of an exclusion search: how far a block is from the codes at given scales and offsets.
 * exact_ops.h says what operations owe.
 *
 * At a scale s and an offset b put t = 1 / s and u = -b / s. Weight i is then at y = t x + u, where
 * the values of the codes stand, and
 *
 *     g(t, u) = sum w (y - nearest value)^2
 *
 * is t^2 times the least error at this scale and offset. No codes are stored, nothing is sorted or
 * divided. A negative t is a negative scale.
 *
 * Binary32, for decisions to discard alone: notes/exact-search.md says how far g may be off. The
 * points of a batch are the lanes of a vector, the weights come one after another from memory. One
 * sum per point, i from 0 up; each operation is rounded once; products w * r * r from the left. So
 * the bytes are the same on every target, however the nearest value is found: of values equally
 * near either will do.
 */
#ifndef RDL_EXACT_POINTS_OPS_H
#define RDL_EXACT_POINTS_OPS_H

#include "roundel_block.h"

enum {
    RDL_EXACT_LANES = 16, /* points in a batch */
    RDL_EXACT_BINS = 128, /* of a table */
    RDL_EXACT_MAX_MORE = 4,
    RDL_EXACT_FEW = 16,      /* entries, at most, that a binary search of four steps finds */
    RDL_EXACT_WIDE_BINS = 32 /* that a permutation of two registers reaches */
};

/* Weights and their factors, without those that binary32 does not hold: g is less then. */
struct rdl_exact_weights {
    int n;
    float x[RDL_BLOCK_MAX_LENGTH], w[RDL_BLOCK_MAX_LENGTH];
};

/* The number of points in whole batches: t, u and g have room for as many, and are read and written
 * so far. */
static inline int rdl_exact_whole(int count)
{
    return (count + RDL_EXACT_LANES - 1) / RDL_EXACT_LANES * RDL_EXACT_LANES;
}

/* g of all points of whole batches; values are the integers first .. last, within -256 .. 256. */
typedef void rdl_exact_points_fn(const struct rdl_exact_weights *weights, float first, float last,
                                 int count, const float *t, const float *u, float *g);

/*
 * Wide bins of a table, of which none has more than one midpoint of two entries: the bin of y is y
 * times per_unit + origin, brought into 0 .. 31 and rounded to an integer. No midpoint is near the
 * end of a bin, so that it does not matter how that is computed. The nearest entry is entry[bin] if
 * y < midpoint[bin], otherwise entry[bin + 1]; the last bin has no midpoint.
 */
struct rdl_exact_wide_bins {
    bool exist;
    float per_unit, origin; /* an integer */
    float least, largest;   /* y of bins 0 and 31 */
    float midpoint[RDL_EXACT_WIDE_BINS], entry[RDL_EXACT_WIDE_BINS];
};

/*
 * A table of values, and where to look for the nearest one: in the bin of y, it is one of those
 * from number first[bin] on, that one and `more` others.
 */
struct rdl_exact_table {
    float entries[RDL_BLOCK_MAX_CODES + RDL_EXACT_MAX_MORE]; /* and copies of the last one, 16 or
                                                                more in all */
    float origin, bins_per_unit;
    int more;
    uint8_t first[RDL_EXACT_BINS];
    bool is_few;
    float midpoints[RDL_EXACT_FEW]; /* if it is: the least values not below midpoints; infinity */
    struct rdl_exact_wide_bins wide;
};

/* g of all points of whole batches for a table of values, with u = 0. */
typedef void rdl_exact_table_points_fn(const struct rdl_exact_weights *weights,
                                       const struct rdl_exact_table *table, int count,
                                       const float *t, float *g);

#endif
