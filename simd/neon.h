/*
 * The SIMD vocabulary in NEON (AArch64): 4 lanes of 32 bits. What each operation means is said in
 * lanes.h.
 */
#ifndef RDL_SIMD_NEON_H
#define RDL_SIMD_NEON_H

#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define RDL_TARGET_NAME(name) name##_neon
#define RDL_INLINE            static inline __attribute__((always_inline))

#define RDL_WIDTH 4

#define RDL_USUAL_REGISTERS 4

typedef float32x4_t rf;
typedef int32x4_t ri;
typedef uint32x4_t rm; /* all bits of a lane, or none */

/* ------------------------------------------------------------------------------------------------
 * Memory
 */

RDL_INLINE rf r_set(float x)
{
    return vdupq_n_f32(x);
}

RDL_INLINE rf r_load(const float *p)
{
    return vld1q_f32(p);
}

RDL_INLINE void r_store(float *p, rf x)
{
    vst1q_f32(p, x);
}

RDL_INLINE ri r_iset(int32_t x)
{
    return vdupq_n_s32(x);
}

RDL_INLINE ri r_iload(const int32_t *p)
{
    return vld1q_s32(p);
}

RDL_INLINE void r_istore(int32_t *p, ri x)
{
    vst1q_s32(p, x);
}

RDL_INLINE ri r_load_bytes(const uint8_t *p)
{
    return vreinterpretq_s32_u8(vld1q_u8(p));
}

RDL_INLINE ri r_load_32_bytes(const uint8_t *p)
{
    return r_load_bytes(p);
}

RDL_INLINE void r_stream(uint8_t *p, ri x)
{
    vst1q_u8(p, vreinterpretq_u8_s32(x)); /* there is no intrinsic for STNP */
}

RDL_INLINE void r_end_stream(void)
{
}

/* Four bytes of any alignment, in the low half of a register. */
RDL_INLINE uint8x8_t neon_load_bytes(const uint8_t *p)
{
    uint32_t word;
    memcpy(&word, p, sizeof word);
    return vcreate_u8(word);
}

RDL_INLINE ri r_load_u8(const uint8_t *p)
{
    return vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(vmovl_u8(neon_load_bytes(p)))));
}

RDL_INLINE ri r_load_i8(const uint8_t *p)
{
    return vmovl_s16(vget_low_s16(vmovl_s8(vreinterpret_s8_u8(neon_load_bytes(p)))));
}

RDL_INLINE ri r_load_u16(const uint16_t *p)
{
    return vreinterpretq_s32_u32(vmovl_u16(vld1_u16(p)));
}

RDL_INLINE void r_store_u8(uint8_t *p, ri x)
{
    const uint16x4_t halves = vmovn_u32(vreinterpretq_u32_s32(x));
    const uint8x8_t bytes = vmovn_u16(vcombine_u16(halves, halves));
    const uint32_t word = vget_lane_u32(vreinterpret_u32_u8(bytes), 0);
    memcpy(p, &word, sizeof word);
}

RDL_INLINE void r_store_u16(uint16_t *p, ri x)
{
    vst1_u16(p, vmovn_u32(vreinterpretq_u32_s32(x)));
}

/* NEON has no gathers. */
RDL_INLINE rf r_gather(const float *table, ri index)
{
    const float values[4] = {table[vgetq_lane_s32(index, 0)], table[vgetq_lane_s32(index, 1)],
                             table[vgetq_lane_s32(index, 2)], table[vgetq_lane_s32(index, 3)]};
    return vld1q_f32(values);
}

RDL_INLINE ri r_igather(const int32_t *table, ri index)
{
    const int32_t values[4] = {table[vgetq_lane_s32(index, 0)], table[vgetq_lane_s32(index, 1)],
                               table[vgetq_lane_s32(index, 2)], table[vgetq_lane_s32(index, 3)]};
    return vld1q_s32(values);
}

/* ------------------------------------------------------------------------------------------------
 * Floats
 */

RDL_INLINE rf r_add(rf a, rf b)
{
    return vaddq_f32(a, b);
}

