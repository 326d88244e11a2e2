/* Labels beside marks, where they cover nothing. */
#ifndef ROUNDEL_PLOTS_LABEL_H
#define ROUNDEL_PLOTS_LABEL_H

#include <cairo.h>
#include <stddef.h>

struct box {
    double left, top, right, bottom;
};

enum {
    LABELS_MAX = 4096 /* things to avoid; labels do not see those beyond */
};

/* What labels must not cover, and where they must stay. */
struct labels {
    struct box area;
    struct box list[LABELS_MAX];
    double weights[LABELS_MAX]; /* how bad it is to cover a square point of each */
    size_t count;
};

/* Labels of a chart inside of these edges. */
struct labels labels_in(double left, double top, double right, double bottom);

void labels_avoid_mark(struct labels *labels, double x, double y);

/* A line of any direction. */
void labels_avoid_line(struct labels *labels, double x0, double y0, double x1, double y1);

/*
 * Shows the text, which is not to be covered by later ones, right, left, above, below or at the
 * corners of the mark at x, y, near or farther away, with a line to it: the place that covers least
 * of marks and labels, then of lines, and is near. `grey` is its colour.
 */
void label_show(struct labels *labels, cairo_t *cairo, double x, double y, double grey,
                const char *text);

#endif
