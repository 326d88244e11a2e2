/*
 * Scale and offset by alternation, without weights: ggml's make_qkx1_quants, the search of the
 * first K-quants.
 *
 * From the codes of the extremes: the least-squares scale for the codes and the offset; a new
 * offset, the mean of what the scaled codes leave of x, blended with the old one and kept from
 * being positive; codes for both; and again, until the codes repeat or the rounds are spent.
 * Arithmetic and order of operations are ggml's, in binary32.
 *
 * Not exact, and no round need be better than the last: the scale is not refitted together with the
 * offset, the last round's offset is not followed by codes of its own, and nothing keeps the best
 * round. Factors are ignored. Two defects of the original are not kept: its first round compares
 * with codes that nobody wrote, so that it may stop there by chance; and a constant block comes
 * back as 0, here as its constant if that is negative (if positive it is a scale times the largest
 * code). A round that overflows binary32 ends the search; where it is the first, and for constant
 * blocks up to 0, the answer is that of `nearest`.
 *
 * n operations a round.
 */
#include "block/block.h"
#include "nearest.h"

#include <math.h>
#include <string.h>

struct state {
    float scale, offset;
    uint8_t codes[RDL_BLOCK_MAX_LENGTH];
};

static float sum_of_rest(const struct rdl_block *block, const struct state *state)
{
    float sum = 0.0f;
    for (size_t i = 0; i < block->n; i++)
        sum += block->x[i] - state->scale * (float)state->codes[i];
    return sum;
}

/* The round that follows `from`; false if that has no finite scale and offset. */
static bool play_round(const struct rdl_block *block, float inverse, float blend,
                       const struct state *from, struct state *to)
{
    float xl = 0.0f, l2 = 0.0f; /* l2 is exact: at most 64 * 255^2 < 2^24 */
    for (size_t i = 0; i < block->n; i++) {
        const float above = block->x[i] - from->offset;
        const int code = rdl_clamp(rdl_nearest_int(inverse * above), 0, block->grid.count - 1);
        to->codes[i] = (uint8_t)code;
        xl += above * (float)code;
        l2 += (float)(code * code);
    }
    if (!(l2 > 0.0f))
        return false;
    to->scale = xl / l2;
    const float rest = sum_of_rest(block, to);
    to->offset = blend * from->offset + (1.0f - blend) * rest / (float)block->n;
    if (to->offset > 0.0f)
        to->offset = 0.0f;
    return isfinite(to->scale) && isfinite(to->offset);
}

void rdl_solve_qkx1(const struct rdl_block *block, const struct rdl_solver_options *options,
                    void *scratch, uint8_t *codes, struct rdl_block_fit *fit)
{
    float min = block->x[0], max = block->x[0];
    for (size_t i = 1; i < block->n; i++) {
        min = block->x[i] < min ? block->x[i] : min;
        max = block->x[i] > max ? block->x[i] : max;
    }
    struct state state = {.offset = min < 0.0f ? min : 0.0f}, next;
    float inverse = (float)(block->grid.count - 1) / (max - state.offset);
    int rounds = 0;
    bool goes_on = max > state.offset;
    while (goes_on && play_round(block, inverse, options->blend, &state, &next)) {
        goes_on = ++rounds < options->rounds &&
                  (rounds == 1 || memcmp(next.codes, state.codes, block->n) != 0);
        state = next;
        inverse = 1.0f / state.scale;
    }
    if (rounds == 0) {
        rdl_solve_nearest(block, options, scratch, codes, fit);
        return;
    }
    memcpy(codes, state.codes, block->n);
    fit->scale = (double)state.scale;
    fit->offset = (double)state.offset;
    rdl_block_idle_codes(block, fit->scale, fit->offset, codes);
}
