/* The ways to store the scales of a block: enum rdl_scales, and what they have in common. */
#ifndef RDL_REF_STORE_H
#define RDL_REF_STORE_H

#include "search/stored.h"

rdl_store_scales_fn rdl_store_max, rdl_store_qp, rdl_store_exhaustive, rdl_store_alternate;

/* The offset of a sub-block as a min in the units of a dmin of the wanted sign; 0 if it has the
 * other one. */
static inline double rdl_store_min(const struct rdl_search_problem *problem, int j)
{
    const double min = -problem->fits[j].offset * (double)problem->min_sign;
    return min > 0.0 ? min : 0.0;
}

/* True if the scale is d itself. */
static inline bool rdl_store_has_one_scale(const struct rdl_search_layout *layout)
{
    return layout->scale_first == layout->scale_last;
}

/* d and dmin that send the largest scale and min to the largest integers; false if one of them
 * overflows, and then all integers are 0. */
bool rdl_store_units(const struct rdl_search_problem *problem, struct rdl_search_block *block);

/* Where the layout has a unit, the d of least error of all, which is returned; the first of equals.
 */
double rdl_store_best_unit(const struct rdl_search_problem *problem,
                           struct rdl_search_block *block);

/* The integers of sub-block j that are nearest to its real scale and min in units of d and dmin, or
 * of their neighbours -1 and +1 those of least error, which is returned. */
double rdl_store_near(const struct rdl_search_problem *problem, int j,
                      struct rdl_search_block *block);

/* The best integers of sub-block j for d and dmin; returns its error. */
double rdl_store_best_of(const struct rdl_search_problem *problem, int j,
                         struct rdl_search_block *block);

/*
 * The best integers of all sub-blocks for d and dmin, which are finite, d not below 0 where there
 * are mins. Ties: the smaller scale, then the smaller min; 0 where no weight that counts differs
 * from 0. Returns the error; INFINITY if it is above the limit, and then not all integers are set.
 */
double rdl_store_best(const struct rdl_search_problem *problem, struct rdl_search_block *block,
                      double limit);

#endif
