/*
 * The body of rdl_iq4_search(), with the way to find the nearest entry as a constant argument: a
 * function to be inlined.
 */
#ifndef RDL_REF_NEAREST_IQ4_SEARCH_H
#define RDL_REF_NEAREST_IQ4_SEARCH_H

#include "block_stats.h"
#include "codebooks.h"
#include "iq4_search.h"

#define RDL_WITH_NEAREST static inline __attribute__((always_inline))

typedef int rdl_nearest_entry_fn(float v);

RDL_WITH_NEAREST struct rdl_iq4_sums rdl_iq4_fit_with(rdl_nearest_entry_fn *nearest, const float *x,
                                                      const float *w, float inverse_scale)
{
    float values[RDL_IQ4_SUB_BLOCK];
    for (int i = 0; i < RDL_IQ4_SUB_BLOCK; i++)
        values[i] = (float)rdl_codebook_iq4_nl[nearest(inverse_scale * x[i])];
    struct rdl_iq4_sums sums = {0.0f, 0.0f};
    for (int i = 0; i < RDL_IQ4_SUB_BLOCK; i++) {
        const float weighted = w[i] * values[i];
        sums.numerator += weighted * x[i];
        sums.denominator += weighted * values[i];
    }
    return sums;
}

RDL_WITH_NEAREST float rdl_iq4_search_with(rdl_nearest_entry_fn *nearest, const float *x,
                                           const float *w)
{
    const int tries = 7;
    const float first = (float)rdl_codebook_iq4_nl[0];
    float extreme;
    if (rdl_signed_absmax(RDL_IQ4_SUB_BLOCK, x, &extreme) < RDL_IQ4_EPSILON)
        return 0.0f;
    /* The first coding sends the extreme element to +127, beyond the table's last entry; the scan
     * sends it to -127 and its surroundings. */
    struct rdl_iq4_sums sums = rdl_iq4_fit_with(nearest, x, w, 1.0f / (-extreme / first));
    float scale = sums.denominator > 0.0f ? sums.numerator / sums.denominator : 0.0f;
    float best = scale * sums.numerator;
    for (int t = -tries; t <= tries; t++) {
        sums = rdl_iq4_fit_with(nearest, x, w, ((float)t + first) / extreme);
        if (sums.denominator > 0.0f && sums.numerator * sums.numerator > best * sums.denominator) {
            scale = sums.numerator / sums.denominator;
            best = scale * sums.numerator;
        }
    }
    return scale;
}

#endif
