/* The solver of a scale on integers from 0, in lanes: ref/block/qp.c. */
#include "simd.h"

#define RDL_REGISTERS 2 /* three tiles of 64 rows are 24 KiB on AVX-512 */

#include "block_tile.h"
#include "nonnegative_search.h"

RDL_INLINE vm search_qp(struct block_tile *tile)
{
    const vf zero = v_set(0.0f);
    const vf scale = nonnegative_search(tile->n, tile->grid->count - 1, tile->x, tile->w,
                                        NONNEGATIVE_CLAMPED, tile->codes);
    const vm found = v_lt(v_abs(scale), v_set(INFINITY));
    block_tile_set(tile->scales, v_select(found, scale, zero));
    block_tile_set(tile->offsets, zero);
    return found;
}

SOLVE_LANES(rdl_solve_lanes_qp, search_qp)
