/* The rows of a vector codebook as lines. Lanes are rows. */
#include "row_lines.h"

#include "simd.h"

#define RDL_REGISTERS 1

#include "lanes.h"

enum {
    PARTS = 4,
    POINTS = 4 /* looked at together */
};

extern const struct rdl_row_lines RDL_TARGET_NAME(rdl_row_lines);

static const float lane_numbers[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/* What the parts of a group come to, by their levels. */
struct parts {
    float a[PARTS][RDL_PART_LEVELS], b[PARTS][RDL_PART_LEVELS], least[PARTS][RDL_PART_LEVELS];
};

RDL_INLINE void fill_parts(size_t length, const struct rdl_part_levels *levels, const float *wx,
                           const float *w, struct parts *parts)
{
    for (size_t l = 0; l < RDL_PART_LEVELS; l += RDL_LANES) {
        const vf low = v_load(levels->low + l), high = v_load(levels->high + l);
        for (size_t k = 0; k < PARTS; k++) {
            const size_t i = length / PARTS * k;
            vf a = v_mul(v_set(wx[i]), low), b = v_mul(v_set(w[i]), v_mul(low, low)), least = a;
            if (length == 8) {
                const vf other = v_mul(v_set(wx[i + 1]), high);
                least = v_min(a, other);
                a = v_add(a, other);
                b = v_add(b, v_mul(v_set(w[i + 1]), v_mul(high, high)));
            }
            v_store(parts->a[k] + l, a);
            v_store(parts->b[k] + l, b);
            v_store(parts->least[k] + l, least);
        }
    }
}

RDL_INLINE vf sum_of_parts(float tables[PARTS][RDL_PART_LEVELS], vi words)
{
    return v_add(
        v_add(v_table16(tables[0], words), v_table16(tables[1], v_shr(words, 4))),
        v_add(v_table16(tables[2], v_shr(words, 8)), v_table16(tables[3], v_shr(words, 12))));
}

RDL_INLINE vf least_of_parts(float tables[PARTS][RDL_PART_LEVELS], vi words)
{
    return v_min(
        v_min(v_table16(tables[0], words), v_table16(tables[1], v_shr(words, 4))),
        v_min(v_table16(tables[2], v_shr(words, 8)), v_table16(tables[3], v_shr(words, 12))));
}

static void fill(size_t rows, const uint16_t *words, size_t length,
                 const struct rdl_part_levels *levels, const float *wx, const float *w,
                 float *restrict a, float *restrict b, float *restrict wrong)
{
    struct parts parts;
    fill_parts(length, levels, wx, w, &parts);
    for (size_t r = 0; r < rows; r += RDL_LANES) {
        const vi row = v_load_u16(words + r);
        const vf sum = sum_of_parts(parts.a, row);
        v_store(a + r, sum);
        v_store(b + r, sum_of_parts(parts.b, row));
        if (wrong)
            v_store(wrong + r, v_sub(sum, v_mul(v_set(2.0f), least_of_parts(parts.least, row))));
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

/* The first lane, of `lanes` next to each other. */
RDL_INLINE struct highest meet_lanes(size_t lanes, struct highest best)
{
    best = lanes > 8 ? meet(best, best) : best;
    best = lanes > 4 ? meet(best, best) : best;
    best = lanes > 2 ? meet(best, best) : best;
    return lanes > 1 ? meet(best, best) : best;
}

/* Lane k is point k. */
RDL_INLINE vf rows_of_points(size_t count, const struct highest *best)
{
    if (count == 1)
        return meet_lanes(RDL_LANES, best[0]).row;
    if (count == 2)
        return meet_lanes(RDL_LANES / 2, meet(best[0], best[1])).row;
    return meet_lanes(RDL_LANES / 4, meet(meet(best[0], best[1]), meet(best[2], best[3]))).row;
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

const struct rdl_row_lines RDL_TARGET_NAME(rdl_row_lines) = {fill, highest, above};
