/* The extremes of blocks in lanes, and the scales and offsets that these give: ref/block/minmax.c.
 */
#ifndef RDL_SIMD_BLOCK_EXTREMES_H
#define RDL_SIMD_BLOCK_EXTREMES_H

#include "block_tile.h"

struct extremes {
    float signed_max[RDL_LANES]; /* the first weight of largest magnitude */
    float min[RDL_LANES], max[RDL_LANES];
};

/* Of all weights, or of those with factors > 0. */
RDL_INLINE void find_extremes(const struct block_tile *tile, bool only_counting,
                              struct extremes *extremes)
{
    const vf zero = v_set(0.0f);
    vf largest = zero, signed_max = zero, min = v_set(INFINITY), max = v_set(-INFINITY);
    for (size_t i = 0; i < tile->n; i++) {
        const vf x = v_load(tile->x + i * RDL_LANES), w = v_load(tile->w + i * RDL_LANES);
        const vm counts = only_counting ? v_lt(zero, w) : v_le(zero, zero);
        const vm is_larger = v_mand(counts, v_lt(largest, v_abs(x)));
        signed_max = v_select(is_larger, x, signed_max);
        largest = v_select(is_larger, v_abs(x), largest);
        min = v_min(min, v_select(counts, x, min));
        max = v_max(max, v_select(counts, x, max));
    }
    v_store(extremes->signed_max, signed_max);
    v_store(extremes->min, min);
    v_store(extremes->max, max);
}

RDL_INLINE double value_of(const struct rdl_block_grid *grid, int code)
{
    return grid->entries ? (double)grid->entries[code] : (double)(grid->first + code);
}

/* The least scale at which no weight is beyond the values of its sign. */
RDL_INLINE rd positive_scale(const struct rdl_block_grid *grid, rd min, rd max)
{
    const rd zero = d_set(0.0);
    const double first = value_of(grid, 0), last = value_of(grid, grid->count - 1);
    const rd below = first < 0.0 ? d_select(min < zero, min / d_set(first), zero) : zero;
    const rd above = last > 0.0 ? d_select(max > zero, max / d_set(last), zero) : zero;
    return d_select(below > above, below, above);
}

/* The scales and offsets of rdl_solve_nearest(). */
RDL_INLINE void fit_extremes(struct block_tile *tile)
{
    const struct rdl_block_grid *grid = tile->grid;
    const rd zero = d_set(0.0), steps = d_set((double)(grid->count - 1));
    const double first = value_of(grid, 0);
    const rd end = d_set(first < 0.0 ? first : value_of(grid, grid->count - 1));
    struct extremes extremes;
    find_extremes(tile, false, &extremes);
    for (size_t k = 0; k < RDL_LANES; k += RDL_HALF) {
        const rd max = d_load_floats(extremes.max + k);
        rd min = d_load_floats(extremes.min + k), scale, offset = zero;
        if (grid->kind == RDL_BLOCK_SIGNED) {
            scale = d_load_floats(extremes.signed_max + k) / end;
        } else if (grid->kind == RDL_BLOCK_AFFINE || grid->kind == RDL_BLOCK_FREE) {
            if (grid->kind == RDL_BLOCK_AFFINE)
                min = d_select(min < zero, min, zero);
            scale = (max - min) / steps;
            offset = min;
        } else {
            scale = positive_scale(grid, min, max);
        }
        d_store(tile->scales + k, scale);
        d_store(tile->offsets + k, offset);
    }
}

#endif
