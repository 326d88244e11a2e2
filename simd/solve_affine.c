/* Solvers of scale and offset, in lanes: ref/block/qkx2.c and qkx1.c. */
#include "simd.h"

#define RDL_REGISTERS 2 /* three tiles of 64 rows are 24 KiB on AVX-512 */

#include "affine_search.h"
#include "block_tile.h"

#include <limits.h>

/* ------------------------------------------------------------------------------------------------
 * qkx2, qkx3
 */

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

/* ------------------------------------------------------------------------------------------------
 * qkx1
 */

/* Alternation in lanes: codes are in the tile, as floats those of the round that is played. */
struct rounds {
    struct block_tile *tile;
    float *next;
    vf scale, offset, inverse;
    vm found, goes_on; /* the lanes that a round has given a fit; that take part in the next one */
};

/* The codes of a round and its scale; the lanes that have one, and those whose codes are new. */
RDL_INLINE vm round_scale(struct rounds *rounds, vf *scale, vm *changed)
{
    const struct block_tile *tile = rounds->tile;
    const vf zero = v_set(0.0f);
    vf xl = zero, l2 = zero;
    *changed = v_lt(zero, zero);
    for (size_t i = 0; i < tile->n; i++) {
        const vf above = v_sub(v_load(tile->x + i * RDL_LANES), rounds->offset);
        const vi code =
            v_clamp(v_nearest_int(v_mul(rounds->inverse, above)), 0, tile->grid->count - 1);
        const vf level = v_to_float(code);
        const vm same = v_ieq(code, v_iload(tile->codes + i * RDL_LANES));
        *changed = v_mor(*changed, v_mandnot(v_le(zero, zero), same));
        v_store(rounds->next + i * RDL_LANES, level);
        xl = v_add(xl, v_mul(above, level));
        l2 = v_add(l2, v_mul(level, level));
    }
    *scale = v_div(xl, l2);
    return v_lt(zero, l2);
}

/* The mean of what the scaled codes leave, blended with the old offset, and not positive. */
RDL_INLINE vf round_offset(const struct rounds *rounds, vf scale)
{
    const struct block_tile *tile = rounds->tile;
    const float blend = tile->options->blend;
    vf rest = v_set(0.0f);
    for (size_t i = 0; i < tile->n; i++) {
        const vf fitted = v_mul(scale, v_load(rounds->next + i * RDL_LANES));
        rest = v_add(rest, v_sub(v_load(tile->x + i * RDL_LANES), fitted));
    }
    const vf mean = v_div(v_mul(v_set(1.0f - blend), rest), v_set((float)tile->n));
    const vf offset = v_add(v_mul(v_set(blend), rounds->offset), mean);
    return v_select(v_lt(v_set(0.0f), offset), v_set(0.0f), offset);
}

/* Plays one round. The codes of the first are new: of codes 0 there is no scale. */
RDL_INLINE void play_round(struct rounds *rounds)
{
    const struct block_tile *tile = rounds->tile;
    const vf infinity = v_set(INFINITY);
    vf scale;
    vm changed;
    vm played = v_mand(rounds->goes_on, round_scale(rounds, &scale, &changed));
    const vf offset = round_offset(rounds, scale);
    played = v_mand(played, v_mand(v_lt(v_abs(scale), infinity), v_lt(v_abs(offset), infinity)));
    for (size_t i = 0; i < tile->n; i++) {
        int32_t *at = rounds->tile->codes + i * RDL_LANES;
        const vi code = v_truncate(v_load(rounds->next + i * RDL_LANES));
        v_istore(at, v_iselect(played, code, v_iload(at)));
    }
    rounds->scale = v_select(played, scale, rounds->scale);
    rounds->offset = v_select(played, offset, rounds->offset);
    rounds->inverse = v_select(played, v_div(v_set(1.0f), scale), rounds->inverse);
    rounds->found = v_mor(rounds->found, played);
    rounds->goes_on = v_mand(played, changed);
}

RDL_INLINE vm search_qkx1(struct block_tile *tile)
{
    _Alignas(64) float next[BLOCK_TILE];
    const vf zero = v_set(0.0f);
    vf min, max;
    affine_range(tile->n, tile->x, &min, &max);
    const vf last = v_set((float)(tile->grid->count - 1));
    struct rounds rounds = {.tile = tile,
                            .next = next,
                            .scale = zero,
                            .offset = v_select(v_lt(min, zero), min, zero),
                            .found = v_lt(zero, zero)};
    rounds.goes_on = v_lt(rounds.offset, max);
    rounds.inverse = v_div(last, v_sub(max, rounds.offset));
    for (size_t i = 0; i < tile->n; i++)
        v_istore(tile->codes + i * RDL_LANES, v_iset(0));
    int played = 0;
    do
        play_round(&rounds);
    while (++played < tile->options->rounds && v_any(rounds.goes_on));
    block_tile_set(tile->scales, rounds.scale);
    block_tile_set(tile->offsets, rounds.offset);
    return rounds.found;
}

SOLVE_LANES(rdl_solve_lanes_qkx1, search_qkx1)
