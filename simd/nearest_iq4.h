/*
 * The nearest IQ4_NL entry in lanes, by every variant of enum rdl_nearest_variant but the binary
 * search that branches. Which one is a constant wherever it is used. See ref/nearest.h for the
 * definition, NEAR16.
 */
#ifndef RDL_SIMD_NEAREST_IQ4_H
#define RDL_SIMD_NEAREST_IQ4_H

#include "codebooks.h"
#include "lanes.h"
#include "roundel.h"

#include <math.h>

#if defined(RDL_SIMD_AVX512)
#include "nearest_iq4_avx512.h"
#elif defined(RDL_SIMD_AVX2)
#include "nearest_iq4_avx2.h"
#else
#include "nearest_iq4_portable.h"
#endif

/* The variant of the encoders: the fastest on every target. */
#define NEAREST_IQ4 RDL_NEAREST_TWO_LEVEL

static const float nearest_values[16] = {-127.0f, -104.0f, -83.0f, -65.0f, -49.0f, -35.0f,
                                         -22.0f,  -10.0f,  1.0f,   13.0f,  25.0f,  38.0f,
                                         53.0f,   69.0f,   89.0f,  113.0f};

/* Between neighbouring values; nothing is above the last. */
static const float nearest_midpoints[16] = {-115.5f, -93.5f, -74.0f, -57.0f,  -42.0f, -28.5f,
                                            -16.0f,  -4.5f,  7.0f,   19.0f,   31.5f,  45.5f,
                                            61.0f,   79.0f,  101.0f, INFINITY};

/* The index is 15 less the midpoints above v. */
RDL_INLINE ri r_compare_and_count_index(rf v)
{
    ri above = r_iset(0);
    for (size_t k = 0; k < 15; k++)
        above = r_icount(above, r_lt(v, r_set(nearest_midpoints[k])));
    return r_isub(r_iset(15), above);
}

/* Four comparisons down a tree. A node's number has a bit for each of them, set where v was below;
 * at the bottom it is 15 less the index. */
RDL_INLINE ri r_permute_search_index(rf v)
{
    static const float second[4] = {45.5f, -57.0f}, third[4] = {79.0f, 19.0f, -28.5f, -93.5f};
    static const float fourth[8] = {101.0f, 61.0f, 31.5f, 7.0f, -16.0f, -42.0f, -74.0f, -115.5f};
    ri node = r_icount(r_iset(0), r_lt(v, r_set(-4.5f)));
    node = r_icount(r_iadd(node, node), r_lt(v, r_table4(second, node)));
    node = r_icount(r_iadd(node, node), r_lt(v, r_table4(third, node)));
    node = r_icount(r_iadd(node, node), r_lt(v, r_table8(fourth, node)));
    return r_isub(r_iset(15), node);
}

/* The integer part chooses an entry, which is right or one too low; what has none, because it does
 * not fit in 32 bits or is a NaN, is taken for the lowest number, as x86 converts. */
RDL_INLINE ri r_lookup_table_index(rf v)
{
    static const int32_t units[241] = {
#include "nearest_units.inc"
    };
    const rm fits = r_lt(r_abs(v), r_set(0x1p31f));
    const rf number = r_select(fits, v, r_set(-0x1p30f));
    const ri integer = r_clamp(r_truncate(number), -127, 113);
    const ri low = r_igather(units, r_iadd(integer, r_iset(127)));
    const rm below = r_lt(number, r_table16(nearest_midpoints, low));
    return r_iselect(below, low, r_iadd(low, r_iset(1)));
}

/* Midpoints are between -128 and 127, and so nothing changes but that NaN, which has index 15,
 * becomes a number. */
RDL_INLINE rf r_nearest_clamp(rf v)
{
    return r_max(r_min(r_set(127.5f), v), r_set(-128.0f));
}

/* The index for any v. */
RDL_INLINE ri r_nearest_iq4(enum rdl_nearest_variant variant, rf v)
{
    switch (variant) {
    case RDL_NEAREST_LOOKUP_TABLE:
        return r_lookup_table_index(v);
    case RDL_NEAREST_COMPARE_AND_COUNT:
        return r_compare_and_count_index(v);
    case RDL_NEAREST_PERMUTE_SEARCH:
        return r_permute_search_index(v);
    case RDL_NEAREST_BYTE_TABLE:
        return r_byte_table_index(r_nearest_clamp(v));
    case RDL_NEAREST_BINARY_SEARCH:
    case RDL_NEAREST_TWO_LEVEL:
    case RDL_NEAREST_VARIANT_COUNT:
        break;
    }
    return r_two_level_index(r_nearest_clamp(v));
}

/* The value for |v| <= 137; some float for other v. */
RDL_INLINE rf r_nearest_iq4_in_range(enum rdl_nearest_variant variant, rf v)
{
    return variant == RDL_NEAREST_TWO_LEVEL ? r_two_level_value(v)
                                            : r_table16(nearest_values, r_nearest_iq4(variant, v));
}

#endif
