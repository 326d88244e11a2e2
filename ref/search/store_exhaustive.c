/*
 * d and dmin as for `max`, and of all integers the best ones for them. Every integer scale is
 * visited, with every min that can be better than what is known; a sum of errors ends where it
 * exceeds that.
 */
#include "search/store.h"

#include <math.h>

/* Of one sub-block. */
struct search {
    const struct rdl_search_problem *problem;
    int j;
    uint16_t d, dmin;
    int scale, min; /* the best so far */
    double error;   /* of these */
};

/* Earlier integers win ties. */
static void try_integers(struct search *s, int scale, int min)
{
    const double error =
        rdl_stored_error(s->problem, s->j, rdl_stored_scale(s->d, s->dmin, scale, min), s->error);
    const bool is_earlier = scale < s->scale || (scale == s->scale && min < s->min);
    if (error < s->error || (error == s->error && is_earlier)) {
        s->scale = scale;
        s->min = min;
        s->error = error;
    }
}

/* ------------------------------------------------------------------------------------------------
 * Which mins can be better
 */

/*
 * Within the error that is known, weight i may be off by r_i = sqrt(error / w_i). The decoder's
 * weights are between -min and scale * last - min. So for all i
 *
 *     -min <= x_i + r_i,   scale * last - min >= x_i - r_i
 */
struct reach {
    double low;  /* the least x_i + r_i */
    double high; /* the largest x_i - r_i */
};

static struct reach reach_of(const struct search *s)
{
    const int n = s->problem->layout->length;
    struct reach reach = {INFINITY, -INFINITY};
    for (int i = n * s->j; i < n * (s->j + 1); i++) {
        const double x = (double)s->problem->x[i], w = (double)s->problem->weights[i];
        if (!(w > 0.0))
            continue;
        const double r = sqrt(s->error / w);
        reach.low = x + r < reach.low ? x + r : reach.low;
        reach.high = x - r > reach.high ? x - r : reach.high;
    }
    return reach;
}

/* The integer at or above v, within 0 .. last + 1. */
static int ceil_within(double v, int last)
{
    if (!(v > 0.0))
        return 0;
    if (v > (double)last)
        return last + 1;
    const int floor = (int)v;
    return floor + ((double)floor < v);
}

/* The mins of a scale; the rounding of the decoder's weights is far less than the slack. */
static void try_mins(struct search *s, const struct reach *reach, int scale)
{
    const int min_last = s->problem->layout->min_last;
    const double unit = (double)rdl_f16_to_f32(s->dmin);
    const double top =
        (double)rdl_f16_to_f32(s->d) * (double)scale * (double)(s->problem->layout->grid.count - 1);
    if (unit == 0.0) {
        try_integers(s, scale, 0);
        return;
    }
    const double slack = 1e-5 * (top + fabs(reach->low) + fabs(reach->high));
    const double from = (-reach->low - slack) / unit, to = (top - reach->high + slack) / unit;
    const int first = ceil_within(unit > 0.0 ? from : to, min_last);
    const double last = unit > 0.0 ? to : from;
    for (int min = first; min <= min_last && (double)min <= last; min++)
        try_integers(s, scale, min);
}

/* ------------------------------------------------------------------------------------------------
 * All integers
 */

static void try_all(struct search *s)
{
    const struct rdl_search_layout *layout = s->problem->layout;
    struct reach reach = {0.0, 0.0};
    double error = INFINITY;
    for (int scale = layout->scale_first; scale <= layout->scale_last; scale++) {
        if (layout->min_last == 0) {
            try_integers(s, scale, 0);
            continue;
        }
        if (s->error < error) {
            error = s->error;
            reach = reach_of(s);
        }
        try_mins(s, &reach, scale);
    }
}

double rdl_store_best_of(const struct rdl_search_problem *problem, int j,
                         struct rdl_search_block *block)
{
    struct search s = {.problem = problem, .j = j, .d = block->d, .dmin = block->dmin};
    s.error = rdl_store_near(problem, j, block);
    s.scale = block->scales[j];
    s.min = block->mins[j];
    try_all(&s);
    block->scales[j] = (int16_t)s.scale;
    block->mins[j] = (uint8_t)s.min;
    return s.error;
}

double rdl_store_best(const struct rdl_search_problem *problem, struct rdl_search_block *block,
                      double limit)
{
    double total = 0.0;
    for (int j = 0; j < problem->layout->sub_blocks && total <= limit; j++)
        total += rdl_store_best_of(problem, j, block);
    return total <= limit ? total : INFINITY;
}

void rdl_store_exhaustive(const struct rdl_search_problem *problem, struct rdl_search_block *block)
{
    if (rdl_store_units(problem, block))
        (void)rdl_store_best(problem, block, INFINITY);
}
