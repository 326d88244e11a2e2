/* Legends: entries side by side, in as many lines as they take. */
#ifndef ROUNDEL_PLOTS_LEGEND_H
#define ROUNDEL_PLOTS_LEGEND_H

#include <cairo.h>

/* Where the next entry goes; x is `left` at first, y the first baseline. In points. */
struct legend {
    double left, right;
    double x, y;
};

/*
 * Shows an entry's text in black, in the font that is set, behind `key` points for its mark, in the
 * next line if need be. Returns where the entry begins.
 */
struct legend legend_entry(struct legend *next, cairo_t *cairo, double key, const char *text);

#endif
