/* An axis of a chart, linear or logarithmic, across or up: ticks, gridlines and labels. */
#ifndef ROUNDEL_PLOTS_AXIS_H
#define ROUNDEL_PLOTS_AXIS_H

#include <cairo.h>
#include <stdbool.h>
#include <stddef.h>

struct axis {
    bool logarithmic; /* low > 0 then */
    bool binary;      /* its ticks are powers of two */
    double low, high; /* values at the ends, low < high */
    double from, to;  /* where the ends are, in points; upwards: to < from */
    bool upright;
    /* What labels of a logarithmic axis say behind 1, 1000, 10^6 ...; NULL: numbers as they are,
     * and powers of ten. Only for low >= 1. */
    const char *const *units;
};

/* Units of numbers, by SI prefixes, and of values that are picoseconds. */
extern const char *const axis_si[];
extern const char *const axis_picoseconds[];

/* The values that axes are made for; logarithmic ones with units have values of at least 1. */
#define AXIS_LEAST 1e-15
#define AXIS_MOST  1e15

enum axis_kind {
    AXIS_LINEAR, /* values -AXIS_MOST .. AXIS_MOST */
    AXIS_LOG,    /* values AXIS_LEAST .. AXIS_MOST */
    AXIS_LOG2    /* values 1 .. AXIS_MOST; ticks are powers of two */
};

/*
 * A horizontal axis for values smallest <= largest. The ends of a logarithmic one are 1, 2 or 5
 * times a power of ten, a little outside of the values; those of a linear one are ticks, at the
 * values or outside of them.
 */
struct axis axis_across(enum axis_kind kind, double smallest, double largest, double from,
                        double to);

/* The same from `bottom` upwards to `top`. */
struct axis axis_up(enum axis_kind kind, double smallest, double largest, double bottom,
                    double top);

/* Where a value is, in points. */
double axis_place(const struct axis *axis, double value);

struct tick {
    double value;
    char label[24]; /* empty between labels */
};

enum {
    AXIS_TICKS = 9 * 32
};

/*
 * Fills the ticks in order and returns how many: of a logarithmic axis the powers of ten, and their
 * multiples where there is room. As many of them have labels as do not touch.
 */
size_t axis_ticks(const struct axis *axis, struct tick ticks[AXIS_TICKS]);

/* Draws gridlines from top to bottom, and labels and title below; returns where that ends. */
double axis_draw_across(const struct axis *axis, cairo_t *cairo, double top, double bottom,
                        const char *title);

/* How wide the labels of an upright axis are, with the gap to the axis and the title's line. */
double axis_width(const struct axis *axis, cairo_t *cairo);

/* Draws gridlines from left to right, labels left of them, and the title left of all, turned. */
void axis_draw_up(const struct axis *axis, cairo_t *cairo, double left, double right,
                  const char *title);

#endif
