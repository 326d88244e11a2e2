/* The lines of groups. */
#include "search/codebook_group.h"

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
        .least = rdl_least_rows_of(target),
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
    rdl_halve_codebook(codebook, &result.halved);
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
