/*
 * What every encoder owes whatever its bytes: properties of single blocks, for all encoders that
 * the library lists. Weights are normal cases and hard ones (constants, ramps, spikes, alternating,
 * ties). The largest magnitude of a block lies in [64, 128), that of 16 weights in [1, 128), so
 * that no stored scale is subnormal in binary16: the smallest units are those of Q6_K, 64 / (32 *
 * 128) = 2^-6 and a third less after a search, the largest those of TQ1_0 and TQ2_0, 128.
 */
#include "encoders.h"
#include "fill.h"
#include "nearest_bound.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCKS = 4,
    MAX_N = 256 * BLOCKS,
    MAX_BYTES = 210 * BLOCKS,
    SEEDS = 3
};

static const enum weights kinds[] = {
    WEIGHTS_GAUSSIAN,    WEIGHTS_HEAVY_TAILS, WEIGHTS_SPARSE, WEIGHTS_CONSTANT,
    WEIGHTS_ALTERNATING, WEIGHTS_SPIKE,       WEIGHTS_RAMP,   WEIGHTS_TIES,
};

static const enum importances importance_kinds[] = {IMPORTANCE_ONES, IMPORTANCE_SPREAD,
                                                    IMPORTANCE_HOLES};

enum {
    KINDS = sizeof kinds / sizeof kinds[0],
    IMPORTANCES = sizeof importance_kinds / sizeof importance_kinds[0]
};

/* ------------------------------------------------------------------------------------------------
 * Cases
 */

/* A row of blocks for an encoder. */
struct sample {
    const struct encoder *encoder;
    const char *kind;
    size_t number;
    size_t n; /* weights of the row */
    float x[MAX_N], importance[MAX_N];
};

/* Multiplies by a power of two so that the largest magnitude lies in [2^(least - 1), 2^most). */
static void fit_range(size_t n, int least, int most, float *x)
{
    float largest = 0.0f;
    for (size_t i = 0; i < n; i++)
        largest = fmaxf(largest, fabsf(x[i]));
    int exponent;
    (void)frexpf(largest, &exponent);
    const int shift = exponent > most ? most - exponent : exponent < least ? least - exponent : 0;
    for (size_t i = 0; i < n; i++)
        x[i] = ldexpf(x[i], shift);
}

static void fill_sample(size_t number, struct sample *sample)
{
    const struct encoder *encoder = sample->encoder;
    const size_t length = encoder->info->block_length;
    struct random random = {.seed = number};
    sample->number = number;
    sample->n = BLOCKS * length;
    sample->kind = weights_name(kinds[number % KINDS]);
    fill_weights(kinds[number % KINDS], 1e6, &random, sample->n, sample->x);
    fill_importance(importance_kinds[number / KINDS % IMPORTANCES], &random, sample->n,
                    sample->importance);
    for (size_t i = 0; i < sample->n; i++)
        sample->importance[i] *= 0x1p-8f;
    for (size_t b = 0; b < sample->n; b += length) {
        fit_range(length, 7, 7, sample->x + b);
        for (size_t i = b; i < b + length; i += 16)
            fit_range(16, 1, 7, sample->x + i);
    }
}

static void decode(const struct encoder *encoder, const uint8_t *bytes, size_t n, float *y)
{
    const struct rdl_job job = {.format = encoder->format, .nrows = 1, .ncols = n};
    ck_assert_int_eq(rdl_dequantize(&job, bytes, y), RDL_OK);
}

static void encode(const struct encoder *encoder, const float *x, const float *importance, size_t n,
                   uint8_t *bytes)
{
    const struct rdl_job job = encoder_job(encoder, 1, n);
    ck_assert_int_eq(
        rdl_quantize(&job, x, encoder->with_importance ? importance : NULL, bytes, NULL), RDL_OK);
}

/* The weights that the blocks of x decode to. */
static void pass(const struct encoder *encoder, const float *x, const float *importance, size_t n,
                 float *y)
{
    uint8_t bytes[MAX_BYTES];
    encode(encoder, x, importance, n, bytes);
    decode(encoder, bytes, n, y);
}

/* Bit for bit. */
static void check_same(const struct sample *sample, const char *what, const float *y,
                       const float *expected)
{
    for (size_t i = 0; i < sample->n; i++)
        if (memcmp(&y[i], &expected[i], sizeof *y) != 0)
            ck_abort_msg("%s, %s: %s: weight %zu (%a) gives %a, not %a", sample->encoder->name,
                         sample->kind, what, i, (double)sample->x[i], (double)y[i],
                         (double)expected[i]);
}

