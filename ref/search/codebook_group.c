/*
 * Nearest rows, exactly. Heights of lines are binary32; every row that may be the highest but for
 * rounding is looked at once more in binary64.
 *
 * With u = 2^-24: w x and w are rounded once, their products with g and g^2 once, and three sums
 * make a relative error of 5 u of a and b; 2 min w x g <= a, with an error of 2 u, and one more
 * rounding make 8 u a of it. t is rounded (u), t a is (u), the height is (u). Values as stored
 * differ from scale * magnitude by u of themselves, which is u t a and 2 u b in height. All in all
 * a height is wrong by less than u (11 t a + 7 b + |height|). For a row that may be the highest, b
 * <= t a - height; so 64 u (t a + |height|) for the greatest a is more than the errors of two rows.
 * Below 2^-126 roundings are absolute: 2^-120 is more than all of them.
 */
#include "search/codebook_group.h"

#include <math.h>

enum {
    UNIT = RDL_SIGN_GROUP
};

/* ------------------------------------------------------------------------------------------------
 * Lines
 */

static int groups_of(const struct rdl_code_rows *rows)
{
    return UNIT / rows->length;
}

size_t rdl_code_rows_floats(const struct rdl_codebook *codebook)
{
    return (size_t)codebook->rows * 3 * (size_t)(UNIT / codebook->length);
}

static void fill_levels(struct rdl_code_rows *rows)
{
    const bool pairs = rows->length == UNIT;
    for (int l = 0; l < RDL_PART_LEVELS; l++) {
        const int low = pairs ? l % 4 : l, high = l / 4;
        rows->levels.low[l] = low < RDL_MAX_LEVELS ? (float)rows->magnitudes[low] : 0.0f;
        rows->levels.high[l] = pairs ? (float)rows->magnitudes[high] : 0.0f;
    }
}

struct rdl_code_rows rdl_code_rows(const struct rdl_codebook *codebook, const uint16_t *words,
                                   enum rdl_target target, float *floats)
{
    const uint8_t *entries = codebook->entries;
    struct rdl_code_rows result = {
        .lines = rdl_row_lines_of(target),
        .words = words,
        .rows = codebook->rows,
        .length = codebook->length,
        .bits = 16 / codebook->length,
    };
    for (int row = 0; row < codebook->rows; row++)
        for (int i = 0; i < codebook->length; i++)
            result.magnitudes[rdl_codebook_level(codebook, row, i)] =
                (double)entries[row * codebook->length + i];
    fill_levels(&result);
    for (int g = 0; g < groups_of(&result); g++) {
        result.a[g] = floats + 3 * result.rows * (size_t)g;
        result.wrong[g] = result.a[g] + result.rows;
        result.b[g] = result.wrong[g] + result.rows;
    }
    return result;
}

void rdl_fill_lines(const struct rdl_code_rows *rows, const struct rdl_unit *unit)
{
    float wx[UNIT], w[UNIT];
    for (int i = 0; i < UNIT; i++) {
        wx[i] = (float)(unit->w[i] * unit->x[i]);
        w[i] = (float)unit->w[i];
    }
    for (int g = 0; g < groups_of(rows); g++)
        rows->lines->fill(rows->rows, rows->words, (size_t)rows->length, &rows->levels,
                          wx + rows->length * g, w + rows->length * g, rows->a[g], rows->b[g],
                          unit->odd ? rows->wrong[g] : NULL);
}

/* ------------------------------------------------------------------------------------------------
 * Nearest rows
 */

struct choice {
    uint16_t row;
    int flipped; /* weight of the group, or -1 */
    double error;
};

static struct choice measure(const struct rdl_code_rows *rows, const double *w, const double *x,
                             const double *values, uint16_t row, bool wrong)
{
    struct choice choice = {row, -1, 0.0};
    double least = INFINITY;
    for (int i = 0; i < rows->length; i++) {
        const unsigned level = rows->words[row] >> rows->bits * i & ((1u << rows->bits) - 1);
        const double value = values[level], difference = x[i] - value;
        choice.error += w[i] * (difference * difference);
        if (wrong && w[i] * x[i] * value < least) {
            least = w[i] * x[i] * value;
            choice.flipped = i;
        }
    }
    if (wrong)
        choice.error += 4.0 * least; /* (x + value)^2 - (x - value)^2 */
    return choice;
}

static struct choice nearest_row(const struct rdl_code_rows *rows, const struct rdl_unit *unit,
                                 int group, double scale, const double *values, bool wrong)
{
    const double *w = unit->w + rows->length * group, *x = unit->x + rows->length * group;
    const float *a = wrong ? rows->wrong[group] : rows->a[group], *b = rows->b[group];
    const float t = (float)fmin(2.0 / scale, RDL_LAST_POINT);
    uint16_t list[RDL_MAX_ROWS], top;
    rows->lines->highest(rows->rows, a, b, 1, &t, &top);
    double greatest = 0.0; /* no a is greater */
    for (int i = 0; i < rows->length; i++)
        greatest += w[i] * x[i];
    greatest *= rows->magnitudes[rows->length == UNIT ? 2 : RDL_MAX_LEVELS - 1];
    const float height = t * a[top] - b[top];
    const double margin = 0x1p-18 * ((double)t * greatest + fabs((double)height)) + 0x1p-120;
    const size_t count =
        rows->lines->above(rows->rows, a, b, t, (float)((double)height - margin), list);
    struct choice best = measure(rows, w, x, values, list[0], wrong);
    for (size_t k = 1; k < count; k++) {
        const struct choice other = measure(rows, w, x, values, list[k], wrong);
        if (other.error < best.error)
            best = other;
    }
    return best;
}

struct rdl_unit_choice rdl_nearest_rows(const struct rdl_code_rows *rows,
                                        const struct rdl_unit *unit, double scale,
                                        const double *values)
{
    struct rdl_unit_choice result = {.flipped = -1};
    struct choice wrong[2] = {{.row = 0}}, right[2] = {{.row = 0}};
    const int groups = groups_of(rows);
    int flipped = 0; /* the group */
    for (int g = 0; g < groups; g++) {
        if (groups > 1 || !unit->odd)
            right[g] = nearest_row(rows, unit, g, scale, values, false);
        if (unit->odd)
            wrong[g] = nearest_row(rows, unit, g, scale, values, true);
    }
    if (unit->odd) {
        if (groups > 1 && wrong[1].error - right[1].error < wrong[0].error - right[0].error)
            flipped = 1;
        right[flipped] = wrong[flipped];
        result.flipped = rows->length * flipped + wrong[flipped].flipped;
    }
    for (int g = 0; g < groups; g++) {
        result.rows[g] = right[g].row;
        result.error += right[g].error;
    }
    return result;
}
