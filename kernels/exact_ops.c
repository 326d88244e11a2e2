/* From a target to its operations of the exact searches. */
#include "exact_ops.h"

static const struct rdl_exact_ops rows[RDL_TARGET_COUNT] = {
#define RDL_EXACT_OP(name) .name = rdl_exact_##name,
    [RDL_SCALAR] =
        {
#include "exact_ops.def"
        },
#undef RDL_EXACT_OP
#if defined(__x86_64__)
#define RDL_EXACT_OP(name) .name = rdl_exact_##name##_avx2,
    [RDL_AVX2] =
        {
#include "exact_ops.def"
        },
#undef RDL_EXACT_OP
#define RDL_EXACT_OP(name) .name = rdl_exact_##name##_avx512,
    [RDL_AVX512] =
        {
#include "exact_ops.def"
        },
#undef RDL_EXACT_OP
#elif defined(__aarch64__)
#define RDL_EXACT_OP(name) .name = rdl_exact_##name##_neon,
    [RDL_NEON] =
        {
#include "exact_ops.def"
        },
#undef RDL_EXACT_OP
#endif
};

const struct rdl_exact_ops *rdl_exact_ops(enum rdl_target target)
{
    const bool exists = (unsigned)target < RDL_TARGET_COUNT && rows[target].points;
    return &rows[exists ? target : RDL_SCALAR];
}
