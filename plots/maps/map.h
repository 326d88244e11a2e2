/* A raster as a figure or a panorama shows it: with axes, a title, and a scale of colours. */
#ifndef ROUNDEL_PLOTS_MAP_H
#define ROUNDEL_PLOTS_MAP_H

#include "palette.h"
#include "raster.h"
#include <stdbool.h>

/* Of a map's left and right, or upper and lower, edge; linear between them. */
struct map_axis {
    const char *title; /* "longitude" */
    const char *unit;  /* behind the numbers: "°", or "" */
    double first, last;
};

struct map {
    const char *title; /* "iq4_nl exact" */
    struct map_axis across, down;
    struct raster raster;
};

/* One scale of colours for all maps of a figure. */
struct colouring {
    enum palette palette;
    double low, high;  /* values of the palette's ends, low < high */
    bool logarithmic;  /* 0 < low: colours follow the logarithm of the value */
    bool shuffled;     /* values are numbers of things: each has a colour of its own, and there is
                        * no bar */
    const char *title; /* of the bar: "cosine" */
    const char *unit;  /* "°", "%" or "" */
};

/* Where a value is on the palette, 0 .. 1; outside of it for values beyond the ends. */
double colouring_place(const struct colouring *colouring, double value);

#endif
