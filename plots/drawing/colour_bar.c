#include "colour_bar.h"

#include "edge_axis.h"
#include "map_image.h"
#include "text.h"

#include <math.h>

/* Lengths in points. */
enum {
    LONGEST = 260,
    HEIGHT = 7,
    POINT = 7, /* how far a pointed end stands out */
    MOST_OVERHANG = 20,
    TITLE_SIZE = 7,
    TITLE_LINE = 10,
    KEY = 6,
    KEY_GAP = 3,
    STEPS = 256
};

static void draw_colours(cairo_t *cairo, const struct colouring *colouring, double from, double to,
                         double top)
{
    double values[STEPS];
    for (int i = 0; i < STEPS; i++)
        values[i] = (i + 0.5) / STEPS;
    const struct raster raster = {.width = STEPS, .height = 1, .values = values};
    const struct colouring steps = {.palette = colouring->palette, .low = 0, .high = 1};
    map_image_draw(cairo, &raster, &steps, from, top, to - from, HEIGHT);
}

/* A triangle from the bar's end, in its colour. */
static void draw_point(cairo_t *cairo, const struct colouring *colouring, double t, double x,
                       double tip, double top)
{
    const struct rgb colour = palette_colour(colouring->palette, t);
    cairo_move_to(cairo, x, top);
    cairo_line_to(cairo, tip, top + HEIGHT / 2.0);
    cairo_line_to(cairo, x, top + HEIGHT);
    cairo_close_path(cairo);
    cairo_set_source_rgb(cairo, colour.red, colour.green, colour.blue);
    cairo_fill(cairo);
}

static void draw_outline(const struct colour_bar *bar, cairo_t *cairo, double from, double to,
                         double top)
{
    cairo_move_to(cairo, from, top);
    cairo_line_to(cairo, to, top);
    if (bar->above)
        cairo_line_to(cairo, to + POINT, top + HEIGHT / 2.0);
    cairo_line_to(cairo, to, top + HEIGHT);
    cairo_line_to(cairo, from, top + HEIGHT);
    if (bar->below)
        cairo_line_to(cairo, from - POINT, top + HEIGHT / 2.0);
    cairo_close_path(cairo);
    cairo_set_source_rgb(cairo, 0, 0, 0);
    cairo_set_line_width(cairo, 0.5);
    cairo_stroke(cairo);
}

/* "no value" at the right end; returns where it begins. */
static double draw_key(cairo_t *cairo, double right, double baseline)
{
    static const char text[] = "no value";
    const double left = right - text_width(cairo, text) - KEY_GAP - KEY;
    text_show(cairo, right, baseline, 1, text);
    cairo_rectangle(cairo, left, baseline - KEY, KEY, KEY);
    cairo_set_source_rgb(cairo, MAP_BLANK, MAP_BLANK, MAP_BLANK);
    cairo_fill(cairo);
    cairo_set_source_rgb(cairo, 0, 0, 0);
    return left;
}

double colour_bar_draw(const struct colour_bar *bar, cairo_t *cairo, double left, double right,
                       double top)
{
    const double length = fmin(LONGEST, right - left - 2 * POINT);
    const double from = (left + right - length) / 2, to = from + length;
    draw_colours(cairo, &bar->colouring, from, to, top);
    if (bar->below)
        draw_point(cairo, &bar->colouring, 0, from, from - POINT, top);
    if (bar->above)
        draw_point(cairo, &bar->colouring, 1, to, to + POINT, top);
    draw_outline(bar, cairo, from, to, top);
    const struct edge_axis axis = {
        .first = bar->colouring.low,
        .last = bar->colouring.high,
        .from = from,
        .to = to,
        .logarithmic = bar->colouring.logarithmic,
        .unit = bar->colouring.unit,
        .overhang = fmax(POINT, fmin(from - left, MOST_OVERHANG)),
    };
    const double baseline = edge_axis_draw_below(&axis, cairo, top + HEIGHT) + TITLE_LINE;
    text_font(cairo, TEXT_NORMAL, TITLE_SIZE);
    if (bar->blanks)
        text_show_cut(cairo, from, baseline, 0, draw_key(cairo, to, baseline) - from - KEY,
                      bar->colouring.title);
    else
        text_show_cut(cairo, (from + to) / 2, baseline, 0.5, length, bar->colouring.title);
    return baseline;
}
