/* From a variant of the nearest IQ4_NL entry and a target to the functions that nearest.def lists.
 */
#include "nearest_variants.h"

struct nearest_row {
    enum rdl_nearest_variant variant;
    enum rdl_target target;
    struct rdl_nearest_variant_info info;
};

#if defined(__x86_64__)
#define RDL_NEAREST_SIMD(variant, name)                                                            \
    RDL_NEAREST_ROW(variant, AVX2, name##_avx2) RDL_NEAREST_ROW(variant, AVX512, name##_avx512)
#elif defined(__aarch64__)
#define RDL_NEAREST_SIMD(variant, name) RDL_NEAREST_ROW(variant, NEON, name##_neon)
#else
#define RDL_NEAREST_SIMD(variant, name)
#endif
#define RDL_NEAREST_SCALAR(variant, name) RDL_NEAREST_ROW(variant, SCALAR, name)

#define RDL_NEAREST_ROW(variant, target, name)                                                     \
    rdl_nearest_fn rdl_iq4_nl_nearest_##name;                                                      \
    rdl_nearest_values_fn rdl_iq4_nl_values_##name;                                                \
    rdl_encode_fn rdl_iq4_nl_encode_##name;
#include "nearest.def"
#undef RDL_NEAREST_ROW

#define RDL_NEAREST_ROW(variant, target, name)                                                     \
    {RDL_NEAREST_##variant,                                                                        \
     RDL_##target,                                                                                 \
     {rdl_iq4_nl_nearest_##name, rdl_iq4_nl_values_##name, rdl_iq4_nl_encode_##name}},
static const struct nearest_row rows[] = {
#include "nearest.def"
};

const struct rdl_nearest_variant_info *rdl_nearest_variant_info(enum rdl_nearest_variant variant,
                                                                enum rdl_target target)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].variant == variant && rows[i].target == target)
            return &rows[i].info;
    return NULL;
}

static const char *const variant_names[RDL_NEAREST_VARIANT_COUNT] = {
    [RDL_NEAREST_BINARY_SEARCH] = "binary-search",
    [RDL_NEAREST_LOOKUP_TABLE] = "lookup-table",
    [RDL_NEAREST_COMPARE_AND_COUNT] = "compare-and-count",
    [RDL_NEAREST_PERMUTE_SEARCH] = "permute-search",
    [RDL_NEAREST_TWO_LEVEL] = "two-level",
    [RDL_NEAREST_BYTE_TABLE] = "byte-table",
};

const char *rdl_nearest_variant_name(enum rdl_nearest_variant variant)
{
    return (unsigned)variant < RDL_NEAREST_VARIANT_COUNT ? variant_names[variant] : NULL;
}

bool rdl_nearest_support(enum rdl_nearest_variant variant, enum rdl_target target)
{
    return rdl_nearest_variant_info(variant, target) != NULL;
}

enum rdl_status rdl_iq4_nl_nearest(enum rdl_nearest_variant variant, enum rdl_target target,
                                   size_t n, const float *x, uint8_t *index)
{
    if ((unsigned)variant >= RDL_NEAREST_VARIANT_COUNT || (unsigned)target >= RDL_TARGET_COUNT)
        return RDL_UNKNOWN_VALUE;
    const struct rdl_nearest_variant_info *info = rdl_nearest_variant_info(variant, target);
    if (!info)
        return RDL_UNSUPPORTED;
    if (n == 0)
        return RDL_OK;
    if (!x || !index)
        return RDL_NULL_POINTER;
    info->find(n, x, index);
    return RDL_OK;
}
