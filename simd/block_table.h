/*
 * The nearest entry of any table in lanes, as binary32 knows it: a code is the number of midpoints
 * that are not above v. Midpoints are binary64; v is not, so that the least binary32 number which
 * is not below one does as well. Up to 16 entries are found down a tree of registers, more in
 * memory.
 */
#ifndef RDL_SIMD_BLOCK_TABLE_H
#define RDL_SIMD_BLOCK_TABLE_H

#include "lanes.h"
#include "solver.h"

#include <math.h>
#include <string.h>

enum {
    SMALL_TABLE = 16
};

/* Filled up with infinite midpoints and the last entry. */
struct block_table {
    int count;
    float entries[RDL_BLOCK_MAX_CODES], midpoints[RDL_BLOCK_MAX_CODES];
    /* Small tables: midpoints in the order of the tree, and entries by what is at its bottom. */
    float root, second[4], third[4], fourth[8], reversed[SMALL_TABLE];
};

/* The least binary32 number that is not below m. */
RDL_INLINE float float_not_below(double m)
{
    const float nearest = (float)m;
    if ((double)nearest >= m)
        return nearest;
    int32_t bits;
    memcpy(&bits, &nearest, sizeof bits);
    bits += nearest < 0.0f ? -1 : 1;
    float next;
    memcpy(&next, &bits, sizeof next);
    return next;
}

RDL_INLINE void block_table_plant(struct block_table *table)
{
    const float *m = table->midpoints;
    table->root = m[7];
    for (size_t node = 0; node < 2; node++)
        table->second[node] = table->second[node + 2] = m[11 - 8 * node];
    for (size_t node = 0; node < 4; node++)
        table->third[node] = m[13 - 4 * node];
    for (size_t node = 0; node < 8; node++)
        table->fourth[node] = m[14 - 2 * node];
    for (size_t node = 0; node < SMALL_TABLE; node++)
        table->reversed[node] = table->entries[15 - node];
}

RDL_INLINE void block_table_fill(const struct rdl_block_grid *grid, struct block_table *table)
{
    const int count = grid->count;
    const size_t room = count <= SMALL_TABLE ? SMALL_TABLE : RDL_BLOCK_MAX_CODES;
    table->count = count;
    for (size_t k = 0; k < room; k++) {
        const size_t entry = k < (size_t)count ? k : (size_t)count - 1;
        table->entries[k] = grid->entries[entry];
        table->midpoints[k] = INFINITY;
        if (k + 1 < (size_t)count)
            table->midpoints[k] =
                float_not_below(0.5 * ((double)grid->entries[k] + (double)grid->entries[k + 1]));
    }
    if (count <= SMALL_TABLE)
        block_table_plant(table);
}

/* Four comparisons down the tree; a node's number has a bit for each, set where v was below. At the
 * bottom it is 15 less the code. */
RDL_INLINE vi small_table_node(const struct block_table *table, vf v)
{
    vi node = v_icount(v_iset(0), v_lt(v, v_set(table->root)));
    node = v_icount(v_iadd(node, node), v_lt(v, v_table4(table->second, node)));
    node = v_icount(v_iadd(node, node), v_lt(v, v_table4(table->third, node)));
    return v_icount(v_iadd(node, node), v_lt(v, v_table8(table->fourth, node)));
}

RDL_INLINE vi large_table_code(const struct block_table *table, vf v)
{
    vi code = v_iset(0);
    for (int step = RDL_BLOCK_MAX_CODES / 2; step > 0; step /= 2) {
        const vi next = v_iadd(code, v_iset(step));
        const vf midpoint = v_gather(table->midpoints, v_isub(next, v_iset(1)));
        code = v_iselect(v_lt(v, midpoint), code, next);
    }
    return code;
}

RDL_INLINE vi block_table_code(const struct block_table *table, vf v)
{
    const vi code = table->count <= SMALL_TABLE ? v_isub(v_iset(15), small_table_node(table, v))
                                                : large_table_code(table, v);
    return v_imin(code, v_iset(table->count - 1));
}

/* The entries of codes. */
RDL_INLINE vf block_table_entry(const struct block_table *table, vi code)
{
    return table->count <= SMALL_TABLE ? v_table16(table->entries, code)
                                       : v_gather(table->entries, code);
}

/* The values nearest to v, as a table_nearest_fn. */
RDL_INLINE vf small_table_nearest(const void *table, vf v)
{
    const struct block_table *small = table;
    return v_table16(small->reversed, small_table_node(small, v));
}

RDL_INLINE vf large_table_nearest(const void *table, vf v)
{
    const struct block_table *large = table;
    return v_gather(large->entries, large_table_code(large, v));
}

#endif
