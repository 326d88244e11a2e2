/*
 * Blocks in lanes for solvers: RDL_LANES blocks of one length and grid. What a search leaves,
 * codes, scales and offsets, becomes what rdl_blocks_solve() owes: the codes of weights without a
 * factor, the errors, and the order of the blocks.
 */
#ifndef RDL_SIMD_BLOCK_TILE_H
#define RDL_SIMD_BLOCK_TILE_H

#include "double_lanes.h"
#include "solver.h"

#include <math.h>

enum {
    BLOCK_TILE_ROWS = RDL_BLOCK_MAX_LENGTH,
    BLOCK_TILE = BLOCK_TILE_ROWS * RDL_LANES
};

/* Weight i of block k is at i * RDL_LANES + k. Lanes from `count` on are zeros. */
struct block_tile {
    size_t n, count;
    const struct rdl_block_grid *grid;
    const struct rdl_solver_options *options;
    bool idle; /* there are factors 0 among those of the tile */
    vm live;   /* the lanes with a factor > 0 at a weight that is not 0 */
    _Alignas(64) float x[BLOCK_TILE], w[BLOCK_TILE];
    _Alignas(64) int32_t codes[BLOCK_TILE];
    double scales[RDL_LANES], offsets[RDL_LANES];
};

/* ------------------------------------------------------------------------------------------------
 * Loading
 */

RDL_INLINE size_t block_tile_rounded(size_t n)
{
    return (n + RDL_WIDTH - 1) / RDL_WIDTH * RDL_WIDTH;
}

/* Transposes `count` blocks; rows from n on hold whatever is there. Nothing behind the blocks is
 * read: where whole registers would, they are copied first. */
RDL_INLINE void block_tile_transpose(size_t n, const float *x, size_t count, float *tile)
{
    const size_t rounded = block_tile_rounded(n), reach = (RDL_WIDTH - 1) * n + rounded;
    for (size_t k = 0; k < RDL_LANES; k += RDL_WIDTH) {
        float padded[RDL_WIDTH * BLOCK_TILE_ROWS + RDL_WIDTH];
        const float *from = x + k * n;
        if (k * n + reach > count * n) {
            const size_t rest = k < count ? (count - k < RDL_WIDTH ? count - k : RDL_WIDTH) * n : 0;
            memcpy(padded, from, rest * sizeof *x);
            memset(padded + rest, 0, (reach - rest) * sizeof *x);
            from = padded;
        }
        for (size_t i = 0; i < rounded; i += RDL_WIDTH)
            r_transpose(from + i, n, tile + i * RDL_LANES + k, RDL_LANES);
    }
}

/* Which lanes are live, which weights idle; false if there are weights that are not finite, or
 * factors that are none. */
RDL_INLINE bool block_tile_check(struct block_tile *tile)
{
    const vf zero = v_set(0.0f), infinity = v_set(INFINITY);
    vm valid = v_lt(zero, infinity), live = v_lt(infinity, zero), counts = valid;
    for (size_t i = 0; i < tile->n; i++) {
        const vf x = v_load(tile->x + i * RDL_LANES), w = v_load(tile->w + i * RDL_LANES);
        const vm positive = v_lt(zero, w);
        valid = v_mand(valid, v_mand(v_lt(v_abs(x), infinity), v_lt(w, infinity)));
        valid = v_mand(valid, v_le(zero, w));
        counts = v_mand(counts, positive);
        live = v_mor(live, v_mandnot(positive, v_eq(x, zero)));
    }
    tile->live = live;
    tile->idle = v_any(v_mandnot(v_lt(zero, infinity), counts));
    return !v_any(v_mandnot(v_lt(zero, infinity), valid));
}

/* The tile of the blocks from number `start` on; false if they have bad data. */
RDL_INLINE bool block_tile_load(const struct rdl_block *first, size_t start, size_t count,
                                const struct rdl_solver_options *options, struct block_tile *tile)
{
    const size_t n = first->n, rest = count - start;
    tile->n = n;
    tile->count = rest < RDL_LANES ? rest : RDL_LANES;
    tile->grid = &first->grid;
    tile->options = options;
    block_tile_transpose(n, first->x + start * n, tile->count, tile->x);
    if (first->weights)
        block_tile_transpose(n, first->weights + start * n, tile->count, tile->w);
    else
        for (size_t i = 0; i < n; i++)
            v_store(tile->w + i * RDL_LANES, v_set(1.0f));
    return block_tile_check(tile);
}

/* ------------------------------------------------------------------------------------------------
 * Codes and values in binary64
 */

RDL_INLINE void block_tile_set(double *to, vf from)
{
    float lanes[RDL_LANES];
    v_store(lanes, from);
    for (size_t k = 0; k < RDL_LANES; k += RDL_HALF)
        d_store(to + k, d_load_floats(lanes + k));
}

RDL_INLINE rd block_tile_values(const struct rdl_block_grid *grid, const int32_t *codes)
{
    if (!grid->entries)
        return d_load_ints(codes) + d_set((double)grid->first);
    float values[RDL_HALF];
    for (size_t k = 0; k < RDL_HALF; k++)
        values[k] = grid->entries[codes[k]];
    return d_load_floats(values);
}

/* rdl_block_nearest() of lanes. An entry's code is the number of midpoints that are not above v. */
RDL_INLINE rd block_tile_nearest(const struct rdl_block_grid *grid, rd v)
{
    const rd zero = d_set(0.0), last = d_set((double)(grid->count - 1));
    if (grid->entries) {
        rdm above = {0};
        for (int k = 0; k + 1 < grid->count; k++)
            above += v < d_set(0.5 * ((double)grid->entries[k] + (double)grid->entries[k + 1]));
        return last + __builtin_convertvector(above, rd);
    }
    return d_round(d_min(d_max(v - d_set((double)grid->first), zero), last));
}

