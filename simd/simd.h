/*
 * Chooses the vocabulary. Every source of simd/ is compiled once for each target, with that
 * target's flags and with one of RDL_SIMD_AVX2, RDL_SIMD_AVX512, RDL_SIMD_NEON defined
 * (RDL_SIMD_WIDE: plain C, for tests). RDL_TARGET_NAME(rdl_q4_k_decode) is then
 * rdl_q4_k_decode_avx2, and so on: the names that kernels.def makes.
 */
#ifndef RDL_SIMD_H
#define RDL_SIMD_H

#if defined(RDL_SIMD_AVX512)
#include "avx512.h"
#elif defined(RDL_SIMD_AVX2)
#include "avx2.h"
#elif defined(RDL_SIMD_NEON)
#include "neon.h"
#elif defined(RDL_SIMD_WIDE)
#include "wide.h"
#else
#error "compile simd/ with one of RDL_SIMD_AVX2, RDL_SIMD_AVX512, RDL_SIMD_NEON, RDL_SIMD_WIDE"
#endif

#endif
