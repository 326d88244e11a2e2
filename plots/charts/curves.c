#include "curves.h"

#include "chart_frame.h"
#include "legend.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct curve *curves_add(struct curves *curves, const char *label, size_t points,
                         struct error *error)
{
    const size_t most = curves->marks ? MARK_STYLES : LINE_STYLES;
    if (curves->count == most) {
        fail(error, "more than %zu curves ('%s' is the next): they would look alike", most, label);
        return NULL;
    }
    struct curve *curve = &curves->list[curves->count++];
    snprintf(curve->label, sizeof curve->label, "%s", label);
    curve->x = calloc(points + 1, sizeof *curve->x);
    curve->y = calloc(points + 1, sizeof *curve->y);
    if (curve->x && curve->y)
        return curve;
    fail(error, "out of memory");
    return NULL;
}

void curves_free(struct curves *curves)
{
    for (size_t i = 0; i < curves->count; i++) {
        free(curves->list[i].x);
        free(curves->list[i].y);
    }
}

/* ------------------------------------------------------------------------------------------------
 * The drawing
 */

enum {
    MARK_DISTANCE = 10 /* points from mark to mark of a curve */
};

struct chart {
    const struct curves *curves;
    struct axis x, y;
    double floor;
};

struct range {
    double low, high;
};

static struct range include(struct range range, const double *values, size_t count, double floor)
{
    for (size_t i = 0; i < count; i++) {
        if (values[i] < floor)
            continue;
        range.low = fmin(range.low, values[i]);
        range.high = fmax(range.high, values[i]);
    }
    return range;
}

static void make_axes(struct chart *chart, cairo_t *cairo, double width, double top, double bottom)
{
    const struct curves *curves = chart->curves;
    struct range x = {INFINITY, -INFINITY}, y = x;
    chart->floor = curves->floor > 0 ? curves->floor : -INFINITY;
    for (size_t i = 0; i < curves->count; i++) {
        const struct curve *curve = &curves->list[i];
        x = include(x, curve->x, curve->count, -INFINITY);
        y = include(y, curve->y, curve->count, chart->floor);
    }
    chart->y = axis_up(curves->y_kind, y.low, y.high, bottom, top);
    const double from = CHART_MARGIN + axis_width(&chart->y, cairo);
    chart->x = axis_across(curves->x_kind, x.low, x.high, from, width - 2 * CHART_MARGIN);
    if (curves->x_kind == AXIS_LOG && !curves->marks && x.low < x.high) { /* no mark needs room */
        chart->x.low = x.low;
        chart->x.high = x.high;
    }
}

static bool is_power_of_two(double value)
{
    int exponent;
    return frexp(value, &exponent) == 0.5;
}

static void draw_marks(cairo_t *cairo, const struct chart *chart, const struct curve *curve,
                       unsigned style)
{
    double last = -INFINITY;
    for (size_t i = 0; i < curve->count; i++) {
        const double x = axis_place(&chart->x, curve->x[i]);
        if (x < last + MARK_DISTANCE || (chart->x.binary && !is_power_of_two(curve->x[i])))
            continue;
        mark_draw(cairo, x, axis_place(&chart->y, curve->y[i]), style, false);
        last = x;
    }
}

static void draw_curve(cairo_t *cairo, const struct chart *chart, const struct curve *curve,
                       unsigned style)
{
    mark_line(cairo, style, 1.0);
    cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
    for (size_t i = 0; i < curve->count; i++)
        cairo_line_to(cairo, axis_place(&chart->x, curve->x[i]),
                      curve->y[i] < chart->floor ? chart->y.from
                                                 : axis_place(&chart->y, curve->y[i]));
    mark_line_end(cairo);
    if (chart->curves->marks)
        draw_marks(cairo, chart, curve, style);
}

static double draw_legend(cairo_t *cairo, double width, double y, const struct curves *curves)
{
    struct legend next = {CHART_MARGIN, width - CHART_MARGIN, CHART_MARGIN, y};
    chart_legend_font(cairo);
    for (unsigned i = 0; i < curves->count; i++) {
        const struct legend entry =
            legend_entry(&next, cairo, CHART_LINE_KEY, curves->list[i].label);
        mark_line(cairo, i, 1.0);
        cairo_move_to(cairo, entry.x, entry.y - 2.7);
        cairo_line_to(cairo, entry.x + CHART_LINE_KEY - 4, entry.y - 2.7);
        mark_line_end(cairo);
        if (curves->marks)
            mark_draw(cairo, entry.x + (CHART_LINE_KEY - 4) / 2.0, entry.y - 2.7, i, false);
    }
    return next.y;
}

double curves_draw(cairo_t *cairo, double width, const struct curves *curves)
{
    struct chart chart = {.curves = curves};
    double y = chart_title(cairo, width, curves->title, curves->below);
    y = draw_legend(cairo, width, y + 14, curves);
    const double top = y + 10, bottom = top + 0.45 * width + 40;
    make_axes(&chart, cairo, width, top, bottom);
    y = axis_draw_across(&chart.x, cairo, top, bottom, curves->x_title);
    axis_draw_up(&chart.y, cairo, chart.x.from, chart.x.to, curves->y_title);
    cairo_save(cairo);
    cairo_rectangle(cairo, chart.x.from - 4, top - 4, chart.x.to - chart.x.from + 8,
                    bottom - top + 8);
    cairo_clip(cairo);
    for (unsigned i = 0; i < curves->count; i++)
        draw_curve(cairo, &chart, &curves->list[i], i);
    cairo_restore(cairo);
    return chart_origin(cairo, width, y + 12, curves->remark, &curves->origin) + CHART_MARGIN;
}
