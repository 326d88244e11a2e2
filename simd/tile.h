/*
 * Tiles: sub-blocks in lanes. Weight i of sub-block k is tile[i * RDL_LANES + k].
 */
#ifndef RDL_SIMD_TILE_H
#define RDL_SIMD_TILE_H

#include "kernel.h"
#include "lanes.h"

#include <string.h>

enum {
    RDL_TILE_MAX_LENGTH = 32,
    RDL_TILE = RDL_TILE_MAX_LENGTH * RDL_LANES /* floats */
};

/* A register's worth of sub-blocks of n weights, which follow each other. */
RDL_INLINE void tile_transpose(size_t n, const float *x, size_t k, float *tile)
{
    for (size_t i = 0; i < n; i += RDL_WIDTH)
        r_transpose(x + i, n, tile + i * RDL_LANES + k, RDL_LANES);
}

/*
 * Loads the first `count` of RDL_LANES sub-blocks of n weights, n a multiple of 16, that follow
 * each other in x; the other lanes are zeros. Nothing behind the sub-blocks is read.
 */
RDL_INLINE void tile_load(size_t n, const float *x, size_t count, float *tile)
{
    for (size_t k = 0; k < RDL_LANES; k += RDL_WIDTH) {
        if (k + RDL_WIDTH <= count) {
            tile_transpose(n, x + k * n, k, tile);
            continue;
        }
        float padded[RDL_WIDTH * RDL_TILE_MAX_LENGTH];
        const size_t rest = k < count ? count - k : 0;
        memset(padded, 0, sizeof padded);
        if (rest != 0)
            memcpy(padded, x + k * n, rest * n * sizeof *padded);
        tile_transpose(n, padded, k, tile);
    }
}

/*
 * The same from factors that begin anew every ncols: those of sub-blocks first, first + 1, ... of
 * rows of ncols weights.
 */
RDL_INLINE void tile_load_importance(size_t n, const float *importance, size_t ncols, size_t first,
                                     size_t count, float *tile)
{
    for (size_t k = 0; k < RDL_LANES; k += RDL_WIDTH) {
        const size_t column = (first + k) * n % ncols;
        if (k + RDL_WIDTH <= count && column + RDL_WIDTH * n <= ncols) {
            tile_transpose(n, importance + column, k, tile);
            continue;
        }
        float padded[RDL_WIDTH * RDL_TILE_MAX_LENGTH];
        memset(padded, 0, sizeof padded);
        for (size_t lane = 0; lane < RDL_WIDTH && k + lane < count; lane++)
            memcpy(padded + lane * n, importance + (first + k + lane) * n % ncols,
                   n * sizeof *padded);
        tile_transpose(n, padded, k, tile);
    }
}

#endif
