/*
 * Probes for floating-point contraction: the fusing of a product and a sum into one rounding.
 *
 * probe.c is compiled twice for each kernel target. The `unit` has the flags of the target and must
 * not fuse. The `control` has the same flags and then -ffp-contract=fast, and must fuse: it shows
 * that the probes see what they look for.
 */
#ifndef CONTRACTION_PROBE_H
#define CONTRACTION_PROBE_H

#include <stdbool.h>

/* Instruction sets that the compiler was allowed to use in a unit. */
#define NEEDS_FMA        1u
#define NEEDS_AVX2       2u
#define NEEDS_AVX512     4u
#define NEEDS_AVX512VBMI 8u

/* Each function says whether a * a - c was fused, in one way to write it. */
struct contraction_probe {
    unsigned needs;
    bool (*scalar_float)(float a, float c);
    bool (*scalar_double)(double a, double c);
    bool (*loop)(float a, float c);
    bool (*intrinsics)(float a, float c);
};

extern const struct contraction_probe contraction_unit;
extern const struct contraction_probe contraction_control;

#endif