RDL_INLINE rf r_sub(rf a, rf b)
{
    return vsubq_f32(a, b);
}

RDL_INLINE rf r_mul(rf a, rf b)
{
    return vmulq_f32(a, b);
}

RDL_INLINE rf r_div(rf a, rf b)
{
    return vdivq_f32(a, b);
}

RDL_INLINE rf r_sqrt(rf a)
{
    return vsqrtq_f32(a);
}

RDL_INLINE rf r_round(rf a)
{
    return vrndnq_f32(a);
}

RDL_INLINE rf r_abs(rf a)
{
    return vabsq_f32(a);
}

RDL_INLINE rm r_lt(rf a, rf b)
{
    return vcltq_f32(a, b);
}

RDL_INLINE rm r_le(rf a, rf b)
{
    return vcleq_f32(a, b);
}

RDL_INLINE rm r_eq(rf a, rf b)
{
    return vceqq_f32(a, b);
}

RDL_INLINE rf r_select(rm mask, rf a, rf b)
{
    return vbslq_f32(mask, a, b);
}

/* The instructions for minimum and maximum treat NaN and zeros in another way. */
RDL_INLINE rf r_min(rf a, rf b)
{
    return vbslq_f32(vcltq_f32(b, a), b, a);
}

RDL_INLINE rf r_max(rf a, rf b)
{
    return vbslq_f32(vcltq_f32(a, b), b, a);
}

/* ------------------------------------------------------------------------------------------------
 * Integers
 */

RDL_INLINE ri r_iadd(ri a, ri b)
{
    return vaddq_s32(a, b);
}

RDL_INLINE ri r_isub(ri a, ri b)
{
    return vsubq_s32(a, b);
}

RDL_INLINE ri r_imul(ri a, ri b)
{
    return vmulq_s32(a, b);
}

RDL_INLINE ri r_and(ri a, ri b)
{
    return vandq_s32(a, b);
}

RDL_INLINE ri r_or(ri a, ri b)
{
    return vorrq_s32(a, b);
}

RDL_INLINE ri r_xor(ri a, ri b)
{
    return veorq_s32(a, b);
}

RDL_INLINE ri r_shl(ri a, int count)
{
    return vshlq_s32(a, vdupq_n_s32(count));
}

RDL_INLINE ri r_shr(ri a, int count)
{
    return vreinterpretq_s32_u32(vshlq_u32(vreinterpretq_u32_s32(a), vdupq_n_s32(-count)));
}

RDL_INLINE ri r_shlv(ri a, ri counts)
{
    return vshlq_s32(a, counts);
}

RDL_INLINE ri r_shrv(ri a, ri counts)
{
    return vreinterpretq_s32_u32(vshlq_u32(vreinterpretq_u32_s32(a), vnegq_s32(counts)));
}

RDL_INLINE ri r_imin(ri a, ri b)
{
    return vminq_s32(a, b);
}

RDL_INLINE ri r_imax(ri a, ri b)
{
    return vmaxq_s32(a, b);
}

RDL_INLINE rm r_ilt(ri a, ri b)
{
    return vcltq_s32(a, b);
}

RDL_INLINE rm r_ieq(ri a, ri b)
{
    return vceqq_s32(a, b);
}

RDL_INLINE ri r_iselect(rm mask, ri a, ri b)
{
    return vbslq_s32(mask, a, b);
}

RDL_INLINE ri r_icount(ri a, rm mask)
{
    return vsubq_s32(a, vreinterpretq_s32_u32(mask));
}

/* ------------------------------------------------------------------------------------------------
 * Masks
 */

RDL_INLINE rm r_mand(rm a, rm b)
{
    return vandq_u32(a, b);
}

RDL_INLINE rm r_mor(rm a, rm b)
{
    return vorrq_u32(a, b);
}

RDL_INLINE rm r_mandnot(rm a, rm b)
{
    return vbicq_u32(a, b);
}

RDL_INLINE int r_any(rm a)
{
    return vmaxvq_u32(a) != 0;
}

/* ------------------------------------------------------------------------------------------------
 * Conversion
 */

