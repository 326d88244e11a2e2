/*
 * Binary64 in lanes, for what solvers of blocks compute in it: errors, nearest codes, refits. A
 * tile's RDL_LANES lanes are RDL_PAIRS vectors of RDL_HALF doubles, as wide as a register. These
 * are vectors of the compiler, so that + - * / are IEEE operations on every target, lane by lane.
 */
#ifndef RDL_SIMD_DOUBLE_LANES_H
#define RDL_SIMD_DOUBLE_LANES_H

#include "lanes.h"

#include <stdbool.h>
#include <string.h>

enum {
    RDL_HALF = RDL_WIDTH / 2,
    RDL_PAIRS = RDL_LANES / RDL_HALF
};

typedef double rd __attribute__((vector_size(4 * RDL_WIDTH)));
typedef int64_t rdm __attribute__((vector_size(4 * RDL_WIDTH))); /* masks: 0 or -1 */
typedef float rd_floats __attribute__((vector_size(2 * RDL_WIDTH)));
typedef int32_t rd_ints __attribute__((vector_size(2 * RDL_WIDTH)));

RDL_INLINE rd d_set(double x)
{
    return x - (rd){0};
}

RDL_INLINE rd d_load(const double *p)
{
    rd x;
    memcpy(&x, p, sizeof x);
    return x;
}

RDL_INLINE void d_store(double *p, rd x)
{
    memcpy(p, &x, sizeof x);
}

RDL_INLINE rd d_load_floats(const float *p)
{
#if defined(RDL_SIMD_AVX512) /* gcc 12 converts halves and puts these together */
    return (rd)_mm512_cvtps_pd(_mm256_loadu_ps(p));
#else
    rd_floats x;
    memcpy(&x, p, sizeof x);
    return __builtin_convertvector(x, rd);
#endif
}

RDL_INLINE rd d_load_ints(const int32_t *p)
{
    rd_ints x;
    memcpy(&x, p, sizeof x);
    return __builtin_convertvector(x, rd);
}

RDL_INLINE void d_store_floats(float *p, rd x)
{
    const rd_floats rounded = __builtin_convertvector(x, rd_floats);
    memcpy(p, &rounded, sizeof rounded);
}

/* Of doubles that are integers of 32 bits. */
RDL_INLINE void d_store_ints(int32_t *p, rd x)
{
    const rd_ints integers = __builtin_convertvector(x, rd_ints);
    memcpy(p, &integers, sizeof integers);
}

RDL_INLINE rd d_select(rdm mask, rd a, rd b)
{
#if defined(RDL_SIMD_AVX2)
    return (rd)_mm256_blendv_pd((__m256d)b, (__m256d)a, (__m256d)mask);
#else
    return (rd)((mask & (rdm)a) | (~mask & (rdm)b));
#endif
}

/* a < b ? a : b and a > b ? a : b: b where a is NaN. */
RDL_INLINE rd d_min(rd a, rd b)
{
#if defined(RDL_SIMD_AVX512)
    return (rd)_mm512_min_pd((__m512d)a, (__m512d)b);
#elif defined(RDL_SIMD_AVX2)
    return (rd)_mm256_min_pd((__m256d)a, (__m256d)b);
#else
    return d_select(a < b, a, b);
#endif
}

RDL_INLINE rd d_max(rd a, rd b)
{
#if defined(RDL_SIMD_AVX512)
    return (rd)_mm512_max_pd((__m512d)a, (__m512d)b);
#elif defined(RDL_SIMD_AVX2)
    return (rd)_mm256_max_pd((__m256d)a, (__m256d)b);
#else
    return d_select(a > b, a, b);
#endif
}

/* The lesser of a and `least`, if a is greater than a bound. */
RDL_INLINE rd d_min_above(rd a, rd bound, rd least)
{
#if defined(RDL_SIMD_AVX512)
    const __mmask8 above = _mm512_cmp_pd_mask((__m512d)a, (__m512d)bound, _CMP_GT_OQ);
    return (rd)_mm512_mask_min_pd((__m512d)least, above, (__m512d)a, (__m512d)least);
#else
    return d_select(a > bound, d_min(a, least), least);
#endif
}

RDL_INLINE bool d_any(rdm mask)
{
#if defined(RDL_SIMD_AVX512)
    return _mm512_movepi64_mask((__m512i)mask) != 0;
#elif defined(RDL_SIMD_AVX2)
    return _mm256_movemask_pd((__m256d)mask) != 0;
#else
    int64_t any = 0;
    for (size_t k = 0; k < RDL_HALF; k++)
        any |= mask[k];
    return any != 0;
#endif
}

/* Of indices that are not negative. */
RDL_INLINE rd d_gather(const double *p, rdm index)
{
#if defined(RDL_SIMD_AVX512)
    return (rd)_mm512_i64gather_pd((__m512i)index, p, 8);
#elif defined(RDL_SIMD_AVX2)
    return (rd)_mm256_i64gather_pd(p, (__m256i)index, 8);
#else
    rd x;
    for (size_t k = 0; k < RDL_HALF; k++)
        x[k] = p[index[k]];
    return x;
#endif
}

RDL_INLINE rd d_gather_floats(const float *p, rdm index)
{
#if defined(RDL_SIMD_AVX512)
    return (rd)_mm512_cvtps_pd(_mm512_i64gather_ps((__m512i)index, p, 4));
#else
    rd x;
    for (size_t k = 0; k < RDL_HALF; k++)
        x[k] = (double)p[index[k]];
    return x;
#endif
}

RDL_INLINE void d_scatter(double *p, rdm index, rd x)
{
#if defined(RDL_SIMD_AVX512)
    _mm512_i64scatter_pd(p, (__m512i)index, (__m512d)x, 8);
#else
    for (size_t k = 0; k < RDL_HALF; k++)
        p[index[k]] = x[k];
#endif
}

/* Of integers 0 .. 2^52 - 1, which are the low bits of 2^52 + x. */
RDL_INLINE rd d_from_integers(rdm x)
{
    return (rd)(x | 0x4330000000000000) - d_set(0x1p52);
}

/* Nearest integer, ties to even, for |v| < 2^51: the last place of the sum is 1. */
RDL_INLINE rd d_round(rd v)
{
    const rd shift = d_set(6755399441055744.0); /* 1.5 * 2^52 */
    return (v + shift) - shift;
}

#endif
