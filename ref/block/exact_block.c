#include "block/exact_block.h"

#include "block/exact_sums.h"

static bool takes_part(const struct rdl_block *block, size_t i, bool positive)
{
    return block->weights[i] > 0.0f && !(positive && block->x[i] <= 0.0f);
}

/* The weights that take part, and zeros after them. */
struct taken {
    float x[RDL_BLOCK_MAX_LENGTH], w[RDL_BLOCK_MAX_LENGTH];
};

static void take(struct rdl_exact_block *exact, const struct rdl_block *block, bool positive,
                 struct taken *taken)
{
    exact->n = 0;
    exact->rest = 0.0;
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
    for (int i = exact->n; i < rdl_exact_end(exact->n); i++)
        taken->x[i] = taken->w[i] = 0.0f;
}

bool rdl_exact_block_start(struct rdl_exact_block *exact, const struct rdl_block *block,
                           bool positive, const struct rdl_exact_ops *ops)
{
    struct taken taken;
    take(exact, block, positive, &taken);
    ops->block(exact, taken.x, taken.w);
    exact->unit = 1.0 / (exact->x_power * exact->x_power * exact->w_power);
    exact->rest *= exact->x_power * exact->x_power * exact->w_power;
    return exact->highest > 0.0 || exact->lowest > 0.0;
}
