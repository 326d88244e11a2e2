/*
 * Lane-generic body of rdl_iq4_search(): scale search of x_i ~ scale * V[code_i] on the 16-value
 * IQ4_NL table, weighted least squares over 16 codings. Specification: quantizers, section 6.
 */
#ifndef RDL_SIMD_IQ4_SEARCH_H
#define RDL_SIMD_IQ4_SEARCH_H

#include "nearest_iq4.h"

/* Blocks whose largest magnitude is below this are zero to the IQ4 encoders. */
#define IQ4_EPSILON 1e-15f

enum {
    IQ4_LENGTH = 32, /* weights of a sub-block */
    IQ4_TRIES = 7
};

RDL_LANES_OP(vf, v_nearest_iq4_in_range(enum rdl_nearest_variant variant, vf v),
             RDL_MAP_IN(r_nearest_iq4_in_range, variant, v))

/* The first element of largest magnitude, with its sign; the lanes that are zero to the encoders.
 */
RDL_INLINE vf iq4_extreme(const float *x, vm *empty)
{
    vf largest = v_set(0.0f), extreme = largest;
    for (size_t i = 0; i < IQ4_LENGTH; i++) {
        const vf value = v_load(x + i * RDL_LANES), magnitude = v_abs(value);
        extreme = v_select(v_lt(largest, magnitude), value, extreme);
        largest = v_max(largest, magnitude);
    }
    *empty = v_lt(largest, v_set(IQ4_EPSILON));
    return extreme;
}

struct iq4_sums {
    vf numerator, denominator;
};

/* The sums that give the least-squares scale of the codes for an inverse scale. No product of a
 * lane that counts leaves the range of r_nearest_iq4_in_range(): |inverse * x| is at most 134 where
 * x is the extreme, and less elsewhere. */
RDL_INLINE struct iq4_sums iq4_fit(enum rdl_nearest_variant variant, const float *x, const float *w,
                                   vf inverse)
{
    struct iq4_sums sums = {v_set(0.0f), v_set(0.0f)};
    for (size_t i = 0; i < IQ4_LENGTH; i++) {
        const vf value = v_load(x + i * RDL_LANES);
        const vf entry = v_nearest_iq4_in_range(variant, v_mul(inverse, value));
        const vf weighted = v_mul(v_load(w + i * RDL_LANES), entry);
        sums.numerator = v_add(sums.numerator, v_mul(weighted, value));
        sums.denominator = v_add(sums.denominator, v_mul(weighted, entry));
    }
    return sums;
}

/* The scale of one coding: numerator / denominator, 0 where the denominator is not positive. */
RDL_INLINE vf iq4_scale(struct iq4_sums sums)
{
    const vf zero = v_set(0.0f);
    return v_select(v_lt(zero, sums.denominator), v_div(sums.numerator, sums.denominator), zero);
}

/* Lanes of a tile x with factors w; returns the scales. */
RDL_INLINE vf iq4_search(enum rdl_nearest_variant variant, const float *x, const float *w)
{
    const float first = (float)rdl_codebook_iq4_nl[0];
    vm empty;
    const vf extreme = iq4_extreme(x, &empty);
    const vf down = v_div(v_sub(v_set(-0.0f), extreme), v_set(first));
    struct iq4_sums sums = iq4_fit(variant, x, w, v_div(v_set(1.0f), down));
    vf scale = iq4_scale(sums);
    vf best = v_mul(scale, sums.numerator);
    for (int t = -IQ4_TRIES; t <= IQ4_TRIES; t++) {
        sums = iq4_fit(variant, x, w, v_div(v_set((float)t + first), extreme));
        const vf square = v_mul(sums.numerator, sums.numerator);
        const vm better = v_mand(v_lt(v_set(0.0f), sums.denominator),
                                 v_lt(v_mul(best, sums.denominator), square));
        const vf candidate = v_div(sums.numerator, sums.denominator);
        scale = v_select(better, candidate, scale);
        best = v_select(better, v_mul(candidate, sums.numerator), best);
    }
    return v_select(empty, v_set(0.0f), scale);
}

#endif
