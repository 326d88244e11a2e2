#include "nearest_bound.h"

#include <math.h>
#include <stdlib.h>

/*
 * U: rounding a scale to binary16 changes it by at most half a unit in the last of 11 places.
 * SLACK: the arithmetic of encoder and decoder is binary32. From weight to code and back there are
 * fewer than 16 roundings, each of at most 2^-24 of a number of at most 8 times the largest
 * magnitude of the block (affine: x + min, scale * code): less than 2^-17 of that magnitude.
 */
#define U     0x1p-11
#define SLACK 0x1p-17

static double largest_of(const float *x, size_t n)
{
    double largest = 0.0;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs((double)x[i]));
    return largest;
}

/* The first element of largest magnitude. */
static double extreme_of(const float *x, size_t n)
{
    double extreme = 0.0;
    for (size_t i = 0; i < n; i++)
        if (fabs((double)x[i]) > fabs(extreme))
            extreme = (double)x[i];
    return extreme;
}

/* ------------------------------------------------------------------------------------------------
 * Scalar grids about zero: x = D * level
 *
 * The extreme element e goes to the level of largest magnitude, `near`, so that the real scale is s
 * = |e| / near; the levels on the other side reach to `far`. `half_gap` is half the largest
 * distance of neighbouring levels. The stored scale D lies in [low, high]:
 *  - one scale a block: s (1 -+ U);
 *  - coded scales: the unit d is the largest s of the super-block / limit, stored within 1 -+ U,
 * and the code is s / d rounded: D = s -+ d / 2. A code +limit, of a scale of the other sign than
 * the largest, does not exist: where s > (limit - 3/2) d, D may be (limit - 1) d. Codes are the
 * nearest for D. A weight within the levels is off by half a gap, one beyond them by what it lies
 * beyond: |x - y| <= max(half_gap high, |x| - reach low). A stored scale of zero (low
 * <= 0) decodes to zeros: |x|, what the second term then is.
 */

struct scalar_grid {
    double near, far, half_gap;
    int limit; /* of coded scales; 0: one scale a block */
};

static double scalar_bound(const struct rdl_format_info *info, const struct scalar_grid *grid,
                           const float *x, size_t i)
{
    const size_t n = info->sub_block_length;
    const double extreme = extreme_of(x + i / n * n, n), scale = fabs(extreme) / grid->near;
    double low = scale, high = scale;
    if (grid->limit) {
        const double unit = largest_of(x, info->block_length) / grid->near / grid->limit;
        high = scale + unit / 2;
        low = fmax(0.0, fmin(scale - unit / 2, (grid->limit - 1) * unit));
    }
    const double reach = (double)x[i] * extreme < 0.0 ? grid->far : grid->near;
    return fmax(grid->half_gap * high * (1.0 + U), fabs((double)x[i]) - reach * low * (1.0 - U));
}

/*
 * Q8_0 and ternary: the codes are the nearest for the scale s before it is rounded; then the
 * decoded code * s is off by another U |code| s.
 */
static double q8_0_bound(const struct rdl_format_info *info, const float *x, size_t i)
{
    const double step = largest_of(x, info->block_length) / 127;
    return step / 2 + U * (fabs((double)x[i]) + step / 2);
}

static double ternary_bound(const struct rdl_format_info *info, const float *x, size_t i)
{
    const double scale = largest_of(x, info->block_length), magnitude = fabs((double)x[i]);
    return fmin(magnitude, scale - magnitude) + U * scale;
}

/*
 * MXFP4: with 2^f <= largest < 2^(f + 1) the unit is S = 2^(f - 3) and the levels are 0, 1, 2, 3,
 * 4, 6, 8, 12: half of the largest gap is 2, and weights reach 16. The reference takes a largest
 * magnitude within 44 places below 2^(f + 1) for that power: then the unit is 2 S and no weight is
 * beyond level 8, where half of the largest gap is 1: 2 S again.
 */
static double mxfp4_bound(const struct rdl_format_info *info, const float *x, size_t i)
{
    int exponent;
    (void)frexp(largest_of(x, info->block_length), &exponent);
    const double unit = ldexp(1.0, exponent - 1 - 3);
    return fmax(2 * unit, fabs((double)x[i]) - 12 * unit);
}

