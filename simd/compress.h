/*
 * Compaction: the lanes of a register that a mask keeps, moved together and stored; the rest of the
 * register is stored after them, whatever it is, so that no store depends on the mask. (Stores that
 * compress in memory are slow on some CPUs.)
 */
#ifndef RDL_SIMD_COMPRESS_H
#define RDL_SIMD_COMPRESS_H

#include "simd.h"

/* One bit for each lane. */
RDL_INLINE unsigned r_mask_bits(rm mask)
{
#if defined(RDL_SIMD_AVX512)
    return mask;
#elif defined(RDL_SIMD_AVX2)
    return (unsigned)_mm256_movemask_ps(mask);
#else
    int32_t lanes[RDL_WIDTH];
    unsigned bits = 0;
    r_istore(lanes, r_iselect(mask, r_iset(1), r_iset(0)));
    for (int lane = 0; lane < RDL_WIDTH; lane++)
        bits |= (unsigned)lanes[lane] << lane;
    return bits;
#endif
}

/* Stores a whole register at each of two places; returns how many lanes count. */
RDL_INLINE int r_compress_two(float *to_a, rf a, float *to_b, rf b, rm mask)
{
    const unsigned bits = r_mask_bits(mask);
#if defined(RDL_SIMD_AVX512)
    r_store(to_a, _mm512_maskz_compress_ps(mask, a));
    r_store(to_b, _mm512_maskz_compress_ps(mask, b));
#elif defined(RDL_SIMD_AVX2)
    /* Bytes 0 .. 7 of the places, those that the mask keeps, moved together. */
    const uint64_t kept = _pdep_u64(bits, 0x0101010101010101u) * 0xFFu;
    const uint64_t places = _pext_u64(0x0706050403020100u, kept);
    const __m256i order = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)places));
    r_store(to_a, _mm256_permutevar8x32_ps(a, order));
    r_store(to_b, _mm256_permutevar8x32_ps(b, order));
#else
    float lanes_a[RDL_WIDTH], lanes_b[RDL_WIDTH];
    int place = 0;
    r_store(lanes_a, a);
    r_store(lanes_b, b);
    for (int lane = 0; lane < RDL_WIDTH; lane++) {
        to_a[place] = lanes_a[lane];
        to_b[place] = lanes_b[lane];
        place += (int)(bits >> lane & 1u);
    }
#endif
    return __builtin_popcount(bits);
}

#endif
