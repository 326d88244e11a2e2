/*
 * The SIMD vocabulary in AVX2 with FMA, F16C and BMI (x86-64-v3): 8 lanes of 32 bits. What each
 * operation means is said in lanes.h.
 */
#ifndef RDL_SIMD_AVX2_H
#define RDL_SIMD_AVX2_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#define RDL_TARGET_NAME(name) name##_avx2
#define RDL_INLINE            static inline __attribute__((always_inline))

#define RDL_WIDTH 8

/* Sixteen registers leave room for groups of two. */
#define RDL_USUAL_REGISTERS 2

typedef __m256 rf;
typedef __m256i ri;
typedef __m256 rm; /* all bits of a lane, or none */

/* ------------------------------------------------------------------------------------------------
 * Memory
 */

RDL_INLINE rf r_set(float x)
{
    return _mm256_set1_ps(x);
}

RDL_INLINE rf r_load(const float *p)
{
    return _mm256_loadu_ps(p);
}

RDL_INLINE void r_store(float *p, rf x)
{
    _mm256_storeu_ps(p, x);
}

RDL_INLINE ri r_iset(int32_t x)
{
    return _mm256_set1_epi32(x);
}

RDL_INLINE ri r_iload(const int32_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

RDL_INLINE void r_istore(int32_t *p, ri x)
{
    _mm256_storeu_si256((__m256i *)(void *)p, x);
}

RDL_INLINE ri r_load_bytes(const uint8_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

RDL_INLINE ri r_load_32_bytes(const uint8_t *p)
{
    return r_load_bytes(p);
}

RDL_INLINE void r_stream(uint8_t *p, ri x)
{
    _mm256_stream_si256((__m256i *)(void *)p, x);
}

RDL_INLINE void r_end_stream(void)
{
    _mm_sfence();
}

RDL_INLINE ri r_load_u8(const uint8_t *p)
{
    return _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)p));
}

RDL_INLINE ri r_load_i8(const uint8_t *p)
{
    return _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)p));
}

RDL_INLINE ri r_load_u16(const uint16_t *p)
{
    return _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(const void *)p));
}

