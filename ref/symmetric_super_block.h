/*
 * What Q3_K and Q6_K have in common: super-blocks of 16 sub-blocks of 16 weights, x = d * scale *
 * level with signed integer scales and levels.
 */
#ifndef RDL_REF_SYMMETRIC_SUPER_BLOCK_H
#define RDL_REF_SYMMETRIC_SUPER_BLOCK_H

#include "kernel.h"
#include "search/search.h"
#include "symmetric_search.h"

#include <string.h>

enum {
    RDL_SYMMETRIC_SUB_BLOCKS = 16,
    RDL_SYMMETRIC_SUB_BLOCK = 16
};

/* The contents of a super-block before packing, or after unpacking. */
struct rdl_symmetric_super_block {
    uint16_t d; /* binary16 */
    int8_t scales[RDL_SYMMETRIC_SUB_BLOCKS];
    uint8_t codes[RDL_SUPER_BLOCK]; /* level + half range */
};

/* What a search has found, as super-blocks of this kind are packed. */
static inline struct rdl_symmetric_super_block
rdl_symmetric_found(const struct rdl_search_block *found)
{
    struct rdl_symmetric_super_block block = {.d = found->d};
    for (int j = 0; j < RDL_SYMMETRIC_SUB_BLOCKS; j++)
        block.scales[j] = (int8_t)found->scales[j];
    memcpy(block.codes, found->codes, sizeof block.codes);
    return block;
}

/* What `nearest` starts from: of each sub-block the scale that sends its extreme element to
 * -half_range, and zero levels. */
void rdl_symmetric_begin_nearest(const float *x, int half_range, float *scales,
                                 struct rdl_symmetric_super_block *block);

/* Finds each code again for the scale that a decoder will see; a sub-block whose stored scale is
 * zero keeps the codes it has. */
void rdl_symmetric_requantize(const float *x, int half_range,
                              struct rdl_symmetric_super_block *block);

/* The integer scales in units of largest / -limit, the largest magnitude becoming -limit; true
 * unless all scales are (all but) zero, and then only d, which is 0, is set. `smallest` is the
 * magnitude below which they count as that. */
bool rdl_symmetric_code_scales(const float *scales, int limit, float smallest,
                               struct rdl_symmetric_super_block *block);

void rdl_symmetric_super_block_decode(const struct rdl_symmetric_super_block *block, int half_range,
                                      float *x);

#endif