/* ------------------------------------------------------------------------------------------------
 * Affine grids: x = D * code - M, codes 0 .. code_max
 *
 * Before coding, s = (max - min) / code_max and m = -min, min being at most 0. Coded in units of
 * the largest / limit, |D - s| <= es = unit / 2 + U s' and |M - m| <= em, s' being the largest that
 * may result. A weight within the grid is off by at most D / 2, one below it by M - m at most, one
 * above it by (max + M) - code_max D <= em + code_max es. A scale coded as zero has s <= es and
 * codes 0: |x + M| <= code_max s + em.
 */
struct range {
    double scale, min;
};

static struct range range_of(const float *x, size_t n, int code_max)
{
    double least = 0.0, most = (double)x[0];
    for (size_t i = 0; i < n; i++) {
        least = fmin(least, (double)x[i]);
        most = fmax(most, (double)x[i]);
    }
    return (struct range){(most - least) / code_max, -least};
}

static double affine_bound(const struct rdl_format_info *info, int code_max, int limit,
                           const float *x, size_t i)
{
    const size_t n = info->sub_block_length;
    struct range largest = {0.0, 0.0};
    for (size_t j = 0; j < info->block_length; j += n) {
        const struct range range = range_of(x + j, n, code_max);
        largest.scale = fmax(largest.scale, range.scale);
        largest.min = fmax(largest.min, range.min);
    }
    const struct range range = range_of(x + i / n * n, n, code_max);
    const double scale_unit = largest.scale / limit, min_unit = largest.min / limit;
    const double scale_error = scale_unit / 2 + U * (range.scale + scale_unit / 2);
    const double min_error = min_unit / 2 + U * (range.min + min_unit / 2);
    return fmax((range.scale + scale_error) / 2, min_error + code_max * scale_error);
}

/* ------------------------------------------------------------------------------------------------
 * Vector codebooks: |x| = D * row of magnitudes
 *
 * The real scale s of a sub-block sends its largest magnitude to the largest entry; the unit is the
 * largest s / 31, stored within 1 -+ U, and the stored scale the nearest odd multiple, so that
 * |D - s| <= unit, or 1 unit where s is less. The row is the nearest for D. So the squared error of
 * a group is at most that of any row r, and for D in [low, high] that is at most the sum over the
 * weights of the larger of (low r_i - |x_i|)^2 and (high r_i - |x_i|)^2: the bound is the least of
 * these sums over all rows. Where seven of eight signs are stored and the number of negative
 * weights is odd, the smallest weight gets the wrong sign: its magnitude counts as negative.
 */
static bool is_negative(float x)
{
    return !(x >= 0.0f);
}

static void fill_magnitudes(const float *x, bool even_signs, double *magnitudes)
{
    int negative = 0, smallest = 0;
    for (int i = 0; i < 8; i++) {
        magnitudes[i] = fabs((double)x[i]);
        negative += is_negative(x[i]);
        smallest = magnitudes[i] < magnitudes[smallest] ? i : smallest;
    }
    if (even_signs && negative % 2)
        magnitudes[smallest] = -magnitudes[smallest];
}

static double group_bound(const struct rdl_codebook *codebook, const double *magnitudes, double low,
                          double high)
{
    const uint8_t *row = (const uint8_t *)codebook->entries;
    double least = INFINITY;
    for (int r = 0; r < codebook->rows; r++, row += codebook->length) {
        double sum = 0.0;
        for (int i = 0; i < codebook->length; i++) {
            const double error =
                fmax(fabs(low * row[i] - magnitudes[i]), fabs(high * row[i] - magnitudes[i]));
            sum += error * error;
        }
        least = fmin(least, sum);
    }
    return sqrt(least);
}

const struct rdl_codebook *codebook_of(enum rdl_format format)
{
    static const struct rdl_codebook *const codebooks[RDL_FORMAT_COUNT] = {
        [RDL_IQ2_XXS] = &rdl_codebook_iq2_xxs, [RDL_IQ2_XS] = &rdl_codebook_iq2_xs,
        [RDL_IQ2_S] = &rdl_codebook_iq2_s,     [RDL_IQ3_XXS] = &rdl_codebook_iq3_xxs,
        [RDL_IQ3_S] = &rdl_codebook_iq3_s,
    };
    return codebooks[format];
}

