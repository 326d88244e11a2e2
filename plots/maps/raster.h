/* Images of numbers, before they have colours. */
#ifndef ROUNDEL_PLOTS_RASTER_H
#define ROUNDEL_PLOTS_RASTER_H

#include <stddef.h>
#include <stdint.h>

struct raster_statistics {
    double min, max;
    double mean;      /* of the pixels */
    double area_mean; /* each pixel by the area that it stands for; NaN if they have none: poles */
    size_t blanks;    /* pixels without a value, which count in none of the above */
    uint64_t hash;    /* XXH64, seed 0, of the little-endian binary64 values, rows top to bottom */
};

/* Rows from top to bottom, each from left to right. NaN: a blank pixel, which has no value. */
struct raster {
    size_t width, height;
    const double *values; /* width * height; they may lie in a mapped temporary file */
    struct raster_statistics statistics;
};

#endif
