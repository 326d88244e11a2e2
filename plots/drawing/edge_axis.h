/*
 * Axes along edges whose ends are given and need not be round: below and left of a map, and below
 * its colour bar. Ticks point outwards; as many have labels as do not touch.
 */
#ifndef ROUNDEL_PLOTS_EDGE_AXIS_H
#define ROUNDEL_PLOTS_EDGE_AXIS_H

#include <cairo.h>
#include <stdbool.h>
#include <stddef.h>

struct edge_axis {
    double first, last; /* values at the ends, of which either may be the greater */
    double from, to;    /* where the ends are, in points, from < to */
    bool logarithmic;   /* first and last > 0 */
    const char *unit;   /* behind every label, short; steps in "°" divide the circle */
    double overhang;    /* across: how far a label may stand out beyond an end */
};

struct edge_tick {
    double value;
    char label[48]; /* empty between labels */
};

enum {
    EDGE_AXIS_TICKS = 128
};

/* Fills the ticks, which are in the order of their values, for an axis across or upright, and
 * returns how many. Without labels are those between the labelled ones of a logarithmic axis. */
size_t edge_axis_ticks(const struct edge_axis *axis, cairo_t *cairo, bool upright,
                       struct edge_tick ticks[EDGE_AXIS_TICKS]);

/* Where a value is, in points. */
double edge_axis_place(const struct edge_axis *axis, double value);

/* Draws ticks and labels below y, and returns where they end. */
double edge_axis_draw_below(const struct edge_axis *axis, cairo_t *cairo, double y);

/* Draws ticks and labels left of x, and returns where they end; edge_axis_width() says it before:
 * how far from x that is. */
double edge_axis_draw_left(const struct edge_axis *axis, cairo_t *cairo, double x);
double edge_axis_width(const struct edge_axis *axis, cairo_t *cairo);

#endif
