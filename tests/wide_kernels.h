/*
 * The kernels of simd/ compiled as plain C (simd/wide.h), which the library does not have. They
 * are listed as encoders.h lists the library's; their target is RDL_TARGET_COUNT.
 */
#ifndef ROUNDEL_TESTS_WIDE_KERNELS_H
#define ROUNDEL_TESTS_WIDE_KERNELS_H

#include "encoders.h"

/* Each function once, without and with importance. The lists are made on the first call and stay.
 */
const struct encoder *wide_encoder_list(size_t *count);
const struct decoder *wide_decoder_list(size_t *count);

#endif
