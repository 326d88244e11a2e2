/*
 * Which stored scales of a sub-block cannot be better than a known error: found out in batches and
 * in binary32 (kernels/exact_ops.h), so that few are left to be evaluated as decoders see them.
 */
#ifndef RDL_REF_EXCLUSION_H
#define RDL_REF_EXCLUSION_H

#include "block/exact_block.h"
#include "block/exact_grid.h"
#include "search/stored.h"

#include <float.h>
#include <math.h>

enum {
    RDL_EXCLUSION_POINTS = 8 * RDL_EXACT_LANES
};

struct rdl_exclusion {
    const struct rdl_search_problem *problem;
    const struct rdl_exact_ops *ops;
    struct rdl_exact_grid grid;
    double values;  /* largest magnitude of the grid's */
    double stretch; /* the grid's values are those of the layout times this */
    /* Of the sub-block: */
    struct rdl_exact_weights weights;
    double x_unit, error_unit; /* of what `weights` holds */
    double root_w;             /* the root of the sum of its factors */
    /* Of the batch: */
    int count;
    float t[RDL_EXCLUSION_POINTS], u[RDL_EXCLUSION_POINTS], g[RDL_EXCLUSION_POINTS];
};

void rdl_exclusion_start(struct rdl_exclusion *exclusion, const struct rdl_search_problem *problem);

/* Goes on to sub-block j; false if no weight that counts differs from 0. */
bool rdl_exclusion_sub_block(struct rdl_exclusion *exclusion, int j);

/* Appends a scale other than 0 to the batch, which has room for it. */
static inline void rdl_exclusion_add(struct rdl_exclusion *exclusion,
                                     struct rdl_stored_scale stored)
{
    const double inverse = exclusion->stretch / (double)stored.scale;
    exclusion->t[exclusion->count] = (float)(inverse * exclusion->x_unit);
    exclusion->u[exclusion->count++] = (float)(inverse * (double)stored.min);
}

/* Evaluates the batch. Whoever asks for no more of it sets the count to 0. */
void rdl_exclusion_evaluate(struct rdl_exclusion *exclusion);

/* An error as rdl_exclusion_excludes() wants it. */
double rdl_exclusion_limit(const struct rdl_exclusion *exclusion, double error);

/*
 * True if scale k of the batch certainly has an error above the limit.
 *
 * The root of g is a norm of the distances of y = t x + u to values. What it lacks to t times the
 * root of the decoder's error, with v = 2^-24 and norms that are at most root_w times the largest
 * magnitude (|x| < 2):
 *
 *     t and u rounded, y computed        v (|t x| + 2 |u| + 2 |t x| + |y|)
 *     the decoder's roundings            v (|value| + 2 |y|)
 *     y, near values where it matters    |y| <= |value| + distance
 *
 * Below 16 v (2 |t| + |u| + |value|) in all, and a part of 4 v of the distances, which goes with
 * the rounding of the sum, (n + 6) v of g: 1e-5 is more than twice that. A g that overflows is at
 * least FLT_MAX.
 */
static inline bool rdl_exclusion_excludes(const struct rdl_exclusion *exclusion, int k,
                                          double limit)
{
    const double t = fabs((double)exclusion->t[k]), u = fabs((double)exclusion->u[k]);
    const double slack = 0x1p-20 * exclusion->root_w * (2.0 * t + u + exclusion->values);
    const double root = t * limit + slack;
    const double g = exclusion->g[k] <= FLT_MAX ? (double)exclusion->g[k] : (double)FLT_MAX;
    return g > root * root * (1.0 + 1e-5) + 0x1p-119;
}

#endif
