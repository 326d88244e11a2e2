/*
 * What Q4_0 and Q5_0 have in common: blocks of 32 weights, x = d * (code - N) with N = 8 or 16.
 */
#ifndef RDL_REF_SYMMETRIC_BLOCK_H
#define RDL_REF_SYMMETRIC_BLOCK_H

#include "kernel.h"

enum {
    RDL_BLOCK = 32
};

/* The contents of a block before packing, or after unpacking. */
struct rdl_symmetric_block {
    uint16_t d; /* binary16 */
    uint8_t codes[RDL_BLOCK];
};

struct rdl_symmetric_block_layout {
    size_t block_bytes;
    int half_range; /* N */
    void (*pack)(const struct rdl_symmetric_block *block, uint8_t *bytes);
    void (*unpack)(const uint8_t *bytes, struct rdl_symmetric_block *block);
};

/* The reference: without importance the extreme element to code 0 and no search; with importance a
 * search under importance * sqrt(sigma2 + x^2), sigma2 being the mean square of the row. */
void rdl_symmetric_block_encode_ggml(const struct rdl_symmetric_block_layout *layout,
                                     const struct rdl_rows *rows, uint8_t *blocks);

/* The extreme element to code 0, then the nearest codes for the stored scale. */
void rdl_symmetric_block_encode_nearest(const struct rdl_symmetric_block_layout *layout,
                                        const struct rdl_rows *rows, uint8_t *blocks);

void rdl_symmetric_block_decode(const struct rdl_symmetric_block_layout *layout,
                                const uint8_t *blocks, size_t nblocks, float *x);

#endif
