/* The solvers of one candidate, in lanes: ref/block/minmax.c, and the refit of ref/block/block.c.
 */
#include "simd.h"

#define RDL_REGISTERS 2 /* three tiles of 64 rows are 24 KiB on AVX-512 */

#include "block_tile.h"

/* ------------------------------------------------------------------------------------------------
 * Scales and offsets from the extremes
 */

struct extremes {
    float signed_max[RDL_LANES]; /* the first weight of largest magnitude */
    float min[RDL_LANES], max[RDL_LANES];
};

RDL_INLINE void find_extremes(const struct block_tile *tile, struct extremes *extremes)
{
    vf largest = v_set(0.0f), signed_max = largest, min = v_load(tile->x), max = min;
    for (size_t i = 0; i < tile->n; i++) {
        const vf x = v_load(tile->x + i * RDL_LANES), magnitude = v_abs(x);
        signed_max = v_select(v_lt(largest, magnitude), x, signed_max);
        largest = v_max(largest, magnitude);
        min = v_min(min, x);
        max = v_max(max, x);
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

RDL_INLINE void fit_extremes(struct block_tile *tile)
{
    const struct rdl_block_grid *grid = tile->grid;
    const rd zero = d_set(0.0), steps = d_set((double)(grid->count - 1));
    const double first = value_of(grid, 0);
    const rd end = d_set(first < 0.0 ? first : value_of(grid, grid->count - 1));
    struct extremes extremes;
    find_extremes(tile, &extremes);
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

/* ------------------------------------------------------------------------------------------------
 * Least squares for given codes: rdl_block_refit() of RDL_HALF lanes from k on
 */

struct sums {
    rd w, x;         /* sum w, w x */
    rd v, vv, xv;    /* sum w v, w v^2, w x v */
    rdm is_constant; /* the codes of weights with positive factors are one */
};

struct line {
    rd scale, offset;
};

RDL_INLINE struct sums sum_codes(const struct block_tile *tile, size_t k)
{
    const rd zero = d_set(0.0);
    struct sums sums = {zero, zero, zero, zero, zero, {0}};
    rd least = d_set((double)RDL_BLOCK_MAX_CODES), most = zero;
    for (size_t at = k; at < tile->n * RDL_LANES; at += RDL_LANES) {
        const rd w = d_load_floats(tile->w + at), x = d_load_floats(tile->x + at);
        const rd v = block_tile_values(tile->grid, tile->codes + at);
        const rd code = d_load_ints(tile->codes + at);
        const rdm counts = w > zero;
        least = d_select(counts & (code < least), code, least);
        most = d_select(counts & (code > most), code, most);
        sums.w += w;
        sums.x += w * x;
        sums.v += w * v;
        sums.vv += w * v * v;
        sums.xv += w * x * v;
    }
    sums.is_constant = least >= most;
    return sums;
}

RDL_INLINE rd refit_scale(const struct rdl_block_grid *grid, const struct sums *sums)
{
    const rd zero = d_set(0.0);
    const rdm helps =
        grid->kind == RDL_BLOCK_SIGNED ? (rdm)(sums->xv != zero) : (rdm)(sums->xv > zero);
    return d_select((sums->vv > zero) & helps, sums->xv / sums->vv, zero);
}

RDL_INLINE struct line refit_line(const struct block_tile *tile, const struct sums *sums, size_t k)
{
    const rd zero = d_set(0.0), x_mean = sums->x / sums->w, v_mean = sums->v / sums->w;
    rd vv = zero, xv = zero;
    for (size_t at = k; at < tile->n * RDL_LANES; at += RDL_LANES) {
        const rd w = d_load_floats(tile->w + at), x = d_load_floats(tile->x + at);
        const rd v = block_tile_values(tile->grid, tile->codes + at) - v_mean;
        vv += w * v * v;
        xv += w * v * (x - x_mean);
    }
    const rdm is_line = ~sums->is_constant & (vv > zero) & (xv > zero);
    const rd scale = d_select(is_line, xv / vv, zero);
    const struct line line = {scale, x_mean - scale * v_mean};
    if (tile->grid->kind == RDL_BLOCK_FREE)
        return line;
    const rdm positive = line.offset > zero;
    return (struct line){d_select(positive, refit_scale(tile->grid, sums), line.scale),
                         d_select(positive, zero, line.offset)};
}

RDL_INLINE void refit(struct block_tile *tile)
{
    const enum rdl_block_kind kind = tile->grid->kind;
    for (size_t k = 0; k < RDL_LANES; k += RDL_HALF) {
        const struct sums sums = sum_codes(tile, k);
        const struct line line = kind == RDL_BLOCK_AFFINE || kind == RDL_BLOCK_FREE
                                     ? refit_line(tile, &sums, k)
                                     : (struct line){refit_scale(tile->grid, &sums), d_set(0.0)};
        d_store(tile->scales + k, line.scale);
        d_store(tile->offsets + k, line.offset);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Solvers
 */

RDL_INLINE vm search_nearest(struct block_tile *tile)
{
    fit_extremes(tile);
    block_tile_code(tile, false);
    return tile->live;
}

RDL_INLINE vm search_nearest_refit(struct block_tile *tile)
{
    const vm found = search_nearest(tile);
    refit(tile);
    return found;
}

SOLVE_LANES(rdl_solve_lanes_nearest, search_nearest)
SOLVE_LANES(rdl_solve_lanes_nearest_refit, search_nearest_refit)
