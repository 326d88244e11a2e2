#include "block/block.h"

#include <math.h>

static int nearest_entry(const float *entries, int count, double v)
{
    int low = 0, high = count - 1; /* the answer is in low .. high */
    while (low < high) {
        const int middle = low + (high - low) / 2;
        const double midpoint = 0.5 * ((double)entries[middle] + (double)entries[middle + 1]);
        if (v < midpoint)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

int rdl_block_nearest(const struct rdl_block_grid *grid, double v)
{
    if (grid->entries)
        return nearest_entry(grid->entries, grid->count, v);
    return (int)rdl_nearest_integer(grid, v);
}

static int nearest_code(const struct rdl_block *block, double scale, double offset, size_t i)
{
    if (scale == 0.0)
        return rdl_block_nearest(&block->grid, 0.0);
    return rdl_block_nearest(&block->grid, ((double)block->x[i] - offset) / scale);
}

void rdl_block_codes(const struct rdl_block *block, double scale, double offset, uint8_t *codes)
{
    for (size_t i = 0; i < block->n; i++)
        codes[i] = (uint8_t)nearest_code(block, scale, offset, i);
}

void rdl_block_idle_codes(const struct rdl_block *block, double scale, double offset,
                          uint8_t *codes)
{
    for (size_t i = 0; i < block->n; i++)
        if (!(block->weights[i] > 0.0f))
            codes[i] = (uint8_t)nearest_code(block, scale, offset, i);
}

struct rdl_range rdl_range_of(size_t n, const float *x, const float *weights)
{
    struct rdl_range range = {INFINITY, -INFINITY};
    for (size_t i = 0; i < n; i++)
        if (!weights || weights[i] > 0.0f) {
            range.min = (double)x[i] < range.min ? (double)x[i] : range.min;
            range.max = (double)x[i] > range.max ? (double)x[i] : range.max;
        }
    return range;
}

/* Sums over a block and its codes' values v. */
struct sums {
    double w, x;      /* sum w, w x */
    double v, vv, xv; /* sum w v, w v^2, w x v */
};

static struct sums sum_codes(const struct rdl_block *block, const uint8_t *codes)
{
    struct sums sums = {0};
    for (size_t i = 0; i < block->n; i++) {
        const double w = (double)block->weights[i], x = (double)block->x[i];
        const double v = rdl_block_value(&block->grid, codes[i]);
        sums.w += w;
        sums.x += w * x;
        sums.v += w * v;
        sums.vv += w * v * v;
        sums.xv += w * x * v;
    }
    return sums;
}

/* Sums about the means: sum w (v - mean)^2 and sum w (x - mean)(v - mean), which are sum w v^2 -
 * ... without the cancellation. */
struct centred {
    double x_mean, v_mean, vv, xv;
};

static struct centred centre(const struct rdl_block *block, const struct sums *sums,
                             const uint8_t *codes)
{
    struct centred c = {.x_mean = sums->x / sums->w, .v_mean = sums->v / sums->w};
    for (size_t i = 0; i < block->n; i++) {
        const double w = (double)block->weights[i];
        const double v = rdl_block_value(&block->grid, codes[i]) - c.v_mean;
        c.vv += w * v * v;
        c.xv += w * v * ((double)block->x[i] - c.x_mean);
    }
    return c;
}

/* Codes of equal value wherever the factor is positive. */
static bool is_constant(const struct rdl_block *block, const uint8_t *codes)
{
    int first = -1;
    for (size_t i = 0; i < block->n; i++)
        if (block->weights[i] > 0.0f) {
            if (first >= 0 && codes[i] != first)
                return false;
            first = codes[i];
        }
    return true;
}

static bool refit_scale(const struct rdl_block *block, const struct sums *sums, double *scale)
{
    const bool any_sign = block->grid.kind == RDL_BLOCK_SIGNED;
    *scale = 0.0;
    if (!(sums->vv > 0.0) || !(any_sign ? sums->xv != 0.0 : sums->xv > 0.0))
        return false;
    *scale = sums->xv / sums->vv;
    return true;
}

bool rdl_block_refit(const struct rdl_block *block, const uint8_t *codes, double *scale,
                     double *offset)
{
    const struct sums sums = sum_codes(block, codes);
    *offset = 0.0;
    if (!rdl_block_has_offset(&block->grid))
        return refit_scale(block, &sums, scale);
    const struct centred c = centre(block, &sums, codes);
    const bool line = !is_constant(block, codes) && c.vv > 0.0 && c.xv > 0.0;
    *scale = line ? c.xv / c.vv : 0.0;
    *offset = c.x_mean - *scale * c.v_mean;
    if (block->grid.kind == RDL_BLOCK_AFFINE && *offset > 0.0) {
        *offset = 0.0;
        return refit_scale(block, &sums, scale);
    }
    return line;
}
