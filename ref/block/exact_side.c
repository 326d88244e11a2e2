#include "block/exact_side.h"

#include "exact_scale_points.h"

/* ------------------------------------------------------------------------------------------------
 * Range
 */

/*
 * Integers: if no code is beyond half of its side of the grid, twice the codes are in the grid and
 * as good; so some optimum has a code beyond, and t |x| of its weight is at least that code less
 * 1/2. Tables: 0.
 */
static double start_of(const struct rdl_exact_grid *grid, double x_up, double x_down)
{
    const double up = (double)((int)grid->last / 2) + 0.5;
    const double down = (double)((int)-grid->first / 2) + 0.5;
    if (grid->is_table)
        return 0.0;
    if (!(grid->last > 0.0 && x_up > 0.0))
        return down / x_down;
    if (!(grid->first < 0.0 && x_down > 0.0))
        return up / x_up;
    return up / x_up < down / x_down ? up / x_up : down / x_down;
}

bool rdl_exact_side_start(struct rdl_exact_side *side, const struct rdl_exact_block *block,
                          const struct rdl_exact_grid *grid, double sign)
{
    const bool negative = sign < 0.0;
    const double x_up = negative ? block->lowest : block->highest;
    const double x_down = negative ? block->highest : block->lowest;
    side->sign = sign;
    side->xv = (negative ? block->below : block->above) * grid->last -
               (negative ? block->above : block->below) * grid->first;
    if (!(side->xv > 0.0))
        return false;
    if (grid->first >= 0.0)
        side->x_max = x_up;
    else if (grid->last <= 0.0)
        side->x_max = x_down;
    else
        side->x_max = x_up > x_down ? x_up : x_down;
    side->from = start_of(grid, x_up, x_down);
    return true;
}

/* With xv = sum w x v and vv = sum w v^2 codes explain xv^2 / vv, and t = vv / xv. */
double rdl_exact_side_end(const struct rdl_exact_side *side, double part)
{
    return side->xv / part * (1.0 + 1e-6);
}

/* ------------------------------------------------------------------------------------------------
 * First points
 */

struct list {
    const float *t;
    int length;
};

#define LIST(points) ((struct list){(points), (int)(sizeof(points) / sizeof(points)[0])})

static struct list list_of(const struct rdl_exact_grid *grid)
{
    if (grid->is_table)
        return grid == &rdl_exact_grid_iq4_nl ? LIST(rdl_exact_points_iq4_nl)
                                              : (struct list){NULL, 0};
    if (grid->count == 8 && grid->first == -4.0)
        return LIST(rdl_exact_points_3_bits);
    if (grid->count == 16 && grid->first == -8.0)
        return LIST(rdl_exact_points_4_bits);
    if (grid->count == 32 && grid->first == -16.0)
        return LIST(rdl_exact_points_5_bits);
    if (grid->count == 64 && grid->first == -32.0)
        return LIST(rdl_exact_points_6_bits);
    return (struct list){NULL, 0};
}

/* Natural scales send the largest weight to the end of the grid; about those, points are close. */
static void fill_geometric(const struct rdl_exact_side *side, const struct rdl_exact_grid *grid,
                           float *t)
{
    const double end = grid->last > -grid->first ? grid->last : -grid->first;
    double next = side->from > 0.0 ? side->from * side->x_max : end / 16.0;
    for (int k = 0; k < RDL_EXACT_FIRST_POINTS; k++) {
        t[k] = (float)(next / side->x_max);
        next *= next < 0.5 * end || next > 1.4 * end ? 1.3 : 1.05;
    }
}

int rdl_exact_first_points(const struct rdl_exact_side *side, const struct rdl_exact_grid *grid,
                           float *t)
{
    const struct list list = list_of(grid);
    if (list.length == 0) {
        fill_geometric(side, grid, t);
        return RDL_EXACT_FIRST_POINTS;
    }
    const float per_weight = (float)(1.0 / side->x_max);
    for (int k = 0; k < list.length; k++)
        t[k] = list.t[k] * per_weight;
    return list.length;
}
