/*
 * Scale and offset by alternation with the exact scale: an idea of 2023 for llama.cpp's K-quants
 * that was never merged.
 *
 * From the offset of the minimum (for RDL_BLOCK_AFFINE not above 0): the codes of the best scale of
 * x - offset, by every breakpoint (breakpoints.h); then the best scale and offset for these codes;
 * and again, until the error falls no more or the rounds are spent.
 *
 * Each half is exact, so that no round raises the error. The alternation is not: it ends where each
 * half is best for the other, and most blocks are there after one or two rounds, so that ten rounds
 * are hardly better than three.
 *
 * n (codes - 1) log n operations a round.
 */
#include "block/breakpoints.h"

#include <math.h>
#include <string.h>

/* The least of the weights that count gets code 0. */
static double first_offset(const struct rdl_block *block)
{
    double min = block->grid.kind == RDL_BLOCK_AFFINE ? 0.0 : INFINITY;
    for (size_t i = 0; i < block->n; i++)
        if (block->weights[i] > 0.0f && (double)block->x[i] < min)
            min = (double)block->x[i];
    return min;
}

/*
 * The codes of the best positive scale for x - offset, y below: those with the greatest
 * (sum w y v)^2 / sum w v^2; false if scale 0 is no worse. Only weights above the offset have
 * breakpoints, so that both sums only grow.
 */
static bool solve_scale(const struct rdl_block *block, double offset, uint8_t *codes)
{
    struct rdl_walk walk;
    rdl_walk_start(&walk, block, 1.0, offset, 0.0, NULL); /* all codes are 0 */
    double yv = 0.0, vv = 0.0, best = 0.0;
    struct rdl_step step;
    while (rdl_walk_step(&walk, &step)) {
        const double w = (double)block->weights[step.element];
        yv += w * walk.y[step.element];
        vv += w * (step.from + step.to);
        if (rdl_walk_is_tied(&walk, step.time))
            continue;
        const double score = yv * (yv / vv);
        if (score > best) {
            best = score;
            memcpy(codes, walk.codes, block->n);
        }
    }
    return best > 0.0;
}

void rdl_solve_alt(const struct rdl_block *block, const struct rdl_solver_options *options,
                   void *scratch, uint8_t *codes, struct rdl_block_fit *fit)
{
    (void)scratch;
    memset(codes, 0, block->n);
    *fit = (struct rdl_block_fit){.offset = first_offset(block)};
    fit->error = rdl_block_error(block, 0.0, fit->offset, codes);
    for (int round = 0; round == 0 || round < options->rounds; round++) {
        uint8_t next_codes[RDL_BLOCK_MAX_LENGTH];
        struct rdl_block_fit next;
        if (!solve_scale(block, fit->offset, next_codes))
            break;
        rdl_block_refit(block, next_codes, &next.scale, &next.offset);
        next.error = rdl_block_error(block, next.scale, next.offset, next_codes);
        if (!(next.error < fit->error))
            break;
        *fit = next;
        memcpy(codes, next_codes, block->n);
    }
    rdl_block_idle_codes(block, fit->scale, fit->offset, codes);
}
