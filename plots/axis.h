/* A logarithmic axis across a drawing: ticks, gridlines and labels. */
#ifndef ROUNDEL_PLOTS_AXIS_H
#define ROUNDEL_PLOTS_AXIS_H

#include <cairo.h>
#include <stddef.h>

struct log_axis {
    double low, high; /* values at the ends, low < high */
    double from, to;  /* where the ends are, in points */
    /* What labels say behind 1, 1000, 10^6 ...; NULL: the SI prefixes of numbers. */
    const char *const *units;
};

/* Units of values that are picoseconds. */
extern const char *const log_axis_picoseconds[];

/* The values that axes are made for: every tick is exact in binary64. */
#define LOG_AXIS_LEAST 10.0
#define LOG_AXIS_MOST  1e15

/* An axis for values LOG_AXIS_LEAST <= smallest <= largest <= LOG_AXIS_MOST. Its ends are 1, 2 or 5
 * times a power of ten, a little outside of the values. */
struct log_axis log_axis_around(double smallest, double largest, double from, double to);

/* Where a value is, in points. */
double log_axis_place(const struct log_axis *axis, double value);

struct tick {
    double value;
    char label[16]; /* empty between labels */
};

enum {
    LOG_AXIS_TICKS = 9 * 16
};

/*
 * Fills the ticks in order and returns how many: the powers of ten, and their multiples where there
 * is room. As many of them have labels as do not touch: with SI prefixes, "200 M".
 */
size_t log_axis_ticks(const struct log_axis *axis, struct tick ticks[LOG_AXIS_TICKS]);

/* Draws gridlines from top to bottom, and labels and title below; returns where that ends. */
double log_axis_draw(const struct log_axis *axis, cairo_t *cairo, double top, double bottom,
                     const char *title);

#endif
