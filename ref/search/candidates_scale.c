/*
 * The candidates of a block without an offset: first where on the axis of inverse scales t the
 * error can be up to the limit, then one sweep of the breakpoints there, on which the codes change
 * one at a time.
 *
 * Let q be nearest at t(p), with the error E(p) there and E(q) at its best scale. t x - q = t r +
 * a, where r is the residual of the best scale and a a multiple of q, |a|^2 = t(p)^2 (E(p) - E(q)).
 * To the centre c of an interval of half length h it is dt x, no longer than h sqrt(X), X = sum w
 * x^2, with the part dt r along r. So, as in candidates_line.c, with D = limit - the optimum, T = c
 * + h:
 *
 *     g(c) <= c^2 limit + (T^2 - c^2) D + 2 T h sqrt(X D) + h^2 X.
 *
 * An interval whose g(c) is more is left out, others are divided in four, twice.
 */
#include "block/breakpoints.h"
#include "block/exact_grid.h"
#include "search/candidates.h"

#include <math.h>

enum {
    CAPACITY = 512, /* of intervals; whole batches of points */
    DIVISIONS = 2
};

/* Errors are parts of sum w x^2. */
struct search {
    struct rdl_exact_block weights;
    struct rdl_exact_weights rounded;
    struct rdl_exact_grid grid;
    const struct rdl_block *block;
    const struct rdl_exact_ops *ops;
    struct rdl_candidates *list;
    double limit, least;
    double sign;         /* of t; what follows is of |t| */
    double t_min, t_max; /* no point of an error up to the limit is beyond */
    double spacing;      /* a mean distance of values */
    double unit;         /* t = 1 here, in the units of the block */
};

/* Intervals of one length, ascending. */
struct intervals {
    int count;
    double half;
    float center[CAPACITY];
};

/* ------------------------------------------------------------------------------------------------
 * Where a point of an error up to the limit can be
 */

static double most_of(const struct search *search, double *x_max, double *w)
{
    double xv = 0.0;
    *x_max = *w = 0.0;
    for (int i = 0; i < search->weights.n; i++) {
        const double x = search->sign * search->weights.x[i];
        const double low = x * search->grid.first, high = x * search->grid.last;
        xv += search->weights.w[i] * (low > high ? low : high);
        *w += search->weights.w[i];
        if (fabs(x) > *x_max)
            *x_max = fabs(x);
    }
    return xv;
}

/*
 * Above: t(q) <= (sum w x v, each v at its best end) / (X - limit), and |t - t(q)| <=
 * t sqrt(D / (1 - limit)). Below: with a value 0, some weight must be past half of the next value;
 * without one, |q| is at least sqrt(sum w) times the least value, and no more than t (1 +
 * sqrt(limit)) sqrt(X).
 */
static bool start_range(struct search *search)
{
    const struct rdl_exact_grid *const grid = &search->grid;
    double x_max, w, zero = INFINITY, next = INFINITY;
    const double xv = most_of(search, &x_max, &w), xx = search->weights.xx;
    const double turn = sqrt((search->limit - search->least) / (1.0 - search->limit));
    for (int k = 0; k < grid->count; k++) {
        const double value = fabs(rdl_exact_value(grid, k));
        if (value < zero)
            zero = value;
        if (value > 0.0 && value < next)
            next = value;
    }
    search->t_max = xv / (xx * (1.0 - search->limit) * (1.0 - turn)) * (1.0 + 1e-6);
    search->t_min =
        zero == 0.0 ? 0.5 * next / x_max : zero * sqrt(w / xx) / (1.0 + sqrt(search->limit));
    search->t_min *= 1.0 - 1e-6;
    search->spacing = (grid->last - grid->first) / (double)(grid->count - 1) * sqrt(w / xx);
    return turn < 0.9 && search->t_max > search->t_min;
}

/* About .2 of a distance of values to either side. */
static void start_intervals(const struct search *search, struct intervals *intervals)
{
    const double width = search->t_max - search->t_min;
    const double wanted = width / (0.4 * search->spacing) + 1.0;
    intervals->count = wanted < (double)CAPACITY ? (int)wanted : CAPACITY;
    intervals->half = 0.5 * width / (double)intervals->count * (1.0 + 1e-5);
    for (int k = 0; k < intervals->count; k++)
        intervals->center[k] =
            (float)(search->t_min + width * ((double)k + 0.5) / (double)intervals->count);
}

static void evaluate(const struct search *search, const struct intervals *intervals, float *g)
{
    static const float zeros[CAPACITY];
    float t[CAPACITY];
    const int count = rdl_exact_whole(intervals->count);
    for (int k = 0; k < count; k++)
        t[k] = (float)search->sign *
               intervals->center[k < intervals->count ? k : intervals->count - 1];
    if (search->grid.is_table)
        search->ops->table_points(&search->rounded, &search->grid.table, count, t, g);
    else
        search->ops->points(&search->rounded, (float)search->grid.first, (float)search->grid.last,
                            count, t, zeros, g);
}

