/* Properties that every encoder has whatever its bytes: fixed points, scale invariance, symmetries,
 * for all encoders that the library lists. */
#include "fill.h"
#include "nearest_bound.h"
#include "samples.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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
    float y[SAMPLE_MAX], again[SAMPLE_MAX];
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
 * Scale invariance: decode(encode(2^k x)) = 2^k decode(encode(x)), bit for bit
 *
 * Sums, products, quotients, comparisons and square roots of squares commute with a power of two
 * while nothing leaves the range of binary32 or falls below a threshold (1e-7 the largest), and so
 * does rounding to binary16 while scales are normal there: from 2^-14 to below 2^16. Scales of
 * samples lie between 2^-6 * 2/3 and 2^7 (the
 * mins that affine searches fit have no such bound; those of the samples stay in range): |k| <= 7
 * keeps all in range. In binary32 the largest
 * products are those of the search for codes of scales, xl^2 * l2: with k = 6 at most, values below
 * 2^13 and sums of 32 weights below 2^3 * sqrt(3) * 2^13 < 2^17 (importance times x), eight codes
 * of 6 bits give xl < 2^(3 + 22 + 13 + 6), l2 < 2^(3 + 22 + 12) and 2^125 together. The smallest
 * are of degree 8 in x: 2^(-7 * 8) for the largest of 16 weights. MXFP4 has no binary16: 8 k.
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
    float scaled[SAMPLE_MAX], y[SAMPLE_MAX], expected[SAMPLE_MAX], plain[SAMPLE_MAX];
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
    for_samples(RDL_FIRST_SEARCH, check_scale);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Other symmetries
 */

/* On a scalar grid codes are a monotonic function of the weights of a sub-block, and the scale has
 * the sign that puts them back in order (a least-squares scale is that of sums of w x code, to
 * which all elements add with the sign of the trial scale). */
static void check_order(const struct sample *sample)
{
    const size_t length = sample->encoder->info->sub_block_length;
    if (is_codebook(sample->encoder) || is_iq1(sample->encoder))
        return; /* rows of a codebook mix weights */
    float y[SAMPLE_MAX];
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
    for_samples(RDL_FIRST_SEARCH, check_order);
}
END_TEST

/* Q4_0 and Q5_0 weigh importance by the mean square of the row: the row is their unit. */
static void check_independence(const struct sample *sample)
{
    const struct encoder *encoder = sample->encoder;
    const bool of_row = encoder->with_importance && encoder->rounding != RDL_NEAREST &&
                        (encoder->format == RDL_Q4_0 || encoder->format == RDL_Q5_0);
    const size_t length = of_row ? sample->n : encoder->info->block_length;
    uint8_t together[2 * SAMPLE_MAX_BYTES], alone[SAMPLE_MAX_BYTES];
    float rows[2 * SAMPLE_MAX] = {0};
    memcpy(rows + sample->n, sample->x, sample->n * sizeof *rows);
    struct rdl_job job = encoder_job(encoder, 2, sample->n);
    ck_assert_int_eq(rdl_quantize(&job, rows, encoder->with_importance ? sample->importance : NULL,
                                  together, NULL),
                     RDL_OK);
    const size_t row_bytes = rdl_blocks_size(encoder->format, 1, sample->n);
    const size_t bytes = rdl_blocks_size(encoder->format, 1, length);
    for (size_t b = 0; b < sample->n / length; b++) {
        encode_sample(encoder, sample->x + b * length, sample->importance + b * length, length,
                      alone);
        if (memcmp(alone, together + row_bytes + b * bytes, bytes) != 0)
            ck_abort_msg("%s, %s: block %zu depends on its neighbours", encoder->name, sample->kind,
                         b);
    }
}

START_TEST(blocks_do_not_see_their_neighbours)
{
    for_samples(RDL_FIRST_SEARCH, check_independence);
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
    float y[SAMPLE_MAX], negative[SAMPLE_MAX], opposite[SAMPLE_MAX];
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
    for_samples(RDL_FIRST_SEARCH, check_sign);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("properties");
    TCase *tests = tcase_create("blocks");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, single_scales_have_fixed_points);
    tcase_add_test(tests, equal_scales_have_fixed_points);
    tcase_add_test(tests, scalar_grids_keep_order);
    tcase_add_test(tests, powers_of_two_pass_through);
    tcase_add_test(tests, blocks_do_not_see_their_neighbours);
    tcase_add_test(tests, opposites_decode_to_opposites);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
