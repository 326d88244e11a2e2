/* The variants of NEAR16 for arrays. */
#include "nearest_iq4.h"

#include "nearest_variants.h"

#define RDL_NEAREST_SIMD(variant, name)
#define RDL_NEAREST_SCALAR(variant, name)                                                          \
    rdl_nearest_fn rdl_iq4_nl_nearest_##name;                                                      \
    void rdl_iq4_nl_nearest_##name(size_t n, const float *x, uint8_t *index)                       \
    {                                                                                              \
        for (size_t i = 0; i < n; i++)                                                             \
            index[i] = (uint8_t)rdl_nearest_##name(x[i]);                                          \
    }                                                                                              \
    rdl_nearest_values_fn rdl_iq4_nl_values_##name;                                                \
    void rdl_iq4_nl_values_##name(size_t n, const float *x, float *value)                          \
    {                                                                                              \
        for (size_t i = 0; i < n; i++)                                                             \
            value[i] = (float)rdl_codebook_iq4_nl[rdl_nearest_##name(x[i])];                       \
    }
#include "nearest.def"
