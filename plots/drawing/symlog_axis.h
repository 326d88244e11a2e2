/* A vertical axis from 0 up: linear to a power of ten, logarithmic above. */
#ifndef ROUNDEL_PLOTS_SYMLOG_AXIS_H
#define ROUNDEL_PLOTS_SYMLOG_AXIS_H

#include <cairo.h>

struct symlog_axis {
    double linear, high; /* powers of ten: the end of the linear part, and of all; linear < high */
    double bottom, top;  /* where 0 and `high` are, in points */
};

/*
 * An axis for values 0 .. largest, the least of which that is not 0 is `smallest` (0 if all are).
 * At most seven decades are logarithmic.
 */
struct symlog_axis symlog_axis_around(double smallest, double largest, double bottom, double top);

/* Where a value is, in points; a decade above the linear part is as high as that. */
double symlog_axis_place(const struct symlog_axis *axis, double value);

/* How wide the labels are. */
double symlog_axis_width(const struct symlog_axis *axis, cairo_t *cairo);

/* Draws gridlines from left to right, and labels to the left of them. */
void symlog_axis_draw(const struct symlog_axis *axis, cairo_t *cairo, double left, double right);

#endif
