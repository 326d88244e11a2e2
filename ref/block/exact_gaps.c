#include "block/exact_gaps.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum {
    MAX_POINTS = RDL_EXACT_MAX_POINTS
};

/* ------------------------------------------------------------------------------------------------
 * Probes
 */

void rdl_exact_probes_evaluate(struct rdl_exact_probes *probes,
                               const struct rdl_exact_weights *weights,
                               const struct rdl_exact_grid *grid, const struct rdl_exact_ops *ops)
{
    static const float zeros[MAX_POINTS] = {0.0f};
    for (int p = probes->count; p < rdl_exact_whole(probes->count); p++)
        probes->t[p] = probes->t[probes->count - 1];
    if (grid->is_table)
        ops->table_points(weights, &grid->table, probes->count, probes->t, probes->g);
    else
        ops->points(weights, (float)grid->first, (float)grid->last, probes->count, probes->t, zeros,
                    probes->g);
}

int rdl_exact_probes_least(const struct rdl_exact_probes *probes)
{
    int least = 0;
    for (int p = 1; p < probes->count; p++) {
        const double t = (double)probes->t[p], t_least = (double)probes->t[least];
        if ((double)probes->g[p] * (t_least * t_least) < (double)probes->g[least] * (t * t))
            least = p;
    }
    return least;
}

/*
 * Half the interval that each excludes: the square root of (g - t^2 error) / X for X = sum w x^2.
 * The margins (notes/exact-search.md): g may be too large by (n + 6) 2^-24 of itself, by
 * 4 * 2^-24 |t| sqrt(g X) for the rounding of t x and of entries of a table, and by less than
 * 2^-120 for underflow; twice as much is allowed for. If g overflows it is at least FLT_MAX.
 */
static void find_radii(const struct rdl_exact_probes *probes, const struct rdl_exact_block *block,
                       double error, double *radius)
{
    const double root = sqrt(block->xx), relative = (double)(block->n + 6) * 0x1p-23;
    for (int p = 0; p < probes->count; p++) {
        const double t = fabs((double)probes->t[p]);
        const double g = probes->g[p] < FLT_MAX ? (double)probes->g[p] : (double)FLT_MAX;
        const double lowest = g * (1.0 - relative) - 0x1p-21 * t * (sqrt(g) * root) - 0x1p-119;
        const double excess = lowest - t * t * error * (1.0 + 1e-6);
        radius[p] = sqrt(excess > 0.0 ? excess : 0.0) / root * (1.0 - 1e-6);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Gaps
 */

/* Between two neighbouring probes nothing is left of `from`, the farthest that those on the left
 * reach, and right of `to`, the farthest that those on the right reach. */
static void find_reaches(const struct rdl_exact_probes *probes, const double *radius, double *from,
                         double *to)
{
    const int count = probes->count;
    from[0] = -INFINITY;
    to[count] = INFINITY;
    for (int k = 0; k < count; k++) {
        const double right = (double)probes->t[k] + radius[k];
        from[k + 1] = right > from[k] ? right : from[k];
    }
    for (int k = count - 1; k >= 0; k--) {
        const double left = (double)probes->t[k] - radius[k];
        to[k] = left < to[k + 1] ? left : to[k + 1];
    }
}

static void append(struct rdl_exact_gaps *gaps, double from, double to)
{
    gaps->at[gaps->count++] = (struct rdl_exact_gap){from, to};
}

/* What is left of a gap, if that fits in beside the `waiting` gaps that follow; k is the first
 * place between probes that may reach into it. */
static void divide(struct rdl_exact_gaps *gaps, const struct rdl_exact_gap *gap, int waiting,
                   int count, int k, const double *from, const double *to)
{
    const int before = gaps->count;
    for (; k <= count && from[k] < gap->to; k++) {
        const double a = from[k] > gap->from ? from[k] : gap->from;
        const double b = to[k] < gap->to ? to[k] : gap->to;
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
                          const struct rdl_exact_block *block, double error)
{
    double radius[MAX_POINTS], from[MAX_POINTS + 1], to[MAX_POINTS + 1];
    struct rdl_exact_gaps old;
    old.count = gaps->count;
    memcpy(old.at, gaps->at, (size_t)gaps->count * sizeof gaps->at[0]);
    find_radii(probes, block, error, radius);
    find_reaches(probes, radius, from, to);
    gaps->count = 0;
    for (int i = 0, k = 0; i < old.count; i++) {
        while (to[k] <= old.at[i].from) /* the last one is infinite */
            k++;
        divide(gaps, &old.at[i], old.count - 1 - i, probes->count, k, from, to);
    }
}

double rdl_exact_gaps_length(const struct rdl_exact_gaps *gaps)
{
    double length = 0.0;
    for (int i = 0; i < gaps->count; i++)
        length += gaps->at[i].to - gaps->at[i].from;
    return length;
}

/* Binary32 has an end; what is beyond it is swept. */
static float rounded(double t)
{
    return (float)(t > 0x1p100 ? 0x1p100 : t < -0x1p100 ? -0x1p100 : t);
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
