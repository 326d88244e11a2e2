/* Compiled with the flags of a kernel target; PROBE is the name of the exported struct. */
#include "probe.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

/* Enough elements for two vectors of the widest target, so that the loop is vectorized. */
#define LOOP_LENGTH 32

static bool scalar_float(float a, float c)
{
    return a * a - c != 0.0f;
}

static bool scalar_double(double a, double c)
{
    return a * a - c != 0.0;
}

static bool loop(float a, float c)
{
    float factor[LOOP_LENGTH];
    float result[LOOP_LENGTH];
    for (int i = 0; i < LOOP_LENGTH; i++) {
        factor[i] = i % 2 == 0 ? a : -a;
    }
    for (int i = 0; i < LOOP_LENGTH; i++) {
        result[i] = factor[i] * factor[i] - c;
    }
    bool fused = false;
    for (int i = 0; i < LOOP_LENGTH; i++) {
        fused |= result[i] != 0.0f;
    }
    return fused;
}

static bool intrinsics(float a, float c)
{
#if defined(__x86_64__)
    const __m128 product = _mm_mul_ps(_mm_set1_ps(a), _mm_set1_ps(a));
    return _mm_cvtss_f32(_mm_add_ps(product, _mm_set1_ps(-c))) != 0.0f;
#elif defined(__aarch64__)
    const float32x4_t product = vmulq_f32(vdupq_n_f32(a), vdupq_n_f32(a));
    return vgetq_lane_f32(vaddq_f32(product, vdupq_n_f32(-c)), 0) != 0.0f;
#else
    return scalar_float(a, c);
#endif
}

const struct contraction_probe PROBE = {
    .needs = 0
#if defined(__FMA__)
             | NEEDS_FMA
#endif
#if defined(__AVX2__)
             | NEEDS_AVX2
#endif
#if defined(__AVX512F__)
             | NEEDS_AVX512
#endif
#if defined(__AVX512VBMI__)
             | NEEDS_AVX512VBMI
#endif
    ,
    .scalar_float = scalar_float,
    .scalar_double = scalar_double,
    .loop = loop,
    .intrinsics = intrinsics,
};
