/* The variants of the nearest IQ4_NL entry on every target. */
#ifndef RDL_NEAREST_VARIANTS_H
#define RDL_NEAREST_VARIANTS_H

#include "kernel.h"

/* index[i] is that of the entry nearest to x[i], any float. */
typedef void rdl_nearest_fn(size_t n, const float *x, uint8_t *index);

/* value[i] is the entry nearest to x[i] for |x[i]| <= RDL_NEAREST_RANGE, which is all that searches
 * ask for; some float for others. */
typedef void rdl_nearest_values_fn(size_t n, const float *x, float *value);

#define RDL_NEAREST_RANGE 137.0f

struct rdl_nearest_variant_info {
    rdl_nearest_fn *find;
    rdl_nearest_values_fn *values;
    /* Rounding `ggml` of IQ4_NL with the variant in its search (the final codes are found as ever,
     * since RDL_NEAREST_LOOKUP_TABLE would give others): the bytes of the encoder in kernels.def.
     */
    rdl_encode_fn *encode;
};

/* NULL if the library has no such variant. */
const struct rdl_nearest_variant_info *rdl_nearest_variant_info(enum rdl_nearest_variant variant,
                                                                enum rdl_target target);

#endif
