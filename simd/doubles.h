/*
 * Eights of binary64: what sums and decisions of the exact searches are written in. Lanes are
 * weights, or points, of one block; every target has eight of them, in one register or in several.
 * So a sum of many terms has one order everywhere: term i goes to lane i mod 8, and d_sum() adds
 * the lanes as ref/block/exact_eights.h does.
 *
 *   set, load, store         the same value in all lanes; consecutive binary64 of memory
 *   load_floats, store_floats   the same from and to binary32, rounded once
 *   store_codes              integers 0 .. 255 as bytes
 *   add sub mul div sqrt     IEEE, rounded once; there is no fused operation here
 *   min, max                 b < a ? b : a and a < b ? b : a: a where equal or unordered
 *   trunc                    towards 0
 *   lt le                    masks; false where a NaN is compared
 *   select                   mask ? a : b
 *   both                     masks: a & b
 *   bits                     of a mask: bit k for lane k
 *   sum, largest             of all lanes
 */
#ifndef RDL_SIMD_DOUBLES_H
#define RDL_SIMD_DOUBLES_H

#include "simd.h"

#if defined(RDL_SIMD_AVX512)

typedef __m512d rd;
typedef __mmask8 rdm;
#define RD_COUNT           8
#define RD(name)           _mm512_##name##_pd
#define RD_LOAD_FLOATS     _mm256_loadu_ps
#define RD_STORE_FLOATS    _mm256_storeu_ps
#define RD_WIDEN           _mm512_cvtps_pd
#define RD_NARROW          _mm512_cvtpd_ps
#define RD_TRUNC(a)        _mm512_roundscale_pd(a, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC)
#define RD_LT(a, b)        _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ)
#define RD_LE(a, b)        _mm512_cmp_pd_mask(a, b, _CMP_LE_OQ)
#define RD_SELECT(m, a, b) _mm512_mask_blend_pd(m, b, a)
#define RD_BOTH(a, b)      ((rdm)((a) & (b)))

#elif defined(RDL_SIMD_AVX2)

typedef __m256d rd;
typedef __m256d rdm;
#define RD_COUNT           4
#define RD(name)           _mm256_##name##_pd
#define RD_LOAD_FLOATS     _mm_loadu_ps
#define RD_STORE_FLOATS    _mm_storeu_ps
#define RD_WIDEN           _mm256_cvtps_pd
#define RD_NARROW          _mm256_cvtpd_ps
#define RD_TRUNC(a)        _mm256_round_pd(a, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC)
#define RD_LT(a, b)        _mm256_cmp_pd(a, b, _CMP_LT_OQ)
#define RD_LE(a, b)        _mm256_cmp_pd(a, b, _CMP_LE_OQ)
#define RD_SELECT(m, a, b) _mm256_blendv_pd(b, a, m)
#define RD_BOTH(a, b)      _mm256_and_pd(a, b)

#elif defined(RDL_SIMD_NEON)

typedef float64x2_t rd;
typedef uint64x2_t rdm;
#define RD_COUNT           2
#define RD_LOAD_FLOATS     vld1_f32
#define RD_STORE_FLOATS    vst1_f32
#define RD_WIDEN           vcvt_f64_f32
#define RD_NARROW          vcvt_f32_f64
#define RD_TRUNC(a)        vrndq_f64(a)
#define RD_LT(a, b)        vcltq_f64(a, b)
#define RD_LE(a, b)        vcleq_f64(a, b)
#define RD_SELECT(m, a, b) vbslq_f64(m, a, b)
#define RD_BOTH(a, b)      vandq_u64(a, b)

#else

#include <math.h>

typedef struct {
    double lane[8];
} rd;
typedef struct {
    unsigned lane[8];
} rdm;
#define RD_COUNT 8

#endif

/* ------------------------------------------------------------------------------------------------
 * A register
 */

#if defined(RDL_SIMD_AVX512) || defined(RDL_SIMD_AVX2)

RDL_INLINE rd rd_set(double x)
{
    return RD(set1)(x);
}

