/* Solvers of scale and offset, in lanes: ref/block/qkx2.c. */
#include "simd.h"

#ifndef RDL_REGISTERS
#define RDL_REGISTERS 2 /* three tiles of 64 rows are 24 KiB on AVX-512 */
#endif

#include "affine_search.h"
#include "block_tile.h"

#include <limits.h>

/* The codes of a fit become integers where they are. */
RDL_INLINE void store_codes(struct block_tile *tile, struct affine_group *g, int code_max)
{
    affine_round(tile->n, g, g->fit.inverse, g->fit.from, code_max);
    for (size_t i = 0; i < tile->n; i++)
        v_istore(tile->codes + i * RDL_LANES, v_truncate(v_load(g->codes + i * RDL_LANES)));
}

/* A scale that is negative is for the solver to refit, and alternation its own. */
RDL_INLINE vm is_found(const struct block_tile *tile, const struct affine_fit *fit)
{
    const vf zero = v_set(0.0f), infinity = v_set(INFINITY);
    const vm finite = v_mand(v_lt(fit->scale, infinity), v_lt(v_abs(fit->offset), infinity));
    const vm none = v_lt(zero, zero), positive = v_le(zero, fit->scale);
    return tile->options->rounds > 0 ? none : v_mand(finite, positive);
}

RDL_INLINE vm search_qkx2(struct block_tile *tile)
{
    const struct rdl_solver_options *options = tile->options;
    const vf zero = v_set(0.0f);
    const struct affine_grid grid = {
        .code_max = tile->grid->count - 1,
        .first = options->first,
        .step = options->step,
        .last = options->rounds > 0       ? -1
                : options->last < INT_MAX ? options->last
                                          : INT_MAX - 1, /* it counts up to last + 1 */
        .absolute = options->absolute,
    };
    struct affine_group group = {.x = tile->x, .w = tile->w, .codes = (float *)(void *)tile->codes};
    affine_search(tile->n, grid, &group, 1);
    const vm found = is_found(tile, &group.fit);
    group.fit.inverse = v_select(found, group.fit.inverse, zero);
    group.fit.from = v_select(found, group.fit.from, zero);
    store_codes(tile, &group, grid.code_max);
    block_tile_set(tile->scales, v_select(found, group.fit.scale, zero));
    block_tile_set(tile->offsets, v_select(found, group.fit.offset, zero));
    return found;
}

SOLVE_LANES(rdl_solve_lanes_qkx2, search_qkx2)
