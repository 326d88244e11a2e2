#include "exact_targets.h"

static const struct rdl_exact_ops wide = {
#define RDL_EXACT_OP(name) .name = rdl_exact_##name##_wide,
#include "exact_ops.def"
#undef RDL_EXACT_OP
};

const struct rdl_exact_ops *exact_target_ops(int i)
{
    if (i == RDL_TARGET_COUNT)
        return &wide;
    return rdl_detect_targets() >> i & 1u ? rdl_exact_ops((enum rdl_target)i) : NULL;
}

const char *exact_target_name(int i)
{
    return i == RDL_TARGET_COUNT ? "wide" : rdl_target_name((enum rdl_target)i);
}
