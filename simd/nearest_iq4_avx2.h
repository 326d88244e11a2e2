/* Looking up 16 words in AVX2: a permutation looks up eight, and the sign chooses one of two. */
#ifndef RDL_SIMD_NEAREST_IQ4_AVX2_H
#define RDL_SIMD_NEAREST_IQ4_AVX2_H

/* A permutation looks at three bits. */
RDL_INLINE ri nearest_place(rf v)
{
    return r_shr(r_bits(_mm256_fmadd_ps(r_abs(v), r_set(1.0f / 46.0f), r_set(1.0f))), 21);
}

RDL_INLINE rf nearest_pick(const float *table, ri place, rf sign)
{
    const rf positive = _mm256_permutevar8x32_ps(r_load(table), place);
    const rf negative = _mm256_permutevar8x32_ps(r_load(table + 8), place);
    return _mm256_blendv_ps(positive, negative, sign);
}

#include "nearest_iq4_bins.h"
#include "nearest_iq4_gather.h"

#endif
