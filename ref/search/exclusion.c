#include "search/exclusion.h"

static double largest_magnitude(double first, double last)
{
    return fabs(first) > fabs(last) ? fabs(first) : fabs(last);
}

void rdl_exclusion_start(struct rdl_exclusion *exclusion, const struct rdl_search_problem *problem)
{
    const struct rdl_block_grid *grid = problem->layout->grid;
    exclusion->problem = problem;
    exclusion->ops = rdl_exact_ops(problem->options.target);
    exclusion->count = 0;
    rdl_exact_grid_fill(&exclusion->grid, grid);
    exclusion->values = largest_magnitude(exclusion->grid.first, exclusion->grid.last);
    exclusion->stretch =
        exclusion->values /
        largest_magnitude(rdl_block_value(grid, 0), rdl_block_value(grid, grid->count - 1));
}

bool rdl_exclusion_sub_block(struct rdl_exclusion *exclusion, int j)
{
    const struct rdl_search_problem *problem = exclusion->problem;
    const int n = problem->layout->length;
    const struct rdl_block block = {
        .n = (size_t)n,
        .x = problem->x + n * j,
        .weights = problem->weights + n * j,
        .grid = *problem->layout->grid,
    };
    struct rdl_exact_block exact;
    if (!rdl_exact_block_start(&exact, &block, false, exclusion->ops))
        return false;
    double w = 0.0;
    for (int i = 0; i < exact.n; i++)
        w += exact.w[i];
    exclusion->x_unit = 1.0 / exact.x_power;
    exclusion->error_unit = exact.unit;
    exclusion->root_w = sqrt(w);
    rdl_exact_weights_start(&exclusion->weights, exact.n, exact.x, exact.w);
    return true;
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

double rdl_exclusion_limit(const struct rdl_exclusion *exclusion, double error)
{
    return sqrt(error / exclusion->error_unit) * (1.0 + 1e-5);
}
