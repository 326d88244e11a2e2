/*
 * The inner problem of candidate_list.h in loops over the pairs of units, for compilers to vectorize:
 * the same text for every target.
 */
#ifndef RDL_CANDIDATE_LEAST_H
#define RDL_CANDIDATE_LEAST_H

#include "candidate_list.h"

#include <math.h>

static inline double rdl_between(double v, double low, double high)
{
    const double above = v > low ? v : low;
    return above < high ? above : high;
}

/* Nearest integer, ties to even, for |v| < 2^51: the last place of the sum is 1. */
static inline double rdl_integer_near(double v)
{
    const double shift = 6755399441055744.0; /* 1.5 * 2^52 */
    return (v + shift) - shift;
}

/* Of candidate number c, in `least` if it is less. */
static inline void rdl_try_candidate(const struct rdl_candidates *list, int c,
                                     const struct rdl_units *units, const double *per_d,
                                     const double *per_dmin, int more, double *least)
{
    const double error = list->error[c], scale = list->scale[c], offset = list->offset[c];
    const double stretch = list->stretch[c], center = list->center[c], weight = list->weight;
    const double first = units->scale_first, last = units->scale_last, min_last = units->min_last;
    double below[RDL_UNITS];
    for (int k = 0; k < RDL_UNITS; k++)
        below[k] =
            rdl_integer_near(rdl_between(scale * per_d[k], first - 1.0, last + 1.0) - 0.5);
    for (int step = -more; step <= more + 1; step++)
        for (int k = 0; k < RDL_UNITS; k++) {
            const double integer = rdl_between(below[k] + (double)step, first, last);
            const double ds = units->d[k] * integer - scale;
            const double wanted = offset - center * ds;
            const double min =
                rdl_integer_near(rdl_between(-(wanted * per_dmin[k]), 0.0, min_last));
            const double rest = min * units->dmin[k] + wanted;
            const double e = error + (stretch * (ds * ds) + weight * (rest * rest));
            least[k] = e < least[k] ? e : least[k];
        }
}

static inline void rdl_candidates_least(const struct rdl_candidates *list,
                                        const struct rdl_units *units, int more, double *least)
{
    double per_d[RDL_UNITS], per_dmin[RDL_UNITS], result[RDL_UNITS];
    for (int k = 0; k < RDL_UNITS; k++) {
        per_d[k] = 1.0 / units->d[k];
        per_dmin[k] = units->dmin[k] != 0.0 ? 1.0 / units->dmin[k] : 0.0;
        result[k] = INFINITY;
    }
    for (int c = 0; c < list->count; c++)
        rdl_try_candidate(list, c, units, per_d, per_dmin, more, result);
    for (int k = 0; k < RDL_UNITS; k++)
        least[k] = result[k];
}

#endif
