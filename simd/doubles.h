/*
 * Groups of 8 doubles, for sums over the weights of one block: vd, and masks of them, dm. The
 * operations are IEEE, rounded once, as those of lanes.h.
 *
 *   set, load, store     8 consecutive doubles, any alignment
 *   from_codes, to_codes 8 consecutive bytes; to_codes for integers 0 .. 255
 *   load_floats, to_floats   8 consecutive floats, exact and rounded
 *   add sub mul div sqrt abs
 *   min, max             b < a ? b : a and a < b ? b : a
 *   truncate             towards 0, for 0 <= a < 2^31
 *   lt, le               masks, false where a NaN is compared
 *   where                a where the mask is set, 0 elsewhere
 *   select               a where the mask is set, b elsewhere
 *   dm_and, dm_or, bits  of masks; bit j of the result is that of double j
 *   sum                  doubles j and j + 4, then j and j + 2, then 0 and 1
 *   largest              of doubles that are not -0 or NaN
 *
 * tests/test_exact_ops.c compares what is built on them with plain C, on every target.
 */
#ifndef RDL_SIMD_DOUBLES_H
#define RDL_SIMD_DOUBLES_H

#include "simd.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum {
    RDL_DOUBLES = 8
};

#if defined(RDL_SIMD_AVX512)

typedef __m512d vd;
typedef __mmask8 dm;

#define D_OP(declaration, value)                                                                   \
    RDL_INLINE declaration                                                                         \
    {                                                                                              \
        return value;                                                                              \
    }

D_OP(vd d_set(double x), _mm512_set1_pd(x))
D_OP(vd d_load(const double *p), _mm512_loadu_pd(p))
D_OP(vd d_from_codes(const uint8_t *p),
     _mm512_cvtepi32_pd(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)p))))
D_OP(vd d_load_floats(const float *p), _mm512_cvtps_pd(_mm256_loadu_ps(p)))
D_OP(vd d_div(vd a, vd b), _mm512_div_pd(a, b))
D_OP(vd d_sqrt(vd a), _mm512_sqrt_pd(a))
D_OP(dm d_le(vd a, vd b), _mm512_cmp_pd_mask(a, b, _CMP_LE_OQ))
D_OP(vd d_select(dm mask, vd a, vd b), _mm512_mask_blend_pd(mask, b, a))
D_OP(vd d_add(vd a, vd b), _mm512_add_pd(a, b))
D_OP(vd d_sub(vd a, vd b), _mm512_sub_pd(a, b))
D_OP(vd d_mul(vd a, vd b), _mm512_mul_pd(a, b))
D_OP(vd d_abs(vd a), _mm512_abs_pd(a))
D_OP(vd d_min(vd a, vd b), _mm512_min_pd(b, a))
D_OP(vd d_max(vd a, vd b), _mm512_max_pd(b, a))
D_OP(vd d_truncate(vd a), _mm512_roundscale_pd(a, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC))
D_OP(dm d_lt(vd a, vd b), _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ))
D_OP(vd d_where(dm mask, vd a), _mm512_maskz_mov_pd(mask, a))
D_OP(dm dm_and(dm a, dm b), (dm)(a &b))
D_OP(dm dm_or(dm a, dm b), (dm)(a | b))
D_OP(unsigned dm_bits(dm a), a)

RDL_INLINE void d_store(double *p, vd a)
{
    _mm512_storeu_pd(p, a);
}

RDL_INLINE void d_to_codes(uint8_t *p, vd a)
{
    _mm_storel_epi64((__m128i *)(void *)p, _mm256_cvtepi32_epi8(_mm512_cvttpd_epi32(a)));
}

RDL_INLINE void d_to_floats(float *p, vd a)
{
    _mm256_storeu_ps(p, _mm512_cvtpd_ps(a));
}

RDL_INLINE double d_largest(vd a)
{
    return _mm512_reduce_max_pd(a);
}

