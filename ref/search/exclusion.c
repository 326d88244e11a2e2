#include "search/exclusion.h"

#include <float.h>
#include <math.h>

void rdl_exclusion_start(struct rdl_exclusion *exclusion, const struct rdl_search_problem *problem)
{
    const struct rdl_block_grid *grid = &problem->layout->grid;
    exclusion->problem = problem;
    exclusion->ops = rdl_exact_ops(problem->options.target);
    exclusion->count = 0;
    rdl_exact_grid_start(&exclusion->grid, grid);
    const double first = fabs(exclusion->grid.first), last = fabs(exclusion->grid.last);
    exclusion->values = first > last ? first : last;
    exclusion->stretch =
        grid->entries ? exclusion->values / fmax(fabs((double)grid->entries[0]),
                                                 fabs((double)grid->entries[grid->count - 1]))
                      : 1.0;
}

bool rdl_exclusion_sub_block(struct rdl_exclusion *exclusion, int j)
{
    const struct rdl_search_problem *problem = exclusion->problem;
    const int n = problem->layout->length;
    const struct rdl_block block = {
        .n = (size_t)n,
        .x = problem->x + n * j,
        .weights = problem->weights + n * j,
        .grid = problem->layout->grid,
    };
    struct rdl_exact_block exact;
    if (!rdl_exact_block_start(&exact, &block, false))
        return false;
    double w = 0.0;
    for (int i = 0; i < exact.n; i++)
        w += exact.w[i];
    exclusion->x_unit = exact.x_unit;
    exclusion->error_unit = exact.unit;
    exclusion->root_w = sqrt(w);
    rdl_exact_weights_start(&exclusion->weights, exact.n, exact.x, exact.w);
    return true;
}

void rdl_exclusion_add(struct rdl_exclusion *exclusion, struct rdl_stored_scale stored)
{
    const double t = exclusion->stretch * exclusion->x_unit / (double)stored.scale;
    exclusion->t[exclusion->count] = (float)t;
    exclusion->u[exclusion->count++] = (float)(t * ((double)stored.min / exclusion->x_unit));
}

void rdl_exclusion_evaluate(struct rdl_exclusion *exclusion)
{
    const int count = rdl_exact_whole(exclusion->count);
    const struct rdl_exact_grid *grid = &exclusion->grid;
    for (int k = exclusion->count; k < count; k++)
        exclusion->t[k] = exclusion->u[k] = 0.0f;
    if (grid->is_uneven)
        for (int k = 0; k < count; k++)
            exclusion->g[k] = 0.0f;
    else if (grid->is_table)
        exclusion->ops->table_points(&exclusion->weights, &grid->table, count, exclusion->t,
                                     exclusion->g);
    else
        exclusion->ops->points(&exclusion->weights, (float)grid->first, (float)grid->last, count,
                               exclusion->t, exclusion->u, exclusion->g);
}

/*
 * The root of g is a norm of the distances of y = t x + u to values. What it lacks to t times the
 * root of the decoder's error, with v = 2^-24 and norms that are at most root_w times the largest
 * magnitude (|x| < 2):
 *
 *     t and u rounded, y computed        v (|t x| + 2 |u| + 2 |t x| + |y|)
 *     the decoder's roundings            v (|value| + 2 |y|)
 *     y, near values where it matters    |y| <= |value| + distance
 *
 * Below 16 v (2 |t| + |u| + |value|) in all, and a part of 4 v of the distances, which goes with
 * the rounding of the sum, (n + 6) v of g: 1e-5 is more than twice that.
 */
bool rdl_exclusion_excludes(const struct rdl_exclusion *exclusion, int k, double error)
{
    const double t = fabs((double)exclusion->t[k]), u = fabs((double)exclusion->u[k]);
    const double slack = 0x1p-20 * exclusion->root_w * (2.0 * t + u + exclusion->values);
    const double root = t * sqrt(error / exclusion->error_unit) * (1.0 + 1e-5) + slack;
    const double g = exclusion->g[k] <= FLT_MAX ? (double)exclusion->g[k] : (double)FLT_MAX;
    return g > root * root * (1.0 + 1e-5) + 0x1p-119;
}
