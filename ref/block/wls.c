/*
 * Weighted least squares to a fixed point, on any grid.
 *
 * From two starts, nearest codes for the scale and offset and the best scale and offset for the
 * codes follow each other until the codes repeat, at most 64 times. The least error of all rounds
 * of both starts wins. The first start is the codes of `nearest`, the second those of the best of
 * a line of candidates, each refitted, if it beats `nearest` as it is.
 *
 * Candidates with an offset are those of qkx2.c, by the same options: inverse scales
 * (first + step * k + codes - 1) / (max - base) on the base of the best one so far, at first the
 * minimum (for RDL_BLOCK_AFFINE not above 0).
 *
 * Candidates without an offset are inverse scales (end + k / 10 * gap) / extreme, k = -9 .. 9: a
 * weight goes to a value at an end of the grid, up to 0.9 gaps of the last two values further out
 * or in. With a scale of either sign they are the weight and the end of largest magnitude, the
 * lower end if both have it: on [-N, N - 1] the candidates of ggml's make_qx_quants, and on tables
 * as wide a line. With scale >= 0 they are the largest weight and the upper end or the least weight
 * and the lower end, whichever needs the larger scale, so that k = 0 clamps nothing.
 *
 * All in binary64; the candidates look at the weights that count only. In exact arithmetic every
 * round lowers the error or is the last: the limit is for ties and rounding. Not exact: at a fixed
 * point, weights near a tie that would have to change together keep each other in place.
 *
 * n (candidates + rounds) operations, for tables times log(codes).
 */
#include "block/block.h"

#include <limits.h>
#include <math.h>
#include <string.h>

enum {
    MAX_ROUNDS = 64,
    TRIES = 9
};

/* Codes and the fit that is best for them. */
struct solution {
    struct rdl_block_fit fit;
    uint8_t codes[RDL_BLOCK_MAX_LENGTH];
};

/* Fits scale and offset to the codes; false if no scale helps them. */
static bool refit(const struct rdl_block *block, struct solution *solution)
{
    struct rdl_block_fit *fit = &solution->fit;
    const bool has_scale = rdl_block_refit(block, solution->codes, &fit->scale, &fit->offset);
    fit->error = rdl_block_error(block, fit->scale, fit->offset, solution->codes);
    return has_scale;
}

static void keep_better(const struct solution *solution, struct solution *best)
{
    if (solution->fit.error < best->fit.error)
        *best = *solution;
}

static void try_candidate(const struct rdl_block *block, double scale, double offset,
                          struct solution *best)
{
    struct solution candidate;
    rdl_block_codes(block, scale, offset, candidate.codes);
    refit(block, &candidate);
    keep_better(&candidate, best);
}

/* ------------------------------------------------------------------------------------------------
 * Candidates with an offset
 */

static void try_lines(const struct rdl_block *block, const struct rdl_solver_options *options,
                      struct solution *best)
{
    const struct rdl_range range = rdl_range_of(block->n, block->x, block->weights);
    double base = range.min;
    if (block->grid.kind == RDL_BLOCK_AFFINE && base > 0.0)
        base = 0.0;
    for (int k = 0; k <= options->last && k < INT_MAX; k++) {
        const double span = (double)options->first + (double)options->step * (double)k +
                            (double)(block->grid.count - 1);
        const double error = best->fit.error;
        try_candidate(block, (range.max - base) / span, base, best);
        if (best->fit.error < error)
            base = best->fit.offset;
    }
}

/* ------------------------------------------------------------------------------------------------
 * Candidates without an offset
 */

/* The weight `extreme` goes to the value `end`, which is `gap` further out than the next one. */
struct pin {
    double extreme, end, gap;
};

static struct pin pin_to(const struct rdl_block_grid *grid, double extreme, bool upper)
{
    const int last = upper ? grid->count - 1 : 0, next = upper ? last - 1 : 1;
    const double end = rdl_block_value(grid, last);
    return (struct pin){extreme, end, end - rdl_block_value(grid, next)};
}

static struct pin pin_any_sign(const struct rdl_block *block)
{
    const struct rdl_block_grid *grid = &block->grid;
    const double low = rdl_block_value(grid, 0), high = rdl_block_value(grid, grid->count - 1);
    double extreme = 0.0; /* the first one */
    for (size_t i = 0; i < block->n; i++)
        if (block->weights[i] > 0.0f && fabs((double)block->x[i]) > fabs(extreme))
            extreme = (double)block->x[i];
    return pin_to(grid, extreme, fabs(high) > fabs(low));
}

/* Of the pins at either end the one of the larger scale; scale 0 where there is no positive one. */
static struct pin pin_positive(const struct rdl_block *block)
{
    const struct rdl_range range = rdl_range_of(block->n, block->x, block->weights);
    struct pin best = {0.0, 1.0, 0.0};
    for (int upper = 0; upper <= 1; upper++) {
        const struct pin pin = pin_to(&block->grid, upper ? range.max : range.min, upper);
        if ((upper ? pin.end > 0.0 : pin.end < 0.0) &&
            pin.extreme / pin.end > best.extreme / best.end)
            best = pin;
    }
    return best;
}

static void try_scales(const struct rdl_block *block, struct solution *best)
{
    const struct pin pin =
        block->grid.kind == RDL_BLOCK_SIGNED ? pin_any_sign(block) : pin_positive(block);
    for (int order = 0; order <= 2 * TRIES; order++) {
        const int k = order == 0 ? 0 : order <= TRIES ? order - TRIES - 1 : order - TRIES;
        const double end = pin.end + 0.1 * (double)k * pin.gap;
        if ((end > 0.0) == (pin.end > 0.0) && end != 0.0)
            try_candidate(block, pin.extreme / end, 0.0, best);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Alternation
 */

static void alternate(const struct rdl_block *block, const uint8_t *start, struct solution *best)
{
    struct solution solution;
    memcpy(solution.codes, start, block->n);
    for (int round = 0; round < MAX_ROUNDS; round++) {
        const bool has_scale = refit(block, &solution);
        keep_better(&solution, best);
        if (!has_scale)
            return;
        uint8_t codes[RDL_BLOCK_MAX_LENGTH];
        rdl_block_codes(block, solution.fit.scale, solution.fit.offset, codes);
        if (memcmp(codes, solution.codes, block->n) == 0)
            return;
        memcpy(solution.codes, codes, block->n);
    }
}

void rdl_solve_wls(const struct rdl_block *block, const struct rdl_solver_options *options,
                   void *scratch, uint8_t *codes, struct rdl_block_fit *fit)
{
    struct solution best = {.fit.error = INFINITY}, start;
    rdl_solve_nearest(block, options, scratch, start.codes, &start.fit);
    start.fit.error = rdl_block_error(block, start.fit.scale, start.fit.offset, start.codes);
    alternate(block, start.codes, &best);
    if (rdl_block_has_offset(&block->grid))
        try_lines(block, options, &start);
    else
        try_scales(block, &start);
    alternate(block, start.codes, &best);
    *fit = best.fit;
    memcpy(codes, best.codes, block->n);
    rdl_block_idle_codes(block, fit->scale, fit->offset, codes);
}
