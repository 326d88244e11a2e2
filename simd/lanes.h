/*
 * Lanes: what the lane-generic bodies are written in. One lane is one block, or sub-block, and runs
 * the sequential algorithm of ref/; lanes never mix, so that each gets the bits it would get alone.
 *
 * A vocabulary header (avx512.h, avx2.h, neon.h, wide.h) defines RDL_WIDTH lanes of 32 bits in a
 * register: rf (floats), ri (integers), rm (masks), and the operations r_*. This header puts
 * RDL_REGISTERS registers together: vf, vi, vm and the same operations v_*, so that the latencies
 * of a body's instructions overlap though it is written for one vector. A source defines
 * RDL_REGISTERS as 1, 2, 3 or 4 before it includes this header, or takes the usual number of the
 * target. RDL_LANES is the number of lanes.
 *
 *   set, iset                the same value in all lanes
 *   load, store, iload, istore   consecutive 32-bit lanes of memory, any alignment
 *   r_load_bytes             four bytes to a lane, any alignment (registers only)
 *   r_load_32_bytes          the same from no more than 32 bytes, which repeat if there is room
 *   r_stream, r_end_stream   the reverse, past the caches if the target can: p is a multiple of
 *                            4 W; the other orders these stores before later ones (registers only)
 *   load_u8, load_i8, load_u16   integers from consecutive bytes or halves; no byte more is read
 *   store_u8, store_u16      the low bytes or halves of integers; no byte more is written
 *   gather, igather          table[index]
 *   add sub mul div sqrt     IEEE, rounded once; there is no fused operation here
 *   round                    to the nearest integer, ties to even, as float
 *   abs                      clears the sign
 *   min, max                 b < a ? b : a and a < b ? b : a: a where equal or unordered
 *   lt le eq                 masks; false where a NaN is compared
 *   select, iselect          mask ? a : b
 *   iadd isub imul           wrap around
 *   and or xor shl shr       bits; shr shifts zeros in
 *   shlv shrv                the same by 0 .. 31, each lane by its own count
 *   imin imax ilt ieq        signed
 *   icount                   a + 1 where the mask is set
 *   mand mor mandnot any     masks: a & b, a | b, a & ~b; any lane set
 *   bits, float_of_bits      the same 32 bits
 *   to_float, truncate       conversion; truncate for |x| < 2^31 only
 *   to_f16, from_f16         binary16 in an integer whose high half is 0, ties to even; exact
 *                            back. The payload of a NaN is not specified
 *   table16, table8, table4  table[index mod 16], 8, 4 of floats in memory
 *   table16_quarter          table[4 * quarter + index mod 4] of 16 floats, quarter = 0 .. 3
 *   evens, odds              every other lane of a followed by b, from the first or the second on
 *   r_transpose              RDL_WIDTH x RDL_WIDTH floats: to[column][row] = from[row][column],
 *                            strides in floats (registers only)
 *
 * tests/test_vocabulary.c tests each of them.
 */
#ifndef RDL_SIMD_LANES_H
#define RDL_SIMD_LANES_H

#include "simd.h"

#ifndef RDL_REGISTERS
#define RDL_REGISTERS RDL_USUAL_REGISTERS
#endif

enum {
    RDL_LANES = RDL_WIDTH * RDL_REGISTERS
};

