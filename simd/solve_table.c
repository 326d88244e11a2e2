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