/* The margins are those of exact_gaps.c, and 1e-6 of t for its rounding. */
static void keep_possible(const struct search *search, struct intervals *intervals)
{
    const double xx = search->weights.xx, spread = search->limit - search->least;
    const double half = intervals->half;
    float g[CAPACITY];
    int kept = 0;
    evaluate(search, intervals, g);
    for (int k = 0; k < intervals->count; k++) {
        const double t = (double)intervals->center[k], most = (t + half) * (1.0 + 1e-6);
        const double point = (double)g[k];
        const double lowest = point * (1.0 - 1e-5) - 0x1p-21 * t * sqrt(point * xx) - 0x1p-119;
        const double bound = t * t * search->limit + (most * most - t * t) * spread +
                             2.0 * most * half * sqrt(spread) + half * half;
        intervals->center[kept] = intervals->center[k];
        kept += !(lowest > bound * xx * (1.0 + 1e-6));
    }
    intervals->count = kept;
}

/* False, and nothing done, if there are too many. */
static bool divide(const struct intervals *intervals, struct intervals *quarters)
{
    if (4 * intervals->count > CAPACITY)
        return false;
    quarters->count = 0;
    quarters->half = 0.25 * intervals->half;
    for (int k = 0; k < intervals->count; k++)
        for (int part = -3; part <= 3; part += 2)
            quarters->center[quarters->count++] =
                (float)((double)intervals->center[k] + (double)part * quarters->half);
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Sweeps
 */

struct sums {
    double xv, vv;
};

static void add_state(const struct search *search, const struct sums *sums)
{
    if (!(sums->xv > 0.0 && sums->vv > 0.0))
        return;
    const double scale = sums->xv / sums->vv, xx = search->weights.xx * search->weights.unit;
    const double error = xx - scale * sums->xv;
    const struct rdl_candidate candidate = {
        .error = error > 0.0 ? error : 0.0, .scale = search->sign * scale, .stretch = sums->vv};
    rdl_candidates_add(search->list, &candidate);
}

/* From t = from up to t = to. */
static void sweep(const struct search *search, double from, double to)
{
    const struct rdl_block *const block = search->block;
    struct rdl_walk walk;
    struct rdl_step step = {.time = 0.0};
    struct sums sums = {0.0, 0.0};
    rdl_walk_start(&walk, block, search->sign, 0.0, from * search->unit, NULL);
    for (size_t i = 0; i < block->n; i++) {
        const double w = (double)block->weights[i];
        const double v = rdl_block_value(&block->grid, walk.codes[i]);
        sums.xv += w * (search->sign * (double)block->x[i]) * v;
        sums.vv += w * v * v;
    }
    add_state(search, &sums);
    while (rdl_walk_step(&walk, &step) && step.time <= to * search->unit) {
        const double w = (double)block->weights[step.element];
        const double x = search->sign * (double)block->x[step.element];
        sums.xv += w * x * (step.to - step.from);
        sums.vv += w * ((step.to - step.from) * (step.to + step.from));
        add_state(search, &sums);
    }
}

/* Intervals that touch are swept as one. */
static void sweep_all(const struct search *search, const struct intervals *intervals)
{
    const double half = intervals->half * (1.0 + 1e-5);
    for (int k = 0; k < intervals->count;) {
        const double from = (double)intervals->center[k] - half;
        double to = (double)intervals->center[k++] + half;
        for (; k < intervals->count && (double)intervals->center[k] - half <= to; k++)
            to = (double)intervals->center[k] + half;
        sweep(search, from * (1.0 - 1e-6), to * (1.0 + 1e-6));
    }
}

/* ------------------------------------------------------------------------------------------------
 * The search
 */

static void search_sign(struct search *search, double sign)
{
    struct intervals intervals[2];
    search->sign = sign;
    if (!start_range(search))
        return;
    start_intervals(search, &intervals[0]);
    keep_possible(search, &intervals[0]);
    int last = 0;
    for (int k = 0; k < DIVISIONS && divide(&intervals[last], &intervals[1 - last]); k++) {
        last = 1 - last;
        keep_possible(search, &intervals[last]);
    }
    sweep_all(search, &intervals[last]);
}

/* t here to t there: x and values were multiplied by powers of two. */
static double unit_of(const struct search *search)
{
    const struct rdl_exact_block *const weights = &search->weights;
    const struct rdl_block *const block = search->block;
    double x_power = 1.0, value_power = 1.0;
    for (int i = 0; i < weights->n; i++)
        if (weights->x[i] != 0.0)
            x_power = weights->x[i] / (double)block->x[weights->index[i]];
    for (int k = 0; k < block->grid.count && search->grid.is_table; k++)
        if (search->grid.entries[k] != 0.0)
            value_power = search->grid.entries[k] / (double)block->grid.entries[k];
    return x_power / value_power;
}

void rdl_candidates_of_scale(struct rdl_candidates *list, const struct rdl_block *block,
                             double least, const struct rdl_exact_ops *ops)
{
    struct search search = {.block = block, .ops = ops, .list = list};
    if (!rdl_exact_block_start(&search.weights, block, false)) {
        list->limit = 0.0;
        return;
    }
    rdl_exact_grid_start(&search.grid, &block->grid);
    rdl_exact_weights_start(&search.rounded, search.weights.n, search.weights.x, search.weights.w);
    const double xx = search.weights.xx * search.weights.unit;
    search.limit = list->limit / xx;
    search.least = least / xx;
    search.unit = unit_of(&search);
    if (!(search.limit < 0.5) || search.grid.is_uneven) {
        list->limit = 0.0;
        return;
    }
    search_sign(&search, 1.0);
    search_sign(&search, -1.0);
}
