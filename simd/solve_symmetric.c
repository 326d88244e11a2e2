/* Solvers of a scale on integers about 0, in lanes: ref/block/qx.c. */
#include "simd.h"

#define RDL_REGISTERS 2 /* three tiles of 64 rows are 24 KiB on AVX-512 */

#include "block_tile.h"
#include "symmetric_search.h"

RDL_INLINE struct symmetric_levels levels_of(const struct rdl_block_grid *grid)
{
    return (struct symmetric_levels){grid->first, grid->first + grid->count - 1};
}

/* The lanes that are not empty and whose scale is a number; it is stored. */
RDL_INLINE vm store_scale(struct block_tile *tile, vf scale, vm empty)
{
    const vf zero = v_set(0.0f);
    const vm found = v_mandnot(v_lt(v_abs(scale), v_set(INFINITY)), empty);
    block_tile_set(tile->scales, v_select(found, scale, zero));
    block_tile_set(tile->offsets, zero);
    return found;
}

RDL_INLINE void store_code(struct block_tile *tile, size_t i, vf level)
{
    const vi first = v_iset(tile->grid->first);
    v_istore(tile->codes + i * RDL_LANES, v_isub(v_truncate(level), first));
}

/* ------------------------------------------------------------------------------------------------
 * qx
 */

/* The tile of the codes has the products until they are there. Where nothing is found they are
 * those of zeros. */
RDL_INLINE vm search_qx(struct block_tile *tile)
{
    const struct symmetric_levels levels = levels_of(tile->grid);
    float *products = (float *)(void *)tile->codes;
    const struct symmetric_fit fit = symmetric_search(tile->n, levels, tile->x, tile->w, products);
    const vm found = store_scale(tile, fit.scale, fit.empty);
    const vf inverse = v_select(found, fit.inverse, v_set(0.0f));
    for (size_t i = 0; i < tile->n; i++) {
        const vf v = v_mul(inverse, v_load(tile->x + i * RDL_LANES));
        store_code(tile, i, symmetric_round(v, levels, REACH_BOTH));
    }
    return found;
}

SOLVE_LANES(rdl_solve_lanes_qx, search_qx)

/* ------------------------------------------------------------------------------------------------
 * qxg
 */

/* A walk in lanes. A move that is made changes its level when the next pass comes by. */
struct walk {
    const struct block_tile *tile;
    struct symmetric_levels range;
    float *levels; /* a tile */
    vf xl, l2, scale, explained;
    vm goes_on;     /* the lanes that the last move has improved */
    vi place;       /* of the move, -1 for none */
    vf level, w, x; /* there */
    vf direction;
};

/* The level of row i, after the last move. */
RDL_INLINE vf walk_level(struct walk *walk, size_t i)
{
    float *at = walk->levels + i * RDL_LANES;
    const vf old = v_load(at);
    const vm moved = v_ieq(walk->place, v_iset((int32_t)i));
    const vf level = v_select(moved, v_add(old, walk->direction), old);
    v_store(at, level);
    return level;
}

/* The move of one level that goes down the slope of the error with respect to the values. */
RDL_INLINE void walk_find(struct walk *walk)
{
    const vf zero = v_set(0.0f), one = v_set(1.0f), minus_one = v_set(-1.0f);
    const vf first = v_set((float)walk->range.first), last = v_set((float)walk->range.last);
    vf largest = zero, direction = zero;
    vi place = v_iset(-1);
    for (size_t i = 0; i < walk->tile->n; i++) {
        const vf level = walk_level(walk, i);
        const vf x = v_load(walk->tile->x + i * RDL_LANES);
        const vf w = v_load(walk->tile->w + i * RDL_LANES);
        const vf rest = v_sub(x, v_mul(walk->scale, level));
        const vf slope = v_mul(v_mul(walk->scale, w), rest), steepness = v_abs(slope);
        const vm up = v_mand(v_lt(zero, slope), v_lt(level, last));
        const vm down = v_mand(v_lt(slope, zero), v_lt(first, level));
        const vm steeper = v_mand(v_mor(up, down), v_lt(largest, steepness));
        largest = v_select(steeper, steepness, largest);
        direction = v_select(steeper, v_select(up, one, minus_one), direction);
        place = v_iselect(steeper, v_iset((int32_t)i), place);
        walk->level = v_select(steeper, level, walk->level);
        walk->w = v_select(steeper, w, walk->w);
        walk->x = v_select(steeper, x, walk->x);
    }
    walk->direction = direction;
    walk->place = place;
}

/* Makes the moves that improve the fit; the other lanes are at their end. */
RDL_INLINE void walk_make(struct walk *walk)
{
    const vf zero = v_set(0.0f), direction = walk->direction, wx = v_mul(walk->w, walk->x);
    const vf change = v_mul(walk->w, v_add(v_mul(v_set(2.0f), walk->level), direction));
    const vf xl = v_add(walk->xl, v_mul(direction, wx));
    const vf l2 = v_add(walk->l2, v_mul(direction, change));
    const vm better = v_mand(v_lt(zero, l2), v_lt(v_mul(walk->explained, l2), v_mul(xl, xl)));
    walk->goes_on = v_mand(v_mandnot(walk->goes_on, v_eq(direction, zero)), better);
    const vf scale = v_div(xl, l2);
    walk->xl = v_select(walk->goes_on, xl, walk->xl);
    walk->l2 = v_select(walk->goes_on, l2, walk->l2);
    walk->scale = v_select(walk->goes_on, scale, walk->scale);
    walk->explained = v_select(walk->goes_on, v_mul(scale, xl), walk->explained);
    walk->place = v_iselect(walk->goes_on, walk->place, v_iset(-1));
}

RDL_INLINE vm search_qxg(struct block_tile *tile)
{
    const vf zero = v_set(0.0f);
    const struct symmetric_levels range = levels_of(tile->grid);
    struct symmetric_state scan = {.n = tile->n, .levels = range, .x = tile->x, .w = tile->w};
    float *levels = (float *)(void *)tile->codes;
    const vm empty = symmetric_scan(&scan, true, levels);
    struct walk walk = {.tile = tile,
                        .range = range,
                        .levels = levels,
                        .xl = scan.xl,
                        .l2 = scan.l2,
                        .scale = scan.scale,
                        .explained = scan.explained,
                        .goes_on = v_mandnot(v_le(zero, zero), empty),
                        .place = v_iset(-1),
                        .level = zero,
                        .w = zero,
                        .x = zero,
                        .direction = zero};
    const vf inverse = v_select(empty, zero, scan.inverse);
    for (size_t i = 0; i < tile->n; i++) {
        const vf v = v_mul(inverse, v_load(tile->x + i * RDL_LANES));
        v_store(levels + i * RDL_LANES, symmetric_round(v, range, REACH_BOTH));
    }
    const size_t steps = tile->n * (size_t)(tile->grid->count - 1);
    for (size_t step = 0; step < steps && v_any(walk.goes_on); step++) {
        walk_find(&walk);
        walk_make(&walk);
    }
    for (size_t i = 0; i < tile->n; i++)
        store_code(tile, i, walk_level(&walk, i));
    return store_scale(tile, walk.scale, empty);
}

SOLVE_LANES(rdl_solve_lanes_qxg, search_qxg)
