/*
 * Fails if the flags of a kernel target let the compiler fuse a product and a sum. Exit status 77
 * (skipped) where this machine cannot run the probes or has no fused operation to find.
 */
#include <stdbool.h>
#include <stdio.h>

#include "probe.h"

#define SKIPPED 77

/*
 * a * a = 1 + 2^-12 + 2^-26 has a quarter of a unit in the last place too much for binary32, so the
 * rounded product is 1 + 2^-12 and the unfused difference is 0; the fused one is 2^-26. The same
 * with 2^-54 in binary64.
 */
static const float float_a = 1.0f + 0x1p-13f;
static const float float_c = 1.0f + 0x1p-12f;
static const double double_a = 1.0 + 0x1p-27;
static const double double_c = 1.0 + 0x1p-26;

struct outcome {
    const char *expression;
    bool unit_fused;
    bool control_fused;
};

static bool machine_has(unsigned needs)
{
#if defined(__x86_64__)
    if ((needs & NEEDS_FMA) != 0 && !__builtin_cpu_supports("fma")) {
        return false;
    }
    if ((needs & NEEDS_AVX2) != 0 && !__builtin_cpu_supports("avx2")) {
        return false;
    }
    if ((needs & NEEDS_AVX512) != 0 &&
        !(__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
          __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))) {
        return false;
    }
    if ((needs & NEEDS_AVX512VBMI) != 0 && !__builtin_cpu_supports("avx512vbmi")) {
        return false;
    }
    return true;
#else
    return needs == 0;
#endif
}

int main(void)
{
    const struct contraction_probe *unit = &contraction_unit;
    const struct contraction_probe *control = &contraction_control;
    if (!machine_has(unit->needs | control->needs)) {
        puts("skipped: this CPU lacks instructions that the probes may use");
        return SKIPPED;
    }
    const struct outcome outcomes[] = {
        {"scalar float", unit->scalar_float(float_a, float_c),
         control->scalar_float(float_a, float_c)},
        {"scalar double", unit->scalar_double(double_a, double_c),
         control->scalar_double(double_a, double_c)},
        {"loop", unit->loop(float_a, float_c), control->loop(float_a, float_c)},
        {"intrinsics", unit->intrinsics(float_a, float_c), control->intrinsics(float_a, float_c)},
    };
    int status = 0;
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
        const struct outcome *outcome = &outcomes[i];
        if (outcome->unit_fused) {
            printf("%s: fused under the flags of the kernel target\n", outcome->expression);
            status = 1;
        }
        if (!outcome->control_fused) {
#if defined(__x86_64__) || defined(__aarch64__)
            printf("%s: not fused under -ffp-contract=fast: the probe is blind\n",
                   outcome->expression);
            status = 1;
#else
            puts("skipped: this target has no fused multiply-add");
            return SKIPPED;
#endif
        }
    }
    return status;
}
