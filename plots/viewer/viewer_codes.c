#include "viewer_codes.h"
#include "portable_math.h"

#include <math.h>
#include <stdlib.h>

static bool find_extremes(double *min, double *max, const struct map *map, struct error *error)
{
    const struct raster *raster = &map->raster;
    *min = INFINITY;
    *max = -INFINITY;
    for (size_t i = 0; i < raster->width * raster->height; i++) {
        const double value = raster->values[i];
        if (isinf(value)) {
            fail(error, "row %zu, column %zu: the value is infinite", i / raster->width,
                 i % raster->width);
            return fail_in_named(error, "map", map->title);
        }
        *min = fmin(*min, value); /* a NaN changes nothing */
        *max = fmax(*max, value);
    }
    return true;
}

static int compare_numbers(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The map's values, each but once in a row: things lie in one piece, mostly. NULL without memory.
 */
static double *collect_numbers(const struct raster *raster, size_t *count)
{
    const size_t pixels = raster->width * raster->height;
    double *numbers = malloc(pixels * sizeof *numbers);
    *count = 0;
    for (size_t i = 0; numbers && i < pixels; i++) {
        const double value = raster->values[i];
        if (!isnan(value) && (*count == 0 || value != numbers[*count - 1]))
            numbers[(*count)++] = value;
    }
    return numbers;
}

static bool number_things(struct viewer_codes *codes, const struct map *map, struct error *error)
{
    size_t count;
    codes->numbers = collect_numbers(&map->raster, &count);
    if (!codes->numbers)
        return fail(error, "out of memory");
    qsort(codes->numbers, count, sizeof *codes->numbers, compare_numbers);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || codes->numbers[i] != codes->numbers[i - 1])
            codes->numbers[codes->count++] = codes->numbers[i];
    if (codes->count <= VIEWER_LAST - VIEWER_FIRST + 1)
        return true;
    viewer_codes_free(codes);
    fail(error, "more than %d numbers, which is what a panorama has codes for",
         VIEWER_LAST - VIEWER_FIRST + 1);
    return fail_in_named(error, "map", map->title);
}

bool viewer_codes_for(struct viewer_codes *codes, const struct map *map,
                      const struct colouring *colouring, struct error *error)
{
    double min, max;
    if (!find_extremes(&min, &max, map, error))
        return false;
    *codes = (struct viewer_codes){.first = min, .last = max};
    if (min > max) { /* nothing but blanks */
        codes->first = codes->last = 0;
    } else if (colouring->shuffled) {
        return number_things(codes, map, error);
    } else if (colouring->logarithmic) {
        codes->logarithmic = true;
        codes->floor = min <= 0;
        codes->first = codes->floor ? colouring->low : min;
        codes->last = fmax(codes->first, max);
        codes->log_first = portable_log(codes->first);
        codes->log_last = portable_log(codes->last);
    }
    return true;
}

void viewer_codes_free(struct viewer_codes *codes)
{
    free(codes->numbers);
    codes->numbers = NULL;
}

static unsigned number_code(const struct viewer_codes *codes, double value)
{
    const double *number =
        bsearch(&value, codes->numbers, codes->count, sizeof value, compare_numbers);
    return VIEWER_FIRST + (unsigned)(number - codes->numbers);
}

unsigned viewer_code(const struct viewer_codes *codes, double value)
{
    if (isnan(value))
        return VIEWER_BLANK;
    if (codes->numbers)
        return number_code(codes, value);
    if (value <= codes->first)
        return VIEWER_FIRST;
    /* Halves: the difference of two finite values may overflow. */
    const double place =
        codes->logarithmic
            ? (portable_log(value) - codes->log_first) / (codes->log_last - codes->log_first)
            : (value / 2 - codes->first / 2) / (codes->last / 2 - codes->first / 2);
    return VIEWER_FIRST + (unsigned)lround(fmin(place, 1) * (VIEWER_LAST - VIEWER_FIRST));
}

/* ------------------------------------------------------------------------------------------------
 * Base64 (RFC 4648, section 4)
 */

struct base64 {
    FILE *file;
    uint32_t bits;
    unsigned count; /* bytes in `bits`, 0 .. 2 */
};

static void put_group(struct base64 *base64, unsigned letters)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (unsigned i = 0; i < 4; i++)
        putc(i < letters ? alphabet[base64->bits >> (18 - 6 * i) & 63] : '=', base64->file);
    base64->bits = 0;
    base64->count = 0;
}

static void put_byte(struct base64 *base64, unsigned byte)
{
    base64->bits |= byte << (16 - 8 * base64->count);
    if (++base64->count == 3)
        put_group(base64, 4);
}

void viewer_codes_write(FILE *file, const struct viewer_codes *codes, const struct raster *raster)
{
    struct base64 base64 = {.file = file};
    for (size_t i = 0; i < raster->width * raster->height; i++) {
        const unsigned code = viewer_code(codes, raster->values[i]);
        put_byte(&base64, code & 255);
        put_byte(&base64, code >> 8);
    }
    if (base64.count)
        put_group(&base64, base64.count + 1);
}