RDL_INLINE rd rd_load(const double *p)
{
    return RD(loadu)(p);
}

RDL_INLINE void rd_store(double *p, rd a)
{
    RD(storeu)(p, a);
}

RDL_INLINE rd rd_add(rd a, rd b)
{
    return RD(add)(a, b);
}

RDL_INLINE rd rd_sub(rd a, rd b)
{
    return RD(sub)(a, b);
}

RDL_INLINE rd rd_mul(rd a, rd b)
{
    return RD(mul)(a, b);
}

RDL_INLINE rd rd_div(rd a, rd b)
{
    return RD(div)(a, b);
}

RDL_INLINE rd rd_sqrt(rd a)
{
    return RD(sqrt)(a);
}

/* The instructions give their second operand where the operands are equal or one is a NaN. */
RDL_INLINE rd rd_min(rd a, rd b)
{
    return RD(min)(b, a);
}

RDL_INLINE rd rd_max(rd a, rd b)
{
    return RD(max)(b, a);
}

#elif defined(RDL_SIMD_NEON)

RDL_INLINE rd rd_set(double x)
{
    return vdupq_n_f64(x);
}

RDL_INLINE rd rd_load(const double *p)
{
    return vld1q_f64(p);
}

RDL_INLINE void rd_store(double *p, rd a)
{
    vst1q_f64(p, a);
}

RDL_INLINE rd rd_add(rd a, rd b)
{
    return vaddq_f64(a, b);
}

RDL_INLINE rd rd_sub(rd a, rd b)
{
    return vsubq_f64(a, b);
}

RDL_INLINE rd rd_mul(rd a, rd b)
{
    return vmulq_f64(a, b);
}

RDL_INLINE rd rd_div(rd a, rd b)
{
    return vdivq_f64(a, b);
}

RDL_INLINE rd rd_sqrt(rd a)
{
    return vsqrtq_f64(a);
}

RDL_INLINE rd rd_min(rd a, rd b)
{
    return vbslq_f64(vcltq_f64(b, a), b, a);
}

RDL_INLINE rd rd_max(rd a, rd b)
{
    return vbslq_f64(vcltq_f64(a, b), b, a);
}

#else

/* Defines an operation by its value in lane k. */
#define RD_WIDE(type, declaration, value)                                                          \
    RDL_INLINE type declaration                                                                    \
    {                                                                                              \
        type result;                                                                               \
        for (int k = 0; k < 8; k++)                                                                \
            result.lane[k] = value;                                                                \
        return result;                                                                             \
    }

RD_WIDE(rd, rd_set(double x), x)
RD_WIDE(rd, rd_load(const double *p), p[k])
RD_WIDE(rd, rd_load_floats(const float *p), (double)p[k])
RD_WIDE(rd, rd_add(rd a, rd b), a.lane[k] + b.lane[k])
RD_WIDE(rd, rd_sub(rd a, rd b), a.lane[k] - b.lane[k])
RD_WIDE(rd, rd_mul(rd a, rd b), a.lane[k] * b.lane[k])
RD_WIDE(rd, rd_div(rd a, rd b), a.lane[k] / b.lane[k])
RD_WIDE(rd, rd_sqrt(rd a), sqrt(a.lane[k]))
RD_WIDE(rd, rd_min(rd a, rd b), b.lane[k] < a.lane[k] ? b.lane[k] : a.lane[k])
RD_WIDE(rd, rd_max(rd a, rd b), a.lane[k] < b.lane[k] ? b.lane[k] : a.lane[k])
RD_WIDE(rd, rd_trunc(rd a), trunc(a.lane[k]))
RD_WIDE(rdm, rd_lt(rd a, rd b), a.lane[k] < b.lane[k])
RD_WIDE(rdm, rd_le(rd a, rd b), a.lane[k] <= b.lane[k])
RD_WIDE(rd, rd_select(rdm m, rd a, rd b), m.lane[k] ? a.lane[k] : b.lane[k])
RD_WIDE(rdm, rd_both(rdm a, rdm b), a.lane[k] & b.lane[k])

