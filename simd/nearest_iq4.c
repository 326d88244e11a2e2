/* The variants of the nearest IQ4_NL entry for arrays. */
#include "nearest_iq4.h"

#include "nearest_variants.h"

#include <string.h>

RDL_INLINE void find(enum rdl_nearest_variant variant, size_t n, const float *x, uint8_t *index)
{
    size_t i = 0;
    for (; i + RDL_WIDTH <= n; i += RDL_WIDTH)
        r_store_u8(index + i, r_nearest_iq4(variant, r_load(x + i)));
    if (i < n) {
        float padded[RDL_WIDTH] = {0.0f};
        uint8_t found[RDL_WIDTH];
        memcpy(padded, x + i, (n - i) * sizeof *x);
        r_store_u8(found, r_nearest_iq4(variant, r_load(padded)));
        memcpy(index + i, found, n - i);
    }
}

RDL_INLINE void values(enum rdl_nearest_variant variant, size_t n, const float *x, float *value)
{
    size_t i = 0;
    for (; i + RDL_WIDTH <= n; i += RDL_WIDTH)
        r_store(value + i, r_nearest_iq4_in_range(variant, r_load(x + i)));
    if (i < n) {
        float padded[RDL_WIDTH] = {0.0f};
        memcpy(padded, x + i, (n - i) * sizeof *x);
        r_store(padded, r_nearest_iq4_in_range(variant, r_load(padded)));
        memcpy(value + i, padded, (n - i) * sizeof *x);
    }
}

#define RDL_NEAREST_SCALAR(variant, name)
#define RDL_NEAREST_SIMD(variant, name)                                                            \
    FUNCTIONS(RDL_NEAREST_##variant, RDL_TARGET_NAME(rdl_iq4_nl_nearest_##name),                   \
              RDL_TARGET_NAME(rdl_iq4_nl_values_##name))
#define FUNCTIONS(variant, find_name, values_name)                                                 \
    rdl_nearest_fn find_name;                                                                      \
    void find_name(size_t n, const float *x, uint8_t *index)                                       \
    {                                                                                              \
        find(variant, n, x, index);                                                                \
    }                                                                                              \
    rdl_nearest_values_fn values_name;                                                             \
    void values_name(size_t n, const float *x, float *value)                                       \
    {                                                                                              \
        values(variant, n, x, value);                                                              \
    }
#include "nearest.def"
