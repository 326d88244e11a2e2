/* Extremes and sums of a block that several formats start from. */
#ifndef RDL_REF_BLOCK_STATS_H
#define RDL_REF_BLOCK_STATS_H

#include "kernel.h"

#include <math.h>

/* The largest magnitude (returned) and, in *signed_max, the first element that has it, with its
 * sign. Specification: SIGNED_ABSMAX. */
static inline float rdl_signed_absmax(int n, const float *x, float *signed_max)
{
    float largest = 0.0f;
    *signed_max = 0.0f;
    for (int i = 0; i < n; i++) {
        const float magnitude = fabsf(x[i]);
        if (magnitude > largest) {
            largest = magnitude;
            *signed_max = x[i];
        }
    }
    return largest;
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
