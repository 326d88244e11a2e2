/* The solvers of one candidate, in lanes: ref/block/minmax.c, and the refit of ref/block/block.c.
 */
#include "simd.h"

#define RDL_REGISTERS 2 /* three tiles of 64 rows are 24 KiB on AVX-512 */

#include "block_extremes.h"
#include "block_refit.h"

RDL_INLINE vm search_nearest(struct block_tile *tile)
{
    fit_extremes(tile);
    block_tile_code(tile, false);
    return tile->live;
}

RDL_INLINE vm search_nearest_refit(struct block_tile *tile)
{
    const vm found = search_nearest(tile);
    block_tile_refit(tile);
    return found;
}

SOLVE_LANES(rdl_solve_lanes_nearest, search_nearest)
SOLVE_LANES(rdl_solve_lanes_nearest_refit, search_nearest_refit)
