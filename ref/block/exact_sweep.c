#include "block/exact_sweep.h"

#include "block/breakpoint_heap.h"

#include <string.h>

/* Negative t are positive ones of -x. */
struct sweep {
    const struct rdl_exact_block *block;
    const struct rdl_exact_grid *grid;
    double sign, xv, vv;
    uint8_t codes[RDL_BLOCK_MAX_LENGTH], end[RDL_BLOCK_MAX_LENGTH];
    struct rdl_breakpoint
        heap[RDL_BLOCK_MAX_LENGTH]; /* the next change of every weight that has one */
    int count;
};

/* ------------------------------------------------------------------------------------------------
 * The next change
 */

static double time_of_next(const struct sweep *sweep, int i)
{
    const int midpoint = sweep->codes[i] - (sweep->end[i] < sweep->codes[i]);
    return rdl_exact_midpoint(sweep->grid, midpoint) / (sweep->sign * sweep->block->x[i]);
}

static void make_change(struct sweep *sweep)
{
    const int i = sweep->heap[0].element, code = sweep->codes[i];
    const int beyond = sweep->end[i] > code ? code + 1 : code - 1;
    const double from = rdl_exact_value(sweep->grid, code);
    const double to = rdl_exact_value(sweep->grid, beyond);
    const double w = sweep->block->w[i];
    sweep->xv += w * sweep->sign * sweep->block->x[i] * (to - from);
    sweep->vv += w * ((to - from) * (to + from));
    sweep->codes[i] = (uint8_t)beyond;
    if (beyond != sweep->end[i])
        sweep->heap[0].time = time_of_next(sweep, i);
    else
        sweep->heap[0] = sweep->heap[--sweep->count];
    if (sweep->count > 1)
        rdl_breakpoint_sift(sweep->heap, sweep->count, 0);
}

/* ------------------------------------------------------------------------------------------------
 * The sweep
 */

static void list_changes(struct sweep *sweep)
{
    sweep->count = 0;
    for (int i = 0; i < sweep->block->n; i++)
        if (sweep->codes[i] != sweep->end[i])
            sweep->heap[sweep->count++] = (struct rdl_breakpoint){time_of_next(sweep, i), i};
    rdl_breakpoint_heap(sweep->heap, sweep->count);
}

/* Codes that are the known ones have the score that is known, but products round otherwise. */
static bool is_better(double xv, double vv, const struct rdl_exact_peak *peak)
{
    return xv > 0.0 && vv > 0.0 && xv * xv > peak->score * vv && xv * (xv / vv) > peak->score;
}

static void keep_better(const struct sweep *sweep, struct rdl_exact_peak *peak)
{
    if (!is_better(sweep->xv, sweep->vv, peak))
        return;
    peak->score = sweep->xv * (sweep->xv / sweep->vv);
    memcpy(peak->codes, sweep->codes, (size_t)sweep->block->n);
}

long rdl_exact_sweep(const struct rdl_exact_block *block, const struct rdl_exact_grid *grid,
                     const struct rdl_exact_gap *gap, const struct rdl_exact_ops *ops,
                     struct rdl_exact_peak *peak)
{
    const bool negative = gap->from < 0.0;
    const double from = negative ? gap->to : gap->from, to = negative ? gap->from : gap->to;
    const double sign = negative ? -1.0 : 1.0;
    struct rdl_exact_scale_fit fit;
    const bool changes_codes = ops->ends(block, grid, from, to, &fit);
    if (!changes_codes && !is_better(sign * fit.xv, fit.vv, peak))
        return 0;

    struct sweep sweep;
    double unused[RDL_BLOCK_MAX_LENGTH];
    long changes = 0;
    sweep.block = block;
    sweep.grid = grid;
    sweep.sign = sign;
    sweep.xv = sign * fit.xv;
    sweep.vv = fit.vv;
    ops->nearest(grid, block->n, block->x, from, sweep.codes, unused);
    ops->nearest(grid, block->n, block->x, to, sweep.end, unused);
    keep_better(&sweep, peak);
    for (list_changes(&sweep); sweep.count > 0; changes++) {
        make_change(&sweep);
        keep_better(&sweep, peak);
    }
    return changes;
}
