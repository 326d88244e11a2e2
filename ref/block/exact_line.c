#include "block/exact_line.h"

#include "block/exact_sums.h"

#include <math.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Coordinates
 */

bool rdl_exact_line_start(struct rdl_exact_line *line, const struct rdl_exact_block *block,
                          double *unit)
{
    struct rdl_exact_extent extent;
    if (!line->ops->deviations(block->n, block->x, block->w, line->z, line->w, &line->rounded,
                               &extent))
        return false;
    line->n = block->n;
    line->mean = extent.mean / extent.sigma;
    line->sigma = extent.sigma / block->x_power;
    line->z_min = extent.z_min;
    line->z_max = extent.z_max;
    line->z_above = extent.z_above;
    *unit = extent.square * block->unit;
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Codes
 */

/* z is about slope (code - center), tau = 1 / slope; errors are parts of sum w z^2. */
struct fitted {
    double slope, tau, center;
    double shift; /* slope * center */
    double error;
};

/*
 * The line without an offset: z + mean is about slope * code; false if there is none. Its error is
 * that of the best line, which explains zq^2 / qq, and what it is off from it: nothing cancels.
 */
static bool fit_no_offset(const struct rdl_exact_line *line, const struct rdl_exact_fit *fit,
                          struct fitted *fitted)
{
    const double qq = fit->qq + fit->q * fit->q, xq = fit->zq + line->mean * fit->q;
    if (!(qq > 0.0 && xq > 0.0))
        return false;
    const double slope = xq / qq, best = fit->qq > 0.0 ? fit->zq / fit->qq : 0.0;
    const double turn = slope - best, shift = slope * fit->q - line->mean;
    const double off = fit->qq * turn * turn + shift * shift;
    *fitted = (struct fitted){slope, qq / xq, line->mean / slope, line->mean,
                              (1.0 - best * fit->zq) + off};
    return true;
}

/* The best line that is allowed. */
static bool fit_line(const struct rdl_exact_line *line, const struct rdl_exact_fit *fit,
                     struct fitted *fitted)
{
    if (fit->qq > 0.0 && fit->zq > 0.0) {
        const double slope = fit->zq / fit->qq, shift = slope * fit->q;
        *fitted = (struct fitted){slope, fit->qq / fit->zq, fit->q, shift, 1.0 - slope * fit->zq};
        if (line->is_free || shift >= line->mean)
            return true;
    }
    return !line->is_free && fit_no_offset(line, fit, fitted);
}

/* Keeps codes that are the best so far; false if they have no line. */
static bool consider_fit(struct rdl_exact_line *line, const uint8_t *codes,
                         const struct rdl_exact_fit *fit, struct fitted *fitted)
{
    line->counts->refits++;
    if (!fit_line(line, fit, fitted))
        return false;
    if (fitted->error < line->error) {
        line->error = fitted->error;
        line->slope = fitted->slope;
        line->shift = fitted->shift;
        memcpy(line->codes, codes, sizeof line->codes);
    }
    return true;
}

bool rdl_exact_line_consider(struct rdl_exact_line *line, const uint8_t *codes, double *tau,
                             double *v)
{
    struct rdl_exact_fit fit;
    struct fitted fitted;
    uint8_t padded[RDL_BLOCK_MAX_LENGTH] = {0};
    memcpy(padded, codes, (size_t)line->n);
    line->ops->fit(line->n, line->z, line->w, padded, &fit);
    if (!consider_fit(line, padded, &fit, &fitted))
        return false;
    *tau = fitted.tau;
    *v = fitted.center;
    return true;
}

void rdl_exact_line_improve(struct rdl_exact_line *line, double tau, double v, int rounds)
{
    double before = INFINITY;
    for (int round = 0; round < rounds; round++) {
        uint8_t codes[RDL_BLOCK_MAX_LENGTH];
        struct rdl_exact_fit fit;
        struct fitted fitted;
        line->ops->nearest_fit(line->n, line->z, line->w, line->last, tau, v, codes, &fit);
        if (!consider_fit(line, codes, &fit, &fitted) || !(fitted.error < before))
            break;
        before = fitted.error;
        tau = fitted.tau;
        v = fitted.center;
    }
}

/* ------------------------------------------------------------------------------------------------
 * Operations
 */

enum {
    GROUP = RDL_EXACT_GROUP
};

/* Magnitudes below this would lose places in products, or vanish. */
static const double least_magnitude = 0x1p-100;

static void round_weight(struct rdl_exact_weights *rounded, int i, double z, double w)
{
    const bool holds = w >= least_magnitude && (fabs(z) >= least_magnitude || z == 0.0);
    rounded->x[i] = holds ? (float)z : 0.0f;
    rounded->w[i] = holds ? (float)w : 0.0f;
}

/* Sums; false if the deviation is below 1e-7 of the mean, which is that of binary32. */
static bool measure(int n, const double *x, const double *w, struct rdl_exact_extent *extent)
{
    double sum[GROUP] = {0.0}, moment[GROUP] = {0.0}, square[GROUP] = {0.0}, xx[GROUP] = {0.0};
    for (int i = 0; i < n; i += GROUP)
        for (int j = 0; j < GROUP; j++) {
            sum[j] += w[i + j];
            moment[j] += w[i + j] * x[i + j];
        }
    extent->w = rdl_exact_sum_of(sum);
    extent->mean = rdl_exact_sum_of(moment) / extent->w;
    for (int i = 0; i < n; i += GROUP)
        for (int j = 0; j < GROUP; j++) {
            const double d = x[i + j] - extent->mean;
            square[j] += w[i + j] * d * d;
            xx[j] += w[i + j] * x[i + j] * x[i + j];
        }
    extent->square = rdl_exact_sum_of(square);
    extent->sigma = sqrt(extent->square / extent->w);
    return extent->square > 1e-14 * rdl_exact_sum_of(xx);
}

bool rdl_exact_deviations(int n, const double *x, const double *w, double *z, double *u,
                          struct rdl_exact_weights *rounded, struct rdl_exact_extent *extent)
{
    double above[GROUP] = {0.0};
    if (!measure(n, x, w, extent))
        return false;
    const double per_sigma = 1.0 / extent->sigma, per_w = 1.0 / extent->w;
    extent->z_min = extent->z_max = 0.0; /* the mean is between them */
    rounded->n = n;
    for (int i = 0; i < n; i += GROUP)
        for (int j = 0; j < GROUP; j++) {
            const double z_here = w[i + j] > 0.0 ? (x[i + j] - extent->mean) * per_sigma : 0.0;
            const double u_here = w[i + j] * per_w;
            extent->z_min = z_here < extent->z_min ? z_here : extent->z_min;
            extent->z_max = extent->z_max < z_here ? z_here : extent->z_max;
            above[j] += u_here * (0.0 < z_here ? z_here : 0.0);
            z[i + j] = z_here;
            u[i + j] = u_here;
            round_weight(rounded, i + j, z_here, u_here);
        }
    extent->z_above = rdl_exact_sum_of(above);
    return true;
}

void rdl_exact_fit(int n, const double *z, const double *w, const uint8_t *codes,
                   struct rdl_exact_fit *fit)
{
    double q[GROUP] = {0.0}, qq[GROUP] = {0.0}, zq[GROUP] = {0.0};
    for (int i = 0; i < n; i += GROUP)
        for (int j = 0; j < GROUP; j++)
            q[j] += w[i + j] * (double)codes[i + j];
    fit->q = rdl_exact_sum_of(q);
    for (int i = 0; i < n; i += GROUP)
        for (int j = 0; j < GROUP; j++) {
            const double d = (double)codes[i + j] - fit->q, wd = w[i + j] * d;
            qq[j] += wd * d;
            zq[j] += wd * z[i + j];
        }
    fit->qq = rdl_exact_sum_of(qq);
    fit->zq = rdl_exact_sum_of(zq);
}

void rdl_exact_nearest_fit(int n, const double *z, const double *w, int last, double tau, double v,
                           uint8_t *codes, struct rdl_exact_fit *fit)
{
    for (int i = 0; i < rdl_exact_end(n); i++)
        codes[i] = (uint8_t)rdl_exact_code(tau * z[i] + v, last);
    rdl_exact_fit(n, z, w, codes, fit);
}
