/*
 * d and dmin as for `max`, and of all integers the best ones for them. Every integer scale is
 * visited, with every min that can be better than what is known; most of them are excluded in
 * binary32, the others compared by the errors of the decoder's weights.
 */
#include "search/exclusion.h"
#include "search/store.h"

#include <math.h>

/* Of one sub-block. */
struct search {
    const struct rdl_search_problem *problem;
    int j;
    float d, dmin;
    int scale, min; /* the best so far */
    double error;   /* of these */
    /* Integers that wait to be looked at, those of the batch. */
    struct rdl_exclusion exclusion;
    struct pair {
        int scale, min;
    } waiting[RDL_EXCLUSION_POINTS];
};

static struct rdl_stored_scale stored_scale(const struct search *s, int scale, int min)
{
    return (struct rdl_stored_scale){s->d * (float)scale, s->dmin * (float)min};
}

/* Earlier integers win ties. */
static void try_integers(struct search *s, int scale, int min)
{
    const double error = rdl_stored_error(s->problem, s->j, stored_scale(s, scale, min), s->error);
    const bool is_earlier = scale < s->scale || (scale == s->scale && min < s->min);
    if (error < s->error || (error == s->error && is_earlier)) {
        s->scale = scale;
        s->min = min;
        s->error = error;
    }
}

static void look_at_waiting(struct search *s)
{
    const int count = s->exclusion.count;
    rdl_exclusion_evaluate(&s->exclusion);
    double error = s->error, limit = rdl_exclusion_limit(&s->exclusion, error);
    for (int k = 0; k < count; k++) {
        if (rdl_exclusion_excludes(&s->exclusion, k, limit))
            continue;
        try_integers(s, s->waiting[k].scale, s->waiting[k].min);
        if (s->error < error) {
            error = s->error;
            limit = rdl_exclusion_limit(&s->exclusion, error);
        }
    }
    s->exclusion.count = 0;
}

static void add_integers(struct search *s, int scale, int min)
{
    const struct rdl_stored_scale stored = stored_scale(s, scale, min);
    if (stored.scale == 0.0f) {
        try_integers(s, scale, min);
        return;
    }
    s->waiting[s->exclusion.count] = (struct pair){scale, min};
    rdl_exclusion_add(&s->exclusion, stored);
    if (s->exclusion.count == RDL_EXCLUSION_POINTS)
        look_at_waiting(s);
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
static void add_mins(struct search *s, const struct reach *reach, int scale)
{
    const int min_last = s->problem->layout->min_last;
    const double unit = (double)s->dmin;
    const double top = (double)s->d * (double)scale * (double)(s->problem->layout->grid->count - 1);
    if (unit == 0.0) {
        add_integers(s, scale, 0);
        return;
    }
    const double slack = 1e-5 * (top + fabs(reach->low) + fabs(reach->high));
    const double from = (-reach->low - slack) / unit, to = (top - reach->high + slack) / unit;
    const int first = ceil_within(unit > 0.0 ? from : to, min_last);
    const double last = unit > 0.0 ? to : from;
    for (int min = first; min <= min_last && (double)min <= last; min++)
        add_integers(s, scale, min);
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
        if (s->error < error) {
            error = s->error;
            reach = reach_of(s);
        }
        add_mins(s, &reach, scale);
    }
    look_at_waiting(s);
}

/* Of sub-block j. Where no weight counts, all integers are equally good: 0. */
static double search_sub_block(struct search *s, int j, struct rdl_search_block *block)
{
    block->scales[j] = 0;
    block->mins[j] = 0;
    if (!rdl_exclusion_sub_block(&s->exclusion, j))
        return 0.0;
    s->j = j;
    s->error = rdl_store_near(s->problem, j, block);
    s->scale = block->scales[j];
    s->min = block->mins[j];
    try_all(s);
    block->scales[j] = (int16_t)s->scale;
    block->mins[j] = (uint8_t)s->min;
    return s->error;
}

static void start(struct search *s, const struct rdl_search_problem *problem,
                  const struct rdl_search_block *block)
{
    s->problem = problem;
    s->d = rdl_f16_to_f32(block->d);
    s->dmin = rdl_f16_to_f32(block->dmin);
    rdl_exclusion_start(&s->exclusion, problem);
}

double rdl_store_best_of(const struct rdl_search_problem *problem, int j,
                         struct rdl_search_block *block)
{
    struct search s;
    start(&s, problem, block);
    return search_sub_block(&s, j, block);
}

double rdl_store_best(const struct rdl_search_problem *problem, struct rdl_search_block *block,
                      double limit)
{
    struct search s;
    double total = 0.0;
    start(&s, problem, block);
    for (int j = 0; j < problem->layout->sub_blocks && total <= limit; j++)
        total += search_sub_block(&s, j, block);
    return total <= limit ? total : INFINITY;
}

void rdl_store_exhaustive(const struct rdl_search_problem *problem, struct rdl_search_block *block)
{
    if (rdl_store_units(problem, block))
        (void)rdl_store_best(problem, block, INFINITY);
}
