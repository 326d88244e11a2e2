/*
 * What Q4_K and Q5_K have in common beyond the affine super-block: 8 sub-blocks of 32 weights, and
 * a 12-byte field of eight 6-bit scales and eight 6-bit mins.
 */
#ifndef RDL_REF_SCALE_FIELD_H
#define RDL_REF_SCALE_FIELD_H

#include "affine_super_block.h"

/* Scales and mins above 63 become 63. They come cut to a byte, so that a value that rounding noise
 * made negative gives 63, as in the reference. */
void rdl_scale_field_fit(struct rdl_affine_super_block *block);

void rdl_scale_field_pack(const struct rdl_affine_super_block *block, uint8_t *field);
/* The real scales and mins from the 16 bytes d, dmin and the field. */
void rdl_scale_field_unpack(const uint8_t *bytes, float *scales, float *mins);

/* Weights rms + |x|: large weights count more, small ones are not ignored. */
void rdl_rms_weights(int n, const float *x, float *w);

#endif
