/*
 * Roundings `exact` and `joint` of the IQ2 and IQ3 formats: all rows and all permitted signs at the
 * scale as stored, the codes of the scales by enum rdl_scales.
 */
#ifndef RDL_REF_SEARCH_CODEBOOK_BLOCKS_H
#define RDL_REF_SEARCH_CODEBOOK_BLOCKS_H

#include "codebook_super_block.h"

/* Of the method, the weights alone count. */
void rdl_codebook_encode_exact(const struct rdl_codebook_layout *layout,
                               const struct rdl_codebook_method *method,
                               const struct rdl_rows *rows, uint8_t *blocks);

size_t rdl_codebook_exact_scratch(const struct rdl_codebook_layout *layout,
                                  const struct rdl_rows *rows);

#endif
