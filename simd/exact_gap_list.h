/*
 * Gaps of many blocks in one list, which is worked off from its end: what points leave of the axis
 * of inverse scales (exact_tile.h). Lanes are gaps, each of some block, in no particular order.
 */
#ifndef RDL_SIMD_EXACT_GAP_LIST_H
#define RDL_SIMD_EXACT_GAP_LIST_H

#include "compress.h"
#include "lanes.h"

#include <stdbool.h>

enum {
    EXACT_MAX_GAPS = 40 * RDL_LANES,
    EXACT_MAX_VECTORS = 12 * RDL_LANES,
    EXACT_MINUS = 0x100 /* in a key: the side */
};

/* The key is the block's lane and the side. Rows have room for a register behind the last one. */
struct exact_gap_list {
    int count;
    float from[EXACT_MAX_GAPS + RDL_WIDTH], to[EXACT_MAX_GAPS + RDL_WIDTH];
    float key[EXACT_MAX_GAPS + RDL_WIDTH];
};

/* Vectors of codes, and the bounds of their least errors. */
struct exact_vector_list {
    int count;
    float low[EXACT_MAX_VECTORS + RDL_WIDTH], high[EXACT_MAX_VECTORS + RDL_WIDTH];
    float t[EXACT_MAX_VECTORS + RDL_WIDTH], levels[EXACT_MAX_VECTORS + RDL_WIDTH];
    float key[EXACT_MAX_VECTORS + RDL_WIDTH];
};

/* Appends the gaps of the lanes that a mask keeps; false if there is no room. */
RDL_INLINE bool exact_gap_list_add(struct exact_gap_list *list, vm mask, vf from, vf to, vi key)
{
    const int at = list->count;
    if (at + RDL_LANES > EXACT_MAX_GAPS)
        return false;
    float unused[RDL_WIDTH];
    list->count += r_compress_two(list->from + at, from.r0, list->to + at, to.r0, mask.r0);
    (void)r_compress_two(list->key + at, v_float_of_bits(key).r0, unused, from.r0, mask.r0);
    return true;
}

RDL_INLINE bool exact_vector_list_add(struct exact_vector_list *list, vm mask, vf low, vf high,
                                      vf t, vf levels, vi key)
{
    const int at = list->count;
    if (at + RDL_LANES > EXACT_MAX_VECTORS)
        return false;
    float unused[RDL_WIDTH];
    list->count += r_compress_two(list->low + at, low.r0, list->high + at, high.r0, mask.r0);
    (void)r_compress_two(list->t + at, t.r0, list->levels + at, levels.r0, mask.r0);
    (void)r_compress_two(list->key + at, v_float_of_bits(key).r0, unused, t.r0, mask.r0);
    return true;
}

/* The numbers of the lanes. */
RDL_INLINE vi exact_lane_numbers(void)
{
    static const int32_t numbers[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    return v_iload(numbers);
}

/* row[lane] of a row of RDL_LANES floats. */
RDL_INLINE vf exact_pick(const float *row, vi lane)
{
#if RDL_WIDTH == 16
    return v_table16(row, lane);
#elif RDL_WIDTH == 8
    return v_table8(row, lane);
#else
    return v_table4(row, lane);
#endif
}

#endif