RDL_INLINE void rd_store(double *p, rd a)
{
    for (int k = 0; k < 8; k++)
        p[k] = a.lane[k];
}

RDL_INLINE void rd_store_floats(float *p, rd a)
{
    for (int k = 0; k < 8; k++)
        p[k] = (float)a.lane[k];
}

#endif

#if !defined(RDL_SIMD_WIDE)

RDL_INLINE rd rd_load_floats(const float *p)
{
    return RD_WIDEN(RD_LOAD_FLOATS(p));
}

RDL_INLINE void rd_store_floats(float *p, rd a)
{
    RD_STORE_FLOATS(p, RD_NARROW(a));
}

RDL_INLINE rd rd_trunc(rd a)
{
    return RD_TRUNC(a);
}

RDL_INLINE rdm rd_lt(rd a, rd b)
{
    return RD_LT(a, b);
}

RDL_INLINE rdm rd_le(rd a, rd b)
{
    return RD_LE(a, b);
}

RDL_INLINE rd rd_select(rdm m, rd a, rd b)
{
    return RD_SELECT(m, a, b);
}

RDL_INLINE rdm rd_both(rdm a, rdm b)
{
    return RD_BOTH(a, b);
}

#endif

/* ------------------------------------------------------------------------------------------------
 * Eights
 */

#if RD_COUNT == 8
#define D_MEMBERS       r0
#define D_SET(f, x)     f(x)
#define D_AT(f, p)      f(p)
#define D_1(f, a)       f((a).r0)
#define D_2(f, a, b)    f((a).r0, (b).r0)
#define D_3(f, m, a, b) f((m).r0, (a).r0, (b).r0)
#define D_TO(f, p, a)   f(p, (a).r0)
#elif RD_COUNT == 4
#define D_MEMBERS       r0, r1
#define D_SET(f, x)     f(x), f(x)
#define D_AT(f, p)      f(p), f((p) + 4)
#define D_1(f, a)       f((a).r0), f((a).r1)
#define D_2(f, a, b)    f((a).r0, (b).r0), f((a).r1, (b).r1)
#define D_3(f, m, a, b) f((m).r0, (a).r0, (b).r0), f((m).r1, (a).r1, (b).r1)
#define D_TO(f, p, a)   f(p, (a).r0), f((p) + 4, (a).r1)
#else
#define D_MEMBERS    r0, r1, r2, r3
#define D_SET(f, x)  f(x), f(x), f(x), f(x)
#define D_AT(f, p)   f(p), f((p) + 2), f((p) + 4), f((p) + 6)
#define D_1(f, a)    f((a).r0), f((a).r1), f((a).r2), f((a).r3)
#define D_2(f, a, b) f((a).r0, (b).r0), f((a).r1, (b).r1), f((a).r2, (b).r2), f((a).r3, (b).r3)
#define D_3(f, m, a, b)                                                                            \
    f((m).r0, (a).r0, (b).r0), f((m).r1, (a).r1, (b).r1), f((m).r2, (a).r2, (b).r2),               \
        f((m).r3, (a).r3, (b).r3)
#define D_TO(f, p, a) f(p, (a).r0), f((p) + 2, (a).r1), f((p) + 4, (a).r2), f((p) + 6, (a).r3)
#endif

typedef struct {
    rd D_MEMBERS;
} vd;
typedef struct {
    rdm D_MEMBERS;
} vdm;

#define D_OP(result, declaration, value)                                                           \
    RDL_INLINE result declaration                                                                  \
    {                                                                                              \
        return (result){value};                                                                    \
    }
#define D_STORE(declaration, value)                                                                \
    RDL_INLINE void declaration                                                                    \
    {                                                                                              \
        value;                                                                                     \
    }