/* Calls check() with samples of every kind for every encoder of a rounding (RDL_ROUNDING_COUNT: of
 * all of them). */
static void for_samples(enum rdl_rounding rounding, void (*check)(const struct sample *sample))
{
    size_t count;
    const struct encoder *encoders = encoder_list(&count);
    for (size_t e = 0; e < count; e++) {
        if (rounding != RDL_ROUNDING_COUNT && encoders[e].rounding != rounding)
            continue;
        struct sample sample = {.encoder = &encoders[e]};
        for (size_t number = 0; number < (size_t)SEEDS * KINDS; number++) {
            fill_sample(number, &sample);
            check(&sample);
        }
    }
}

static bool is_affine(const struct encoder *encoder)
{
    return encoder->info->grid == RDL_GRID_AFFINE;
}

static bool is_codebook(const struct encoder *encoder)
{
    return encoder->info->grid == RDL_GRID_CODEBOOK;
}

static bool is_iq1(const struct encoder *encoder)
{
    return encoder->format == RDL_IQ1_S || encoder->format == RDL_IQ1_M;
}

/* ------------------------------------------------------------------------------------------------
 * Fixed points of `nearest`
 *
 * One scale a block: the extreme element goes to the level of largest magnitude, before and after
 * the scale is rounded to binary16 (127 * 2^-11 is less than half a gap), and no other level has
 * that magnitude with another sign except where grids are symmetric (Q8_0, ternary: positive d). So
 * the decoded extreme divided by its level is the stored scale again (level * d is exact in
 * binary32), and each value is its own nearest level. MXFP4: the largest magnitude becomes 8 or 12
 * units, in the same binade (or in the next, of which it is the first number, where the reference
 * had rounded it up). These are fixed points for all weights.
 *
 * Coded scales: not for all weights. The second encoder derives scales from decoded extremes, and
 * these need not be the ends of the grid any more:
 *  - Q3_K, Q6_K, IQ4_XS: a scale of 0.6 units is stored as 1, its extreme goes to level -4 * 0.6 =
 *    -2.4, decodes as -2 and gives a scale of half a unit the next time. (IQ4_XS may even
 *    alternate: the extremes 113 and -104 of scale 1 give the scale -113 / 127, stored as -1, under
 *    which they become -104 and 113.)
 *  - Q2_K, Q4_K, Q5_K: rounding scale and min leaves code 0 or the largest code unused.
 *  - IQ2, IQ3: the row for a group need not have the largest entry at its largest weight.
 * What holds for all of these: where every sub-block has the same extremes, all codes of scales are
 * the largest, and decoded extremes are ends of the grid: the block is a fixed point.
 *  - Scalar grids: extremes a > 0 and -a / 16 in every sub-block.
 *  - IQ2, IQ3: multiples of rows, one of each sub-block with the largest entry, the others' entries
 *    off by at most 0.4. Then these rows are the nearest: their squared error is at most 4 * 0.41^2
 *    (8 * 0.42^2 in IQ2), that of any other row at least 1.59^2 (16^2), since entries differ by 2
 * (17) or more, rounding the scale moves an entry of 15 by 0.01 (43: 0.02), and signs come in
 * pairs. For other weights the second error must keep the bound that any error keeps (below).
 */

static void check_fixed_point(const struct sample *sample)
{
    float y[MAX_N], again[MAX_N];
    pass(sample->encoder, sample->x, sample->importance, sample->n, y);
    pass(sample->encoder, y, sample->importance, sample->n, again);
    check_same(sample, "the second encoding", again, y);
}

static bool has_coded_scales(const struct encoder *encoder)
{
    return encoder->info->sub_block_length != encoder->info->block_length;
}

static void check_fixed_point_of_single_scale(const struct sample *sample)
{
    if (!has_coded_scales(sample->encoder))
        check_fixed_point(sample);
}

START_TEST(single_scales_have_fixed_points)
{
    for_samples(RDL_NEAREST, check_fixed_point_of_single_scale);
}
END_TEST

/* Sub-blocks with the extremes `largest` and -largest / 16. */
static void fill_range(size_t length, float largest, struct random *random, float *x)
{
    const size_t place = random_below(random, length);
    for (size_t i = 0; i < length; i++)
        x[i] = largest / 16.0f * (float)(2.0 * random_unit(random) - 1.0);
    x[place] = largest;
    x[(place + 1) % length] = -largest / 16.0f;
}

