/* Solvers of a scale on tables, in lanes: ref/block/nl.c. */
#include "simd.h"

#define RDL_REGISTERS 2 /* three tiles of 64 rows are 24 KiB on AVX-512 */

#include "block_table.h"
#include "block_tile.h"
#include "iq4_search.h"

RDL_INLINE struct table_ends ends_of(const struct rdl_block_grid *grid)
{
    const float first = grid->entries[0], last = grid->entries[grid->count - 1];
    const float end = first < 0.0f ? first : last;
    const float larger = fabsf(end) > fabsf(last) ? fabsf(end) : fabsf(last);
    return (struct table_ends){.end = end, .last = last, .unit = larger / 127.0f};
}

RDL_INLINE bool is_iq4(const struct rdl_block_grid *grid)
{
    return grid->count == 16 && memcmp(grid->entries, nearest_values, sizeof nearest_values) == 0;
}

/* The best of the candidates: IQ4_NL has its own way to find entries. */
RDL_INLINE struct table_fit scan(const struct block_tile *tile, const struct block_table *table,
                                 vf extreme, bool both_ends)
{
    const enum rdl_nearest_variant variant = NEAREST_IQ4;
    struct table_search search = {
        .table = table, .ends = ends_of(tile->grid), .n = tile->n, .x = tile->x, .w = tile->w};
    if (is_iq4(tile->grid)) {
        search.nearest = iq4_nearest;
        search.table = &variant;
        return table_scan(&search, extreme, both_ends);
    }
    if (table->count <= SMALL_TABLE) {
        search.nearest = small_table_nearest;
        return table_scan(&search, extreme, both_ends);
    }
    search.nearest = large_table_nearest;
    return table_scan(&search, extreme, both_ends);
}

RDL_INLINE void code(struct block_tile *tile, const struct block_table *table, vf inverse)
{
    for (size_t i = 0; i < tile->n; i++)
        v_istore(tile->codes + i * RDL_LANES,
                 block_table_code(table, v_mul(inverse, v_load(tile->x + i * RDL_LANES))));
}

/* The codes at the scales found; returns the lanes where these are numbers. */
RDL_INLINE vm finish(struct block_tile *tile, const struct block_table *table, vf scale, vm empty)
{
    const vf zero = v_set(0.0f);
    const vm found = v_mandnot(v_lt(v_abs(scale), v_set(INFINITY)), empty);
    scale = v_select(found, scale, zero);
    code(tile, table, v_select(v_eq(scale, zero), zero, v_div(v_set(1.0f), scale)));
    block_tile_set(tile->scales, scale);
    block_tile_set(tile->offsets, zero);
    return found;
}

RDL_INLINE vm search_nl(struct block_tile *tile)
{
    struct block_table table;
    vm empty;
    block_table_fill(tile->grid, &table);
    const vf extreme = table_extreme(tile->n, tile->x, &empty);
    return finish(tile, &table, scan(tile, &table, extreme, false).scale, empty);
}

SOLVE_LANES(rdl_solve_lanes_nl, search_nl)

/* ------------------------------------------------------------------------------------------------
 * nlg
 */

/* A walk in lanes. A move that is made changes its code when the next pass comes by. */
struct walk {
    struct block_tile *tile;
    const struct block_table *table;
    vf xv, vv, scale, explained;
    vm goes_on;      /* the lanes that the last move has improved */
    vi place, other; /* of the move, -1 for none; its new code */
    vf from, to;     /* the values of its codes */
    vf w, x;         /* there */
};

/* The code of row i, after the last move. */
RDL_INLINE vi walk_code(struct walk *walk, size_t i)
{
    int32_t *at = walk->tile->codes + i * RDL_LANES;
    const vm moved = v_ieq(walk->place, v_iset((int32_t)i));
    const vi code = v_iselect(moved, walk->other, v_iload(at));
    v_istore(at, code);
    return code;
}

