/* Extremes and sums of a block that several formats start from. */
#ifndef RDL_REF_BLOCK_STATS_H
#define RDL_REF_BLOCK_STATS_H

#include "binary16.h"
#include "kernel.h"

#include <math.h>

/* Below this largest magnitude a block is zero to the searches. */
#define RDL_SEARCH_EPSILON 1e-15f

/*
 * The largest magnitude (returned) and, in *signed_max, the first element that has it, with its
 * sign; both 0 for zeros. Specification: SIGNED_ABSMAX. Magnitudes are ordered as their bits are,
 * and compilers vectorize a maximum of integers.
 */
static inline float rdl_signed_absmax(int n, const float *x, float *signed_max)
{
    int32_t largest = 0;
    for (int i = 0; i < n; i++) {
        const int32_t magnitude = (int32_t)(rdl_float_bits(x[i]) & 0x7FFFFFFFu);
        largest = magnitude > largest ? magnitude : largest;
    }
    int first = 0;
    while ((int32_t)(rdl_float_bits(x[first]) & 0x7FFFFFFFu) != largest)
        first++;
    *signed_max = largest != 0 ? x[first] : 0.0f;
    return rdl_bits_float((uint32_t)largest);
}

/* Weights importance * sqrt(sigma2 + x^2) of the encoders that take importance; returns their sum.
 */
static inline float rdl_importance_weights(int n, const float *x, const float *importance,
                                           float sigma2, float *w)
{
    float sum = 0.0f;
    for (int i = 0; i < n; i++) {
        w[i] = importance[i] * sqrtf(sigma2 + x[i] * x[i]);
        sum += w[i];
    }
    return sum;
}

/* The same, or x^2 without importance (NULL). */
static inline void rdl_native_weights(int n, const float *x, const float *importance, float sigma2,
                                      float *w)
{
    if (importance)
        rdl_importance_weights(n, x, importance, sigma2, w);
    else
        for (int i = 0; i < n; i++)
            w[i] = x[i] * x[i];
}

#endif