RDL_INLINE double d_sum(vd a)
{
    const __m256d four = _mm256_add_pd(_mm512_castpd512_pd256(a), _mm512_extractf64x4_pd(a, 1));
    const __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
    return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

#elif defined(RDL_SIMD_AVX2)

typedef struct {
    __m256d low, high;
} vd;
typedef vd dm; /* all bits of a double, or none */

#define D_OP(declaration, low_value, high_value)                                                   \
    RDL_INLINE vd declaration                                                                      \
    {                                                                                              \
        return (vd){low_value, high_value};                                                        \
    }
#define D_OP1(declaration, f)          D_OP(declaration, f(a.low), f(a.high))
#define D_OP2(declaration, f)          D_OP(declaration, f(a.low, b.low), f(a.high, b.high))
#define D_OP2_REVERSED(declaration, f) D_OP(declaration, f(b.low, a.low), f(b.high, a.high))
#define D_ABS(x)                       _mm256_andnot_pd(_mm256_set1_pd(-0.0), x)
#define D_TRUNCATE(x)                  _mm256_round_pd(x, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC)
#define D_LT(x, y)                     _mm256_cmp_pd(x, y, _CMP_LT_OQ)
#define D_LE(x, y)                     _mm256_cmp_pd(x, y, _CMP_LE_OQ)

D_OP(d_set(double x), _mm256_set1_pd(x), _mm256_set1_pd(x))
D_OP(d_load(const double *p), _mm256_loadu_pd(p), _mm256_loadu_pd(p + 4))
D_OP(d_load_floats(const float *p), _mm256_cvtps_pd(_mm_loadu_ps(p)),
     _mm256_cvtps_pd(_mm_loadu_ps(p + 4)))
D_OP2(d_div(vd a, vd b), _mm256_div_pd)
D_OP1(d_sqrt(vd a), _mm256_sqrt_pd)
D_OP2(d_le(vd a, vd b), D_LE)
D_OP(d_select(dm mask, vd a, vd b), _mm256_blendv_pd(b.low, a.low, mask.low),
     _mm256_blendv_pd(b.high, a.high, mask.high))
D_OP2(d_add(vd a, vd b), _mm256_add_pd)
D_OP2(d_sub(vd a, vd b), _mm256_sub_pd)
D_OP2(d_mul(vd a, vd b), _mm256_mul_pd)
D_OP1(d_abs(vd a), D_ABS)
D_OP2_REVERSED(d_min(vd a, vd b), _mm256_min_pd)
D_OP2_REVERSED(d_max(vd a, vd b), _mm256_max_pd)
D_OP1(d_truncate(vd a), D_TRUNCATE)
D_OP2(d_lt(vd a, vd b), D_LT)
D_OP2(d_where(dm a, vd b), _mm256_and_pd)
D_OP2(dm_and(dm a, dm b), _mm256_and_pd)
D_OP2(dm_or(dm a, dm b), _mm256_or_pd)

RDL_INLINE unsigned dm_bits(dm a)
{
    return (unsigned)_mm256_movemask_pd(a.low) | (unsigned)_mm256_movemask_pd(a.high) << 4;
}

RDL_INLINE vd d_from_codes(const uint8_t *p)
{
    const __m256i codes = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)p));
    return (vd){_mm256_cvtepi32_pd(_mm256_castsi256_si128(codes)),
                _mm256_cvtepi32_pd(_mm256_extracti128_si256(codes, 1))};
}

RDL_INLINE void d_store(double *p, vd a)
{
    _mm256_storeu_pd(p, a.low);
    _mm256_storeu_pd(p + 4, a.high);
}

RDL_INLINE void d_to_codes(uint8_t *p, vd a)
{
    const __m128i halves = _mm_packs_epi32(_mm256_cvttpd_epi32(a.low), _mm256_cvttpd_epi32(a.high));
    _mm_storel_epi64((__m128i *)(void *)p, _mm_packus_epi16(halves, halves));
}

RDL_INLINE void d_to_floats(float *p, vd a)
{
    _mm_storeu_ps(p, _mm256_cvtpd_ps(a.low));
    _mm_storeu_ps(p + 4, _mm256_cvtpd_ps(a.high));
}

RDL_INLINE double d_largest(vd a)
{
    const __m256d four = _mm256_max_pd(a.low, a.high);
    const __m128d two = _mm_max_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
    return _mm_cvtsd_f64(_mm_max_sd(two, _mm_unpackhi_pd(two, two)));
}

