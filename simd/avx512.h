/*
 * The SIMD vocabulary in AVX-512 (F, BW, DQ, VL, VBMI): 16 lanes of 32 bits. What each operation
 * means is said in lanes.h.
 */
#ifndef RDL_SIMD_AVX512_H
#define RDL_SIMD_AVX512_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#define RDL_TARGET_NAME(name) name##_avx512
#define RDL_INLINE            static inline __attribute__((always_inline))

#define RDL_WIDTH 16

/* Groups of four registers hide the latency of the searches; there are 32. */
#define RDL_USUAL_REGISTERS 4

typedef __m512 rf;
typedef __m512i ri;
typedef __mmask16 rm;

/* ------------------------------------------------------------------------------------------------
 * Memory
 */

RDL_INLINE rf r_set(float x)
{
    return _mm512_set1_ps(x);
}

RDL_INLINE rf r_load(const float *p)
{
    return _mm512_loadu_ps(p);
}

RDL_INLINE void r_store(float *p, rf x)
{
    _mm512_storeu_ps(p, x);
}

RDL_INLINE ri r_iset(int32_t x)
{
    return _mm512_set1_epi32(x);
}

RDL_INLINE ri r_iload(const int32_t *p)
{
    return _mm512_loadu_si512(p);
}

RDL_INLINE void r_istore(int32_t *p, ri x)
{
    _mm512_storeu_si512(p, x);
}

RDL_INLINE ri r_load_bytes(const uint8_t *p)
{
    return _mm512_loadu_si512(p);
}

RDL_INLINE ri r_load_32_bytes(const uint8_t *p)
{
    return _mm512_broadcast_i64x4(_mm256_loadu_si256((const __m256i *)(const void *)p));
}

RDL_INLINE void r_stream(uint8_t *p, ri x)
{
    _mm512_stream_si512((void *)p, x);
}

RDL_INLINE void r_end_stream(void)
{
    _mm_sfence();
}

RDL_INLINE ri r_load_u8(const uint8_t *p)
{
    return _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(const void *)p));
}

RDL_INLINE ri r_load_i8(const uint8_t *p)
{
    return _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)(const void *)p));
}

RDL_INLINE ri r_load_u16(const uint16_t *p)
{
    return _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(const void *)p));
}

RDL_INLINE void r_store_u8(uint8_t *p, ri x)
{
    _mm_storeu_si128((__m128i *)(void *)p, _mm512_cvtepi32_epi8(x));
}

RDL_INLINE void r_store_u16(uint16_t *p, ri x)
{
    _mm256_storeu_si256((__m256i *)(void *)p, _mm512_cvtepi32_epi16(x));
}

RDL_INLINE rf r_gather(const float *table, ri index)
{
    return _mm512_i32gather_ps(index, table, 4);
}

RDL_INLINE ri r_igather(const int32_t *table, ri index)
{
    return _mm512_i32gather_epi32(index, table, 4);
}

/* ------------------------------------------------------------------------------------------------
 * Floats
 */

RDL_INLINE rf r_add(rf a, rf b)
{
    return _mm512_add_ps(a, b);
}

RDL_INLINE rf r_sub(rf a, rf b)
{
    return _mm512_sub_ps(a, b);
}

RDL_INLINE rf r_mul(rf a, rf b)
{
    return _mm512_mul_ps(a, b);
}

RDL_INLINE rf r_div(rf a, rf b)
{
    return _mm512_div_ps(a, b);
}

RDL_INLINE rf r_sqrt(rf a)
{
    return _mm512_sqrt_ps(a);
}

RDL_INLINE rf r_round(rf a)
{
    return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

RDL_INLINE rf r_abs(rf a)
{
    return _mm512_abs_ps(a);
}

/* The instructions give their second operand where the operands are equal or one is a NaN. */
RDL_INLINE rf r_min(rf a, rf b)
{
    return _mm512_min_ps(b, a);
}

RDL_INLINE rf r_max(rf a, rf b)
{
    return _mm512_max_ps(b, a);
}

RDL_INLINE rm r_lt(rf a, rf b)
{
    return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ);
}

RDL_INLINE rm r_le(rf a, rf b)
{
    return _mm512_cmp_ps_mask(a, b, _CMP_LE_OQ);
}

RDL_INLINE rm r_eq(rf a, rf b)
{
    return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ);
}

RDL_INLINE rf r_select(rm mask, rf a, rf b)
{
    return _mm512_mask_blend_ps(mask, b, a);
}

/* ------------------------------------------------------------------------------------------------
 * Integers
 */

RDL_INLINE ri r_iadd(ri a, ri b)
{
    return _mm512_add_epi32(a, b);
}

RDL_INLINE ri r_isub(ri a, ri b)
{
    return _mm512_sub_epi32(a, b);
}

RDL_INLINE ri r_imul(ri a, ri b)
{
    return _mm512_mullo_epi32(a, b);
}

RDL_INLINE ri r_and(ri a, ri b)
{
    return _mm512_and_si512(a, b);
}

RDL_INLINE ri r_or(ri a, ri b)
{
    return _mm512_or_si512(a, b);
}

RDL_INLINE ri r_xor(ri a, ri b)
{
    return _mm512_xor_si512(a, b);
}

RDL_INLINE ri r_shl(ri a, int count)
{
    return _mm512_slli_epi32(a, (unsigned)count);
}

RDL_INLINE ri r_shr(ri a, int count)
{
    return _mm512_srli_epi32(a, (unsigned)count);
}

RDL_INLINE ri r_shlv(ri a, ri counts)
{
    return _mm512_sllv_epi32(a, counts);
}

RDL_INLINE ri r_shrv(ri a, ri counts)
{
    return _mm512_srlv_epi32(a, counts);
}

