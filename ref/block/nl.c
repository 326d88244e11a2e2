/*
 * Scale on a table of entries by a list of candidates, as qx.c does on integers: nearest entries at
 * each candidate's inverse scale, their least-squares scale, the largest A^2 / B wins;
 * A = sum w x v, B = sum w v^2.
 *
 * nl is ggml's search for IQ4_NL. 16 candidates: the weight of largest magnitude goes to minus the
 * first entry, which may lie beyond the last one, then to the first entry + k, k = -7 .. 7. nlg is
 * ik_llama.cpp's: also to the last entry + k, then a walk that moves one code by one, the one that
 * needs the smallest step along the gradient of the error to do so, as long as A^2 / B grows.
 *
 * Codes are at last those nearest at the scale found, as IQ4_NL stores them: at this scale they are
 * never worse.
 *
 * Neither is exact. k counts units of the table of IQ4_NL, -127 .. 113; for other tables the unit
 * is 1/127 of the larger end, so that a table in other units gives the same codes. The walk ends at
 * the first step that does not help, though another might.
 *
 * Complexity, with nearest entries in log(count): 17 n and 32 n, and up to 2 n count steps of n.
 */
#include "block/scale_search.h"
#include "table_search.h"

_Static_assert((int)RDL_TABLE_MAX_LENGTH >= (int)RDL_BLOCK_MAX_LENGTH, "blocks fit the search");

static float nearest_value(const void *table, float v)
{
    const struct rdl_block_grid *grid = table;
    return grid->entries[rdl_block_nearest(grid, (double)v)];
}

static struct rdl_table_fit scan(const struct rdl_block *block, float extreme, bool both_ends)
{
    const struct rdl_block_grid *grid = &block->grid;
    const float end = rdl_scale_search_end(grid), last = grid->entries[grid->count - 1];
    const float larger = fabsf(end) > fabsf(last) ? fabsf(end) : fabsf(last);
    const struct rdl_table_search search = {
        .nearest = nearest_value,
        .table = grid,
        .ends = {.end = end, .last = last, .unit = larger / 127.0f},
        .n = (int)block->n,
        .x = block->x,
        .w = block->weights,
    };
    return rdl_table_scan(&search, extreme, both_ends);
}

static void code(const struct rdl_block *block, float inverse, uint8_t *codes)
{
    for (size_t i = 0; i < block->n; i++)
        codes[i] = (uint8_t)rdl_block_nearest(&block->grid, (double)(inverse * block->x[i]));
}

/* The codes at the scale found. */
static void finish(const struct rdl_block *block, float scale, uint8_t *codes,
                   struct rdl_block_fit *fit)
{
    code(block, scale != 0.0f ? 1.0f / scale : 0.0f, codes);
    rdl_scale_search_finish(block, scale, codes, fit);
}

void rdl_solve_nl(const struct rdl_block *block, const struct rdl_solver_options *options,
                  void *scratch, uint8_t *codes, struct rdl_block_fit *fit)
{
    (void)options;
    (void)scratch;
    float extreme;
    if (rdl_scale_search_begin(block, &extreme, codes, fit))
        finish(block, scan(block, extreme, false).scale, codes, fit);
}

/* A walk, from the best of the candidates. */
struct walk {
    const struct rdl_block *block;
    struct rdl_table_fit fit;
    uint8_t *codes;
};

/* The code that is the first to reach its neighbour if all values move down the gradient of the
 * error at the present scale. */
struct move {
    size_t i;
    int direction; /* 0: there is none */
};

static struct move nearest_move(const struct walk *walk)
{
    const struct rdl_block *block = walk->block;
    struct move move = {0, 0};
    float smallest = INFINITY;
    for (size_t i = 0; i < block->n; i++) {
        const int old = walk->codes[i];
        const float value = block->grid.entries[old];
        const float rest = block->x[i] - walk->fit.scale * value;
        const float slope = walk->fit.scale * block->weights[i] * rest;
        const int direction = (slope > 0.0f) - (slope < 0.0f), other = old + direction;
        if (direction == 0 || other < 0 || other >= block->grid.count)
            continue;
        const float step = (block->grid.entries[other] - value) / slope;
        if (step < smallest) {
            smallest = step;
            move = (struct move){i, direction};
        }
    }
    return move;
}

/* Makes the move if it improves the fit. */
static bool make(struct walk *walk, struct move move)
{
    const float *entries = walk->block->grid.entries;
    const float w = walk->block->weights[move.i], x = walk->block->x[move.i];
    const int other = walk->codes[move.i] + move.direction;
    const float from = entries[walk->codes[move.i]], to = entries[other];
    struct rdl_table_fit fit = {.xv = walk->fit.xv + w * x * (to - from),
                                .vv = walk->fit.vv + w * (to * to - from * from)};
    if (!(fit.vv > 0.0f && fit.xv * fit.xv > walk->fit.explained * fit.vv))
        return false;
    fit.scale = fit.xv / fit.vv;
    fit.explained = fit.scale * fit.xv;
    walk->fit = fit;
    walk->codes[move.i] = (uint8_t)other;
    return true;
}

void rdl_solve_nlg(const struct rdl_block *block, const struct rdl_solver_options *options,
                   void *scratch, uint8_t *codes, struct rdl_block_fit *fit)
{
    (void)options;
    (void)scratch;
    float extreme;
    if (!rdl_scale_search_begin(block, &extreme, codes, fit))
        return;
    struct walk walk = {.block = block, .fit = scan(block, extreme, true), .codes = codes};
    code(block, walk.fit.inverse, codes);
    const size_t steps = 2 * block->n * (size_t)block->grid.count;
    for (size_t step = 0; step < steps; step++) {
        const struct move move = nearest_move(&walk);
        if (move.direction == 0 || !make(&walk, move))
            break;
    }
    finish(block, walk.fit.scale, codes, fit);
}
