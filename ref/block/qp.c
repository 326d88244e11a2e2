/*
 * Scale on integers from 0, ggml's make_qp_quants: nine inverse scales (N + 0.1 k) / largest,
 * k = -4 .. 4, N the last code, compared by their error before any refit; then coordinate descent
 * as in q3.c, under the block's factors, at most five passes.
 *
 * Not exact: a local optimum of the codes one by one. Meant for weights >= 0; negative ones get
 * code 0 here, where ggml lets their codes wrap around in a byte. On weights >= 0 the results are
 * ggml's.
 *
 * Complexity: about 15 n.
 */
#include "block/scale_search.h"

enum {
    TRIES = 4,
    MAX_PASSES = 5
};

static float code_of(float v, int last)
{
    return (float)rdl_clamp(rdl_nearest_int(v > 0.0f ? v : 0.0f), 0, last);
}

static float largest_of(const struct rdl_block *block)
{
    float largest = 0.0f;
    for (size_t i = 0; i < block->n; i++)
        largest = block->x[i] > largest ? block->x[i] : largest;
    return largest;
}

static float error_at(const struct rdl_block *block, int last, float inverse_scale)
{
    const float scale = 1.0f / inverse_scale;
    float error = 0.0f;
    for (size_t i = 0; i < block->n; i++) {
        const float x = block->x[i];
        const float difference = x - scale * code_of(inverse_scale * x, last);
        error += block->weights[i] * difference * difference;
    }
    return error;
}

/* The inverse scale of least error; ties to N / largest, then to the smaller one. */
static float best_inverse_scale(const struct rdl_block *block, int last, float largest)
{
    float best_inverse = (float)last / largest;
    float best = error_at(block, last, best_inverse);
    for (int k = -TRIES; k <= TRIES; k++) {
        const float inverse = (0.1f * (float)k + (float)last) / largest;
        const float error = error_at(block, last, inverse);
        if (error < best) {
            best = error;
            best_inverse = inverse;
        }
    }
    return best_inverse;
}

/* A = sum w x q and B = sum w q^2: scale = xl / l2, explained part xl^2 / l2. */
struct fit {
    float xl, l2;
};

/* Finds the best code of one weight for the scale of the others; true if it is better. */
static bool improve(float x, float w, int last, struct fit *fit, uint8_t *code)
{
    const float old = (float)*code;
    struct fit rest = {fit->xl - w * x * old, fit->l2 - w * old * old};
    if (!(rest.xl > 0.0f && rest.l2 > 0.0f))
        return false;
    const float other = code_of(x * rest.l2 / rest.xl, last);
    if (other == old)
        return false;
    rest.xl += w * x * other;
    rest.l2 += w * other * other;
    if (!(rest.xl * rest.xl * fit->l2 > fit->xl * fit->xl * rest.l2))
        return false;
    *fit = rest;
    *code = (uint8_t)other;
    return true;
}

void rdl_solve_qp(const struct rdl_block *block, const struct rdl_solver_options *options,
                  void *scratch, uint8_t *codes, struct rdl_block_fit *fit)
{
    (void)options;
    (void)scratch;
    const int last = block->grid.count - 1;
    const float largest = largest_of(block);
    if (largest < RDL_SCALE_SEARCH_EPSILON) {
        rdl_scale_search_zero(block, codes, fit);
        return;
    }
    const float inverse_scale = best_inverse_scale(block, last, largest);
    struct fit sums = {0.0f, 0.0f};
    for (size_t i = 0; i < block->n; i++) {
        const float x = block->x[i], w = block->weights[i];
        const float code = code_of(inverse_scale * x, last);
        codes[i] = (uint8_t)code;
        sums.xl += w * x * code;
        sums.l2 += w * code * code;
    }
    bool improved = true;
    for (int pass = 0; pass < MAX_PASSES && improved; pass++) {
        improved = false;
        for (size_t i = 0; i < block->n; i++)
            improved |= improve(block->x[i], block->weights[i], last, &sums, &codes[i]);
    }
    rdl_scale_search_finish(block, sums.l2 > 0.0f ? sums.xl / sums.l2 : 0.0f, codes, fit);
}
