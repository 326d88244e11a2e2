/* Looking up 16 words in AVX2: a permutation looks up eight, and the sign chooses one of two. */
#ifndef RDL_SIMD_NEAREST_IQ4_AVX2_H
#define RDL_SIMD_NEAREST_IQ4_AVX2_H

/* A permutation looks at three bits. */
RDL_INLINE ri nearest_place(rf v)
{
    return r_shr(r_bits(_mm256_fmadd_ps(r_abs(v), r_set(1.0f / 46.0f), r_set(1.0f))), 21);
}

RDL_INLINE ri nearest_pick(const uint32_t *table, ri place, rf sign)
{
    const __m256i *half = (const __m256i *)(const void *)table;
    const __m256i positive = _mm256_permutevar8x32_epi32(_mm256_loadu_si256(half), place);
    const __m256i negative = _mm256_permutevar8x32_epi32(_mm256_loadu_si256(half + 1), place);
    return r_bits(_mm256_blendv_ps(r_float_of_bits(positive), r_float_of_bits(negative), sign));
}

#include "nearest_iq4_bins.h"
#include "nearest_iq4_gather.h"

#endif
