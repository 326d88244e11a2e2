#include "row_lines.h"

extern const struct rdl_row_lines rdl_row_lines;

static float sum_of_parts(const float parts[RDL_ROW_PARTS][RDL_PART_LEVELS], unsigned word)
{
    return (parts[0][word & 15] + parts[1][word >> 4 & 15]) +
           (parts[2][word >> 8 & 15] + parts[3][word >> 12]);
}

static float min(float a, float b)
{
    return b < a ? b : a;
}

static float least_of_parts(const float parts[RDL_ROW_PARTS][RDL_PART_LEVELS], unsigned word)
{
    return min(min(parts[0][word & 15], parts[1][word >> 4 & 15]),
               min(parts[2][word >> 8 & 15], parts[3][word >> 12]));
}

static void fill(size_t rows, const uint16_t *words, const struct rdl_row_tables *tables, float *a,
                 float *b)
{
    for (size_t r = 0; r < rows; r++) {
        a[r] = sum_of_parts(tables->a, words[r]);
        b[r] = sum_of_parts(tables->b, words[r]);
    }
}

static void flip(size_t rows, const uint16_t *words, const struct rdl_row_tables *tables,
                 const float *a, float *wrong)
{
    for (size_t r = 0; r < rows; r++)
        wrong[r] = a[r] - 2.0f * least_of_parts(tables->least, words[r]);
}

static void highest(size_t rows, const float *a, const float *b, size_t count, const float *t,
                    uint16_t *best)
{
    for (size_t k = 0; k < count; k++) {
        size_t row = 0;
        float height = t[k] * a[0] - b[0];
        for (size_t r = 1; r < rows; r++) {
            const float other = t[k] * a[r] - b[r];
            if (other > height) {
                height = other;
                row = r;
            }
        }
        best[k] = (uint16_t)row;
    }
}

static size_t above(size_t rows, const float *a, const float *b, float t, float height,
                    uint16_t *list)
{
    size_t count = 0;
    for (size_t r = 0; r < rows; r++)
        if (t * a[r] - b[r] >= height)
            list[count++] = (uint16_t)r;
    return count;
}

const struct rdl_row_lines rdl_row_lines = {fill, flip, highest, above};
