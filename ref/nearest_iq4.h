/*
 * The variants of NEAR16, the index of the nearest IQ4_NL value, which differ in speed only; see
 * enum rdl_nearest_variant in roundel.h for the one exception. rdl_nearest_iq4_nl() of nearest.h,
 * which compares and counts, is the definition.
 */
#ifndef RDL_REF_NEAREST_IQ4_H
#define RDL_REF_NEAREST_IQ4_H

#include "nearest.h"

/* Bisection as in ggml: down to two neighbours, whose distances are compared. Where rounding could
 * make distances equal, far outside, one neighbour is nearer by more than that. */
static inline int rdl_nearest_binary_search(float v)
{
    int low = 0, high = 15;
    while (high - low > 1) {
        const int middle = (low + high) / 2;
        if (v < (float)rdl_codebook_iq4_nl[middle])
            high = middle;
        else
            low = middle;
    }
    return v - (float)rdl_codebook_iq4_nl[low] < (float)rdl_codebook_iq4_nl[high] - v ? low : high;
}

static inline int rdl_nearest_compare_and_count(float v)
{
    return rdl_nearest_iq4_nl(v);
}

/* The integer part chooses an entry, which is right or one too low. A float without an integer part
 * of 32 bits has the lowest, as x86 converts it. */
static inline int rdl_nearest_lookup_table(float v)
{
    static const uint8_t units[241] = {
#include "nearest_units.inc"
    };
    if (!(v >= -127.0f && v < 0x1p31f))
        return 0;
    const int integer = (int)v;
    if (integer >= 113)
        return 15;
    const int low = units[integer + 127];
    return low + !(v < rdl_nearest_midpoints[low]);
}

/* Four comparisons down a tree; the numbers below node k are 2 k and 2 k + 1. */
static inline int rdl_nearest_permute_search(float v)
{
    static const float tree[16] = {0.0f,    -4.5f,  -57.0f, 45.5f,  -93.5f, -28.5f, 19.0f, 79.0f,
                                   -115.5f, -74.0f, -42.0f, -16.0f, 7.0f,   31.5f,  61.0f, 101.0f};
    int node = 1;
    for (int level = 0; level < 4; level++)
        node = 2 * node + !(v < tree[node]);
    return node - 16;
}

/* Midpoints are between -128 and 127, and so nothing changes but that NaN becomes a number, whose
 * index is 15. */
static inline float rdl_nearest_clamp(float v)
{
    const float below = v < 127.5f ? v : 127.5f;
    return below > -128.0f ? below : -128.0f;
}

/* Bins of width 10: bin n is v / 10 rounded, n + 13 its place. At most one midpoint is in a bin,
 * and none less than 0.4 away from its ends; a bin without has the next one, the last bins the
 * last. */
static inline int rdl_nearest_two_level(float v)
{
    static const uint8_t lower[27] = {0, 0, 1,  1,  1,  2,  2,  3,  4,  4,  5,  6,  7, 7,
                                      8, 9, 10, 11, 11, 12, 13, 13, 14, 14, 14, 14, 14};
    const float clamped = rdl_nearest_clamp(v);
    const int low = lower[(int)(clamped * 0.1f + 13.5f)];
    return low + !(clamped < rdl_nearest_midpoints[low]);
}

/* All midpoints are multiples of 1/2. */
static inline int rdl_nearest_byte_table(float v)
{
    static const uint8_t half_units[512] = {
#include "nearest_half_units.inc"
    };
    const float doubled = 2.0f * rdl_nearest_clamp(v);
    const int integer = (int)doubled;
    const int floor = integer - (doubled < (float)integer);
    return half_units[floor + 256];
}

#endif