#if RDL_REGISTERS == 1
#define RDL_MEMBERS             r0
#define RDL_MAP0(f, x)          f(x)
#define RDL_MAP_AT(f, p)        f(p)
#define RDL_MAP1(f, a)          f((a).r0)
#define RDL_MAP2(f, a, b)       f((a).r0, (b).r0)
#define RDL_MAP3(f, m, a, b)    f((m).r0, (a).r0, (b).r0)
#define RDL_MAP_IN(f, x, a)     f(x, (a).r0)
#define RDL_MAP_IN2(f, x, y, a) f(x, y, (a).r0)
#define RDL_MAP_WITH(f, a, x)   f((a).r0, x)
#define RDL_MAP_TO(f, p, a)     f(p, (a).r0)
#define RDL_MAP_JOINED(f, a, b) f((a).r0, (b).r0)
#define RDL_ANY(a)              r_any((a).r0)
#elif RDL_REGISTERS == 2
#define RDL_MEMBERS             r0, r1
#define RDL_MAP0(f, x)          f(x), f(x)
#define RDL_MAP_AT(f, p)        f(p), f((p) + RDL_WIDTH)
#define RDL_MAP1(f, a)          f((a).r0), f((a).r1)
#define RDL_MAP2(f, a, b)       f((a).r0, (b).r0), f((a).r1, (b).r1)
#define RDL_MAP3(f, m, a, b)    f((m).r0, (a).r0, (b).r0), f((m).r1, (a).r1, (b).r1)
#define RDL_MAP_IN(f, x, a)     f(x, (a).r0), f(x, (a).r1)
#define RDL_MAP_IN2(f, x, y, a) f(x, y, (a).r0), f(x, y, (a).r1)
#define RDL_MAP_WITH(f, a, x)   f((a).r0, x), f((a).r1, x)
#define RDL_MAP_TO(f, p, a)     f(p, (a).r0), f((p) + RDL_WIDTH, (a).r1)
#define RDL_MAP_JOINED(f, a, b) f((a).r0, (a).r1), f((b).r0, (b).r1)
#define RDL_ANY(a)              r_any((a).r0) || r_any((a).r1)
#elif RDL_REGISTERS == 3
#define RDL_MEMBERS       r0, r1, r2
#define RDL_MAP0(f, x)    f(x), f(x), f(x)
#define RDL_MAP_AT(f, p)  f(p), f((p) + RDL_WIDTH), f((p) + 2 * RDL_WIDTH)
#define RDL_MAP1(f, a)    f((a).r0), f((a).r1), f((a).r2)
#define RDL_MAP2(f, a, b) f((a).r0, (b).r0), f((a).r1, (b).r1), f((a).r2, (b).r2)
#define RDL_MAP3(f, m, a, b)                                                                       \
    f((m).r0, (a).r0, (b).r0), f((m).r1, (a).r1, (b).r1), f((m).r2, (a).r2, (b).r2)
#define RDL_MAP_IN(f, x, a)     f(x, (a).r0), f(x, (a).r1), f(x, (a).r2)
#define RDL_MAP_IN2(f, x, y, a) f(x, y, (a).r0), f(x, y, (a).r1), f(x, y, (a).r2)
#define RDL_MAP_WITH(f, a, x)   f((a).r0, x), f((a).r1, x), f((a).r2, x)
#define RDL_MAP_TO(f, p, a)     f(p, (a).r0), f((p) + RDL_WIDTH, (a).r1), f((p) + 2 * RDL_WIDTH, (a).r2)
#define RDL_MAP_JOINED(f, a, b) f((a).r0, (a).r1), f((a).r2, (b).r0), f((b).r1, (b).r2)
#define RDL_ANY(a)              r_any((a).r0) || r_any((a).r1) || r_any((a).r2)
#elif RDL_REGISTERS == 4
#define RDL_MEMBERS       r0, r1, r2, r3
#define RDL_MAP0(f, x)    f(x), f(x), f(x), f(x)
#define RDL_MAP_AT(f, p)  f(p), f((p) + RDL_WIDTH), f((p) + 2 * RDL_WIDTH), f((p) + 3 * RDL_WIDTH)
#define RDL_MAP1(f, a)    f((a).r0), f((a).r1), f((a).r2), f((a).r3)
#define RDL_MAP2(f, a, b) f((a).r0, (b).r0), f((a).r1, (b).r1), f((a).r2, (b).r2), f((a).r3, (b).r3)
#define RDL_MAP3(f, m, a, b)                                                                       \
    f((m).r0, (a).r0, (b).r0), f((m).r1, (a).r1, (b).r1), f((m).r2, (a).r2, (b).r2),               \
        f((m).r3, (a).r3, (b).r3)
#define RDL_MAP_IN(f, x, a)     f(x, (a).r0), f(x, (a).r1), f(x, (a).r2), f(x, (a).r3)
#define RDL_MAP_IN2(f, x, y, a) f(x, y, (a).r0), f(x, y, (a).r1), f(x, y, (a).r2), f(x, y, (a).r3)
#define RDL_MAP_WITH(f, a, x)   f((a).r0, x), f((a).r1, x), f((a).r2, x), f((a).r3, x)
#define RDL_MAP_TO(f, p, a)                                                                        \
    f(p, (a).r0), f((p) + RDL_WIDTH, (a).r1), f((p) + 2 * RDL_WIDTH, (a).r2),                      \
        f((p) + 3 * RDL_WIDTH, (a).r3)