/* `step` times a row that has the largest entry, if asked for, or any row. */
static void fill_row(const struct rdl_codebook *codebook, bool with_largest, float step,
                     struct random *random, float *x)
{
    const uint8_t *entries = (const uint8_t *)codebook->entries, *row;
    bool has_largest;
    do {
        row = entries + random_below(random, codebook->rows) * codebook->length;
        has_largest = false;
        for (int i = 0; i < codebook->length; i++)
            has_largest |= row[i] == codebook_top(codebook);
    } while (with_largest && !has_largest);
    const float sign = random_below(random, 2) ? 1.0f : -1.0f;
    for (int i = 0; i < codebook->length; i++) {
        const bool is_largest = row[i] == codebook_top(codebook);
        const float noise = is_largest ? 0.0f : (float)(0.8 * random_unit(random) - 0.4);
        x[i] = sign * step * ((float)row[i] + noise);
    }
}

static void fill_rows(const struct rdl_codebook *codebook, size_t length, float largest,
                      struct random *random, float *x)
{
    for (size_t i = 0; i < length; i += codebook->length)
        fill_row(codebook, i == 0, largest / (float)codebook_top(codebook), random, x + i);
}

static void make_equal_ranges(struct sample *sample, struct random *random)
{
    const struct rdl_format_info *info = sample->encoder->info;
    const struct rdl_codebook *codebook = codebook_of(sample->encoder->format);
    const size_t length = info->sub_block_length;
    float largest = 0.0f;
    for (size_t i = 0; i < sample->n; i += length) {
        if (i % info->block_length == 0)
            largest = (float)(64.0 * (1.0 + random_unit(random)));
        if (codebook)
            fill_rows(codebook, length, largest, random, sample->x + i);
        else
            fill_range(length, largest, random, sample->x + i);
    }
}

static void check_fixed_point_of_equal_ranges(const struct sample *sample)
{
    struct sample equal = *sample;
    struct random random = {.seed = sample->number};
    equal.kind = "equal ranges";
    make_equal_ranges(&equal, &random);
    check_fixed_point(&equal);
}

