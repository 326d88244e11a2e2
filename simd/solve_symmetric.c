/* Solvers of a scale on integers about 0, in lanes: ref/block/qx.c. */
#include "simd.h"

#define RDL_REGISTERS 2 /* three tiles of 64 rows are 24 KiB on AVX-512 */

#include "block_tile.h"
#include "symmetric_search.h"

RDL_INLINE struct symmetric_levels levels_of(const struct rdl_block_grid *grid)
{
    return (struct symmetric_levels){grid->first, grid->first + grid->count - 1};
}

/* The lanes whose scale is a number; in the others codes are those of zeros. */
RDL_INLINE vm store_fit(struct block_tile *tile, struct symmetric_fit fit)
{
    const struct symmetric_levels levels = levels_of(tile->grid);
    const vf zero = v_set(0.0f);
    const vm found = v_mandnot(v_lt(v_abs(fit.scale), v_set(INFINITY)), fit.empty);
    const vf inverse = v_select(found, fit.inverse, zero);
    const vi first = v_iset(levels.first);
    for (size_t i = 0; i < tile->n; i++) {
        const vf v = v_mul(inverse, v_load(tile->x + i * RDL_LANES));
        const vi level = v_truncate(symmetric_round(v, levels, REACH_BOTH));
        v_istore(tile->codes + i * RDL_LANES, v_isub(level, first));
    }
    block_tile_set(tile->scales, v_select(found, fit.scale, zero));
    block_tile_set(tile->offsets, zero);
    return found;
}

/* The tile of the codes has the products until they are there. */
RDL_INLINE vm search_qx(struct block_tile *tile)
{
    float *products = (float *)(void *)tile->codes;
    return store_fit(tile,
                     symmetric_search(tile->n, levels_of(tile->grid), tile->x, tile->w, products));
}

SOLVE_LANES(rdl_solve_lanes_qx, search_qx)
