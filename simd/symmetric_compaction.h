/*
 * The descent of Q3_K in the sub-blocks of many super-blocks: their scales, or codes.
 */
#ifndef RDL_SIMD_SYMMETRIC_COMPACTION_H
#define RDL_SIMD_SYMMETRIC_COMPACTION_H

#include "simd.h"

#include <stdbool.h>

enum {
    COMPACTION_SUB_BLOCKS = 1024, /* at most */
    COMPACTION_PADDING = 64       /* floats, at least as many as a vector has */
};

/* Numbers of sub-blocks. */
struct sub_block_list {
    size_t count;
    uint16_t numbers[COMPACTION_SUB_BLOCKS + 1];
};

/* The scales of sub-blocks 0, 1, ... of x. `as_reference`: see rdl_symmetric_descent(). */
void RDL_TARGET_NAME(rdl_descend_to_scales)(const float *x, size_t sub_blocks, bool as_reference,
                                            float *scales);
#define descend_to_scales RDL_TARGET_NAME(rdl_descend_to_scales)

/* The codes of the listed sub-blocks of x, in their places. */
void RDL_TARGET_NAME(rdl_descend_to_codes)(const float *x, const struct sub_block_list *list,
                                           bool as_reference, uint8_t *codes);
#define descend_to_codes RDL_TARGET_NAME(rdl_descend_to_codes)

#endif
