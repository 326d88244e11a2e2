/* Which targets the CPU and the operating system offer. */
#include "roundel.h"

#if defined(__x86_64__)

#include <cpuid.h>

/* CPUID leaf 1 ECX; leaf 7 EBX and ECX; XCR0 (Intel SDM vol. 1 ch. 13, vol. 2 "CPUID"). */
#define LEAF1_ECX_OSXSAVE    (1u << 27)
#define LEAF1_ECX_AVX        (1u << 28)
#define LEAF7_EBX_AVX2       (1u << 5)
#define LEAF7_EBX_AVX512F    (1u << 16)
#define LEAF7_EBX_AVX512DQ   (1u << 17)
#define LEAF7_EBX_AVX512BW   (1u << 30)
#define LEAF7_EBX_AVX512VL   (1u << 31)
#define LEAF7_ECX_AVX512VBMI (1u << 1)
#define XCR0_SSE_AVX         0x06u /* XMM and upper YMM halves are saved on a context switch */
#define XCR0_OPMASK_ZMM      0xE0u /* mask registers, upper ZMM halves, ZMM 16-31 */

static uint32_t read_xcr0(void)
{
    uint32_t low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

unsigned rdl_detect_targets(void)
{
    unsigned targets = 1u << RDL_SCALAR;
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & LEAF1_ECX_OSXSAVE) || !(c & LEAF1_ECX_AVX))
        return targets;
    const uint32_t xcr0 = read_xcr0();
    if ((xcr0 & XCR0_SSE_AVX) != XCR0_SSE_AVX || !__get_cpuid_count(7, 0, &a, &b, &c, &d) ||
        !(b & LEAF7_EBX_AVX2))
        return targets;
    targets |= 1u << RDL_AVX2;
    const unsigned avx512 =
        LEAF7_EBX_AVX512F | LEAF7_EBX_AVX512DQ | LEAF7_EBX_AVX512BW | LEAF7_EBX_AVX512VL;
    if ((xcr0 & XCR0_OPMASK_ZMM) == XCR0_OPMASK_ZMM && (b & avx512) == avx512 &&
        (c & LEAF7_ECX_AVX512VBMI))
        targets |= 1u << RDL_AVX512;
    return targets;
}

#elif defined(__aarch64__)

unsigned rdl_detect_targets(void)
{
    return 1u << RDL_SCALAR | 1u << RDL_NEON; /* NEON is part of the base architecture */
}

#else

unsigned rdl_detect_targets(void)
{
    return 1u << RDL_SCALAR;
}

#endif
