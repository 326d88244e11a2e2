/* The values of a raster in 16 bits each, as a panorama page keeps them. */
#ifndef ROUNDEL_PLOTS_VIEWER_CODES_H
#define ROUNDEL_PLOTS_VIEWER_CODES_H

#include "error.h"
#include "map.h"
#include <stdio.h>

enum {
    VIEWER_BLANK = 0, /* no value */
    VIEWER_FIRST = 1,
    VIEWER_LAST = 65535
};

/* Codes VIEWER_FIRST .. VIEWER_LAST are equally spaced values from `first` to `last`, or values
 * with equally spaced logarithms; a code stands for the nearest values. Numbers of things have a
 * code each. */
struct viewer_codes {
    double first, last; /* first <= last */
    double log_first, log_last;
    bool logarithmic;
    bool floor; /* VIEWER_FIRST stands for all values up to `first`, too: they have no logarithm */
    double
        *numbers; /* NULL, or what VIEWER_FIRST and those behind it stand for; ascending, owned */
    size_t count; /* of numbers */
};

/* The codes for a map. False where a value is infinite, or there are more things than codes; then
 * there is nothing to free. */
bool viewer_codes_for(struct viewer_codes *codes, const struct map *map,
                      const struct colouring *colouring, struct error *error);

void viewer_codes_free(struct viewer_codes *codes);

/* The code of one of the map's values. */
unsigned viewer_code(const struct viewer_codes *codes, double value);

/* Writes the raster's codes, rows top to bottom, as base64 of little-endian 16-bit integers. */
void viewer_codes_write(FILE *file, const struct viewer_codes *codes, const struct raster *raster);

#endif
