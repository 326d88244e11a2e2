/*
 * Scale on a grid of integers by coordinate descent, ggml's make_q3_quants, under weights x^2: the
 * block's factors play no part. It starts from the scale that sends the weight of largest magnitude
 * to the first code. A pass takes each code out in turn, replaces it by the nearest one at the
 * least-squares scale of the others, and keeps the new one if A^2 / B grows; A = sum w x q,
 * B = sum w q^2. At most five passes.
 *
 * Not exact: a local optimum of the codes one by one.
 *
 * q3 has the defect of the original. It requires A > 0 of the others, which has the sense of "the
 * scale keeps its sign" for positive scales alone; but where the largest magnitude is a positive
 * weight the scale is negative, and nothing is refined. On gaussian blocks of 16 weights and codes
 * -4 .. 3 the error is 13 % above the optimum on average if the extreme weight is negative, 37 % if
 * it is positive. q3-fixed asks for the sign that the scale has.
 *
 * Complexity: up to 6 n.
 */
#include "block/scale_search.h"

enum {
    MAX_PASSES = 5
};

/* A and B: scale = xl / l2, explained part xl^2 / l2. */
struct fit {
    float xl, l2;
};

struct descent {
    int first, last; /* levels */
    float sign;      /* that A has to have */
    struct fit fit;
    float levels[RDL_BLOCK_MAX_LENGTH];
};

static int level_of(const struct descent *descent, float v)
{
    return rdl_clamp(rdl_nearest_int(v), descent->first, descent->last);
}

static void start(struct descent *descent, const struct rdl_block *block, float inverse_scale)
{
    for (size_t i = 0; i < block->n; i++) {
        const float x = block->x[i], w = x * x;
        const float level = (float)level_of(descent, inverse_scale * x);
        descent->levels[i] = level;
        descent->fit.xl += w * x * level;
        descent->fit.l2 += w * level * level;
    }
}

/* Finds the best level of one weight for the scale of the others; true if it is better. */
static bool improve(struct descent *descent, float x, float *level)
{
    const struct fit *fit = &descent->fit;
    const float w = x * x;
    struct fit rest = {fit->xl - w * x * *level, fit->l2 - w * *level * *level};
    if (!(rest.xl * descent->sign > 0.0f))
        return false;
    const float other = (float)level_of(descent, x * rest.l2 / rest.xl);
    if (other == *level)
        return false;
    rest.xl += w * x * other;
    rest.l2 += w * other * other;
    if (!(rest.l2 > 0.0f && rest.xl * rest.xl * fit->l2 > fit->xl * fit->xl * rest.l2))
        return false;
    descent->fit = rest;
    *level = other;
    return true;
}

static void solve(const struct rdl_block *block, bool as_published, uint8_t *codes,
                  struct rdl_block_fit *fit)
{
    float extreme;
    if (rdl_signed_absmax((int)block->n, block->x, &extreme) < RDL_SCALE_SEARCH_EPSILON) {
        rdl_scale_search_zero(block, codes, fit);
        return;
    }
    const float inverse_scale = rdl_scale_search_end(&block->grid) / extreme;
    struct descent descent = {.first = block->grid.first,
                              .last = block->grid.first + block->grid.count - 1,
                              .sign = as_published || inverse_scale > 0.0f ? 1.0f : -1.0f};
    start(&descent, block, inverse_scale);
    bool improved = true;
    for (int pass = 0; pass < MAX_PASSES && improved; pass++) {
        improved = false;
        for (size_t i = 0; i < block->n; i++)
            improved |= improve(&descent, block->x[i], &descent.levels[i]);
    }
    for (size_t i = 0; i < block->n; i++)
        codes[i] = (uint8_t)((int)descent.levels[i] - descent.first);
    const float scale = descent.fit.l2 > 0.0f ? descent.fit.xl / descent.fit.l2 : 0.0f;
    rdl_scale_search_finish(block, scale, codes, fit);
}

void rdl_solve_q3(const struct rdl_block *block, const struct rdl_solver_options *options,
                  void *scratch, uint8_t *codes, struct rdl_block_fit *fit)
{
    (void)options;
    (void)scratch;
    solve(block, true, codes, fit);
}

void rdl_solve_q3_fixed(const struct rdl_block *block, const struct rdl_solver_options *options,
                        void *scratch, uint8_t *codes, struct rdl_block_fit *fit)
{
    (void)options;
    (void)scratch;
    solve(block, false, codes, fit);
}
