/* Leaves of the search of candidates_line.c: cells of which all states are taken
 * (kernels/exact_ops.h). */
#ifndef RDL_REF_CANDIDATES_LEAF_H
#define RDL_REF_CANDIDATES_LEAF_H

#include "search/candidates.h"

struct rdl_leaves {
    /* Sorted, the largest z first, without equals; then 0 to the end of a group. */
    int n, last; /* codes are 0 .. last */
    double z[RDL_BLOCK_MAX_LENGTH], w[RDL_BLOCK_MAX_LENGTH], wz[RDL_BLOCK_MAX_LENGTH];
    /* In the units of the sub-block: deviation, sum w (x - mean)^2, sum w; the mean in deviations.
     */
    double sigma, unit, weight, mean;
};

void rdl_leaves_start(struct rdl_leaves *leaves, const struct rdl_exact_line *line, double unit,
                      double weight);

/* Adds the vectors of a cell about (tau, v), of the size of these cells, to the list; false, and
 * nothing done, if there are too many. */
bool rdl_leaves_add(const struct rdl_leaves *leaves, const struct rdl_exact_ops *ops,
                    const struct rdl_exact_cells *cells, double tau, double v,
                    struct rdl_candidates *list);

#endif