RDL_INLINE ri r_imin(ri a, ri b)
{
    return _mm512_min_epi32(a, b);
}

RDL_INLINE ri r_imax(ri a, ri b)
{
    return _mm512_max_epi32(a, b);
}

RDL_INLINE rm r_ilt(ri a, ri b)
{
    return _mm512_cmplt_epi32_mask(a, b);
}

RDL_INLINE rm r_ieq(ri a, ri b)
{
    return _mm512_cmpeq_epi32_mask(a, b);
}

RDL_INLINE ri r_iselect(rm mask, ri a, ri b)
{
    return _mm512_mask_blend_epi32(mask, b, a);
}

RDL_INLINE ri r_icount(ri a, rm mask)
{
    return _mm512_mask_add_epi32(a, mask, a, _mm512_set1_epi32(1));
}

/* ------------------------------------------------------------------------------------------------
 * Masks
 */

RDL_INLINE rm r_mand(rm a, rm b)
{
    return (rm)(a & b);
}

RDL_INLINE rm r_mor(rm a, rm b)
{
    return (rm)(a | b);
}

RDL_INLINE rm r_mandnot(rm a, rm b)
{
    return (rm)(a & ~b);
}

RDL_INLINE int r_any(rm a)
{
    return a != 0;
}

/* ------------------------------------------------------------------------------------------------
 * Conversion
 */

RDL_INLINE ri r_bits(rf a)
{
    return _mm512_castps_si512(a);
}

RDL_INLINE rf r_float_of_bits(ri a)
{
    return _mm512_castsi512_ps(a);
}

RDL_INLINE rf r_to_float(ri a)
{
    return _mm512_cvtepi32_ps(a);
}

RDL_INLINE ri r_truncate(rf a)
{
    return _mm512_cvttps_epi32(a);
}

RDL_INLINE ri r_to_f16(rf a)
{
    return _mm512_cvtepu16_epi32(_mm512_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}

RDL_INLINE rf r_from_f16(ri a)
{
    return _mm512_cvtph_ps(_mm512_cvtepi32_epi16(a));
}

/* ------------------------------------------------------------------------------------------------
 * Tables
 */

RDL_INLINE rf r_table16(const float *table, ri index)
{
    return _mm512_permutexvar_ps(index, _mm512_loadu_ps(table));
}

RDL_INLINE rf r_table8(const float *table, ri index)
{
    return _mm512_permutexvar_ps(index, _mm512_broadcast_f32x8(_mm256_loadu_ps(table)));
}

RDL_INLINE rf r_table4(const float *table, ri index)
{
    return _mm512_permutevar_ps(_mm512_broadcast_f32x4(_mm_loadu_ps(table)), index);
}

/* Leaves the table in its register, where table4 would load each quarter again: 8 % of the encoder
 * of IQ2_XXS. */
RDL_INLINE rf r_table16_quarter(const float *table, int quarter, ri index)
{
    /* 0xEA: index & 3 | 4 * quarter */
    const __m512i place = _mm512_ternarylogic_epi32(index, _mm512_set1_epi32(3),
                                                    _mm512_set1_epi32(4 * quarter), 0xEA);
    return _mm512_permutexvar_ps(place, _mm512_loadu_ps(table));
}

RDL_INLINE rf r_evens(rf a, rf b)
{
    const __m512i places =
        _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    return _mm512_permutex2var_ps(a, places, b);
}

RDL_INLINE rf r_odds(rf a, rf b)
{
    const __m512i places =
        _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
    return _mm512_permutex2var_ps(a, places, b);
}

/* ------------------------------------------------------------------------------------------------
 * Transposition: pairs, quadruples, then the four 128-bit parts of a register twice
 */

RDL_INLINE void r_transpose(const float *from, size_t from_stride, float *to, size_t to_stride)
{
    __m512 a[16], b[16];
    for (size_t i = 0; i < 16; i++)
        a[i] = _mm512_loadu_ps(from + i * from_stride);
    for (size_t i = 0; i < 16; i += 2) {
        b[i] = _mm512_unpacklo_ps(a[i], a[i + 1]);
        b[i + 1] = _mm512_unpackhi_ps(a[i], a[i + 1]);
    }
    /* a[4 k + c] holds column 4 p + c of rows 4 k .. 4 k + 3 in its part p. */
    for (size_t i = 0; i < 16; i += 4)
        for (size_t h = 0; h < 2; h++) {
            const __m512d low = _mm512_castps_pd(b[i + h]), high = _mm512_castps_pd(b[i + h + 2]);
            a[i + 2 * h] = _mm512_castpd_ps(_mm512_unpacklo_pd(low, high));
            a[i + 2 * h + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(low, high));
        }
    for (size_t c = 0; c < 4; c++) {
        const __m512 low01 = _mm512_shuffle_f32x4(a[c], a[4 + c], 0x88);
        const __m512 low23 = _mm512_shuffle_f32x4(a[8 + c], a[12 + c], 0x88);
        const __m512 high01 = _mm512_shuffle_f32x4(a[c], a[4 + c], 0xDD);
        const __m512 high23 = _mm512_shuffle_f32x4(a[8 + c], a[12 + c], 0xDD);
        _mm512_storeu_ps(to + c * to_stride, _mm512_shuffle_f32x4(low01, low23, 0x88));
        _mm512_storeu_ps(to + (8 + c) * to_stride, _mm512_shuffle_f32x4(low01, low23, 0xDD));
        _mm512_storeu_ps(to + (4 + c) * to_stride, _mm512_shuffle_f32x4(high01, high23, 0x88));
        _mm512_storeu_ps(to + (12 + c) * to_stride, _mm512_shuffle_f32x4(high01, high23, 0xDD));
    }
}

#endif