/* The code that is the first to reach its neighbour if all values move down the gradient. */
RDL_INLINE void walk_find(struct walk *walk)
{
    const vf zero = v_set(0.0f);
    const vi minus_one = v_iset(-1), last = v_iset(walk->table->count - 1);
    vf smallest = v_set(INFINITY);
    vi place = minus_one, other = v_iset(0);
    for (size_t i = 0; i < walk->tile->n; i++) {
        const vi old = walk_code(walk, i);
        const vf x = v_load(walk->tile->x + i * RDL_LANES);
        const vf w = v_load(walk->tile->w + i * RDL_LANES);
        const vf value = block_table_entry(walk->table, old);
        const vf rest = v_sub(x, v_mul(walk->scale, value));
        const vf slope = v_mul(v_mul(walk->scale, w), rest);
        const vi up = v_icount(old, v_lt(zero, slope));
        const vi next = v_iselect(v_lt(slope, zero), v_iadd(old, minus_one), up);
        const vi neighbour = v_imin(v_imax(next, v_iset(0)), last);
        const vf to = block_table_entry(walk->table, neighbour);
        const vf step = v_div(v_sub(to, value), slope);
        const vm nearer = v_mandnot(v_lt(step, smallest), v_ieq(neighbour, old));
        smallest = v_select(nearer, step, smallest);
        place = v_iselect(nearer, v_iset((int32_t)i), place);
        other = v_iselect(nearer, neighbour, other);
        walk->from = v_select(nearer, value, walk->from);
        walk->to = v_select(nearer, to, walk->to);
        walk->w = v_select(nearer, w, walk->w);
        walk->x = v_select(nearer, x, walk->x);
    }
    walk->place = place;
    walk->other = other;
}

/* Makes the moves that improve the fit; the other lanes are at their end. */
RDL_INLINE void walk_make(struct walk *walk)
{
    const vf zero = v_set(0.0f), from = walk->from, to = walk->to;
    const vf squares = v_sub(v_mul(to, to), v_mul(from, from));
    const vf xv = v_add(walk->xv, v_mul(v_mul(walk->w, walk->x), v_sub(to, from)));
    const vf vv = v_add(walk->vv, v_mul(walk->w, squares));
    const vm better = v_mand(v_lt(zero, vv), v_lt(v_mul(walk->explained, vv), v_mul(xv, xv)));
    walk->goes_on = v_mand(v_mandnot(walk->goes_on, v_ieq(walk->place, v_iset(-1))), better);
    const vf scale = v_div(xv, vv);
    walk->xv = v_select(walk->goes_on, xv, walk->xv);
    walk->vv = v_select(walk->goes_on, vv, walk->vv);
    walk->scale = v_select(walk->goes_on, scale, walk->scale);
    walk->explained = v_select(walk->goes_on, v_mul(scale, xv), walk->explained);
    walk->place = v_iselect(walk->goes_on, walk->place, v_iset(-1));
}

RDL_INLINE vm search_nlg(struct block_tile *tile)
{
    struct block_table table;
    vm empty;
    block_table_fill(tile->grid, &table);
    const vf extreme = table_extreme(tile->n, tile->x, &empty), zero = v_set(0.0f);
    const struct table_fit fit = scan(tile, &table, extreme, true);
    struct walk walk = {.tile = tile,
                        .table = &table,
                        .xv = fit.xv,
                        .vv = fit.vv,
                        .scale = fit.scale,
                        .explained = fit.explained,
                        .goes_on = v_mandnot(v_le(zero, zero), empty),
                        .place = v_iset(-1),
                        .other = v_iset(0),
                        .from = zero,
                        .to = zero,
                        .w = zero,
                        .x = zero};
    code(tile, &table, fit.inverse);
    const size_t steps = 2 * tile->n * (size_t)table.count;
    for (size_t step = 0; step < steps && v_any(walk.goes_on); step++) {
        walk_find(&walk);
        walk_make(&walk);
    }
    return finish(tile, &table, walk.scale, empty);
}

SOLVE_LANES(rdl_solve_lanes_nlg, search_nlg)
