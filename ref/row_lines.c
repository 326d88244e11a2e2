#include "row_lines.h"

extern const struct rdl_row_lines rdl_row_lines;

enum {
    PARTS = 4,
    LEVELS = RDL_PART_LEVELS
};

static float min(float a, float b)
{
    return b < a ? b : a;
}

static void fill_part(size_t length, const struct rdl_part_levels *levels, const float *wx,
                      const float *w, float *a, float *b, float *least)
{
    for (int l = 0; l < LEVELS; l++) {
        const float low = levels->low[l], high = levels->high[l];
        a[l] = wx[0] * low;
        b[l] = w[0] * (low * low);
        least[l] = a[l];
        if (length == 8) {
            least[l] = min(a[l], wx[1] * high);
            a[l] += wx[1] * high;
            b[l] += w[1] * (high * high);
        }
    }
}

static float sum_of_parts(float parts[PARTS][LEVELS], unsigned word)
{
    return (parts[0][word & 15] + parts[1][word >> 4 & 15]) +
           (parts[2][word >> 8 & 15] + parts[3][word >> 12]);
}

static float least_of_parts(float parts[PARTS][LEVELS], unsigned word)
{
    return min(min(parts[0][word & 15], parts[1][word >> 4 & 15]),
               min(parts[2][word >> 8 & 15], parts[3][word >> 12]));
}

static void fill(size_t rows, const uint16_t *words, size_t length,
                 const struct rdl_part_levels *levels, const float *wx, const float *w, float *a,
                 float *b, float *wrong)
{
    float slopes[PARTS][LEVELS], offsets[PARTS][LEVELS], least[PARTS][LEVELS];
    for (size_t k = 0; k < PARTS; k++)
        fill_part(length, levels, wx + length / PARTS * k, w + length / PARTS * k, slopes[k],
                  offsets[k], least[k]);
    for (size_t r = 0; r < rows; r++) {
        a[r] = sum_of_parts(slopes, words[r]);
        b[r] = sum_of_parts(offsets, words[r]);
    }
    for (size_t r = 0; wrong && r < rows; r++)
        wrong[r] = a[r] - 2.0f * least_of_parts(least, words[r]);
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

const struct rdl_row_lines rdl_row_lines = {fill, highest, above};