/* Keeps the low bytes of each 128-bit half together, then moves the halves together. */
RDL_INLINE void r_store_u8(uint8_t *p, ri x)
{
    const __m256i first =
        _mm256_setr_epi8(0, 4, 8, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 4, 8, 12,
                         -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
    const __m256i halves = _mm256_shuffle_epi8(x, first);
    _mm_storel_epi64((__m128i *)(void *)p, _mm_unpacklo_epi32(_mm256_castsi256_si128(halves),
                                                              _mm256_extracti128_si256(halves, 1)));
}

RDL_INLINE void r_store_u16(uint16_t *p, ri x)
{
    const __m256i first =
        _mm256_setr_epi8(0, 1, 4, 5, 8, 9, 12, 13, -1, -1, -1, -1, -1, -1, -1, -1, 0, 1, 4, 5, 8, 9,
                         12, 13, -1, -1, -1, -1, -1, -1, -1, -1);
    const __m256i halves = _mm256_shuffle_epi8(x, first);
    _mm_storeu_si128((__m128i *)(void *)p, _mm_unpacklo_epi64(_mm256_castsi256_si128(halves),
                                                              _mm256_extracti128_si256(halves, 1)));
}

RDL_INLINE rf r_gather(const float *table, ri index)
{
    return _mm256_i32gather_ps(table, index, 4);
}

RDL_INLINE ri r_igather(const int32_t *table, ri index)
{
    return _mm256_i32gather_epi32((const int *)table, index, 4);
}

/* ------------------------------------------------------------------------------------------------
 * Floats
 */

RDL_INLINE rf r_add(rf a, rf b)
{
    return _mm256_add_ps(a, b);
}

RDL_INLINE rf r_sub(rf a, rf b)
{
    return _mm256_sub_ps(a, b);
}

RDL_INLINE rf r_mul(rf a, rf b)
{
    return _mm256_mul_ps(a, b);
}

RDL_INLINE rf r_div(rf a, rf b)
{
    return _mm256_div_ps(a, b);
}

RDL_INLINE rf r_sqrt(rf a)
{
    return _mm256_sqrt_ps(a);
}

RDL_INLINE rf r_round(rf a)
{
    return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

RDL_INLINE rf r_abs(rf a)
{
    return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a);
}

/* The instructions give their second operand where the operands are equal or one is a NaN. */
RDL_INLINE rf r_min(rf a, rf b)
{
    return _mm256_min_ps(b, a);
}

RDL_INLINE rf r_max(rf a, rf b)
{
    return _mm256_max_ps(b, a);
}

RDL_INLINE rm r_lt(rf a, rf b)
{
    return _mm256_cmp_ps(a, b, _CMP_LT_OQ);
}

RDL_INLINE rm r_le(rf a, rf b)
{
    return _mm256_cmp_ps(a, b, _CMP_LE_OQ);
}

RDL_INLINE rm r_eq(rf a, rf b)
{
    return _mm256_cmp_ps(a, b, _CMP_EQ_OQ);
}

RDL_INLINE rf r_select(rm mask, rf a, rf b)
{
    return _mm256_blendv_ps(b, a, mask);
}

/* ------------------------------------------------------------------------------------------------
 * Integers
 */

RDL_INLINE ri r_iadd(ri a, ri b)
{
    return _mm256_add_epi32(a, b);
}

RDL_INLINE ri r_isub(ri a, ri b)
{
    return _mm256_sub_epi32(a, b);
}

RDL_INLINE ri r_imul(ri a, ri b)
{
    return _mm256_mullo_epi32(a, b);
}

RDL_INLINE ri r_and(ri a, ri b)
{
    return _mm256_and_si256(a, b);
}

RDL_INLINE ri r_or(ri a, ri b)
{
    return _mm256_or_si256(a, b);
}

RDL_INLINE ri r_xor(ri a, ri b)
{
    return _mm256_xor_si256(a, b);
}

RDL_INLINE ri r_shl(ri a, int count)
{
    return _mm256_slli_epi32(a, count);
}

RDL_INLINE ri r_shr(ri a, int count)
{
    return _mm256_srli_epi32(a, count);
}

RDL_INLINE ri r_shlv(ri a, ri counts)
{
    return _mm256_sllv_epi32(a, counts);
}

RDL_INLINE ri r_shrv(ri a, ri counts)
{
    return _mm256_srlv_epi32(a, counts);
}

RDL_INLINE ri r_imin(ri a, ri b)
{
    return _mm256_min_epi32(a, b);
}

RDL_INLINE ri r_imax(ri a, ri b)
{
    return _mm256_max_epi32(a, b);
}

RDL_INLINE rm r_ilt(ri a, ri b)
{
    return _mm256_castsi256_ps(_mm256_cmpgt_epi32(b, a));
}

RDL_INLINE rm r_ieq(ri a, ri b)
{
    return _mm256_castsi256_ps(_mm256_cmpeq_epi32(a, b));
}

RDL_INLINE ri r_iselect(rm mask, ri a, ri b)
{
    return _mm256_blendv_epi8(b, a, _mm256_castps_si256(mask));
}

RDL_INLINE ri r_icount(ri a, rm mask)
{
    return _mm256_sub_epi32(a, _mm256_castps_si256(mask));
}

/* ------------------------------------------------------------------------------------------------
 * Masks
 */

RDL_INLINE rm r_mand(rm a, rm b)
{
    return _mm256_and_ps(a, b);
}

RDL_INLINE rm r_mor(rm a, rm b)
{
    return _mm256_or_ps(a, b);
}

RDL_INLINE rm r_mandnot(rm a, rm b)
{
    return _mm256_andnot_ps(b, a);
}

RDL_INLINE int r_any(rm a)
{
    return _mm256_movemask_ps(a) != 0;
}

/* ------------------------------------------------------------------------------------------------
 * Conversion
 */

RDL_INLINE ri r_bits(rf a)
{
    return _mm256_castps_si256(a);
}

RDL_INLINE rf r_float_of_bits(ri a)
{
    return _mm256_castsi256_ps(a);
}

RDL_INLINE rf r_to_float(ri a)
{
    return _mm256_cvtepi32_ps(a);
}

RDL_INLINE ri r_truncate(rf a)
{
    return _mm256_cvttps_epi32(a);
}

RDL_INLINE ri r_to_f16(rf a)
{
    return _mm256_cvtepu16_epi32(_mm256_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}

RDL_INLINE rf r_from_f16(ri a)
{
    const __m128i low = _mm256_castsi256_si128(a), high = _mm256_extracti128_si256(a, 1);
    return _mm256_cvtph_ps(_mm_packus_epi32(low, high));
}

/* ------------------------------------------------------------------------------------------------
 * Tables
 */

/* The permutation looks at three bits; the fourth, moved to the sign, chooses the half. */
RDL_INLINE rf r_table16(const float *table, ri index)
{
    const __m256 low = _mm256_permutevar8x32_ps(_mm256_loadu_ps(table), index);
    const __m256 high = _mm256_permutevar8x32_ps(_mm256_loadu_ps(table + 8), index);
    return _mm256_blendv_ps(low, high, _mm256_castsi256_ps(_mm256_slli_epi32(index, 28)));
}

RDL_INLINE rf r_table8(const float *table, ri index)
{
    return _mm256_permutevar8x32_ps(_mm256_loadu_ps(table), index);
}

RDL_INLINE rf r_table4(const float *table, ri index)
{
    return _mm256_permutevar_ps(_mm256_broadcast_ps((const __m128 *)(const void *)table), index);
}

RDL_INLINE rf r_table16_quarter(const float *table, int quarter, ri index)
{
    return r_table4(table + 4 * quarter, index);
}

/* A shuffle gives the pairs in the order a, b, a, b. */
RDL_INLINE __m256 avx2_middle_swapped(__m256 pairs)
{
    return _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(pairs), 0xD8));
}

