/*
 * Steps of the formats with super-blocks whose lanes are whole super-blocks: 16 of them, a slab, on
 * every target. All of them work on the first `count` super-blocks of a slab; what they give for
 * the others is unspecified.
 */
#ifndef RDL_SIMD_SUPER_BLOCKS_H
#define RDL_SIMD_SUPER_BLOCKS_H

#include "kernel.h"
#include "simd.h"

enum {
    RDL_SUPER_BLOCK = 256,
    RDL_SLAB = 16,          /* super-blocks */
    RDL_MAX_SUB_BLOCKS = 16 /* of a super-block */
};

/* The sum of the squares of each super-block of x, in order. */
void RDL_TARGET_NAME(rdl_slab_squares)(const float *x, size_t count, float *sums);
#define slab_squares RDL_TARGET_NAME(rdl_slab_squares)

/*
 * Values and codes of the sub-blocks of a slab: those of super-block k begin at k * n, where n is
 * the number of its sub-blocks.
 */

/* Codes of values >= 0 in units of largest / code_max, cut to a byte; units as binary16. */
void RDL_TARGET_NAME(rdl_slab_code_by_largest)(size_t n, int code_max, const float *values,
                                               uint16_t *units, uint8_t *codes);
#define slab_code_by_largest RDL_TARGET_NAME(rdl_slab_code_by_largest)

/* Codes by the search of nonnegative_search.h with factors w. */
void RDL_TARGET_NAME(rdl_slab_code_by_search)(size_t n, int code_max, const float *values,
                                              const float *w, uint16_t *units, uint8_t *codes);
#define slab_code_by_search RDL_TARGET_NAME(rdl_slab_code_by_search)

#endif
