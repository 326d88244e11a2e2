/*
 * Scale and offset by a line of candidates: ggml's make_qkx2_quants and make_qkx3_quants, the
 * searches of the K-quants, which differ in the factors and constants that their callers give them.
 *
 * A candidate is an inverse scale (first + step * k + codes - 1) / (max - offset): the codes
 * nearest to it on the offset of the best candidate so far (at first the minimum, if negative),
 * then the least-squares scale and offset for these codes, with the offset kept from being
 * positive. The least weighted error, or weighted absolute error, wins. See affine_search.h, which
 * the K-quants use, for the arithmetic.
 *
 * Not exact: all candidates lie on one line of the plane of scales and offsets, and another offset
 * is only tried once a candidate has won with it. However fine and wide the line, blocks stay some
 * percent above the optimum. Binary32 costs more: if one factor outweighs all others, the sums
 * cancel to anything, a negative scale too (codes rise with x, so that no such scale is right: it
 * is replaced by a refit in binary64). Where it overflows, candidates are lost; if the extremes are
 * among them, the answer is that of `nearest`.
 *
 * As published there is no alternation after it; options->rounds asks for some. It gains little.
 *
 * 2 n (last + 2) operations.
 */
#include "affine_search.h"
#include "block/block.h"

#include <limits.h>
#include <math.h>
#include <string.h>

_Static_assert((int)RDL_AFFINE_MAX_LENGTH >= (int)RDL_BLOCK_MAX_LENGTH, "blocks fit the search");

/* Nearest codes, then their best scale and offset, as long as the error falls. */
static void alternate(const struct rdl_block *block, int rounds, uint8_t *codes,
                      struct rdl_block_fit *fit)
{
    double best = rdl_block_error(block, fit->scale, fit->offset, codes);
    for (int round = 0; round < rounds; round++) {
        uint8_t nearest[RDL_BLOCK_MAX_LENGTH];
        double scale, offset;
        rdl_block_codes(block, fit->scale, fit->offset, nearest);
        rdl_block_refit(block, nearest, &scale, &offset);
        const double error = rdl_block_error(block, scale, offset, nearest);
        if (!(error < best))
            break;
        best = error;
        memcpy(codes, nearest, block->n);
        fit->scale = scale;
        fit->offset = offset;
    }
}

void rdl_solve_qkx2(const struct rdl_block *block, const struct rdl_solver_options *options,
                    void *scratch, uint8_t *codes, struct rdl_block_fit *fit)
{
    const struct rdl_affine_grid grid = {
        .code_max = block->grid.count - 1,
        .first = options->first,
        .step = options->step,
        .last =
            options->last < INT_MAX ? options->last : INT_MAX - 1, /* it counts up to last + 1 */
        .absolute = options->absolute,
    };
    const struct rdl_affine_fit found =
        rdl_affine_search((int)block->n, block->x, block->weights, &grid, codes);
    if (!isfinite(found.scale) || !isfinite(found.min)) {
        rdl_solve_nearest(block, options, scratch, codes, fit);
        return;
    }
    fit->scale = (double)found.scale;
    fit->offset = -(double)found.min;
    if (found.scale < 0.0f)
        rdl_block_refit(block, codes, &fit->scale, &fit->offset);
    alternate(block, options->rounds, codes, fit);
    rdl_block_idle_codes(block, fit->scale, fit->offset, codes);
}
