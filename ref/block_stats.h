/* Extremes and sums of a block that several formats start from. */
#ifndef RDL_REF_BLOCK_STATS_H
#define RDL_REF_BLOCK_STATS_H

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

/* In index order: the order is part of the bytes. */
static inline float rdl_sum_of_squares(int n, const float *x)
{
    float sum = 0.0f;
    for (int i = 0; i < n; i++)
        sum += x[i] * x[i];
    return sum;
}

#endif
