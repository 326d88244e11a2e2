/* What rdl_block_bound() asks of the vector codebooks (ref/block/codebook_bound.c) and of MXFP4. */
#ifndef RDL_CODEBOOK_BOUND_H
#define RDL_CODEBOOK_BOUND_H

#include "roundel_block.h"

/* Bytes of scratch for a sub-block of a format with a vector codebook. */
size_t rdl_codebook_bound_scratch(enum rdl_format format);

/* The least error of a sub-block with a real scale. Finite data. */
double rdl_codebook_bound(enum rdl_format format, const float *x, const float *weights,
                          void *scratch);

/* The least error of a block of MXFP4, of all its scales. Finite data. ref/mxfp4.c. */
double rdl_mxfp4_least_error(const float *x, const float *weights);

#endif
