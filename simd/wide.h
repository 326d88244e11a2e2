/*
 * The SIMD vocabulary in plain C, the "wide twin": 4 lanes in arrays. It runs the bodies in tests
 * on any machine, and says precisely what each operation of lanes.h does.
 */
#ifndef RDL_SIMD_WIDE_H
#define RDL_SIMD_WIDE_H

#include "binary16.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define RDL_TARGET_NAME(name) name##_wide
#define RDL_INLINE            static inline

#define RDL_WIDTH 4

#define RDL_USUAL_REGISTERS 4

typedef struct {
    float lane[RDL_WIDTH];
} rf;

typedef struct {
    int32_t lane[RDL_WIDTH];
} ri;

typedef struct {
    int lane[RDL_WIDTH];
} rm;

/* Defines an operation by its value in lane k. */
#define WIDE(type, declaration, value)                                                             \
    RDL_INLINE type declaration                                                                    \
    {                                                                                              \
        type result;                                                                               \
        for (int k = 0; k < RDL_WIDTH; k++)                                                        \
            result.lane[k] = value;                                                                \
        return result;                                                                             \
    }

/* ------------------------------------------------------------------------------------------------
 * Memory
 */

WIDE(rf, r_set(float x), x)
WIDE(rf, r_load(const float *p), p[k])
WIDE(ri, r_iset(int32_t x), x)
WIDE(ri, r_iload(const int32_t *p), p[k])
WIDE(ri, r_load_u8(const uint8_t *p), p[k])
WIDE(ri, r_load_i8(const uint8_t *p), (int8_t)p[k])
WIDE(ri, r_load_u16(const uint16_t *p), p[k])
WIDE(rf, r_gather(const float *table, ri index), table[index.lane[k]])
WIDE(ri, r_igather(const int32_t *table, ri index), table[index.lane[k]])

RDL_INLINE ri r_load_bytes(const uint8_t *p)
{
    ri result;
    memcpy(result.lane, p, sizeof result.lane);
    return result;
}

RDL_INLINE ri r_load_32_bytes(const uint8_t *p)
{
    return r_load_bytes(p);
}

RDL_INLINE void r_stream(uint8_t *p, ri x)
{
    memcpy(p, x.lane, sizeof x.lane);
}

RDL_INLINE void r_end_stream(void)
{
}

RDL_INLINE void r_store(float *p, rf x)
{
    memcpy(p, x.lane, sizeof x.lane);
}

RDL_INLINE void r_istore(int32_t *p, ri x)
{
    memcpy(p, x.lane, sizeof x.lane);
}

RDL_INLINE void r_store_u8(uint8_t *p, ri x)
{
    for (int k = 0; k < RDL_WIDTH; k++)
        p[k] = (uint8_t)x.lane[k];
}

RDL_INLINE void r_store_u16(uint16_t *p, ri x)
{
    for (int k = 0; k < RDL_WIDTH; k++)
        p[k] = (uint16_t)x.lane[k];
}

/* ------------------------------------------------------------------------------------------------
 * Floats
 */

/* Nearest integer, ties to even, keeping the sign of zero: beyond 2^23 every float is one. */
static inline float wide_round(float x)
{
    const float magic = copysignf(0x1p23f, x);
    return fabsf(x) < 0x1p23f ? copysignf((x + magic) - magic, x) : x;
}

WIDE(rf, r_add(rf a, rf b), a.lane[k] + b.lane[k])
WIDE(rf, r_sub(rf a, rf b), a.lane[k] - b.lane[k])
WIDE(rf, r_mul(rf a, rf b), a.lane[k] * b.lane[k])
WIDE(rf, r_div(rf a, rf b), a.lane[k] / b.lane[k])
WIDE(rf, r_sqrt(rf a), sqrtf(a.lane[k]))
WIDE(rf, r_round(rf a), wide_round(a.lane[k]))
WIDE(rf, r_abs(rf a), fabsf(a.lane[k]))
WIDE(rf, r_min(rf a, rf b), b.lane[k] < a.lane[k] ? b.lane[k] : a.lane[k])
WIDE(rf, r_max(rf a, rf b), a.lane[k] < b.lane[k] ? b.lane[k] : a.lane[k])
WIDE(rm, r_lt(rf a, rf b), a.lane[k] < b.lane[k])
WIDE(rm, r_le(rf a, rf b), a.lane[k] <= b.lane[k])
WIDE(rm, r_eq(rf a, rf b), a.lane[k] == b.lane[k])
WIDE(rf, r_select(rm mask, rf a, rf b), mask.lane[k] ? a.lane[k] : b.lane[k])