RDL_INLINE ri r_bits(rf a)
{
    return vreinterpretq_s32_f32(a);
}

RDL_INLINE rf r_float_of_bits(ri a)
{
    return vreinterpretq_f32_s32(a);
}

RDL_INLINE rf r_to_float(ri a)
{
    return vcvtq_f32_s32(a);
}

RDL_INLINE ri r_truncate(rf a)
{
    return vcvtq_s32_f32(a);
}

RDL_INLINE ri r_to_f16(rf a)
{
    return vreinterpretq_s32_u32(vmovl_u16(vreinterpret_u16_f16(vcvt_f16_f32(a))));
}

RDL_INLINE rf r_from_f16(ri a)
{
    return vcvt_f32_f16(vreinterpret_f16_u16(vmovn_u32(vreinterpretq_u32_s32(a))));
}

/* ------------------------------------------------------------------------------------------------
 * Tables: looked up byte by byte
 */

/* The places of the four bytes of each entry, entries counted modulo `mask` + 1. */
RDL_INLINE uint8x16_t neon_byte_places(ri index, int32_t mask)
{
    const int32x4_t entry = vandq_s32(index, vdupq_n_s32(mask));
    return vreinterpretq_u8_s32(vaddq_s32(vmulq_n_s32(entry, 0x04040404), vdupq_n_s32(0x03020100)));
}

RDL_INLINE uint8x16_t neon_bytes(const float *p)
{
    return vreinterpretq_u8_f32(vld1q_f32(p));
}

RDL_INLINE rf r_table16(const float *table, ri index)
{
    const uint8x16x4_t bytes = {
        {neon_bytes(table), neon_bytes(table + 4), neon_bytes(table + 8), neon_bytes(table + 12)}};
    return vreinterpretq_f32_u8(vqtbl4q_u8(bytes, neon_byte_places(index, 15)));
}

RDL_INLINE rf r_table8(const float *table, ri index)
{
    const uint8x16x2_t bytes = {{neon_bytes(table), neon_bytes(table + 4)}};
    return vreinterpretq_f32_u8(vqtbl2q_u8(bytes, neon_byte_places(index, 7)));
}

RDL_INLINE rf r_table4(const float *table, ri index)
{
    return vreinterpretq_f32_u8(vqtbl1q_u8(neon_bytes(table), neon_byte_places(index, 3)));
}

RDL_INLINE rf r_table16_quarter(const float *table, int quarter, ri index)
{
    return r_table4(table + 4 * quarter, index);
}

RDL_INLINE rf r_evens(rf a, rf b)
{
    return vuzp1q_f32(a, b);
}

RDL_INLINE rf r_odds(rf a, rf b)
{
    return vuzp2q_f32(a, b);
}

/* ------------------------------------------------------------------------------------------------
 * Transposition: pairs, then quadruples
 */

RDL_INLINE void r_transpose(const float *from, size_t from_stride, float *to, size_t to_stride)
{
    const float32x4_t a = vld1q_f32(from), b = vld1q_f32(from + from_stride);
    const float32x4_t c = vld1q_f32(from + 2 * from_stride);
    const float32x4_t d = vld1q_f32(from + 3 * from_stride);
    const float64x2_t ab02 = vreinterpretq_f64_f32(vtrn1q_f32(a, b));
    const float64x2_t ab13 = vreinterpretq_f64_f32(vtrn2q_f32(a, b));
    const float64x2_t cd02 = vreinterpretq_f64_f32(vtrn1q_f32(c, d));
    const float64x2_t cd13 = vreinterpretq_f64_f32(vtrn2q_f32(c, d));
    vst1q_f32(to, vreinterpretq_f32_f64(vtrn1q_f64(ab02, cd02)));
    vst1q_f32(to + to_stride, vreinterpretq_f32_f64(vtrn1q_f64(ab13, cd13)));
    vst1q_f32(to + 2 * to_stride, vreinterpretq_f32_f64(vtrn2q_f64(ab02, cd02)));
    vst1q_f32(to + 3 * to_stride, vreinterpretq_f32_f64(vtrn2q_f64(ab13, cd13)));
}

#endif
