/*
 * The weights of searches: each weighting by its definition, up to one power of two for a block;
 * those of formats' own encoders by what these document; and no overflow.
 */
#include "fill.h"
#include "search_weights.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

enum {
    MAX_LENGTH = 256
};

static double mean_square(const float *x, int n)
{
    double sum = 0.0;
    for (int i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    return sum / n;
}

struct sample {
    int n;
    float x[MAX_LENGTH], importance[MAX_LENGTH], row_mean_square;
};

static void draw(struct sample *sample, enum rdl_format format, enum weights weights,
                 enum importances importances)
{
    const struct rdl_format_info *info = rdl_format_info(format);
    struct random random = {.seed = 11};
    sample->n = (int)info->block_length;
    fill_weights(weights, info->max_magnitude, &random, MAX_LENGTH, sample->x);
    fill_importance(importances, &random, MAX_LENGTH, sample->importance);
    /* A row of two blocks, the other one of zeros. */
    sample->row_mean_square = (float)(mean_square(sample->x, sample->n) / 2.0);
}

/* One power of two relates the weights to those expected; the largest is in [1, 2]. */
static void check(const struct sample *sample, const float *weights, const double *expected)
{
    double largest = 0.0, largest_expected = 0.0;
    for (int i = 0; i < sample->n; i++) {
        largest = fmax(largest, (double)weights[i]);
        largest_expected = fmax(largest_expected, expected[i]);
    }
    if (largest_expected == 0.0) {
        ck_assert_double_eq(largest, 0.0);
        return;
    }
    ck_assert(largest >= 1.0 && largest <= 2.0);
    const double power = ldexp(1.0, -ilogb(largest_expected));
    for (int i = 0; i < sample->n; i++)
        ck_assert_msg(
            fabs((double)weights[i] - expected[i] * power) <= 1e-6 * (double)weights[i] + 0x1p-149,
            "weight %d of %d: %g, not %g", i, sample->n, (double)weights[i], expected[i] * power);
}

static double by_definition(enum rdl_weighting weighting, double x, double importance,
                            double sigma2)
{
    const double all[RDL_WEIGHTING_COUNT] = {
        [RDL_UNIFORM] = 1.0,           [RDL_X2] = x * x,
        [RDL_ABS] = fabs(x),           [RDL_RMS_ABS] = sqrt(sigma2) + fabs(x),
        [RDL_IMPORTANCE] = importance, [RDL_IMPORTANCE_RMS] = importance * sqrt(sigma2 + x * x),
    };
    return all[weighting];
}

START_TEST(weightings_are_as_defined)
{
    static const enum rdl_format formats[] = {RDL_Q4_0, RDL_IQ4_NL, RDL_Q4_K, RDL_IQ3_S};
    const enum rdl_weighting weighting = (enum rdl_weighting)_i;
    for (size_t f = 0; f < sizeof formats / sizeof formats[0]; f++)
        for (unsigned w = 0; w < WEIGHTS_COUNT; w++) {
            struct sample sample;
            double expected[MAX_LENGTH];
            float weights[MAX_LENGTH];
            draw(&sample, formats[f], (enum weights)w, (enum importances)(w % IMPORTANCE_COUNT));
            const double sigma2 = sample.n == MAX_LENGTH ? mean_square(sample.x, MAX_LENGTH)
                                                         : (double)sample.row_mean_square;
            for (int i = 0; i < sample.n; i++)
                expected[i] = by_definition(weighting, (double)sample.x[i],
                                            (double)sample.importance[i], sigma2);
            rdl_search_weights(formats[f], weighting, sample.x, sample.importance,
                               sample.row_mean_square, weights);
            check(&sample, weights, expected);
        }
}
END_TEST

/* What native weights are: importance^a * (share * mean + x^2)^b, mean over this many weights; or
 * as a special case its root plus |x|. */
static const struct native {
    enum rdl_format format;
    bool importance;
    int over; /* 0: the row */
    double share;
    enum {
        ONE,
        FACTOR,
        ROOT,
        SQUARE,
        ROOT_PLUS_ABS,
        ABS
    } kind;
} natives[] = {
    {RDL_Q8_0, false, 0, 0.0, ONE},       {RDL_Q8_0, true, 0, 0.0, ONE},
    {RDL_Q4_0, false, 0, 0.0, ONE},       {RDL_Q4_0, true, 0, 1.0, ROOT},
    {RDL_Q5_0, true, 0, 1.0, ROOT},       {RDL_Q2_K, false, 0, 0.0, ABS},
    {RDL_Q2_K, true, 256, 1.0, ROOT},     {RDL_Q3_K, false, 0, 0.0, SQUARE},
    {RDL_Q3_K, true, 256, 2.0, ROOT},     {RDL_Q4_K, false, 32, 1.0, ROOT_PLUS_ABS},
    {RDL_Q4_K, true, 256, 2.0, ROOT},     {RDL_Q5_K, false, 32, 1.0, ROOT_PLUS_ABS},
    {RDL_Q5_K, true, 256, 2.0, ROOT},     {RDL_Q6_K, false, 0, 0.0, SQUARE},
    {RDL_Q6_K, true, 0, 0.0, FACTOR},     {RDL_IQ4_NL, false, 0, 0.0, SQUARE},
    {RDL_IQ4_NL, true, 32, 2.0, ROOT},    {RDL_IQ4_XS, false, 0, 0.0, SQUARE},
    {RDL_IQ4_XS, true, 256, 2.0, ROOT},   {RDL_IQ2_XXS, false, 256, 1.0, ROOT},
    {RDL_IQ2_XXS, true, 256, 1.0, ROOT},  {RDL_IQ2_XS, true, 256, 1.0, ROOT},
    {RDL_IQ2_S, false, 256, 0.5, SQUARE}, {RDL_IQ2_S, true, 256, 2.0, ROOT},
    {RDL_IQ3_XXS, false, 0, 0.0, SQUARE}, {RDL_IQ3_XXS, true, 256, 2.0, ROOT},
    {RDL_IQ3_S, false, 0, 0.0, SQUARE},   {RDL_IQ3_S, true, 256, 2.0, ROOT},
    {RDL_MXFP4, false, 0, 0.0, ONE},      {RDL_TQ1_0, true, 0, 0.0, ONE},
};

START_TEST(native_weights_are_the_encoders)
{
    const struct native *native = &natives[_i];
    struct sample sample;
    double expected[MAX_LENGTH];
    float weights[MAX_LENGTH];
    draw(&sample, native->format, WEIGHTS_GAUSSIAN, IMPORTANCE_SPREAD);
    for (int i = 0; i < sample.n; i++) {
        const double mean =
            native->over == 0
                ? (double)sample.row_mean_square
                : mean_square(sample.x + i / native->over * native->over, native->over);
        const double x = fabs((double)sample.x[i]), sigma2 = native->share * mean;
        const double factor = native->importance ? (double)sample.importance[i] : 1.0;
        const double kinds[] = {
            [ONE] = 1.0,
            [FACTOR] = factor,
            [ROOT] = factor * sqrt(sigma2 + x * x),
            [SQUARE] = sigma2 + x * x,
            [ROOT_PLUS_ABS] = sqrt(sigma2) + x,
            [ABS] = x,
        };
        expected[i] = kinds[native->kind];
    }
    rdl_search_weights(native->format, RDL_NATIVE, sample.x,
                       native->importance ? sample.importance : NULL, sample.row_mean_square,
                       weights);
    check(&sample, weights, expected);
}
END_TEST

/* The mean square of a row of MXFP4 may be infinite in binary32. */
START_TEST(huge_weights_do_not_overflow)
{
    float x[MAX_LENGTH], importance[MAX_LENGTH], weights[MAX_LENGTH];
    for (int i = 0; i < MAX_LENGTH; i++) {
        x[i] = i % 2 == 0 ? 3.4e38f : -1e38f;
        importance[i] = i % 3 == 0 ? 1e-45f : RDL_IMPORTANCE_MAX;
    }
    for (unsigned w = 0; w < RDL_WEIGHTING_COUNT; w++) {
        rdl_search_weights(RDL_MXFP4, (enum rdl_weighting)w, x, importance, INFINITY, weights);
        float largest = 0.0f;
        for (int i = 0; i < 32; i++) {
            ck_assert(weights[i] >= 0.0f && weights[i] <= 2.0f);
            largest = fmaxf(largest, weights[i]);
        }
        ck_assert(largest >= 1.0f);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("search_weights");
    TCase *tests = tcase_create("search_weights");
    tcase_add_loop_test(tests, weightings_are_as_defined, RDL_UNIFORM, RDL_WEIGHTING_COUNT);
    tcase_add_loop_test(tests, native_weights_are_the_encoders, 0,
                        (int)(sizeof natives / sizeof natives[0]));
    tcase_add_test(tests, huge_weights_do_not_overflow);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