/* ------------------------------------------------------------------------------------------------
 * Integers: they wrap around
 */

WIDE(ri, r_iadd(ri a, ri b), (int32_t)((uint32_t)a.lane[k] + (uint32_t)b.lane[k]))
WIDE(ri, r_isub(ri a, ri b), (int32_t)((uint32_t)a.lane[k] - (uint32_t)b.lane[k]))
WIDE(ri, r_imul(ri a, ri b), (int32_t)((uint32_t)a.lane[k] * (uint32_t)b.lane[k]))
WIDE(ri, r_and(ri a, ri b), a.lane[k] & b.lane[k])
WIDE(ri, r_or(ri a, ri b), a.lane[k] | b.lane[k])
WIDE(ri, r_xor(ri a, ri b), a.lane[k] ^ b.lane[k])
WIDE(ri, r_shl(ri a, int count), (int32_t)((uint32_t)a.lane[k] << count))
WIDE(ri, r_shr(ri a, int count), (int32_t)((uint32_t)a.lane[k] >> count))
WIDE(ri, r_shlv(ri a, ri counts), (int32_t)((uint32_t)a.lane[k] << counts.lane[k]))
WIDE(ri, r_shrv(ri a, ri counts), (int32_t)((uint32_t)a.lane[k] >> counts.lane[k]))
WIDE(ri, r_imin(ri a, ri b), a.lane[k] < b.lane[k] ? a.lane[k] : b.lane[k])
WIDE(ri, r_imax(ri a, ri b), a.lane[k] > b.lane[k] ? a.lane[k] : b.lane[k])
WIDE(rm, r_ilt(ri a, ri b), a.lane[k] < b.lane[k])
WIDE(rm, r_ieq(ri a, ri b), a.lane[k] == b.lane[k])
WIDE(ri, r_iselect(rm mask, ri a, ri b), mask.lane[k] ? a.lane[k] : b.lane[k])
WIDE(ri, r_icount(ri a, rm mask), (int32_t)((uint32_t)a.lane[k] + (mask.lane[k] ? 1u : 0u)))

/* ------------------------------------------------------------------------------------------------
 * Masks
 */

WIDE(rm, r_mand(rm a, rm b), a.lane[k] && b.lane[k])
WIDE(rm, r_mor(rm a, rm b), a.lane[k] || b.lane[k])
WIDE(rm, r_mandnot(rm a, rm b), a.lane[k] && !b.lane[k])

RDL_INLINE int r_any(rm a)
{
    int any = 0;
    for (int k = 0; k < RDL_WIDTH; k++)
        any |= a.lane[k];
    return any;
}

/* ------------------------------------------------------------------------------------------------
 * Conversion
 */

WIDE(ri, r_bits(rf a), (int32_t)rdl_float_bits(a.lane[k]))
WIDE(rf, r_float_of_bits(ri a), rdl_bits_float((uint32_t)a.lane[k]))
WIDE(rf, r_to_float(ri a), (float)a.lane[k])
WIDE(ri, r_truncate(rf a), (int32_t)a.lane[k])
WIDE(ri, r_to_f16(rf a), rdl_f32_to_f16(a.lane[k]))
WIDE(rf, r_from_f16(ri a), rdl_f16_to_f32((uint16_t)a.lane[k]))

/* ------------------------------------------------------------------------------------------------
 * Tables
 */

WIDE(rf, r_table16(const float *table, ri index), table[index.lane[k] & 15])
WIDE(rf, r_table8(const float *table, ri index), table[index.lane[k] & 7])
WIDE(rf, r_table4(const float *table, ri index), table[index.lane[k] & 3])

WIDE(rf, r_table16_quarter(const float *table, int quarter, ri index),
     table[4 * quarter + (index.lane[k] & 3)])

/* Lane k of two registers one after the other. */
static inline float wide_lane_of_two(rf a, rf b, int k)
{
    return k < RDL_WIDTH ? a.lane[k] : b.lane[k - RDL_WIDTH];
}

WIDE(rf, r_evens(rf a, rf b), wide_lane_of_two(a, b, 2 * k))
WIDE(rf, r_odds(rf a, rf b), wide_lane_of_two(a, b, 2 * k + 1))

#undef WIDE

RDL_INLINE void r_transpose(const float *from, size_t from_stride, float *to, size_t to_stride)
{
    for (size_t row = 0; row < RDL_WIDTH; row++)
        for (size_t column = 0; column < RDL_WIDTH; column++)
            to[column * to_stride + row] = from[row * from_stride + column];
}

#endif
