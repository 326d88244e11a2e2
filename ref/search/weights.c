#include "search_weights.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum {
    MAX_BLOCK = 256
};

/* A weighting; over how many weights sigma2 is a mean of squares (0: over the row), and how often
 * it counts. X2 is factor * sigma2 + x^2. */
struct rule {
    enum rdl_weighting weighting;
    int mean_over;
    double factor;
};

/* What the formats' own encoders use, without importance and with it: ref/FORMAT.c. */
#define RULE(weighting, mean_over, factor)                                                         \
    {                                                                                              \
        RDL_##weighting, mean_over, factor                                                         \
    }
#define UNIFORM                 RULE(UNIFORM, 0, 0.0)
#define X2                      RULE(X2, 0, 0.0)
#define IMPORTANCE_RMS(length)  RULE(IMPORTANCE_RMS, length, 1.0)
#define IMPORTANCE_2RMS(length) RULE(IMPORTANCE_RMS, length, 2.0)

static const struct rule natives[RDL_FORMAT_COUNT][2] = {
    [RDL_Q8_0] = {UNIFORM, UNIFORM},
    [RDL_Q4_0] = {UNIFORM, IMPORTANCE_RMS(0)},
    [RDL_Q5_0] = {UNIFORM, IMPORTANCE_RMS(0)},
    [RDL_Q2_K] = {RULE(ABS, 0, 0.0), IMPORTANCE_RMS(256)},
    [RDL_Q3_K] = {X2, IMPORTANCE_2RMS(256)},
    [RDL_Q4_K] = {RULE(RMS_ABS, 32, 1.0), IMPORTANCE_2RMS(256)},
    [RDL_Q5_K] = {RULE(RMS_ABS, 32, 1.0), IMPORTANCE_2RMS(256)},
    [RDL_Q6_K] = {X2, RULE(IMPORTANCE, 0, 0.0)},
    [RDL_IQ4_NL] = {X2, IMPORTANCE_2RMS(32)},
    [RDL_IQ4_XS] = {X2, IMPORTANCE_2RMS(256)},
    [RDL_IQ2_XXS] = {IMPORTANCE_RMS(256), IMPORTANCE_RMS(256)},
    [RDL_IQ2_XS] = {IMPORTANCE_RMS(256), IMPORTANCE_RMS(256)},
    [RDL_IQ2_S] = {RULE(X2, 256, 0.5), IMPORTANCE_2RMS(256)},
    [RDL_IQ3_XXS] = {X2, IMPORTANCE_2RMS(256)},
    [RDL_IQ3_S] = {X2, IMPORTANCE_2RMS(256)},
    [RDL_MXFP4] = {UNIFORM, UNIFORM},
    [RDL_TQ1_0] = {UNIFORM, UNIFORM},
    [RDL_TQ2_0] = {UNIFORM, UNIFORM},
    [RDL_IQ1_S] = {X2, IMPORTANCE_2RMS(256)},
    [RDL_IQ1_M] = {X2, IMPORTANCE_2RMS(256)},
};

static double mean_square(const float *x, int n)
{
    double sum = 0.0;
    for (int i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    return sum / (double)n;
}

static double weight(enum rdl_weighting weighting, double x, double importance, double sigma2)
{
    switch (weighting) {
    case RDL_X2:
        return sigma2 + x * x;
    case RDL_ABS:
        return fabs(x);
    case RDL_RMS_ABS:
        return sqrt(sigma2) + fabs(x);
    case RDL_IMPORTANCE:
        return importance;
    case RDL_IMPORTANCE_RMS:
        return importance * sqrt(sigma2 + x * x);
    case RDL_NATIVE:
    case RDL_UNIFORM:
    case RDL_WEIGHTING_COUNT:
        break;
    }
    return 1.0;
}

/* 2^-k for a largest value in [2^k, 2^(k+1)), none of them subnormal. */
static double inverse_power(double largest)
{
    uint64_t bits;
    memcpy(&bits, &largest, sizeof bits);
    const uint64_t power = (2046 - (bits >> 52)) << 52;
    double inverse;
    memcpy(&inverse, &power, sizeof inverse);
    return inverse;
}

/*
 * No overflow: magnitudes are at most 2^128, factors 1e16. No underflow to speak of: the square of
 * the least binary32 number is 2^-298. A factor that is below 2^-149 of the largest one is 0.
 */
double rdl_search_weights(enum rdl_format format, enum rdl_weighting weighting, const float *x,
                          const float *importance, float row_mean_square, float *weights)
{
    const int n = (int)rdl_format_info(format)->block_length;
    struct rule rule = {weighting, n < MAX_BLOCK ? 0 : n, weighting == RDL_X2 ? 0.0 : 1.0};
    if (weighting == RDL_NATIVE)
        rule = natives[format][importance != NULL];
    /* The mean square of weights beyond all but MXFP4 overflows binary32. */
    const double of_row = row_mean_square <= FLT_MAX ? (double)row_mean_square : (double)FLT_MAX;
    double raw[MAX_BLOCK], sigma2 = rule.factor * of_row, largest = 0.0;
    for (int i = 0; i < n; i++) {
        if (rule.mean_over != 0 && i % rule.mean_over == 0)
            sigma2 = rule.factor * mean_square(x + i, rule.mean_over);
        raw[i] =
            weight(rule.weighting, (double)x[i], importance ? (double)importance[i] : 1.0, sigma2);
        largest = raw[i] > largest ? raw[i] : largest;
    }
    const double scale = largest > 0.0 ? inverse_power(largest) : 1.0;
    for (int i = 0; i < n; i++)
        weights[i] = (float)(raw[i] * scale);
    return scale;
}
