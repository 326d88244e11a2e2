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

/* sigma2 of the n sub-blocks of each super-block of x: the super-block's mean square times a
 * factor. Those of super-block k begin at k * n. */
void RDL_TARGET_NAME(rdl_slab_fill_sigma2)(size_t n, float factor, const float *x, size_t count,
                                           float *sigma2);
#define slab_fill_sigma2 RDL_TARGET_NAME(rdl_slab_fill_sigma2)

/*
 * Values and codes of the sub-blocks of a slab: those of super-block k begin at k * n, where n is
 * the number of its sub-blocks. In lanes, cell j of super-block k is tile[j * RDL_SLAB + k].
 */
static inline void slab_to_lanes(size_t n, const float *values, float *tile)
{
    for (size_t k = 0; k < RDL_SLAB; k++)
        for (size_t j = 0; j < n; j++)
            tile[j * RDL_SLAB + k] = values[k * n + j];
}

static inline void slab_from_lanes(size_t n, const int32_t *tile, uint8_t *codes)
{
    for (size_t k = 0; k < RDL_SLAB; k++)
        for (size_t j = 0; j < n; j++)
            codes[k * n + j] = (uint8_t)tile[j * RDL_SLAB + k];
}

/* Codes of values >= 0 in units of largest / code_max, cut to a byte; units as binary16. */
void RDL_TARGET_NAME(rdl_slab_code_by_largest)(size_t n, int code_max, const float *values,
                                               uint16_t *units, uint8_t *codes);
#define slab_code_by_largest RDL_TARGET_NAME(rdl_slab_code_by_largest)

/* Codes by the search of nonnegative_search.h with factors w. */
void RDL_TARGET_NAME(rdl_slab_code_by_search)(size_t n, int code_max, const float *values,
                                              const float *w, uint16_t *units, uint8_t *codes);
#define slab_code_by_search RDL_TARGET_NAME(rdl_slab_code_by_search)

#endif
