/* Nearest integers and nearest codebook entries. Specification: NI, R, clamp and NEAR16. */
#ifndef RDL_REF_NEAREST_H
#define RDL_REF_NEAREST_H

#include "binary16.h"
#include "codebooks.h"

#include <math.h>

/*
 * NI: nearest integer, ties to even, for |v| <= 4194303. Adding 1.5 * 2^23 leaves a sum whose last
 * place is 1, so that the addition rounds; the low 23 bits then hold v + 2^22. Beyond that range,
 * and for NaN and infinities, the result is what this recipe gives, and the reference's bytes
 * depend on it (NaN -> 0, +-infinity -> -4194304).
 */
static inline int rdl_nearest_int(float v)
{
    return (int)(rdl_float_bits(v + 12582912.0f) & 0x007FFFFFu) - 0x00400000;
}

/* R: nearest integer, ties away from zero, for |v| < 2^31. v - t is exact; trunc(v + 0.5) would not
 * do: 0.49999997 + 0.5 rounds to 1. */
static inline int rdl_nearest_int_away(float v)
{
    const int t = (int)v;
    const float rest = v - (float)t;
    return t + (rest >= 0.5f) - (rest <= -0.5f);
}

static inline int rdl_clamp(int v, int low, int high)
{
    return v < low ? low : v > high ? high : v;
}

/* The code c of a scale that is stored as 2 c + 1 units, c = 0 .. code_max. */
static inline int rdl_odd_scale_code(float scale, float inverse_unit, int code_max)
{
    return rdl_clamp(rdl_nearest_int(0.5f * (inverse_unit * scale - 1.0f)), 0, code_max);
}

/* Between neighbouring IQ4_NL values; nothing is above the last. */
static const float rdl_nearest_midpoints[16] = {-115.5f, -93.5f, -74.0f, -57.0f,  -42.0f, -28.5f,
                                                -16.0f,  -4.5f,  7.0f,   19.0f,   31.5f,  45.5f,
                                                61.0f,   79.0f,  101.0f, INFINITY};

/*
 * NEAR16: index of the IQ4_NL value nearest to v; a tie goes to the larger value, NaN to index 15.
 * The index is the number of midpoints of neighbouring values that v is not below; all midpoints
 * are exact. Fifteen comparisons without a branch beat bisection, whose branches cannot be
 * predicted.
 */
static inline int rdl_nearest_iq4_nl(float v)
{
    int index = 0;
    for (int k = 0; k < 15; k++)
        index += !(v < rdl_nearest_midpoints[k]);
    return index;
}

#endif