int codebook_top(const struct rdl_codebook *codebook)
{
    const uint8_t *entries = (const uint8_t *)codebook->entries;
    int top = 0;
    for (int i = 0; i < codebook->rows * codebook->length; i++)
        top = entries[i] > top ? entries[i] : top;
    return top;
}

/* The bound of the group that begins at i. */
static double codebook_bound(const struct rdl_format_info *info, enum rdl_format format,
                             bool even_signs, const float *x, size_t i)
{
    const struct rdl_codebook *codebook = codebook_of(format);
    const size_t n = info->sub_block_length;
    const double scale = largest_of(x + i / n * n, n) / codebook_top(codebook);
    const double unit = largest_of(x, info->block_length) / codebook_top(codebook) / 31;
    double magnitudes[8];
    fill_magnitudes(x + i / 8 * 8, even_signs, magnitudes);
    return group_bound(codebook, magnitudes + i % 8, fmax(scale - unit, unit) * (1.0 - U),
                       fmax(scale + unit, unit) * (1.0 + U));
}

/* ------------------------------------------------------------------------------------------------
 * Formats
 */

/* The bound for weight i, or for the *group weights from i on. */
static double bound_at(const struct rdl_format_info *info, enum rdl_format format, const float *x,
                       size_t i, size_t *group)
{
    const double table_gap = (113.0 - 89.0) / 2; /* the largest; -127 .. -104 is the next */
    *group = 1;
    switch (format) {
    case RDL_Q8_0:
        return q8_0_bound(info, x, i);
    case RDL_Q4_0:
        return scalar_bound(info, &(struct scalar_grid){8, 7, 0.5, 0}, x, i);
    case RDL_Q5_0:
        return scalar_bound(info, &(struct scalar_grid){16, 15, 0.5, 0}, x, i);
    case RDL_IQ4_NL:
        return scalar_bound(info, &(struct scalar_grid){127, 113, table_gap, 0}, x, i);
    case RDL_IQ4_XS:
        return scalar_bound(info, &(struct scalar_grid){127, 113, table_gap, 32}, x, i);
    case RDL_Q3_K:
        return scalar_bound(info, &(struct scalar_grid){4, 3, 0.5, 32}, x, i);
    case RDL_Q6_K:
        return scalar_bound(info, &(struct scalar_grid){32, 31, 0.5, 128}, x, i);
    case RDL_MXFP4:
        return mxfp4_bound(info, x, i);
    case RDL_TQ1_0:
    case RDL_TQ2_0:
        return ternary_bound(info, x, i);
    case RDL_Q2_K:
        return affine_bound(info, 3, 15, x, i);
    case RDL_Q4_K:
        return affine_bound(info, 15, 63, x, i);
    case RDL_Q5_K:
        return affine_bound(info, 31, 63, x, i);
    case RDL_IQ2_XXS:
    case RDL_IQ2_XS:
    case RDL_IQ3_XXS:
        *group = codebook_of(format)->length;
        return codebook_bound(info, format, true, x, i);
    case RDL_IQ2_S:
    case RDL_IQ3_S:
        *group = codebook_of(format)->length;
        return codebook_bound(info, format, false, x, i);
    case RDL_IQ1_S: /* these two have no `nearest` */
    case RDL_IQ1_M:
    case RDL_FORMAT_COUNT:
        break;
    }
    abort();
}

bool nearest_within_bound(const struct rdl_format_info *info, enum rdl_format format,
                          const float *x, const float *y, size_t *at, double *error, double *bound)
{
    const double slack = SLACK * largest_of(x, info->block_length);
    size_t group;
    for (*at = 0; *at < info->block_length; *at += group) {
        *bound = bound_at(info, format, x, *at, &group) + slack;
        double sum = 0.0;
        for (size_t k = *at; k < *at + group; k++)
            sum += ((double)x[k] - (double)y[k]) * ((double)x[k] - (double)y[k]);
        *error = sqrt(sum);
        if (!(*error <= *bound))
            return false;
    }
    return true;
}
