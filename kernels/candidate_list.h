/*
 * Candidates: the vectors of codes that a sub-block may take once its scale and offset are stored.
 *
 * For fixed codes v the error is a quadratic of the scale s and the offset b, whatever these are:
 *
 *     E(s, b) = error + stretch (s - scale)^2 + weight ((b - offset) + center (s - scale))^2
 *
 * with the best scale and offset of v, weight = sum w, center = sum w v / weight and stretch =
 * sum w (v - center)^2; without offsets, weight = offset = center = 0 and stretch = sum w v^2. The
 * error of a sub-block at (s, b) is the least over the vectors. So a short list of them stands for
 * the data: no further pass over weights is needed.
 *
 * A list is complete up to its limit: a vector that is nearest to the data at a scale and an offset
 * where the error is at most the limit is in it, or one with the same quadratic. What a list says
 * at a scale and an offset is the error of some codes there, and the least one if it is up to the
 * limit.
 */
#ifndef RDL_CANDIDATE_LIST_H
#define RDL_CANDIDATE_LIST_H

#include <math.h>
#include <stdbool.h>

enum {
    RDL_MAX_CANDIDATES = 64,
    RDL_UNITS = 8 /* pairs of units in a batch */
};

struct rdl_candidates {
    int count;
    double least; /* of the errors */
    double limit;
    double reach; /* no candidate is below the limit at a scale further than this from its best */
    double after; /* of the lists behind this one the least errors, summed */
    double weight;
    double error[RDL_MAX_CANDIDATES], scale[RDL_MAX_CANDIDATES], offset[RDL_MAX_CANDIDATES];
    double stretch[RDL_MAX_CANDIDATES], center[RDL_MAX_CANDIDATES];
};

/* Units: scales are integers times d, offsets are integers times -dmin; and the integers there are.
 * Magnitudes of d and of dmin are normal numbers of binary32, or dmin is 0. */
struct rdl_units {
    double d[RDL_UNITS], dmin[RDL_UNITS];
    double scale_first, scale_last, min_last; /* mins are from 0 */
    int most_more;                            /* see below */
};

/*
 * The inner problem: of each pair of units the least error that sub-blocks can have with integer
 * scales and mins, by their candidates, summed over the lists. False, and nothing of use, if it is
 * found that no sum is below the limit: after any list, none of the sums so far + after.
 *
 * A candidate tries the integers about scale / d, 2 of them and `more` to either side, and for each
 * of these the nearest min; more is rdl_candidates_more() of the smallest d. Where d or dmin is 0,
 * its inverse is taken for 0.
 *
 * With below = the integer nearest to scale * (1 / d) - 1/2, an integer l is below + step, clipped
 * to scale_first .. scale_last; ds = d l - scale; wanted = offset - center ds; m = the integer
 * nearest to wanted * -(1 / dmin), which is clipped to 0 .. min_last first; rest = m dmin + wanted;
 * and the error is error + (stretch (ds ds) + weight (rest rest)). Each operation is rounded once,
 * ties go to even; rdl_candidate_round() is good enough, as what it does not round is clipped.
 */
typedef bool rdl_exact_candidates_sum_fn(const struct rdl_candidates *lists, int count,
                                         const struct rdl_units *units, double limit, double *sums);

/* How many more integers than two a candidate must try for a unit of at least this magnitude:
 * beyond the reach it is above the limit. */
static inline int rdl_candidates_more(const struct rdl_candidates *list, double d, int most)
{
    const double more = list->reach / d * (1.0 + 1e-9);
    return more < (double)most ? (int)more : most;
}

static inline double rdl_units_smallest_d(const struct rdl_units *units)
{
    double smallest = INFINITY;
    for (int k = 0; k < RDL_UNITS; k++)
        if (fabs(units->d[k]) < smallest)
            smallest = fabs(units->d[k]);
    return smallest;
}

static inline double rdl_candidate_clip(double v, double low, double high)
{
    const double above = low < v ? v : low;
    return high < above ? high : above;
}

/* Nearest integer, ties to even, for |v| < 2^51: the last place of the sum is 1. */
static inline double rdl_candidate_round(double v)
{
    const double shift = 6755399441055744.0; /* 1.5 * 2^52 */
    return (v + shift) - shift;
}

static inline double rdl_candidate_inverse(double unit)
{
    return unit != 0.0 ? 1.0 / unit : 0.0;
}

#endif
