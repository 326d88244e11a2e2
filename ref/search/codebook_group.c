/*
 * Nearest rows, exactly. Heights of lines are binary32; every row that may be the highest but for
 * rounding is looked at once more in binary64.
 *
 * With u = 2^-24: an entry of a table is rounded once, a line's sums twice more, so that a and b
 * have relative errors of 3 u; 2 min w x g <= a, rounded likewise and subtracted, makes 7 u a of
 * it. t is rounded (u), t a is (u), the height is (u). Values as stored differ from scale *
 * magnitude by u of themselves, which is u t a and 2 u b in height. All in all a height is wrong by
 * less than u (10 t a + 5 b + |height|). For a row that may be the highest, b <= t a - height; so
 * twice 16 u (t a + |height|) for the greatest a, and both rows, is more than enough. Below 2^-126
 * roundings are absolute: 2^-120 is more than all of them.
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

size_t rdl_code_rows_floats(const struct rdl_codebook_layout *layout)
{
    return (size_t)layout->codebook->rows * 3 * (size_t)(UNIT / layout->codebook->length);
}

struct rdl_code_rows rdl_code_rows(const struct rdl_codebook_layout *layout, enum rdl_target target,
                                   float *floats)
{
    const struct rdl_codebook *codebook = layout->codebook;
    const uint8_t *entries = codebook->entries;
    struct rdl_code_rows result = {
        .lines = rdl_row_lines_of(target),
        .words = layout->words,
        .rows = codebook->rows,
        .length = codebook->length,
        .bits = 16 / codebook->length,
    };
    for (int row = 0; row < codebook->rows; row++)
        for (int i = 0; i < codebook->length; i++)
            result.magnitudes[rdl_codebook_level(codebook, row, i)] =
                (double)entries[row * codebook->length + i];
    for (int g = 0; g < groups_of(&result); g++) {
        result.a[g] = floats + 3 * result.rows * (size_t)g;
        result.wrong[g] = result.a[g] + result.rows;
        result.b[g] = result.wrong[g] + result.rows;
    }
    return result;
}

/* Of one weight to a part. */
static void fill_tables_of_4(const struct rdl_code_rows *rows, const double *w, const double *x,
                             struct rdl_row_tables *tables)
{
    for (int k = 0; k < RDL_ROW_PARTS; k++)
        for (int l = 0; l < RDL_MAX_LEVELS; l++) {
            const double g = rows->magnitudes[l], wg = w[k] * g;
            tables->a[k][l] = (float)(wg * x[k]);
            tables->b[k][l] = (float)(wg * g);
            tables->least[k][l] = tables->a[k][l];
        }
}

/* Of two. */
static void fill_tables_of_8(const struct rdl_code_rows *rows, const double *w, const double *x,
                             struct rdl_row_tables *tables)
{
    for (int k = 0; k < RDL_ROW_PARTS; k++) {
        double a[2][3], b[2][3];
        for (int i = 0; i < 2; i++)
            for (int l = 0; l < 3; l++) {
                const double g = rows->magnitudes[l], wg = w[2 * k + i] * g;
                a[i][l] = wg * x[2 * k + i];
                b[i][l] = wg * g;
            }
        for (int h = 0; h < 3; h++)
            for (int l = 0; l < 3; l++) {
                tables->a[k][4 * h + l] = (float)(a[0][l] + a[1][h]);
                tables->b[k][4 * h + l] = (float)(b[0][l] + b[1][h]);
                tables->least[k][4 * h + l] = (float)(a[1][h] < a[0][l] ? a[1][h] : a[0][l]);
            }
    }
}

void rdl_fill_lines(const struct rdl_code_rows *rows, const struct rdl_unit *unit)
{
    struct rdl_row_tables tables = {.a = {{0.0f}}};
    for (int g = 0; g < groups_of(rows); g++) {
        const double *w = unit->w + rows->length * g, *x = unit->x + rows->length * g;
        if (rows->length == UNIT)
            fill_tables_of_8(rows, w, x, &tables);
        else
            fill_tables_of_4(rows, w, x, &tables);
        rows->lines->fill(rows->rows, rows->words, &tables, rows->a[g], rows->b[g]);
        if (unit->odd)
            rows->lines->flip(rows->rows, rows->words, &tables, rows->a[g], rows->wrong[g]);
    }
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
    const double margin = 0x1p-19 * ((double)t * greatest + fabs((double)height)) + 0x1p-120;
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
