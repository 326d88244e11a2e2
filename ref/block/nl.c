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

#include <string.h>

enum {
    TRIES = 7
};

struct coding {
    uint8_t codes[RDL_BLOCK_MAX_LENGTH];
    float xv, vv; /* A and B */
};

struct search {
    const struct rdl_block *block;
    struct coding coding;
    float scale, best; /* of the coding: A / B, and A^2 / B as scale * A */
};

static struct coding code(const struct rdl_block *block, float inverse_scale)
{
    struct coding coding = {.xv = 0.0f, .vv = 0.0f};
    for (size_t i = 0; i < block->n; i++) {
        const float x = block->x[i];
        const int nearest = rdl_block_nearest(&block->grid, (double)(inverse_scale * x));
        const float value = block->grid.entries[nearest], weighted = block->weights[i] * value;
        coding.codes[i] = (uint8_t)nearest;
        coding.xv += weighted * x;
        coding.vv += weighted * value;
    }
    return coding;
}

static bool is_better(const struct search *search, float xv, float vv)
{
    return vv > 0.0f && xv * xv > search->best * vv;
}

static void rate(struct search *search)
{
    const struct coding *coding = &search->coding;
    search->scale = coding->vv > 0.0f ? coding->xv / coding->vv : 0.0f;
    search->best = search->scale * coding->xv;
}

static void try_inverse(struct search *search, float inverse_scale)
{
    const struct coding coding = code(search->block, inverse_scale);
    if (is_better(search, coding.xv, coding.vv)) {
        search->coding = coding;
        rate(search);
    }
}

static void scan(struct search *search, float extreme, bool both_ends)
{
    const struct rdl_block_grid *grid = &search->block->grid;
    const float end = rdl_scale_search_end(grid), last = grid->entries[grid->count - 1];
    const float unit = (fabsf(end) > fabsf(last) ? fabsf(end) : fabsf(last)) / 127.0f;
    search->coding = code(search->block, 1.0f / (-extreme / end));
    rate(search);
    for (int k = -TRIES; k <= TRIES; k++) {
        const float step = (float)k * unit;
        try_inverse(search, (step + end) / extreme);
        if (both_ends)
            try_inverse(search, (step + last) / extreme);
    }
}

/* The code that is the first to reach its neighbour if all values move down the gradient of the
 * error at the present scale. */
struct move {
    size_t i;
    int direction; /* 0: there is none */
};

static struct move nearest_move(const struct search *search)
{
    const struct rdl_block *block = search->block;
    struct move move = {0, 0};
    float smallest = INFINITY;
    for (size_t i = 0; i < block->n; i++) {
        const int old = search->coding.codes[i];
        const float value = block->grid.entries[old];
        const float rest = block->x[i] - search->scale * value;
        const float slope = search->scale * block->weights[i] * rest;
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

/* Makes the move if it improves the coding. */
static bool make(struct search *search, struct move move)
{
    const float *entries = search->block->grid.entries;
    const float w = search->block->weights[move.i], x = search->block->x[move.i];
    struct coding *coding = &search->coding;
    const int other = coding->codes[move.i] + move.direction;
    const float from = entries[coding->codes[move.i]], to = entries[other];
    const float xv = coding->xv + w * x * (to - from);
    const float vv = coding->vv + w * (to * to - from * from);
    if (!is_better(search, xv, vv))
        return false;
    coding->xv = xv;
    coding->vv = vv;
    coding->codes[move.i] = (uint8_t)other;
    rate(search);
    return true;
}

static void walk(struct search *search)
{
    const size_t steps = 2 * search->block->n * (size_t)search->block->grid.count;
    for (size_t step = 0; step < steps; step++) {
        const struct move move = nearest_move(search);
        if (move.direction == 0 || !make(search, move))
            return;
    }
}

static void solve(const struct rdl_block *block, bool gradient, uint8_t *codes,
                  struct rdl_block_fit *fit)
{
    float extreme;
    if (rdl_signed_absmax((int)block->n, block->x, &extreme) < RDL_SCALE_SEARCH_EPSILON) {
        rdl_scale_search_zero(block, codes, fit);
        return;
    }
    struct search search = {.block = block};
    scan(&search, extreme, gradient);
    if (gradient)
        walk(&search);
    const float inverse_scale = search.scale != 0.0f ? 1.0f / search.scale : 0.0f;
    const struct coding nearest = code(block, inverse_scale);
    memcpy(codes, nearest.codes, block->n);
    rdl_scale_search_finish(block, search.scale, codes, fit);
}

void rdl_solve_nl(const struct rdl_block *block, const struct rdl_solver_options *options,
                  void *scratch, uint8_t *codes, struct rdl_block_fit *fit)
{
    (void)options;
    (void)scratch;
    solve(block, false, codes, fit);
}

void rdl_solve_nlg(const struct rdl_block *block, const struct rdl_solver_options *options,
                   void *scratch, uint8_t *codes, struct rdl_block_fit *fit)
{
    (void)options;
    (void)scratch;
    solve(block, true, codes, fit);
}