RDL_INLINE double d_sum(vd a)
{
    const __m256d four = _mm256_add_pd(a.low, a.high);
    const __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
    return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

#undef D_OP1
#undef D_OP2
#undef D_OP2_REVERSED
#undef D_ABS
#undef D_TRUNCATE
#undef D_LT
#undef D_LE

#elif defined(RDL_SIMD_NEON)

typedef struct {
    float64x2_t part[4];
} vd;
typedef struct {
    uint64x2_t part[4];
} dm;

#define D_OP(type, declaration, value)                                                             \
    RDL_INLINE type declaration                                                                    \
    {                                                                                              \
        type result;                                                                               \
        for (int k = 0; k < 4; k++)                                                                \
            result.part[k] = value;                                                                \
        return result;                                                                             \
    }

D_OP(vd, d_set(double x), vdupq_n_f64(x))
D_OP(vd, d_load(const double *p), vld1q_f64(p + 2 * k))
D_OP(vd, d_load_floats(const float *p), vcvt_f64_f32(vld1_f32(p + 2 * k)))
D_OP(vd, d_div(vd a, vd b), vdivq_f64(a.part[k], b.part[k]))
D_OP(vd, d_sqrt(vd a), vsqrtq_f64(a.part[k]))
D_OP(dm, d_le(vd a, vd b), vcleq_f64(a.part[k], b.part[k]))
D_OP(vd, d_select(dm mask, vd a, vd b), vbslq_f64(mask.part[k], a.part[k], b.part[k]))
D_OP(vd, d_add(vd a, vd b), vaddq_f64(a.part[k], b.part[k]))
D_OP(vd, d_sub(vd a, vd b), vsubq_f64(a.part[k], b.part[k]))
D_OP(vd, d_mul(vd a, vd b), vmulq_f64(a.part[k], b.part[k]))
D_OP(vd, d_abs(vd a), vabsq_f64(a.part[k]))
D_OP(vd, d_min(vd a, vd b), vbslq_f64(vcltq_f64(b.part[k], a.part[k]), b.part[k], a.part[k]))
D_OP(vd, d_max(vd a, vd b), vbslq_f64(vcltq_f64(a.part[k], b.part[k]), b.part[k], a.part[k]))
D_OP(vd, d_truncate(vd a), vrndq_f64(a.part[k]))
D_OP(dm, d_lt(vd a, vd b), vcltq_f64(a.part[k], b.part[k]))
D_OP(vd, d_where(dm mask, vd a),
     vreinterpretq_f64_u64(vandq_u64(mask.part[k], vreinterpretq_u64_f64(a.part[k]))))
D_OP(dm, dm_and(dm a, dm b), vandq_u64(a.part[k], b.part[k]))
D_OP(dm, dm_or(dm a, dm b), vorrq_u64(a.part[k], b.part[k]))

RDL_INLINE unsigned dm_bits(dm a)
{
    unsigned bits = 0;
    for (int k = 0; k < 4; k++) {
        bits |= (unsigned)(vgetq_lane_u64(a.part[k], 0) & 1u) << (2 * k);
        bits |= (unsigned)(vgetq_lane_u64(a.part[k], 1) & 1u) << (2 * k + 1);
    }
    return bits;
}

RDL_INLINE vd d_from_codes(const uint8_t *p)
{
    const uint16x8_t codes = vmovl_u8(vld1_u8(p));
    const uint32x4_t low = vmovl_u16(vget_low_u16(codes)), high = vmovl_u16(vget_high_u16(codes));
    return (vd){{vcvtq_f64_u64(vmovl_u32(vget_low_u32(low))),
                 vcvtq_f64_u64(vmovl_u32(vget_high_u32(low))),
                 vcvtq_f64_u64(vmovl_u32(vget_low_u32(high))),
                 vcvtq_f64_u64(vmovl_u32(vget_high_u32(high)))}};
}

RDL_INLINE void d_store(double *p, vd a)
{
    for (int k = 0; k < 4; k++)
        vst1q_f64(p + 2 * k, a.part[k]);
}

RDL_INLINE void d_to_codes(uint8_t *p, vd a)
{
    const uint32x4_t low =
        vcombine_u32(vmovn_u64(vcvtq_u64_f64(a.part[0])), vmovn_u64(vcvtq_u64_f64(a.part[1])));
    const uint32x4_t high =
        vcombine_u32(vmovn_u64(vcvtq_u64_f64(a.part[2])), vmovn_u64(vcvtq_u64_f64(a.part[3])));
    vst1_u8(p, vmovn_u16(vcombine_u16(vmovn_u32(low), vmovn_u32(high))));
}

RDL_INLINE void d_to_floats(float *p, vd a)
{
    vst1q_f32(p, vcombine_f32(vcvt_f32_f64(a.part[0]), vcvt_f32_f64(a.part[1])));
    vst1q_f32(p + 4, vcombine_f32(vcvt_f32_f64(a.part[2]), vcvt_f32_f64(a.part[3])));
}

RDL_INLINE double d_largest(vd a)
{
    return vmaxvq_f64(vmaxq_f64(vmaxq_f64(a.part[0], a.part[2]), vmaxq_f64(a.part[1], a.part[3])));
}

RDL_INLINE double d_sum(vd a)
{
    const float64x2_t two =
        vaddq_f64(vaddq_f64(a.part[0], a.part[2]), vaddq_f64(a.part[1], a.part[3]));
    return vgetq_lane_f64(two, 0) + vgetq_lane_f64(two, 1);
}

#else /* the twin in plain C */

typedef struct {
    double lane[RDL_DOUBLES];
} vd;
typedef struct {
    bool lane[RDL_DOUBLES];
} dm;

#define D_OP(type, declaration, value)                                                             \
    RDL_INLINE type declaration                                                                    \
    {                                                                                              \
        type result;                                                                               \
        for (int k = 0; k < RDL_DOUBLES; k++)                                                      \
            result.lane[k] = value;                                                                \
        return result;                                                                             \
    }

D_OP(vd, d_set(double x), x)
D_OP(vd, d_load(const double *p), p[k])
D_OP(vd, d_from_codes(const uint8_t *p), (double)p[k])
D_OP(vd, d_load_floats(const float *p), (double)p[k])
D_OP(vd, d_div(vd a, vd b), a.lane[k] / b.lane[k])
D_OP(vd, d_sqrt(vd a), sqrt(a.lane[k]))
D_OP(dm, d_le(vd a, vd b), a.lane[k] <= b.lane[k])
D_OP(vd, d_select(dm mask, vd a, vd b), mask.lane[k] ? a.lane[k] : b.lane[k])
D_OP(vd, d_add(vd a, vd b), a.lane[k] + b.lane[k])
D_OP(vd, d_sub(vd a, vd b), a.lane[k] - b.lane[k])
D_OP(vd, d_mul(vd a, vd b), a.lane[k] * b.lane[k])
D_OP(vd, d_abs(vd a), fabs(a.lane[k]))
D_OP(vd, d_min(vd a, vd b), b.lane[k] < a.lane[k] ? b.lane[k] : a.lane[k])
D_OP(vd, d_max(vd a, vd b), a.lane[k] < b.lane[k] ? b.lane[k] : a.lane[k])
D_OP(vd, d_truncate(vd a), (double)(int32_t)a.lane[k])
D_OP(dm, d_lt(vd a, vd b), a.lane[k] < b.lane[k])
D_OP(vd, d_where(dm mask, vd a), mask.lane[k] ? a.lane[k] : 0.0)
D_OP(dm, dm_and(dm a, dm b), a.lane[k] && b.lane[k])
D_OP(dm, dm_or(dm a, dm b), a.lane[k] || b.lane[k])

RDL_INLINE unsigned dm_bits(dm a)
{
    unsigned bits = 0;
    for (int k = 0; k < RDL_DOUBLES; k++)
        bits |= (a.lane[k] ? 1u : 0u) << k;
    return bits;
}

RDL_INLINE void d_store(double *p, vd a)
{
    memcpy(p, a.lane, sizeof a.lane);
}

RDL_INLINE void d_to_codes(uint8_t *p, vd a)
{
    for (int k = 0; k < RDL_DOUBLES; k++)
        p[k] = (uint8_t)a.lane[k];
}

RDL_INLINE void d_to_floats(float *p, vd a)
{
    for (int k = 0; k < RDL_DOUBLES; k++)
        p[k] = (float)a.lane[k];
}

RDL_INLINE double d_largest(vd a)
{
    double largest = a.lane[0];
    for (int k = 1; k < RDL_DOUBLES; k++)
        largest = largest < a.lane[k] ? a.lane[k] : largest;
    return largest;
}

RDL_INLINE double d_sum(vd a)
{
    return ((a.lane[0] + a.lane[4]) + (a.lane[2] + a.lane[6])) +
           ((a.lane[1] + a.lane[5]) + (a.lane[3] + a.lane[7]));
}

#endif
#undef D_OP

#endif
