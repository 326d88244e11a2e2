/*
 * Coding of the signed scales of Q3_K and Q6_K, with the super-blocks of a slab in lanes. Scales
 * and codes are in the order of sub-blocks, 16 of each super-block.
 */
#ifndef RDL_SIMD_SYMMETRIC_SCALES_H
#define RDL_SIMD_SYMMETRIC_SCALES_H

#include "super_blocks.h"

enum {
    SYMMETRIC_SUB_BLOCKS = 16,
    SYMMETRIC_SCALES = SYMMETRIC_SUB_BLOCKS * RDL_SLAB
};

struct symmetric_scales {
    uint16_t d[RDL_SLAB]; /* binary16 */
    int8_t codes[SYMMETRIC_SCALES];
    uint8_t zero[RDL_SLAB]; /* whether a super-block counts as zero: d is 0 and codes are -limit */
};

/* In units of largest / -limit, the largest magnitude becoming -limit. A super-block without a
 * magnitude above zero and of at least `smallest` counts as zero. */
void RDL_TARGET_NAME(rdl_symmetric_code_by_extreme)(int limit, float smallest, const float *scales,
                                                    struct symmetric_scales *coded);
#define symmetric_code_by_extreme RDL_TARGET_NAME(rdl_symmetric_code_by_extreme)

/* By symmetric_search() with factors w; nothing counts as zero. */
void RDL_TARGET_NAME(rdl_symmetric_code_by_search)(int limit, const float *scales, const float *w,
                                                   struct symmetric_scales *coded);
#define symmetric_code_by_search RDL_TARGET_NAME(rdl_symmetric_code_by_search)

#endif
