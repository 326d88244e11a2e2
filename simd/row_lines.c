/* The rows of a vector codebook as lines. Lanes are rows. */
#include "row_lines.h"

#include "simd.h"

#define RDL_REGISTERS 1

#include "lanes.h"

enum {
    POINTS = 4 /* looked at together */
};

extern const struct rdl_row_lines RDL_TARGET_NAME(rdl_row_lines);

static const float lane_numbers[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

typedef const float parts[RDL_ROW_PARTS][RDL_PART_LEVELS];

RDL_INLINE vf sum_of_parts(parts tables, vi words)
{
    return v_add(
        v_add(v_table16(tables[0], words), v_table16(tables[1], v_shr(words, 4))),
        v_add(v_table16(tables[2], v_shr(words, 8)), v_table16(tables[3], v_shr(words, 12))));
}

RDL_INLINE vf least_of_parts(parts tables, vi words)
{
    return v_min(
        v_min(v_table16(tables[0], words), v_table16(tables[1], v_shr(words, 4))),
        v_min(v_table16(tables[2], v_shr(words, 8)), v_table16(tables[3], v_shr(words, 12))));
}

static void fill(size_t rows, const uint16_t *words, const struct rdl_row_tables *tables,
                 float *restrict a, float *restrict b)
{
    for (size_t r = 0; r < rows; r += RDL_LANES) {
        const vi levels = v_load_u16(words + r);
        v_store(a + r, sum_of_parts(tables->a, levels));
        v_store(b + r, sum_of_parts(tables->b, levels));
    }
}

static void flip(size_t rows, const uint16_t *words, const struct rdl_row_tables *tables,
                 const float *a, float *restrict wrong)
{
    for (size_t r = 0; r < rows; r += RDL_LANES) {
        const vf least = least_of_parts(tables->least, v_load_u16(words + r));
        v_store(wrong + r, v_sub(v_load(a + r), v_mul(v_set(2.0f), least)));
    }
}

/* ------------------------------------------------------------------------------------------------
 * The highest line
 */

struct highest {
    vf height, row;
};

/* Neighbouring lanes become one; those of a come before those of b. */
RDL_INLINE struct highest meet(struct highest a, struct highest b)
{
    const vf first = v_evens(a.height, b.height), second = v_odds(a.height, b.height);
    const vf first_row = v_evens(a.row, b.row), second_row = v_odds(a.row, b.row);
    const vm tie = v_mand(v_eq(first, second), v_lt(second_row, first_row));
    const vm take_second = v_mor(v_lt(first, second), tie);
    return (struct highest){v_max(first, second), v_select(take_second, second_row, first_row)};
}

/* Lane k is point k. */
RDL_INLINE vf rows_of_points(size_t count, struct highest *best)
{
    size_t lanes = RDL_LANES; /* of each point, side by side */
    for (; count > 1; count /= 2, lanes /= 2)
        for (size_t k = 0; k < count; k += 2)
            best[k / 2] = meet(best[k], best[k + 1]);
    for (; lanes > 1; lanes /= 2)
        best[0] = meet(best[0], best[0]);
    return best[0].row;
}

/* `count` is a constant: 1, 2 or 4. */
RDL_INLINE void highest_of(size_t count, size_t rows, const float *a, const float *b,
                           const float *t, float *found)
{
    struct highest best[POINTS];
    vf points[POINTS], row = v_load(lane_numbers);
    for (size_t k = 0; k < count; k++) {
        points[k] = v_set(t[k]);
        best[k].height = v_sub(v_mul(points[k], v_load(a)), v_load(b));
        best[k].row = row;
    }
    for (size_t r = RDL_LANES; r < rows; r += RDL_LANES) {
        const vf slope = v_load(a + r), offset = v_load(b + r);
        row = v_add(row, v_set((float)RDL_LANES));
        for (size_t k = 0; k < count; k++) {
            const vf height = v_sub(v_mul(points[k], slope), offset);
            best[k].row = v_select(v_lt(best[k].height, height), row, best[k].row);
            best[k].height = v_max(best[k].height, height);
        }
    }
    v_store(found, rows_of_points(count, best));
}

static void highest(size_t rows, const float *a, const float *b, size_t count, const float *t,
                    uint16_t *best)
{
    float found[RDL_LANES], points[POINTS];
    for (size_t k = 0; k < POINTS; k++)
        points[k] = t[k < count ? k : 0];
    if (count == 1)
        highest_of(1, rows, a, b, points, found);
    else if (count == 2)
        highest_of(2, rows, a, b, points, found);
    else
        highest_of(POINTS, rows, a, b, points, found);
    for (size_t k = 0; k < count; k++)
        best[k] = (uint16_t)found[k];
}

static size_t above(size_t rows, const float *a, const float *b, float t, float height,
                    uint16_t *list)
{
    size_t count = 0;
    for (size_t r = 0; r < rows; r += RDL_LANES) {
        const vf heights = v_sub(v_mul(v_set(t), v_load(a + r)), v_load(b + r));
        if (!v_any(v_le(v_set(height), heights)))
            continue;
        float stored[RDL_LANES];
        v_store(stored, heights);
        for (size_t k = 0; k < RDL_LANES; k++)
            if (stored[k] >= height)
                list[count++] = (uint16_t)(r + k);
    }
    return count;
}

const struct rdl_row_lines RDL_TARGET_NAME(rdl_row_lines) = {fill, flip, highest, above};
