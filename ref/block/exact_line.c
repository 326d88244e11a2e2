#include "block/exact_line.h"

#include <math.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Coordinates
 */

static void find_extremes(struct rdl_exact_line *line)
{
    line->z_min = line->z_max = line->z[0];
    line->z_above = 0.0;
    for (int i = 0; i < line->n; i++) {
        const double z = line->z[i], w = line->w[i];
        if (z < line->z_min)
            line->z_min = z;
        if (z > line->z_max)
            line->z_max = z;
        if (z > 0.0)
            line->z_above += w * z;
    }
}

bool rdl_exact_line_start(struct rdl_exact_line *line, const struct rdl_exact_block *block,
                          double *unit)
{
    double w = 0.0, wx = 0.0, square = 0.0;
    for (int i = 0; i < block->n; i++) {
        w += block->w[i];
        wx += block->w[i] * block->x[i];
    }
    const double mean = wx / w;
    for (int i = 0; i < block->n; i++)
        square += block->w[i] * (block->x[i] - mean) * (block->x[i] - mean);
    /* A relative deviation below 1e-7 is one of binary32. */
    if (!(square > 1e-14 * block->xx))
        return false;
    *unit = square * block->unit;

    const double sigma = sqrt(square / w);
    line->n = block->n;
    line->mean = mean / sigma;
    for (int i = 0; i < block->n; i++) {
        line->z[i] = (block->x[i] - mean) / sigma;
        line->w[i] = block->w[i] / w;
    }
    rdl_exact_weights_start(&line->rounded, line->n, line->z, line->w);
    find_extremes(line);
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Codes
 */

static void nearest_codes(const struct rdl_exact_line *line, double tau, double v, uint8_t *codes)
{
    for (int i = 0; i < line->n; i++)
        codes[i] = (uint8_t)rdl_exact_code(tau * line->z[i] + v, line->last);
}

/* z + mean is about slope * code; false if there is no such line. */
static bool fit_no_offset(const struct rdl_exact_line *line, const uint8_t *codes, double *slope,
                          double *center)
{
    double qq = 0.0, xq = 0.0;
    for (int i = 0; i < line->n; i++) {
        qq += line->w[i] * (double)codes[i] * (double)codes[i];
        xq += line->w[i] * (line->z[i] + line->mean) * (double)codes[i];
    }
    if (!(qq > 0.0 && xq > 0.0))
        return false;
    *slope = xq / qq;
    *center = line->mean / *slope;
    return true;
}

/* z is about slope (code - center), as is best where it is allowed. */
static bool fit_line(const struct rdl_exact_line *line, const uint8_t *codes, double *slope,
                     double *center)
{
    double q = 0.0, qq = 0.0, zq = 0.0;
    for (int i = 0; i < line->n; i++)
        q += line->w[i] * (double)codes[i];
    for (int i = 0; i < line->n; i++) {
        const double difference = (double)codes[i] - q;
        qq += line->w[i] * difference * difference;
        zq += line->w[i] * line->z[i] * difference;
    }
    if (qq > 0.0 && zq > 0.0) {
        *slope = zq / qq;
        *center = q;
        if (line->is_free || *slope * q >= line->mean)
            return true;
    }
    return !line->is_free && fit_no_offset(line, codes, slope, center);
}

static double error_of(const struct rdl_exact_line *line, const uint8_t *codes, double slope,
                       double center)
{
    double error = 0.0;
    for (int i = 0; i < line->n; i++) {
        const double r = line->z[i] - slope * ((double)codes[i] - center);
        error += line->w[i] * r * r;
    }
    return error;
}

bool rdl_exact_line_consider(struct rdl_exact_line *line, const uint8_t *codes, double *tau,
                             double *v)
{
    double slope, center;
    line->counts->refits++;
    if (!fit_line(line, codes, &slope, &center))
        return false;
    const double error = error_of(line, codes, slope, center);
    if (error < line->error) {
        line->error = error;
        memcpy(line->codes, codes, (size_t)line->n);
    }
    *tau = 1.0 / slope;
    *v = center;
    return true;
}

void rdl_exact_line_improve(struct rdl_exact_line *line, double tau, double v, int rounds)
{
    uint8_t codes[RDL_BLOCK_MAX_LENGTH], before[RDL_BLOCK_MAX_LENGTH];
    const size_t size = (size_t)line->n;
    for (int round = 0; round < rounds; round++) {
        nearest_codes(line, tau, v, codes);
        if (round > 0 && memcmp(codes, before, size) == 0)
            break;
        if (!rdl_exact_line_consider(line, codes, &tau, &v))
            break;
        memcpy(before, codes, size);
    }
}