/* Nearest codes at the scales and offsets, of all weights or of those of factor 0. */
RDL_INLINE void block_tile_code(struct block_tile *tile, bool only_idle)
{
    for (size_t k = 0; k < RDL_LANES; k += RDL_HALF) {
        const rd scale = d_load(tile->scales + k), offset = d_load(tile->offsets + k);
        const rdm unscaled = scale == d_set(0.0);
        for (size_t at = k; at < tile->n * RDL_LANES; at += RDL_LANES) {
            const rd v = (d_load_floats(tile->x + at) - offset) / scale;
            rd code = block_tile_nearest(tile->grid, d_select(unscaled, d_set(0.0), v));
            if (only_idle)
                code = d_select(d_load_floats(tile->w + at) > d_set(0.0),
                                d_load_ints(tile->codes + at), code);
            d_store_ints(tile->codes + at, code);
        }
    }
}

/* ------------------------------------------------------------------------------------------------
 * Storing
 */

RDL_INLINE void block_tile_errors(const struct block_tile *tile, double *errors)
{
    for (size_t k = 0; k < RDL_LANES; k += 2 * RDL_HALF) {
        rd error[2] = {{0}};
        rd scale[2], offset[2];
        for (size_t h = 0; h < 2; h++) {
            scale[h] = d_load(tile->scales + k + h * RDL_HALF);
            offset[h] = d_load(tile->offsets + k + h * RDL_HALF);
        }
        for (size_t i = 0; i < tile->n; i++)
            for (size_t h = 0; h < 2; h++) {
                const size_t at = i * RDL_LANES + k + h * RDL_HALF;
                const rd value = block_tile_values(tile->grid, tile->codes + at);
                const rd rest = d_load_floats(tile->x + at) - (scale[h] * value + offset[h]);
                error[h] += d_load_floats(tile->w + at) * (rest * rest);
            }
        for (size_t h = 0; h < 2; h++)
            d_store(errors + k + h * RDL_HALF, error[h]);
    }
}

/* From lanes to blocks. A whole register goes to its place where what it overwrites is still to be
 * stored, block by block. */
RDL_INLINE void block_tile_store_codes(const struct block_tile *tile, uint8_t *codes)
{
    const size_t n = tile->n, rounded = block_tile_rounded(n);
    for (size_t k = 0; k < tile->count; k += RDL_WIDTH) {
        _Alignas(64) float ordered[RDL_WIDTH * BLOCK_TILE_ROWS];
        for (size_t i = 0; i < rounded; i += RDL_WIDTH)
            r_transpose((const float *)(const void *)(tile->codes + i * RDL_LANES + k), RDL_LANES,
                        ordered + i, rounded);
        for (size_t lane = 0; lane < RDL_WIDTH && k + lane < tile->count; lane++) {
            const size_t at = (k + lane) * n;
            const bool fits = at + rounded <= tile->count * n;
            uint8_t rest[BLOCK_TILE_ROWS];
            uint8_t *to = fits ? codes + at : rest;
            for (size_t i = 0; i < rounded; i += RDL_WIDTH)
                r_store_u8(to + i, r_bits(r_load(ordered + lane * rounded + i)));
            if (!fits)
                memcpy(codes + at, rest, n);
        }
    }
}

/* Ends the search of a tile: `found` are the lanes that it has solved. */
RDL_INLINE void block_tile_finish(struct block_tile *tile, vm found, uint8_t *codes,
                                  struct rdl_block_fit *fits, uint8_t *solved)
{
    double errors[RDL_LANES];
    uint8_t flags[RDL_LANES];
    if (tile->idle)
        block_tile_code(tile, true);
    block_tile_errors(tile, errors);
    block_tile_store_codes(tile, codes);
    v_store_u8(flags, v_iselect(v_mand(found, tile->live), v_iset(1), v_iset(0)));
    for (size_t k = 0; k < tile->count; k++)
        fits[k] = (struct rdl_block_fit){tile->scales[k], tile->offsets[k], errors[k]};
    memcpy(solved, flags, tile->count);
}

/* A search of a tile: leaves codes within the grid in all lanes, scales and offsets; returns the
 * lanes that it has solved. */
typedef vm block_search_fn(struct block_tile *tile);

/* The rdl_solve_lanes_fn of a search. */
RDL_INLINE void solve_lanes(block_search_fn *search, size_t count, const struct rdl_block *first,
                            const struct rdl_solver_options *options, uint8_t *codes,
                            struct rdl_block_fit *fits, uint8_t *solved)
{
    struct block_tile tile;
    memset(solved, 0, count);
    for (size_t start = 0; start < count; start += RDL_LANES) {
        if (!block_tile_load(first, start, count, options, &tile))
            return;
        const vm found = search(&tile);
        block_tile_finish(&tile, found, codes + start * first->n, fits + start, solved + start);
    }
}

/* Defines the rdl_solve_lanes_fn of a solver. */
#define SOLVE_LANES(name, search)                                                                  \
    void RDL_TARGET_NAME(name)(size_t count, const struct rdl_block *first,                        \
                               const struct rdl_solver_options *options, uint8_t *codes,           \
                               struct rdl_block_fit *fits, uint8_t *solved)                        \
    {                                                                                              \
        solve_lanes(search, count, first, options, codes, fits, solved);                           \
    }

#endif
