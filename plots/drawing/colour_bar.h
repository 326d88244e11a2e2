/* The scale of colours below maps. */
#ifndef ROUNDEL_PLOTS_COLOUR_BAR_H
#define ROUNDEL_PLOTS_COLOUR_BAR_H

#include "map.h"
#include <cairo.h>

struct colour_bar {
    struct colouring colouring;
    bool below, above; /* values beyond the ends exist: these are pointed */
    bool blanks;       /* pixels without a value exist: their grey is explained */
};

/* Draws the bar in the middle between left and right, and labels below; returns where that ends. */
double colour_bar_draw(const struct colour_bar *bar, cairo_t *cairo, double left, double right,
                       double top);

#endif
