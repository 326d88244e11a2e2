/*
 * The largest scale becomes the largest integer, the largest min likewise, and d and dmin are what
 * that makes them: how ggml's encoders without importance do it. Beyond them, the integers are
 * nearest for d as it is stored, and both their neighbours are tried.
 */
#include "search/store.h"

#include <math.h>

/* The first of largest magnitude, with its sign. */
static double extreme_scale(const struct rdl_search_problem *problem)
{
    double extreme = 0.0;
    for (int j = 0; j < problem->layout->sub_blocks; j++)
        if (fabs(problem->fits[j].scale) > fabs(extreme))
            extreme = problem->fits[j].scale;
    return extreme;
}

static double largest_min(const struct rdl_search_problem *problem)
{
    double largest = 0.0;
    for (int j = 0; j < problem->layout->sub_blocks; j++) {
        const double min = rdl_store_min(problem, j);
        largest = min > largest ? min : largest;
    }
    return largest;
}

/* Of a positive zero where there is nothing to scale. */
static uint16_t unit(double extreme, int integer)
{
    return extreme != 0.0 ? rdl_f32_to_f16((float)(extreme / (double)integer)) : 0;
}

bool rdl_store_units(const struct rdl_search_problem *problem, struct rdl_search_block *block)
{
    const struct rdl_search_layout *layout = problem->layout;
    const double extreme = extreme_scale(problem);
    if (layout->unit)
        block->d = layout->unit->round(extreme);
    else
        block->d =
            unit(extreme, layout->scale_first < 0 ? layout->scale_first : layout->scale_last);
    block->dmin =
        layout->min_last > 0 ? unit(largest_min(problem), problem->min_sign * layout->min_last) : 0;
    for (int j = 0; j < layout->sub_blocks; j++) {
        block->scales[j] = (int16_t)(rdl_store_has_one_scale(layout) ? 1 : 0);
        block->mins[j] = 0;
    }
    return rdl_stored_is_finite(block->d) && rdl_stored_is_finite(block->dmin);
}

/* Nearest to a number of units, away from 0 if halfway; 0 for units of 0. */
static int nearest_integer(double value, uint16_t unit, int first, int last)
{
    const double d = (double)rdl_f16_to_f32(unit);
    const double quotient = d != 0.0 ? value / d : 0.0;
    const double limited = quotient < first ? first : quotient > last ? last : quotient;
    return (int)(limited + (limited < 0.0 ? -0.5 : 0.5));
}

double rdl_store_near(const struct rdl_search_problem *problem, int j,
                      struct rdl_search_block *block)
{
    static const int steps[3] = {0, -1, 1};
    const struct rdl_search_layout *layout = problem->layout;
    const int scale =
        nearest_integer(problem->fits[j].scale, block->d, layout->scale_first, layout->scale_last);
    const int min = nearest_integer((double)problem->min_sign * rdl_store_min(problem, j),
                                    block->dmin, 0, layout->min_last);
    double least = INFINITY;
    for (int k = 0; k < 9; k++) {
        const int l = scale + steps[k / 3], m = min + steps[k % 3];
        if (l < layout->scale_first || l > layout->scale_last || m < 0 || m > layout->min_last)
            continue;
        const double error =
            rdl_stored_error(problem, j, rdl_stored_scale(block->d, block->dmin, l, m), least);
        if (error < least) {
            least = error;
            block->scales[j] = (int16_t)l;
            block->mins[j] = (uint8_t)m;
        }
    }
    return least;
}

/* The least and the largest magnitude that count; 0 and 0 if all are 0. */
struct extent {
    double least, largest;
};

static struct extent extent_of(const struct rdl_search_problem *problem)
{
    struct extent extent = {INFINITY, 0.0};
    for (int i = 0; i < problem->layout->length; i++) {
        const double x = fabs((double)problem->x[i]);
        if (!(problem->weights[i] > 0.0f) || x == 0.0)
            continue;
        extent.least = x < extent.least ? x : extent.least;
        extent.largest = x > extent.largest ? x : extent.largest;
    }
    return extent.largest > 0.0 ? extent : (struct extent){0.0, 0.0};
}

/* The least magnitude of a midpoint that is not 0, and the largest of an entry. */
static struct extent extent_of_table(const struct rdl_block_grid *grid)
{
    struct extent extent = {INFINITY, 0.0};
    for (int k = 0; k < grid->count; k++) {
        const double value = (double)grid->entries[k];
        const double next = k + 1 < grid->count ? (double)grid->entries[k + 1] : value;
        const double midpoint = fabs(0.5 * (value + next));
        extent.largest = fabs(value) > extent.largest ? fabs(value) : extent.largest;
        extent.least = midpoint > 0.0 && midpoint < extent.least ? midpoint : extent.least;
    }
    return extent;
}

/*
 * Up to a scale of the least weight / largest entry all weights are beyond the table's ends, and
 * the error falls; from the largest weight / least midpoint on all have the code of 0 and the same
 * error. (Ends of the table have the same magnitude.) So the best scale is between, or one of the
 * first on both sides.
 */
double rdl_store_best_unit(const struct rdl_search_problem *problem, struct rdl_search_block *block)
{
    const struct rdl_search_layout *layout = problem->layout;
    const struct extent weights = extent_of(problem), table = extent_of_table(layout->grid);
    const uint16_t first = layout->unit->round(weights.least / table.largest);
    const uint16_t last = layout->unit->round(weights.largest / table.least);
    struct rdl_search_block other = *block;
    double least = INFINITY;
    for (int d = first; d <= last + 1 && d <= layout->unit->last; d++) {
        other.d = (uint16_t)d;
        const double error =
            rdl_stored_error(problem, 0, rdl_stored_scale_of(layout, &other, 0), least);
        if (error < least) {
            least = error;
            block->d = other.d;
        }
    }
    return least;
}

/* The rounded d, then its neighbours: the one nearer to 0, the other. */
static void store_one_scale(const struct rdl_search_problem *problem,
                            struct rdl_search_block *block)
{
    static const int steps[3] = {0, -1, 1};
    const struct rdl_search_layout *layout = problem->layout;
    struct rdl_search_block other = *block;
    uint16_t best = block->d;
    double least = INFINITY;
    for (int k = 0; k < 3; k++) {
        other.d = rdl_stored_step(block->d, steps[k]);
        const double error =
            rdl_stored_error(problem, 0, rdl_stored_scale_of(layout, &other, 0), least);
        if (error < least) {
            least = error;
            best = other.d;
        }
    }
    block->d = best;
}

void rdl_store_max(const struct rdl_search_problem *problem, struct rdl_search_block *block)
{
    if (!rdl_store_units(problem, block))
        return;
    if (problem->layout->unit) {
        (void)rdl_store_best_unit(problem, block);
        return;
    }
    if (rdl_store_has_one_scale(problem->layout)) {
        store_one_scale(problem, block);
        return;
    }
    for (int j = 0; j < problem->layout->sub_blocks; j++)
        rdl_store_near(problem, j, block);
}
