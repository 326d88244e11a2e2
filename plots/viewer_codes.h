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
 * with equally spaced logarithms. A code stands for the nearest values. */
struct viewer_codes {
    double first, last; /* first <= last */
    double log_first, log_last;
    bool logarithmic;
    bool floor; /* VIEWER_FIRST stands for all values up to `first`, too: they have no logarithm */
};

/* The codes for a map. False where a value is infinite, or there are more things than codes. */
bool viewer_codes_for(struct viewer_codes *codes, const struct map *map,
                      const struct colouring *colouring, struct error *error);

unsigned viewer_code(const struct viewer_codes *codes, double value);

/* Writes the raster's codes, rows top to bottom, as base64 of little-endian 16-bit integers. */
void viewer_codes_write(FILE *file, const struct viewer_codes *codes, const struct raster *raster);

#endif
