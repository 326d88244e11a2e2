/*
 * Which stored scales of a sub-block cannot be better than a known error: found out in batches and
 * in binary32 (kernels/exact_ops.h), so that few are left to be evaluated as decoders see them.
 */
#ifndef RDL_REF_EXCLUSION_H
#define RDL_REF_EXCLUSION_H

#include "block/exact_block.h"
#include "block/exact_grid.h"
#include "search/stored.h"

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
void rdl_exclusion_add(struct rdl_exclusion *exclusion, struct rdl_stored_scale stored);

/* Evaluates the batch. Whoever asks for no more of it sets the count to 0. */
void rdl_exclusion_evaluate(struct rdl_exclusion *exclusion);

/* True if scale k of the batch certainly has more than this error. */
bool rdl_exclusion_excludes(const struct rdl_exclusion *exclusion, int k, double error);

#endif
