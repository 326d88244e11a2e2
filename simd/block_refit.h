/* Least squares for given codes: rdl_block_refit() of ref/block/block.c in lanes. */
#ifndef RDL_SIMD_BLOCK_REFIT_H
#define RDL_SIMD_BLOCK_REFIT_H

#include "block_tile.h"

struct refit_sums {
    rd w, x;         /* sum w, w x */
    rd v, vv, xv;    /* sum w v, w v^2, w x v */
    rdm is_constant; /* the codes of weights with positive factors are one */
};

struct refit_line {
    rd scale, offset;
};

/* Of RDL_HALF lanes from k on. */
RDL_INLINE struct refit_sums refit_sum(const struct block_tile *tile, size_t k)
{
    const rd zero = d_set(0.0);
    struct refit_sums sums = {zero, zero, zero, zero, zero, {0}};
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

RDL_INLINE rd refit_scale(const struct rdl_block_grid *grid, const struct refit_sums *sums)
{
    const rd zero = d_set(0.0);
    const rdm helps =
        grid->kind == RDL_BLOCK_SIGNED ? (rdm)(sums->xv != zero) : (rdm)(sums->xv > zero);
    return d_select((sums->vv > zero) & helps, sums->xv / sums->vv, zero);
}

RDL_INLINE struct refit_line refit_line_of(const struct block_tile *tile,
                                           const struct refit_sums *sums, size_t k)
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
    const struct refit_line line = {scale, x_mean - scale * v_mean};
    if (tile->grid->kind == RDL_BLOCK_FREE)
        return line;
    const rdm positive = line.offset > zero;
    return (struct refit_line){d_select(positive, refit_scale(tile->grid, sums), line.scale),
                               d_select(positive, zero, line.offset)};
}

/* The scales and offsets of the tile, for its codes. */
RDL_INLINE void block_tile_refit(struct block_tile *tile)
{
    const enum rdl_block_kind kind = tile->grid->kind;
    for (size_t k = 0; k < RDL_LANES; k += RDL_HALF) {
        const struct refit_sums sums = refit_sum(tile, k);
        const struct refit_line line =
            kind == RDL_BLOCK_AFFINE || kind == RDL_BLOCK_FREE
                ? refit_line_of(tile, &sums, k)
                : (struct refit_line){refit_scale(tile->grid, &sums), d_set(0.0)};
        d_store(tile->scales + k, line.scale);
        d_store(tile->offsets + k, line.offset);
    }
}

#endif
