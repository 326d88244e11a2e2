#include "block/exact_block.h"

#include "block/exact_sums.h"

#include <string.h>

static bool takes_part(const struct rdl_block *block, size_t i, bool positive)
{
    return (block->weights[i] > 0.0f) & !(positive & (block->x[i] <= 0.0f));
}

/* The weights that take part, and zeros after them. */
struct taken {
    float x[RDL_BLOCK_MAX_LENGTH], w[RDL_BLOCK_MAX_LENGTH];
};

static bool all_take_part(const struct rdl_block *block, bool positive)
{
    int missing = 0;
    for (size_t i = 0; i < block->n; i++)
        missing |= !takes_part(block, i, positive);
    return !missing;
}

static void take_all(struct rdl_exact_block *exact, const struct rdl_block *block,
                     struct taken *taken)
{
    memcpy(taken->x, block->x, block->n * sizeof taken->x[0]);
    memcpy(taken->w, block->weights, block->n * sizeof taken->w[0]);
    exact->n = (int)block->n;
    for (int i = 0; i < exact->n; i++)
        exact->index[i] = (uint8_t)i;
}

static void take_some(struct rdl_exact_block *exact, const struct rdl_block *block, bool positive,
                      struct taken *taken)
{
    exact->n = 0;
    for (size_t i = 0; i < block->n; i++) {
        const double x = (double)block->x[i], w = (double)block->weights[i];
        if (!takes_part(block, i, positive)) {
            exact->rest += w * x * x;
            continue;
        }
        taken->x[exact->n] = block->x[i];
        taken->w[exact->n] = block->weights[i];
        exact->index[exact->n++] = (uint8_t)i;
    }
}

bool rdl_exact_block_start(struct rdl_exact_block *exact, const struct rdl_block *block,
                           bool positive, const struct rdl_exact_ops *ops)
{
    struct taken taken;
    exact->rest = 0.0;
    exact->is_whole = all_take_part(block, positive);
    if (exact->is_whole)
        take_all(exact, block, &taken);
    else
        take_some(exact, block, positive, &taken);
    for (int i = exact->n; i < rdl_exact_end(exact->n); i++)
        taken.x[i] = taken.w[i] = 0.0f;
    ops->block(exact, taken.x, taken.w);
    exact->unit = 1.0 / (exact->x_power * exact->x_power * exact->w_power);
    exact->rest *= exact->x_power * exact->x_power * exact->w_power;
    return exact->highest > 0.0 || exact->lowest > 0.0;
}

void rdl_exact_block_codes(const struct rdl_exact_block *exact, size_t n, const uint8_t *taken,
                           uint8_t *codes)
{
    if (exact->is_whole) {
        memcpy(codes, taken, n);
        return;
    }
    memset(codes, 0, n);
    for (int i = 0; i < exact->n; i++)
        codes[exact->index[i]] = taken[i];
}
