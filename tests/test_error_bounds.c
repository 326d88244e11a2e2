/* How large errors can be: the bound of `nearest`, and what can be said of searches, for all
 * encoders that the library lists. */
#include "nearest_bound.h"
#include "samples.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

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
    float y[SAMPLE_MAX], again[SAMPLE_MAX];
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
    float y[SAMPLE_MAX];
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
    for_samples(RDL_FIRST_SEARCH, check_error);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("error bounds");
    TCase *tests = tcase_create("errors");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, nearest_keeps_its_bound);
    tcase_add_test(tests, errors_are_bounded);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