#define RDL_MAP_JOINED(f, a, b)                                                                    \
    f((a).r0, (a).r1), f((a).r2, (a).r3), f((b).r0, (b).r1), f((b).r2, (b).r3)
#define RDL_ANY(a) r_any((a).r0) || r_any((a).r1) || r_any((a).r2) || r_any((a).r3)
#else
#error "RDL_REGISTERS is 1, 2, 3 or 4"
#endif

typedef struct {
    rf RDL_MEMBERS;
} vf;
typedef struct {
    ri RDL_MEMBERS;
} vi;
typedef struct {
    rm RDL_MEMBERS;
} vm;

/* Defines an operation of groups by that of their registers. */
#define RDL_LANES_OP(result, declaration, value)                                                   \
    RDL_INLINE result declaration                                                                  \
    {                                                                                              \
        return (result){value};                                                                    \
    }
#define RDL_LANES_STORE(declaration, value)                                                        \
    RDL_INLINE void declaration                                                                    \
    {                                                                                              \
        value;                                                                                     \
    }

RDL_LANES_OP(vf, v_set(float x), RDL_MAP0(r_set, x))
RDL_LANES_OP(vi, v_iset(int32_t x), RDL_MAP0(r_iset, x))
RDL_LANES_OP(vf, v_load(const float *p), RDL_MAP_AT(r_load, p))
RDL_LANES_OP(vi, v_iload(const int32_t *p), RDL_MAP_AT(r_iload, p))
RDL_LANES_OP(vi, v_load_u8(const uint8_t *p), RDL_MAP_AT(r_load_u8, p))
RDL_LANES_OP(vi, v_load_i8(const uint8_t *p), RDL_MAP_AT(r_load_i8, p))
RDL_LANES_OP(vi, v_load_u16(const uint16_t *p), RDL_MAP_AT(r_load_u16, p))
RDL_LANES_STORE(v_store(float *p, vf a), RDL_MAP_TO(r_store, p, a))
RDL_LANES_STORE(v_istore(int32_t *p, vi a), RDL_MAP_TO(r_istore, p, a))
RDL_LANES_STORE(v_store_u8(uint8_t *p, vi a), RDL_MAP_TO(r_store_u8, p, a))
RDL_LANES_STORE(v_store_u16(uint16_t *p, vi a), RDL_MAP_TO(r_store_u16, p, a))
RDL_LANES_OP(vf, v_gather(const float *table, vi index), RDL_MAP_IN(r_gather, table, index))
RDL_LANES_OP(vi, v_igather(const int32_t *table, vi index), RDL_MAP_IN(r_igather, table, index))
RDL_LANES_OP(vf, v_table16(const float *table, vi index), RDL_MAP_IN(r_table16, table, index))
RDL_LANES_OP(vf, v_table8(const float *table, vi index), RDL_MAP_IN(r_table8, table, index))
RDL_LANES_OP(vf, v_table4(const float *table, vi index), RDL_MAP_IN(r_table4, table, index))

RDL_LANES_OP(vf, v_table16_quarter(const float *table, int quarter, vi index),
             RDL_MAP_IN2(r_table16_quarter, table, quarter, index))
RDL_LANES_OP(vf, v_evens(vf a, vf b), RDL_MAP_JOINED(r_evens, a, b))
RDL_LANES_OP(vf, v_odds(vf a, vf b), RDL_MAP_JOINED(r_odds, a, b))

RDL_LANES_OP(vf, v_add(vf a, vf b), RDL_MAP2(r_add, a, b))
RDL_LANES_OP(vf, v_sub(vf a, vf b), RDL_MAP2(r_sub, a, b))
RDL_LANES_OP(vf, v_mul(vf a, vf b), RDL_MAP2(r_mul, a, b))
RDL_LANES_OP(vf, v_div(vf a, vf b), RDL_MAP2(r_div, a, b))
RDL_LANES_OP(vf, v_min(vf a, vf b), RDL_MAP2(r_min, a, b))
RDL_LANES_OP(vf, v_max(vf a, vf b), RDL_MAP2(r_max, a, b))
RDL_LANES_OP(vf, v_sqrt(vf a), RDL_MAP1(r_sqrt, a))
RDL_LANES_OP(vf, v_round(vf a), RDL_MAP1(r_round, a))
RDL_LANES_OP(vf, v_abs(vf a), RDL_MAP1(r_abs, a))
RDL_LANES_OP(vm, v_lt(vf a, vf b), RDL_MAP2(r_lt, a, b))
RDL_LANES_OP(vm, v_le(vf a, vf b), RDL_MAP2(r_le, a, b))
RDL_LANES_OP(vm, v_eq(vf a, vf b), RDL_MAP2(r_eq, a, b))
RDL_LANES_OP(vf, v_select(vm mask, vf a, vf b), RDL_MAP3(r_select, mask, a, b))

