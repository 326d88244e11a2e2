/*
 * What Q2_K, Q4_K and Q5_K have in common: super-blocks of 256 weights in sub-blocks that each have
 * an integer scale and min, x = d * scale * code - dmin * min.
 */
#ifndef RDL_REF_AFFINE_SUPER_BLOCK_H
#define RDL_REF_AFFINE_SUPER_BLOCK_H

#include "affine_search.h"
#include "kernel.h"
#include "search/search.h"

#include <string.h>

enum {
    RDL_AFFINE_MAX_SUB_BLOCKS = 16
};

/* The contents of a super-block before packing. */
struct rdl_affine_super_block {
    uint16_t d, dmin; /* binary16 units of scales and mins */
    uint8_t scales[RDL_AFFINE_MAX_SUB_BLOCKS];
    uint8_t mins[RDL_AFFINE_MAX_SUB_BLOCKS];
    uint8_t codes[RDL_SUPER_BLOCK];
};

/* What a search has found, as super-blocks of this kind are packed. */
static inline struct rdl_affine_super_block rdl_affine_found(const struct rdl_search_block *found)
{
    struct rdl_affine_super_block block = {.d = found->d, .dmin = found->dmin};
    for (int j = 0; j < RDL_AFFINE_MAX_SUB_BLOCKS; j++) {
        block.scales[j] = (uint8_t)found->scales[j];
        block.mins[j] = found->mins[j];
    }
    memcpy(block.codes, found->codes, sizeof block.codes);
    return block;
}

/* What tells one format of this kind from another. */
struct rdl_affine_layout {
    size_t block_bytes;
    int sub_blocks, length; /* their product is 256 */
    int field_max;          /* largest scale and min */
    /* The search without importance; also gives code_max, and the weights of its sub-blocks. */
    struct rdl_affine_grid plain_grid;
    void (*plain_weights)(int n, const float *x, float *w);
    /* With importance: sigma2 is this many times the mean square of the super-block. */
    float sigma2_factor;
    /* Makes scales and mins fit their field as the reference does: they come cut to a byte. */
    void (*fit_field)(struct rdl_affine_super_block *block);
    void (*pack)(const struct rdl_affine_super_block *block, uint8_t *bytes);
};

/* The reference's search, with or without importance. */
void rdl_affine_encode_ggml(const struct rdl_affine_layout *layout, const struct rdl_rows *rows,
                            uint8_t *blocks);

/* Minimum and maximum of each sub-block, no search. */
void rdl_affine_encode_nearest(const struct rdl_affine_layout *layout, const struct rdl_rows *rows,
                               uint8_t *blocks);

/* Weights of a sub-block whose codes are a field of each byte: (byte >> shift) & mask. Called with
 * constants, so that compilers unroll and vectorize. */
static inline void rdl_affine_decode(int n, float scale, float min, const uint8_t *bytes, int shift,
                                     uint8_t mask, float *x)
{
    for (int i = 0; i < n; i++)
        x[i] = scale * (float)((uint8_t)(bytes[i] >> shift) & mask) - min;
}

#endif
