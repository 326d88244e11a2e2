/*
 * Lane-generic body of rdl_split_signs() and rdl_make_signs_even(): groups of 8 weights in lanes.
 */
#ifndef RDL_SIMD_SIGN_PARITY_H
#define RDL_SIMD_SIGN_PARITY_H

#include "lanes.h"

enum {
    SIGN_GROUP = 8
};

/* Splits 8 rows of a tile; returns the masks. Zeros keep their sign and count as positive. */
RDL_INLINE vi split_signs(const float *x, float *magnitudes)
{
    vi signs = v_iset(0);
    for (int i = 0; i < SIGN_GROUP; i++) {
        const vf value = v_load(x + i * RDL_LANES);
        const vm negative = v_lt(value, v_set(0.0f));
        v_store(magnitudes + i * RDL_LANES, v_select(negative, v_abs(value), value));
        signs = v_or(signs, v_iselect(negative, v_iset(1 << i), v_iset(0)));
    }
    return signs;
}

/* Lanes whose masks have an odd number of bits. */
RDL_INLINE vm odd_signs(vi signs)
{
    vi parity = v_xor(signs, v_shr(signs, 4));
    parity = v_xor(parity, v_shr(parity, 2));
    parity = v_xor(parity, v_shr(parity, 1));
    return v_ieq(v_and(parity, v_iset(1)), v_iset(1));
}

/* Where the number of negative weights is odd, the first weight of least w x^2 gets the wrong sign,
 * and its magnitude becomes negative; returns the new masks. w is NULL for factors of 1. */
RDL_INLINE vi make_signs_even(const float *x, const float *w, float *magnitudes, vi signs)
{
    vf smallest = v_set(0.0f);
    vi least = v_iset(0);
    for (int i = 0; i < SIGN_GROUP; i++) {
        const vf value = v_load(x + i * RDL_LANES);
        const vf weighted = w ? v_mul(v_load(w + i * RDL_LANES), value) : value;
        const vf candidate = v_mul(weighted, value);
        const vm less = v_lt(candidate, smallest);
        smallest = i == 0 ? candidate : v_select(less, candidate, smallest);
        least = i == 0 ? least : v_iselect(less, v_iset(i), least);
    }
    least = v_iselect(odd_signs(signs), least, v_iset(SIGN_GROUP));
    for (int i = 0; i < SIGN_GROUP; i++) {
        const vm flipped = v_ieq(least, v_iset(i));
        const vf magnitude = v_load(magnitudes + i * RDL_LANES);
        const vf opposite = v_float_of_bits(v_xor(v_bits(magnitude), v_iset(INT32_MIN)));
        v_store(magnitudes + i * RDL_LANES, v_select(flipped, opposite, magnitude));
        signs = v_xor(signs, v_iselect(flipped, v_iset(1 << i), v_iset(0)));
    }
    return signs;
}

#endif