RDL_LANES_OP(vi, v_iadd(vi a, vi b), RDL_MAP2(r_iadd, a, b))
RDL_LANES_OP(vi, v_isub(vi a, vi b), RDL_MAP2(r_isub, a, b))
RDL_LANES_OP(vi, v_imul(vi a, vi b), RDL_MAP2(r_imul, a, b))
RDL_LANES_OP(vi, v_and(vi a, vi b), RDL_MAP2(r_and, a, b))
RDL_LANES_OP(vi, v_or(vi a, vi b), RDL_MAP2(r_or, a, b))
RDL_LANES_OP(vi, v_xor(vi a, vi b), RDL_MAP2(r_xor, a, b))
RDL_LANES_OP(vi, v_imin(vi a, vi b), RDL_MAP2(r_imin, a, b))
RDL_LANES_OP(vi, v_imax(vi a, vi b), RDL_MAP2(r_imax, a, b))
RDL_LANES_OP(vi, v_shl(vi a, int count), RDL_MAP_WITH(r_shl, a, count))
RDL_LANES_OP(vi, v_shr(vi a, int count), RDL_MAP_WITH(r_shr, a, count))
RDL_LANES_OP(vi, v_shlv(vi a, vi counts), RDL_MAP2(r_shlv, a, counts))
RDL_LANES_OP(vi, v_shrv(vi a, vi counts), RDL_MAP2(r_shrv, a, counts))
RDL_LANES_OP(vm, v_ilt(vi a, vi b), RDL_MAP2(r_ilt, a, b))
RDL_LANES_OP(vm, v_ieq(vi a, vi b), RDL_MAP2(r_ieq, a, b))
RDL_LANES_OP(vi, v_iselect(vm mask, vi a, vi b), RDL_MAP3(r_iselect, mask, a, b))
RDL_LANES_OP(vi, v_icount(vi a, vm mask), RDL_MAP2(r_icount, a, mask))

RDL_LANES_OP(vm, v_mand(vm a, vm b), RDL_MAP2(r_mand, a, b))
RDL_LANES_OP(vm, v_mor(vm a, vm b), RDL_MAP2(r_mor, a, b))
RDL_LANES_OP(vm, v_mandnot(vm a, vm b), RDL_MAP2(r_mandnot, a, b))

RDL_INLINE int v_any(vm a)
{
    return RDL_ANY(a);
}

RDL_LANES_OP(vi, v_bits(vf a), RDL_MAP1(r_bits, a))
RDL_LANES_OP(vf, v_float_of_bits(vi a), RDL_MAP1(r_float_of_bits, a))
RDL_LANES_OP(vf, v_to_float(vi a), RDL_MAP1(r_to_float, a))
RDL_LANES_OP(vi, v_truncate(vf a), RDL_MAP1(r_truncate, a))
RDL_LANES_OP(vi, v_to_f16(vf a), RDL_MAP1(r_to_f16, a))
RDL_LANES_OP(vf, v_from_f16(vi a), RDL_MAP1(r_from_f16, a))

/* ------------------------------------------------------------------------------------------------
 * What bodies build on these
 */

/* NI of the specification, bit for bit, also where it wraps around: see rdl_nearest_int(). */
RDL_INLINE ri r_nearest_int(rf a)
{
    const ri bits = r_bits(r_add(a, r_set(12582912.0f)));
    return r_isub(r_and(bits, r_iset(0x007FFFFF)), r_iset(0x00400000));
}

RDL_INLINE ri r_clamp(ri a, int low, int high)
{
    return r_imin(r_imax(a, r_iset(low)), r_iset(high));
}

RDL_LANES_OP(vi, v_nearest_int(vf a), RDL_MAP1(r_nearest_int, a))

RDL_INLINE vi v_clamp(vi a, int low, int high)
{
    return v_imin(v_imax(a, v_iset(low)), v_iset(high));
}

#endif
