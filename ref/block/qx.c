/*
 * Scale on a grid of integers by a list of candidates: inverse scales around the one that sends the
 * weight of largest magnitude to an end of the grid. Each candidate's nearest codes get their
 * least-squares scale, and the largest explained part A^2 / B wins, A = sum w x q, B = sum w q^2.
 *
 * qx is ggml's make_qx_quants: 19 candidates (N + 0.1 k) / extreme, k = -9 .. 9, towards the first
 * code, -N. The sign of the scale is therefore that of -extreme, whatever the factors say.
 *
 * qxg is ik_llama.cpp's make_qx_quants: the same candidates towards the last code too, then a walk
 * that moves one code by one, the one of steepest descent of the error at the present scale, as
 * long as A^2 / B grows.
 *
 * Neither is exact. qx misses the better sign and, on fine grids, all that lies between or beyond
 * its candidates; the walk ends at the first step that does not help, though another might.
 *
 * Complexity: 20 n and 39 n, and up to n (count - 1) steps of n.
 */
#include "block/scale_search.h"

#include "symmetric_search.h"

_Static_assert((int)RDL_SYMMETRIC_MAX_LENGTH >= (int)RDL_BLOCK_MAX_LENGTH, "blocks fit the search");

static struct rdl_levels levels_of(const struct rdl_block_grid *grid)
{
    return (struct rdl_levels){grid->first, grid->first + grid->count - 1};
}

void rdl_solve_qx(const struct rdl_block *block, const struct rdl_solver_options *options,
                  void *scratch, uint8_t *codes, struct rdl_block_fit *fit)
{
    (void)options;
    (void)scratch;
    float extreme;
    if (rdl_scale_search_begin(block, &extreme, codes, fit))
        rdl_scale_search_finish(block,
                                rdl_symmetric_search((int)block->n, levels_of(&block->grid),
                                                     block->x, block->weights, codes),
                                codes, fit);
}

/* A walk, from the best of the candidates. */
struct walk {
    const struct rdl_block *block;
    struct rdl_levels range;
    struct rdl_symmetric_fit fit;
    uint8_t *codes;
};

static float level_of(const struct walk *walk, size_t i)
{
    return (float)(walk->range.first + walk->codes[i]);
}

/* The move of one level that goes down the slope of the error with respect to the values at the
 * present scale. */
struct move {
    size_t i;
    int direction; /* 0: there is none */
};

static struct move steepest(const struct walk *walk)
{
    struct move move = {0, 0};
    float largest = 0.0f;
    for (size_t i = 0; i < walk->block->n; i++) {
        const float level = level_of(walk, i);
        const float rest = walk->block->x[i] - walk->fit.scale * level;
        const float slope = walk->fit.scale * walk->block->weights[i] * rest;
        const bool up = slope > 0.0f && level < (float)walk->range.last;
        const bool down = slope < 0.0f && level > (float)walk->range.first;
        if ((up || down) && fabsf(slope) > largest) {
            largest = fabsf(slope);
            move = (struct move){i, up ? 1 : -1};
        }
    }
    return move;
}

/* Makes the move if it improves the fit. */
static bool make(struct walk *walk, struct move move)
{
    const float w = walk->block->weights[move.i], wx = w * walk->block->x[move.i];
    const float level = level_of(walk, move.i), direction = (float)move.direction;
    struct rdl_symmetric_fit fit = {.xl = walk->fit.xl + direction * wx,
                                    .l2 = walk->fit.l2 +
                                          direction * (w * (2.0f * level + direction))};
    if (!(fit.l2 > 0.0f && fit.xl * fit.xl > walk->fit.explained * fit.l2))
        return false;
    fit.scale = fit.xl / fit.l2;
    fit.explained = fit.scale * fit.xl;
    walk->fit = fit;
    walk->codes[move.i] = (uint8_t)(walk->codes[move.i] + move.direction);
    return true;
}

void rdl_solve_qxg(const struct rdl_block *block, const struct rdl_solver_options *options,
                   void *scratch, uint8_t *codes, struct rdl_block_fit *fit)
{
    (void)options;
    (void)scratch;
    float extreme;
    if (!rdl_scale_search_begin(block, &extreme, codes, fit))
        return;
    struct walk walk = {.block = block, .range = levels_of(&block->grid), .codes = codes};
    walk.fit = rdl_symmetric_scan((int)block->n, walk.range, block->x, block->weights, extreme,
                                  true, codes);
    const size_t steps = block->n * (size_t)(block->grid.count - 1);
    for (size_t step = 0; step < steps; step++) {
        const struct move move = steepest(&walk);
        if (move.direction == 0 || !make(&walk, move))
            break;
    }
    rdl_scale_search_finish(block, walk.fit.scale, codes, fit);
}
