/*
 * Rounding `nearest` on a vector codebook, the baseline of the IQ2 and IQ3 formats: no search of
 * scales, no weights.
 *
 * The scale of a sub-block sends its largest magnitude to the largest of the codebook; d and the
 * scale codes follow from these as in the other roundings, without a fudge factor. Each group then
 * takes the row of least squared error for the scale as stored, among all rows, the first of
 * equals. Where seven of eight signs are stored and their number is odd, the smallest of the eight
 * weights (the first of equals) gets the wrong sign before that.
 */
#ifndef RDL_REF_CODEBOOK_NEAREST_H
#define RDL_REF_CODEBOOK_NEAREST_H

#include "codebook_super_block.h"

void rdl_codebook_encode_nearest(const struct rdl_codebook_layout *layout,
                                 const struct rdl_rows *rows, uint8_t *blocks);

#endif