RDL_INLINE rf r_evens(rf a, rf b)
{
    return avx2_middle_swapped(_mm256_shuffle_ps(a, b, 0x88));
}

RDL_INLINE rf r_odds(rf a, rf b)
{
    return avx2_middle_swapped(_mm256_shuffle_ps(a, b, 0xDD));
}

/* ------------------------------------------------------------------------------------------------
 * Transposition: pairs, quadruples, then the 128-bit halves
 */

RDL_INLINE void r_transpose(const float *from, size_t from_stride, float *to, size_t to_stride)
{
    __m256 a[8], b[8];
    for (size_t i = 0; i < 8; i++)
        a[i] = _mm256_loadu_ps(from + i * from_stride);
    for (size_t i = 0; i < 8; i += 2) {
        b[i] = _mm256_unpacklo_ps(a[i], a[i + 1]);
        b[i + 1] = _mm256_unpackhi_ps(a[i], a[i + 1]);
    }
    /* a[4 k + c] holds column 4 p + c of rows 4 k .. 4 k + 3 in its half p. */
    for (size_t i = 0; i < 8; i += 4)
        for (size_t h = 0; h < 2; h++) {
            const __m256d low = _mm256_castps_pd(b[i + h]), high = _mm256_castps_pd(b[i + h + 2]);
            a[i + 2 * h] = _mm256_castpd_ps(_mm256_unpacklo_pd(low, high));
            a[i + 2 * h + 1] = _mm256_castpd_ps(_mm256_unpackhi_pd(low, high));
        }
    for (size_t c = 0; c < 4; c++) {
        _mm256_storeu_ps(to + c * to_stride, _mm256_permute2f128_ps(a[c], a[4 + c], 0x20));
        _mm256_storeu_ps(to + (4 + c) * to_stride, _mm256_permute2f128_ps(a[c], a[4 + c], 0x31));
    }
}

#endif