START_TEST(equal_scales_have_fixed_points)
{
    for_samples(RDL_NEAREST, check_fixed_point_of_equal_ranges);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Errors of `nearest`
 */

static void check_bound(const struct sample *sample, const float *x, const float *y)
{
    const struct encoder *encoder = sample->encoder;
    const size_t length = encoder->info->block_length;
    for (size_t b = 0; b < sample->n; b += length) {
        size_t at;
        double error, bound;
        if (!nearest_within_bound(encoder->info, encoder->format, x + b, y + b, &at, &error,
                                  &bound))
            ck_abort_msg("%s, %s: the error at weight %zu (%a, decoded %a) is %g, above %g",
                         encoder->name, sample->kind, b + at, (double)x[b + at], (double)y[b + at],
                         error, bound);
    }
}

/* Also of what was decoded: the second encoding of the formats without fixed points. */
static void check_nearest(const struct sample *sample)
{
    float y[MAX_N], again[MAX_N];
    pass(sample->encoder, sample->x, sample->importance, sample->n, y);
    check_bound(sample, sample->x, y);
    pass(sample->encoder, y, sample->importance, sample->n, again);
    check_bound(sample, y, again);
}

START_TEST(nearest_keeps_its_bound)
{
    for_samples(RDL_NEAREST, check_nearest);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Errors of all roundings
 *
 * No single error of a search is bounded by its step: it trades some against others. What follows
 * from how each ends:
 *  - The codes are the nearest for the stored scale (Q3_K, Q6_K, `nearest`) or for the scale s
 * before it is rounded by at most U = 2^-11 of itself, and 0 is a level. Then |x - s code| <= |x|,
 * so |s code| <= 2 |x| and the decoded value is off by |x| (1 + 2 U) at most.
 *  - Q4_0 and Q5_0 with importance, IQ4_NL: the scale is the least-squares one of some codes. In
 * the norm of the search, |x - s code| <= |x| (s = 0 would give equality); codes found again for s
 * do not increase it. After rounding s: |x| (1 + 2 U) as before, now for norms.
 *  - IQ2, IQ3, IQ1: a least-squares scale is at most the largest magnitude a over the smallest
 *    value v that codes stand for (1 in the searches of IQ2 and IQ3, 1/8 in IQ1: |sum w x q| <=
 *    a sum w |q| <= a / v sum w q^2); the unit is the largest scale over the largest code, and the
 *    refit of the unit of IQ1_M again such a scale, for codes up to 15 v. Hence |x - y| <= (1 + g)
 * a, with g the largest decoded value at a scale of a. Affine searches and IQ4_XS store a scale
 * that was found for other codes, coded by yet another search, on a grid without zero: no bound
 * follows from their parts. For them, as for all scalar grids, the order of weights is tested
 * below.
 */

/* g, with the factors by which the reference multiplies d, and a percent for rounding. */
static const double largest_growth[RDL_FORMAT_COUNT] = {
    [RDL_IQ2_XXS] = 1.01 * 43 / 8,
    [RDL_IQ2_XS] = 1.01 * 43 / 8,
    [RDL_IQ2_S] = 1.01 * 43 / 8,
    [RDL_IQ3_XXS] = 1.01 * 1.0125 * 62 / 4,
    [RDL_IQ3_S] = 1.01 * 1.033 * 15,
    [RDL_IQ1_S] = 1.01 * 1.125 * 1.125 * 8,
    [RDL_IQ1_M] = 1.01 * 1.1125 * 1.125 * 15 * 8,
};

static const double rounding = 1.0 + 0x1p-10 + 1e-5; /* 1 + 2 U, and binary32 */

static void check_growth(const struct sample *sample, const float *y)
{
    const double most = 128.0 * (1.0 + largest_growth[sample->encoder->format]);
    for (size_t i = 0; i < sample->n; i++)
        if (!(fabs((double)sample->x[i] - (double)y[i]) <= most))
            ck_abort_msg("%s, %s: weight %zu decodes to %g", sample->encoder->name, sample->kind, i,
                         (double)y[i]);
}

/* The weight of element i in the search: importance * sqrt(sigma2 + x^2), sigma2 being the mean
 * square of the row or twice that of the block; x^2 without importance, or where that is not
 * looked at. */
static double search_weight(const struct sample *sample, size_t i)
{
    const bool of_row = sample->encoder->format != RDL_IQ4_NL;
    const size_t length = of_row ? sample->n : sample->encoder->info->block_length;
    const double x = (double)sample->x[i];
    if (!sample->encoder->with_importance || sample->encoder->rounding == RDL_GGML_REDUCED)
        return x * x;
    double sum = 0.0;
    for (size_t k = i / length * length; k < (i / length + 1) * length; k++)
        sum += (double)sample->x[k] * (double)sample->x[k];
    return (double)sample->importance[i] *
           sqrt((of_row ? 1.0 : 2.0) * sum / (double)length + x * x);
}

static void check_norms(const struct sample *sample, const float *y)
{
    const size_t length = sample->encoder->info->block_length;
    for (size_t b = 0; b < sample->n; b += length) {
        double error = 0.0, norm = 0.0;
        for (size_t i = b; i < b + length; i++) {
            const double x = (double)sample->x[i], w = search_weight(sample, i);
            error += w * (x - (double)y[i]) * (x - (double)y[i]);
            norm += w * x * x;
        }
        if (!(sqrt(error) <= sqrt(norm) * rounding))
            ck_abort_msg("%s, %s, block %zu: the error is %g, that of zeros %g",
                         sample->encoder->name, sample->kind, b / length, sqrt(error), sqrt(norm));
    }
}

static void check_no_worse_than_zero(const struct sample *sample, const float *y)
{
    for (size_t i = 0; i < sample->n; i++)
        if (!(fabs((double)sample->x[i] - (double)y[i]) <= fabs((double)sample->x[i]) * rounding))
            ck_abort_msg("%s, %s: weight %zu (%a) decodes to %a", sample->encoder->name,
                         sample->kind, i, (double)sample->x[i], (double)y[i]);
}

static void check_error(const struct sample *sample)
{
    const struct encoder *encoder = sample->encoder;
    const bool searches = encoder->rounding != RDL_NEAREST;
    const bool is_short = encoder->format == RDL_Q4_0 || encoder->format == RDL_Q5_0;
    float y[MAX_N];
    pass(encoder, sample->x, sample->importance, sample->n, y);
    if (is_codebook(encoder) || is_iq1(encoder))
        check_growth(sample, y);
    else if (searches && (encoder->format == RDL_IQ4_NL || (is_short && encoder->with_importance)))
        check_norms(sample, y);
    else if (!is_affine(encoder) && encoder->format != RDL_IQ4_XS && encoder->format != RDL_IQ4_NL)
        check_no_worse_than_zero(sample, y);
}

START_TEST(errors_are_bounded)
{
    for_samples(RDL_ROUNDING_COUNT, check_error);
}
END_TEST

/* On a scalar grid codes are a monotonic function of the weights of a sub-block, and the scale has
 * the sign that puts them back in order (a least-squares scale is that of sums of w x code, to
 * which all elements add with the sign of the trial scale). */
static void check_order(const struct sample *sample)
{
    const size_t length = sample->encoder->info->sub_block_length;
    if (is_codebook(sample->encoder) || is_iq1(sample->encoder))
        return; /* rows of a codebook mix weights */
    float y[MAX_N];
    pass(sample->encoder, sample->x, sample->importance, sample->n, y);
    for (size_t i = 0; i < sample->n; i++)
        for (size_t k = i / length * length; k < i; k++)
            if ((sample->x[i] < sample->x[k] && y[i] > y[k]) ||
                (sample->x[i] > sample->x[k] && y[i] < y[k]))
                ck_abort_msg("%s, %s: weights %zu and %zu change their order",
                             sample->encoder->name, sample->kind, k, i);
}

START_TEST(scalar_grids_keep_order)
{
    for_samples(RDL_ROUNDING_COUNT, check_order);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Scale invariance: decode(encode(2^k x)) = 2^k decode(encode(x)), bit for bit
 *
 * Sums, products, quotients, comparisons and square roots of squares commute with a power of two
 * while nothing leaves the range of binary32 or falls below a threshold (1e-7 the largest), and so
 * does rounding to binary16 while scales are normal there: from 2^-14 to below 2^16. Scales of
 * samples lie between 2^-6 * 2/3 and 2^7 (mins of affine formats may be smaller, but only exactly
 * zero ones appear): |k| <= 7 keeps all in range. In binary32 the largest products are those of the
 * coordinate descent, xl^2 * l2, of degree 3 in weights w and 5 in x with codes of Q4_K's scales:
 * w = 2^3 * 2^14 (importance times x, k = 7), sums over 32 of them, x < 2^14, code 2^6 to the
 * fourth: 2^(3 * 22 + 2 * 14 + 24) = 2^118. The smallest are of degree 8 in x: 2^(-7 * 8) for the
 * largest of 16 weights. MXFP4 has no binary16: 8 k.
 *
 * Square roots of odd powers commute with nothing. IQ2 and IQ3 searches weigh the choice of a row
 * by the roots of their weights. These are of degree 1 in x where they are importance *
 * sqrt(sigma2 + x^2), or sqrt(sigma2 + x^2) (IQ2_XXS and IQ2_XS without importance): 2^(k/2) is
 * rounded for odd k, and may decide between two rows. There only even k can be promised. (Without
 * importance the other three have weights of degree 2, the roots degree 1.)
 */
static bool takes_roots_of_magnitudes(const struct encoder *encoder)
{
    return is_codebook(encoder) && encoder->rounding != RDL_NEAREST &&
           (encoder->with_importance || encoder->format == RDL_IQ2_XXS ||
            encoder->format == RDL_IQ2_XS);
}

static void scale_by_power(size_t n, int k, const float *x, float *scaled)
{
    for (size_t i = 0; i < n; i++)
        scaled[i] = ldexpf(x[i], k);
}

static void check_scale(const struct sample *sample)
{
    static const int all_powers[] = {-7, -2, 1, 6}, even_powers[] = {-6, -2, 2, 6};
    const int *powers = takes_roots_of_magnitudes(sample->encoder) ? even_powers : all_powers;
    const int factor = sample->encoder->format == RDL_MXFP4 ? 8 : 1;
    float scaled[MAX_N], y[MAX_N], expected[MAX_N], plain[MAX_N];
    pass(sample->encoder, sample->x, sample->importance, sample->n, plain);
    for (size_t p = 0; p < sizeof all_powers / sizeof all_powers[0]; p++) {
        scale_by_power(sample->n, factor * powers[p], sample->x, scaled);
        scale_by_power(sample->n, factor * powers[p], plain, expected);
        pass(sample->encoder, scaled, sample->importance, sample->n, y);
        check_same(sample, "a power of two times the weights", y, expected);
    }
}

START_TEST(powers_of_two_pass_through)
{
    for_samples(RDL_ROUNDING_COUNT, check_scale);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Other symmetries
 */

/* Q4_0 and Q5_0 weigh importance by the mean square of the row: the row is their unit. */
static void check_independence(const struct sample *sample)
{
    const struct encoder *encoder = sample->encoder;
    const bool of_row = encoder->with_importance && encoder->rounding != RDL_NEAREST &&
                        (encoder->format == RDL_Q4_0 || encoder->format == RDL_Q5_0);
    const size_t length = of_row ? sample->n : encoder->info->block_length;
    uint8_t together[2 * MAX_BYTES], alone[MAX_BYTES];
    float rows[2 * MAX_N] = {0};
    memcpy(rows + sample->n, sample->x, sample->n * sizeof *rows);
    struct rdl_job job = encoder_job(encoder, 2, sample->n);
    ck_assert_int_eq(rdl_quantize(&job, rows, encoder->with_importance ? sample->importance : NULL,
                                  together, NULL),
                     RDL_OK);
    const size_t row_bytes = rdl_blocks_size(encoder->format, 1, sample->n);
    const size_t bytes = rdl_blocks_size(encoder->format, 1, length);
    for (size_t b = 0; b < sample->n / length; b++) {
        encode(encoder, sample->x + b * length, sample->importance + b * length, length, alone);
        if (memcmp(alone, together + row_bytes + b * bytes, bytes) != 0)
            ck_abort_msg("%s, %s: block %zu depends on its neighbours", encoder->name, sample->kind,
                         b);
    }
}

START_TEST(blocks_do_not_see_their_neighbours)
{
    for_samples(RDL_ROUNDING_COUNT, check_independence);
}
END_TEST

/*
 * decode(encode(-x)) = -decode(encode(x)), zeros of either sign being equal. Scales about zero take
 * the sign of the extreme element, codes stay as they are; signs apart turn. Not so
 *  - affine grids, whose min is at most zero;
 *  - `ggml` Q3_K, whose refinement is off for positive extremes (its known defect);
 *  - IQ1: sums run over the weights in ascending order, and the first of equal cuts wins;
 *  - zeros among IQ2 and IQ3 weights or importance: both zeros count as positive, and sub-blocks
 *    without importance may be stored as such zeros. Samples with zeros are left to other formats.
 */
static bool is_odd(const struct sample *sample)
{
    const struct encoder *encoder = sample->encoder;
    if (is_affine(encoder) || is_iq1(encoder))
        return false;
    if (encoder->format == RDL_Q3_K && encoder->rounding == RDL_GGML && !encoder->with_importance)
        return false;
    for (size_t i = 0; is_codebook(encoder) && i < sample->n; i++)
        if (sample->x[i] == 0.0f || (encoder->with_importance && sample->importance[i] == 0.0f))
            return false;
    return true;
}

static void check_sign(const struct sample *sample)
{
    float y[MAX_N], negative[MAX_N], opposite[MAX_N];
    if (!is_odd(sample))
        return;
    for (size_t i = 0; i < sample->n; i++)
        negative[i] = -sample->x[i];
    pass(sample->encoder, sample->x, sample->importance, sample->n, y);
    pass(sample->encoder, negative, sample->importance, sample->n, opposite);
    for (size_t i = 0; i < sample->n; i++)
        if (y[i] != -opposite[i])
            ck_abort_msg("%s, %s: weight %zu (%a) decodes to %a, its opposite to %a",
                         sample->encoder->name, sample->kind, i, (double)sample->x[i], (double)y[i],
                         (double)opposite[i]);
}

START_TEST(opposites_decode_to_opposites)
{
    for_samples(RDL_ROUNDING_COUNT, check_sign);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("properties");
    TCase *tests = tcase_create("blocks");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, single_scales_have_fixed_points);
    tcase_add_test(tests, equal_scales_have_fixed_points);
    tcase_add_test(tests, nearest_keeps_its_bound);
    tcase_add_test(tests, errors_are_bounded);
    tcase_add_test(tests, scalar_grids_keep_order);
    tcase_add_test(tests, powers_of_two_pass_through);
    tcase_add_test(tests, blocks_do_not_see_their_neighbours);
    tcase_add_test(tests, opposites_decode_to_opposites);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
