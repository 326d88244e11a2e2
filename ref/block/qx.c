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

enum {
    TRIES = 9
};

/* A coding: levels as floats, A and B. */
struct coding {
    float levels[RDL_BLOCK_MAX_LENGTH];
    float xl, l2;
};

struct search {
    const struct rdl_block *block;
    int first, last; /* levels */
    struct coding coding;
    float scale, best; /* of the coding: A / B, and A^2 / B as scale * A */
};

static struct coding code(const struct search *search, float inverse_scale)
{
    const struct rdl_block *block = search->block;
    struct coding coding = {.xl = 0.0f, .l2 = 0.0f};
    for (size_t i = 0; i < block->n; i++) {
        const float x = block->x[i], w = block->weights[i];
        const int nearest = rdl_nearest_int(inverse_scale * x);
        const float level = (float)rdl_clamp(nearest, search->first, search->last);
        coding.levels[i] = level;
        coding.xl += w * x * level;
        coding.l2 += w * level * level;
    }
    return coding;
}

static bool is_better(const struct search *search, float xl, float l2)
{
    return l2 > 0.0f && xl * xl > search->best * l2;
}

static void rate(struct search *search)
{
    const struct coding *coding = &search->coding;
    search->scale = coding->l2 != 0.0f ? coding->xl / coding->l2 : 0.0f;
    search->best = search->scale * coding->xl;
}

static void try_inverse(struct search *search, float inverse_scale)
{
    const struct coding coding = code(search, inverse_scale);
    if (is_better(search, coding.xl, coding.l2)) {
        search->coding = coding;
        rate(search);
    }
}

/* Tries all candidates. The first one's codes are taken even if they explain nothing; k = 0 repeats
 * it, which changes nothing. */
static void scan(struct search *search, float extreme, bool both_ends)
{
    const float end = rdl_scale_search_end(&search->block->grid);
    const float to_end = end < 0.0f ? -extreme : extreme, magnitude = fabsf(end);
    search->coding = code(search, magnitude / to_end);
    rate(search);
    for (int k = -TRIES; k <= TRIES; k++) {
        const float step = 0.1f * (float)k;
        try_inverse(search, (magnitude + step) / to_end);
        if (both_ends)
            try_inverse(search, ((float)search->last + step) / extreme);
    }
}

/* The move of one level that goes down the slope of the error with respect to the values at the
 * present scale. */
struct move {
    size_t i;
    int direction; /* 0: there is none */
};

static struct move steepest(const struct search *search)
{
    struct move move = {0, 0};
    float largest = 0.0f;
    for (size_t i = 0; i < search->block->n; i++) {
        const float level = search->coding.levels[i];
        const float rest = search->block->x[i] - search->scale * level;
        const float slope = search->scale * search->block->weights[i] * rest;
        const bool up = slope > 0.0f && level < (float)search->last;
        const bool down = slope < 0.0f && level > (float)search->first;
        if ((up || down) && fabsf(slope) > largest) {
            largest = fabsf(slope);
            move = (struct move){i, up ? 1 : -1};
        }
    }
    return move;
}

/* Makes the move if it improves the coding. */
static bool make(struct search *search, struct move move)
{
    const float w = search->block->weights[move.i], wx = w * search->block->x[move.i];
    const float level = search->coding.levels[move.i], direction = (float)move.direction;
    const float xl = search->coding.xl + direction * wx;
    const float l2 = search->coding.l2 + direction * (w * (2.0f * level + direction));
    if (!is_better(search, xl, l2))
        return false;
    search->coding.xl = xl;
    search->coding.l2 = l2;
    search->coding.levels[move.i] += direction;
    rate(search);
    return true;
}

static void walk(struct search *search)
{
    const size_t steps = search->block->n * (size_t)(search->last - search->first);
    for (size_t step = 0; step < steps; step++) {
        const struct move move = steepest(search);
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
    struct search search = {.block = block,
                            .first = block->grid.first,
                            .last = block->grid.first + block->grid.count - 1};
    scan(&search, extreme, gradient);
    if (gradient)
        walk(&search);
    for (size_t i = 0; i < block->n; i++)
        codes[i] = (uint8_t)((int)search.coding.levels[i] - search.first);
    rdl_scale_search_finish(block, search.scale, codes, fit);
}

void rdl_solve_qx(const struct rdl_block *block, const struct rdl_solver_options *options,
                  void *scratch, uint8_t *codes, struct rdl_block_fit *fit)
{
    (void)options;
    (void)scratch;
    solve(block, false, codes, fit);
}

void rdl_solve_qxg(const struct rdl_block *block, const struct rdl_solver_options *options,
                   void *scratch, uint8_t *codes, struct rdl_block_fit *fit)
{
    (void)options;
    (void)scratch;
    solve(block, true, codes, fit);
}
