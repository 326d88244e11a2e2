/* The variants of the nearest IQ4_NL entry, and the encoders that use them. */
#ifndef RDL_NEAREST_H
#define RDL_NEAREST_H

#include "kernel.h"

/* index[i] is that of the entry nearest to x[i], any float. */
typedef void rdl_nearest_fn(size_t n, const float *x, uint8_t *index);

/* NULL if the library has no such variant. */
rdl_nearest_fn *rdl_find_nearest(enum rdl_nearest_variant variant, enum rdl_target target);

/* Rounding `ggml` of IQ4_NL with this variant, for whole searches in which nothing else differs;
 * NULL if the library has none. Its bytes are those of the encoder in kernels.def. */
rdl_encode_fn *rdl_find_nearest_encoder(enum rdl_nearest_variant variant, enum rdl_target target);

#endif
