/* Which targets the CPU and the operating system offer. */
#include "roundel.h"

#if defined(__x86_64__)

#include <cpuid.h>

/*
 * CPUID leaves and XCR0: Intel SDM vol. 1 ch. 13, vol. 2 "CPUID". RDL_AVX2 is x86-64-v3 of the
 * x86-64 psABI (section 3.1.1): the compiler may use all of it, not only what the vocabulary names.
 */
#define LEAF1_ECX_SSE3       (1u << 0)
#define LEAF1_ECX_SSSE3      (1u << 9)
#define LEAF1_ECX_FMA        (1u << 12)
#define LEAF1_ECX_CMPXCHG16B (1u << 13)
#define LEAF1_ECX_SSE4_1     (1u << 19)
#define LEAF1_ECX_SSE4_2     (1u << 20)
#define LEAF1_ECX_MOVBE      (1u << 22)
#define LEAF1_ECX_POPCNT     (1u << 23)
#define LEAF1_ECX_OSXSAVE    (1u << 27) /* the operating system allows to read XCR0 */
#define LEAF1_ECX_AVX        (1u << 28)
#define LEAF1_ECX_F16C       (1u << 29)

#define LEAF7_EBX_BMI1       (1u << 3)
#define LEAF7_EBX_AVX2       (1u << 5)
#define LEAF7_EBX_BMI2       (1u << 8)
#define LEAF7_EBX_AVX512F    (1u << 16)
#define LEAF7_EBX_AVX512DQ   (1u << 17)
#define LEAF7_EBX_AVX512BW   (1u << 30)
#define LEAF7_EBX_AVX512VL   (1u << 31)
#define LEAF7_ECX_AVX512VBMI (1u << 1)

/* LZCNT must be asked for: a CPU without it runs the instruction as another one, BSR. */
#define EXTENDED_LEAF1           0x80000001u
#define EXTENDED_LEAF1_ECX_LAHF  (1u << 0)
#define EXTENDED_LEAF1_ECX_LZCNT (1u << 5)

#define XCR0_SSE_AVX    0x06u /* XMM and upper YMM halves are saved on a context switch */
#define XCR0_OPMASK_ZMM 0xE0u /* mask registers, upper ZMM halves, ZMM 16-31 */

/* What a target needs, register by register. */
struct features {
    uint32_t leaf1_ecx, leaf7_ebx, leaf7_ecx, extended_leaf1_ecx, xcr0;
};

static const struct features avx2 = {
    .leaf1_ecx = LEAF1_ECX_SSE3 | LEAF1_ECX_SSSE3 | LEAF1_ECX_FMA | LEAF1_ECX_CMPXCHG16B |
                 LEAF1_ECX_SSE4_1 | LEAF1_ECX_SSE4_2 | LEAF1_ECX_MOVBE | LEAF1_ECX_POPCNT |
                 LEAF1_ECX_OSXSAVE | LEAF1_ECX_AVX | LEAF1_ECX_F16C,
    .leaf7_ebx = LEAF7_EBX_BMI1 | LEAF7_EBX_AVX2 | LEAF7_EBX_BMI2,
    .extended_leaf1_ecx = EXTENDED_LEAF1_ECX_LAHF | EXTENDED_LEAF1_ECX_LZCNT,
    .xcr0 = XCR0_SSE_AVX,
};

/* Beside the features of AVX2. */
static const struct features avx512 = {
    .leaf7_ebx = LEAF7_EBX_AVX512F | LEAF7_EBX_AVX512DQ | LEAF7_EBX_AVX512BW | LEAF7_EBX_AVX512VL,
    .leaf7_ecx = LEAF7_ECX_AVX512VBMI,
    .xcr0 = XCR0_OPMASK_ZMM,
};

static uint32_t read_xcr0(void)
{
    uint32_t low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

/* The registers of a leaf that the CPU does not have stay 0. */
static struct features read_features(void)
{
    struct features f = {0};
    unsigned a, b, c, d;
    if (__get_cpuid(1, &a, &b, &c, &d))
        f.leaf1_ecx = c;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
        f.leaf7_ebx = b;
        f.leaf7_ecx = c;
    }
    if (__get_cpuid(EXTENDED_LEAF1, &a, &b, &c, &d))
        f.extended_leaf1_ecx = c;
    if (f.leaf1_ecx & LEAF1_ECX_OSXSAVE)
        f.xcr0 = read_xcr0();
    return f;
}

static bool has(const struct features *machine, const struct features *needed)
{
    const uint32_t missing = (needed->leaf1_ecx & ~machine->leaf1_ecx) |
                             (needed->leaf7_ebx & ~machine->leaf7_ebx) |
                             (needed->leaf7_ecx & ~machine->leaf7_ecx) |
                             (needed->extended_leaf1_ecx & ~machine->extended_leaf1_ecx) |
                             (needed->xcr0 & ~machine->xcr0);
    return missing == 0;
}

unsigned rdl_detect_targets(void)
{
    const struct features machine = read_features();
    unsigned targets = 1u << RDL_SCALAR;
    if (has(&machine, &avx2)) {
        targets |= 1u << RDL_AVX2;
        if (has(&machine, &avx512))
            targets |= 1u << RDL_AVX512;
    }
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
