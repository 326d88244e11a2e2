/* The operations of the exact search of a scale (exact_scale_ops.h) in plain C. */
#include "block/exact_sums.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Blocks
 */

/* 2^-e for 2^e <= v < 2^(e + 1). */
static double inverse_power(double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    bits = (2046u - (bits >> 52 & 2047u)) << 52;
    memcpy(&v, &bits, sizeof v);
    return v;
}

void rdl_exact_block(struct rdl_exact_block *block, const float *x, const float *w)
{
    double highest = 0.0, lowest = 0.0, w_max = 0.0;
    for (int i = 0; i < block->n; i++) {
        const double xi = (double)x[i], wi = (double)w[i];
        highest = highest < xi ? xi : highest;
        lowest = lowest < -xi ? -xi : lowest;
        w_max = w_max < wi ? wi : w_max;
    }
    const double x_power = inverse_power(highest < lowest ? lowest : highest);
    const double w_power = inverse_power(w_max);
    double xx[RDL_EXACT_GROUP] = {0.0}, above[RDL_EXACT_GROUP] = {0.0},
           below[RDL_EXACT_GROUP] = {0.0}, magnitudes[RDL_EXACT_GROUP] = {0.0};
    for (int i = 0; i < rdl_exact_end(block->n); i += 8)
        for (int k = 0; k < 8; k++) {
            const double xi = (double)x[i + k] * x_power, wi = (double)w[i + k] * w_power;
            const double up = 0.0 < xi ? xi : 0.0, down = 0.0 < -xi ? -xi : 0.0;
            block->x[i + k] = xi;
            block->w[i + k] = wi;
            xx[k] += wi * xi * xi;
            above[k] += wi * up;
            below[k] += wi * down;
            magnitudes[k] += up + down;
        }
    block->xx = rdl_exact_sum_of(xx);
    block->above = rdl_exact_sum_of(above);
    block->below = rdl_exact_sum_of(below);
    block->magnitudes = rdl_exact_sum_of(magnitudes);
    block->highest = highest * x_power;
    block->lowest = lowest * x_power;
    block->x_power = x_power;
    block->w_power = w_power;
}

void rdl_exact_rounded(const struct rdl_exact_block *block, struct rdl_exact_weights *weights)
{
    weights->n = block->n;
    for (int i = 0; i < rdl_exact_end(block->n); i++) {
        const double x = block->x[i], w = block->w[i];
        const bool is_held = w >= 0x1p-100 && (fabs(x) >= 0x1p-100 || x == 0.0);
        weights->x[i] = is_held ? (float)x : 0.0f;
        weights->w[i] = is_held ? (float)w : 0.0f;
    }
}

/* ------------------------------------------------------------------------------------------------
 * Codes
 */

static double nearest_integer(const struct rdl_exact_grid *grid, double y)
{
    const double above = y - grid->first > 0.0 ? y - grid->first : 0.0;
    const double last = grid->last - grid->first;
    return (double)(int)((above < last ? above : last) + 0.5);
}

/* The number of midpoints at or below y. */
static int nearest_entry(const struct rdl_exact_grid *grid, double y)
{
    int code = 0;
    for (int step = grid->power / 2; step > 0; step /= 2)
        code += y >= grid->midpoints[code + step - 1] ? step : 0;
    return code;
}

void rdl_exact_nearest(const struct rdl_exact_grid *grid, int n, const double *x, double t,
                       uint8_t *codes, double *values)
{
    for (int i = 0; i < rdl_exact_end(n); i++) {
        if (grid->is_table) {
            const int code = nearest_entry(grid, t * x[i]);
            codes[i] = (uint8_t)code;
            values[i] = grid->entries[code];
        } else {
            const double code = nearest_integer(grid, t * x[i]);
            codes[i] = (uint8_t)code;
            values[i] = grid->first + code;
        }
    }
}

static void sum_products(const struct rdl_exact_block *block, const double *values,
                         struct rdl_exact_scale_fit *fit)
{
    double xv[RDL_EXACT_GROUP] = {0.0}, vv[RDL_EXACT_GROUP] = {0.0};
    for (int i = 0; i < rdl_exact_end(block->n); i += 8)
        for (int k = 0; k < 8; k++) {
            const double w = block->w[i + k], v = values[i + k];
            xv[k] += w * block->x[i + k] * v;
            vv[k] += w * v * v;
        }
    fit->xv = rdl_exact_sum_of(xv);
    fit->vv = rdl_exact_sum_of(vv);
}

void rdl_exact_scale_fit(const struct rdl_exact_block *block, const double *values,
                         struct rdl_exact_scale_fit *fit)
{
    sum_products(block, values, fit);
    const double scale = fit->xv / fit->vv;
    double error[RDL_EXACT_GROUP] = {0.0};
    for (int i = 0; i < rdl_exact_end(block->n); i += 8)
        for (int k = 0; k < 8; k++) {
            const double r = block->x[i + k] - scale * values[i + k];
            error[k] += block->w[i + k] * r * r;
        }
    fit->error = rdl_exact_sum_of(error);
}

bool rdl_exact_ends(const struct rdl_exact_block *block, const struct rdl_exact_grid *grid,
                    double from, double to, struct rdl_exact_scale_fit *fit)
{
    uint8_t first[RDL_BLOCK_MAX_LENGTH], last[RDL_BLOCK_MAX_LENGTH];
    double values[RDL_BLOCK_MAX_LENGTH], unused[RDL_BLOCK_MAX_LENGTH];
    rdl_exact_nearest(grid, block->n, block->x, from, first, values);
    rdl_exact_nearest(grid, block->n, block->x, to, last, unused);
    sum_products(block, values, fit);
    return memcmp(first, last, (size_t)block->n) != 0;
}

/* ------------------------------------------------------------------------------------------------
 * Points and gaps
 */

int rdl_exact_least(const struct rdl_exact_probes *probes)
{
    int least = 0;
    float least_error = INFINITY;
    for (int p = 0; p < probes->count; p++) {
        const float error = probes->g[p] / probes->t[p] / probes->t[p];
        if (error < least_error) {
            least_error = error;
            least = p;
        }
    }
    return least;
}

static double radius_of(const struct rdl_exact_radius *radius, double t, double g)
{
    const double finite = g < (double)FLT_MAX ? g : (double)FLT_MAX;
    const double excess = radius->of_g * finite - radius->of_tt * (t * t) - 0x1p-119;
    return sqrt((0.0 < excess ? excess : 0.0) * radius->per_xx) * (1.0 - 1e-6);
}

void rdl_exact_open(const struct rdl_exact_probes *probes, const struct rdl_exact_radius *radius,
                    struct rdl_exact_intervals *open)
{
    double above[RDL_EXACT_MAX_POINTS + 2], below[RDL_EXACT_MAX_POINTS + 2];
    const int count = probes->count;
    above[0] = above[1] = -INFINITY; /* of probes -2 and -1 */
    below[count] = below[count + 1] = INFINITY;
    for (int p = 0; p < count; p++) {
        const double t = (double)probes->t[p], r = radius_of(radius, t, (double)probes->g[p]);
        above[p + 2] = t + r;
        below[p] = t - r;
    }
    open->count = 0;
    for (int p = 0; p <= count; p++) {
        const double from = above[p] < above[p + 1] ? above[p + 1] : above[p];
        const double to = below[p + 1] < below[p] ? below[p + 1] : below[p];
        if (from < to) {
            open->from[open->count] = from;
            open->to[open->count++] = to;
        }
    }
}
