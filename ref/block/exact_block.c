#include "block/exact_block.h"

#include "binary64.h"

#include <math.h>

static bool takes_part(const struct rdl_block *block, size_t i, bool positive)
{
    return block->weights[i] > 0.0f && !(positive && block->x[i] <= 0.0f);
}

static void scale_by_powers(struct rdl_exact_block *exact, double x_max, double w_max)
{
    const double x_power = rdl_inverse_power(x_max), w_power = rdl_inverse_power(w_max);
    exact->xx = 0.0;
    for (int i = 0; i < exact->n; i++) {
        exact->x[i] *= x_power;
        exact->w[i] *= w_power;
        exact->xx += exact->w[i] * exact->x[i] * exact->x[i];
    }
    exact->unit = 1.0 / (x_power * x_power * w_power);
    exact->rest *= x_power * x_power * w_power;
}

bool rdl_exact_block_start(struct rdl_exact_block *exact, const struct rdl_block *block,
                           bool positive)
{
    double x_max = 0.0, w_max = 0.0;
    exact->n = 0;
    exact->rest = 0.0;
    for (size_t i = 0; i < block->n; i++) {
        const double x = (double)block->x[i], w = (double)block->weights[i];
        if (!takes_part(block, i, positive)) {
            exact->rest += w * x * x;
            continue;
        }
        exact->x[exact->n] = x;
        exact->w[exact->n] = w;
        exact->index[exact->n++] = (uint8_t)i;
        if (fabs(x) > x_max)
            x_max = fabs(x);
        if (w > w_max)
            w_max = w;
    }
    if (!(x_max > 0.0))
        return false;
    scale_by_powers(exact, x_max, w_max);
    return true;
}