D_OP(vd, d_set(double x), D_SET(rd_set, x))
D_OP(vd, d_load(const double *p), D_AT(rd_load, p))
D_OP(vd, d_load_floats(const float *p), D_AT(rd_load_floats, p))
D_STORE(d_store(double *p, vd a), D_TO(rd_store, p, a))
D_STORE(d_store_floats(float *p, vd a), D_TO(rd_store_floats, p, a))
D_OP(vd, d_add(vd a, vd b), D_2(rd_add, a, b))
D_OP(vd, d_sub(vd a, vd b), D_2(rd_sub, a, b))
D_OP(vd, d_mul(vd a, vd b), D_2(rd_mul, a, b))
D_OP(vd, d_div(vd a, vd b), D_2(rd_div, a, b))
D_OP(vd, d_sqrt(vd a), D_1(rd_sqrt, a))
D_OP(vd, d_min(vd a, vd b), D_2(rd_min, a, b))
D_OP(vd, d_max(vd a, vd b), D_2(rd_max, a, b))
D_OP(vd, d_trunc(vd a), D_1(rd_trunc, a))
D_OP(vdm, d_lt(vd a, vd b), D_2(rd_lt, a, b))
D_OP(vdm, d_le(vd a, vd b), D_2(rd_le, a, b))
D_OP(vd, d_select(vdm m, vd a, vd b), D_3(rd_select, m, a, b))
D_OP(vdm, d_both(vdm a, vdm b), D_2(rd_both, a, b))

/* ------------------------------------------------------------------------------------------------
 * Across lanes
 */

#if defined(RDL_SIMD_AVX512) || defined(RDL_SIMD_AVX2)

#if defined(RDL_SIMD_AVX512)
#define D_HALVES(f, a) f(_mm512_castpd512_pd256((a).r0), _mm512_extractf64x4_pd((a).r0, 1))
#else
#define D_HALVES(f, a) f((a).r0, (a).r1)
#endif

RDL_INLINE double d_sum(vd a)
{
    const __m256d four = D_HALVES(_mm256_add_pd, a);
    const __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
    return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

RDL_INLINE double d_largest(vd a)
{
    const __m256d four = D_HALVES(_mm256_max_pd, a);
    const __m128d two = _mm_max_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
    return _mm_cvtsd_f64(_mm_max_sd(two, _mm_unpackhi_pd(two, two)));
}

RDL_INLINE unsigned d_bits(vdm m)
{
#if defined(RDL_SIMD_AVX512)
    return m.r0;
#else
    return (unsigned)_mm256_movemask_pd(m.r0) | (unsigned)_mm256_movemask_pd(m.r1) << 4;
#endif
}

RDL_INLINE void d_store_codes(uint8_t *p, vd a)
{
#if defined(RDL_SIMD_AVX512)
    const __m128i bytes = _mm256_cvtepi32_epi8(_mm512_cvttpd_epi32(a.r0));
#else
    const __m128i halves = _mm_packs_epi32(_mm256_cvttpd_epi32(a.r0), _mm256_cvttpd_epi32(a.r1));
    const __m128i bytes = _mm_packus_epi16(halves, halves);
#endif
    _mm_storel_epi64((__m128i *)(void *)p, bytes);
}

#else

RDL_INLINE double d_sum(vd a)
{
    double s[8];
    d_store(s, a);
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

RDL_INLINE double d_largest(vd a)
{
    double s[8];
    d_store(s, a);
    for (int k = 1; k < 8; k++)
        s[0] = s[0] < s[k] ? s[k] : s[0];
    return s[0];
}

RDL_INLINE unsigned d_bits(vdm m)
{
    unsigned bits = 0;
#if defined(RDL_SIMD_NEON)
    const uint64x2_t parts[4] = {m.r0, m.r1, m.r2, m.r3};
    for (int k = 0; k < 4; k++) {
        bits |= (unsigned)(vgetq_lane_u64(parts[k], 0) & 1u) << (2 * k);
        bits |= (unsigned)(vgetq_lane_u64(parts[k], 1) & 1u) << (2 * k + 1);
    }
#else
    for (int k = 0; k < 8; k++)
        bits |= m.r0.lane[k] << k;
#endif
    return bits;
}

RDL_INLINE void d_store_codes(uint8_t *p, vd a)
{
    double s[8];
    d_store(s, a);
    for (int k = 0; k < 8; k++)
        p[k] = (uint8_t)s[k];
}

#endif

#endif
