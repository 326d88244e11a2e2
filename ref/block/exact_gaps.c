#include "block/exact_gaps.h"

#include <math.h>
#include <string.h>

enum {
    MAX_POINTS = RDL_EXACT_MAX_POINTS
};

/* ------------------------------------------------------------------------------------------------
 * Probes
 */

/* Binary32 has an end; what is beyond it is swept. */
static float rounded(double t)
{
    return (float)(t > 0x1p100 ? 0x1p100 : t < -0x1p100 ? -0x1p100 : t);
}

void rdl_exact_probes_evaluate(struct rdl_exact_probes *probes,
                               const struct rdl_exact_weights *weights,
                               const struct rdl_exact_grid *grid, const struct rdl_exact_ops *ops)
{
    static const float zeros[MAX_POINTS] = {0.0f};
    /* First points of a side whose weights are all tiny may be infinite: times 0 that is a NaN. */
    for (int p = 0; p < probes->count; p++)
        probes->t[p] = rounded((double)probes->t[p]);
    for (int p = probes->count; p < rdl_exact_whole(probes->count); p++)
        probes->t[p] = probes->t[probes->count - 1];
    if (grid->is_table)
        ops->table_points(weights, &grid->table, probes->count, probes->t, probes->g);
    else
        ops->points(weights, (float)grid->first, (float)grid->last, probes->count, probes->t, zeros,
                    probes->g);
}

/*
 * A probe excludes half an interval of sqrt((g - t^2 error) / X) for X = sum w x^2. The margins
 * (notes/exact-search.md): g may be too large by (n + 6) 2^-24 of itself, by 4 * 2^-24 |t| sqrt(g
 * X) for the rounding of t x and of entries of a table, and by less than 2^-120 for underflow;
 * twice as much is allowed for. For any d > 0 the root 2 |t| sqrt(g X) is at most d g + t^2 X / d,
 * and nearly so where g / t^2 is about X / d^2: so d is sqrt(X / error), within limits.
 */
static struct rdl_exact_radius radius_for(const struct rdl_exact_block *block, double error)
{
    const double relative = (double)(block->n + 6) * 0x1p-23;
    double d = error > 0.0 ? sqrt(block->xx / error) : 0x1p10;
    d = d < 0x1p10 ? d > 1.0 ? d : 1.0 : 0x1p10;
    return (struct rdl_exact_radius){.of_g = 1.0 - relative - 0x1p-22 * d,
                                     .of_tt = error * (error > 0.0 ? 1.0 + 1e-6 : 1.0 - 1e-6) +
                                              0x1p-22 * block->xx / d,
                                     .per_xx = 1.0 / block->xx};
}

/* ------------------------------------------------------------------------------------------------
 * Gaps
 */

static void append(struct rdl_exact_gaps *gaps, double from, double to)
{
    gaps->at[gaps->count++] = (struct rdl_exact_gap){from, to};
}

/* What is left of a gap, if that fits in beside the `waiting` gaps that follow; k is the first open
 * interval that may reach into it. */
static void divide(struct rdl_exact_gaps *gaps, const struct rdl_exact_gap *gap, int waiting,
                   const struct rdl_exact_intervals *open, int k)
{
    const int before = gaps->count;
    for (; k < open->count && open->from[k] < gap->to; k++) {
        const double a = open->from[k] > gap->from ? open->from[k] : gap->from;
        const double b = open->to[k] < gap->to ? open->to[k] : gap->to;
        if (!(a < b))
            continue;
        if (gaps->count + waiting >= RDL_EXACT_MAX_GAPS) {
            gaps->count = before;
            append(gaps, gap->from, gap->to);
            return;
        }
        append(gaps, a, b);
    }
}

void rdl_exact_gaps_clear(struct rdl_exact_gaps *gaps, const struct rdl_exact_probes *probes,
                          const struct rdl_exact_block *block, double error,
                          const struct rdl_exact_ops *ops)
{
    const struct rdl_exact_radius radius = radius_for(block, error);
    struct rdl_exact_gaps old;
    struct rdl_exact_intervals open;
    old.count = gaps->count;
    memcpy(old.at, gaps->at, (size_t)gaps->count * sizeof gaps->at[0]);
    ops->open(probes, &radius, &open);
    gaps->count = 0;
    for (int i = 0, k = 0; i < old.count; i++) {
        while (k < open.count && open.to[k] <= old.at[i].from)
            k++;
        divide(gaps, &old.at[i], old.count - 1 - i, &open, k);
    }
}

double rdl_exact_gaps_length(const struct rdl_exact_gaps *gaps)
{
    double length = 0.0;
    for (int i = 0; i < gaps->count; i++)
        length += gaps->at[i].to - gaps->at[i].from;
    return length;
}

void rdl_exact_gaps_middles(const struct rdl_exact_gaps *gaps, struct rdl_exact_probes *probes)
{
    probes->count = gaps->count < MAX_POINTS ? gaps->count : MAX_POINTS;
    for (int p = 0; p < probes->count; p++)
        probes->t[p] = rounded(0.5 * (gaps->at[p].from + gaps->at[p].to));
}

void rdl_exact_gaps_spread(const struct rdl_exact_gaps *gaps, int count,
                           struct rdl_exact_probes *probes)
{
    const double step = rdl_exact_gaps_length(gaps) / (double)count;
    double next = 0.5 * step; /* from the start of the gap */
    probes->count = 0;
    for (int i = 0; i < gaps->count; i++) {
        const double length = gaps->at[i].to - gaps->at[i].from;
        const bool is_last = i == gaps->count - 1; /* takes what rounding has left */
        for (; probes->count < count && (next < length || is_last); next += step)
            probes->t[probes->count++] = rounded(gaps->at[i].from + next);
        next -= length;
    }
}
