#include "scatter.h"

#include "array.h"
#include "chart_frame.h"
#include "label.h"
#include "legend.h"
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Points
 */

static bool find_series(struct scatter *scatter, const char *name, unsigned *series,
                        struct error *error)
{
    for (*series = 0; *series < scatter->nseries; (*series)++)
        if (strcmp(scatter->series[*series], name) == 0)
            return true;
    if (scatter->nseries == MARK_STYLES)
        return fail(error,
                    "more than %d roundings ('%s' is the next): marks would look alike; "
                    "--rounding and --weighting choose some",
                    MARK_STYLES, name);
    snprintf(scatter->series[scatter->nseries++], SCATTER_TEXT, "%s", name);
    return true;
}

bool scatter_add(struct scatter *scatter, const char *series, const struct scatter_point *point,
                 struct error *error)
{
    struct scatter_point *points =
        array_grow(scatter->points, scatter->count, &scatter->capacity, sizeof *points);
    if (!points)
        return fail(error, "out of memory");
    scatter->points = points;
    if (scatter->count == SCATTER_POINTS)
        return fail(error, "more than %d points", SCATTER_POINTS);
    struct scatter_point *added = &points[scatter->count];
    *added = *point;
    if (!find_series(scatter, series, &added->series, error))
        return false;
    scatter->count++;
    return true;
}

static int compare_points(const void *left, const void *right)
{
    const struct scatter_point *a = left, *b = right;
    if (a->x != b->x)
        return a->x < b->x ? -1 : 1;
    if (a->cost != b->cost)
        return a->cost < b->cost ? -1 : 1;
    if (a->series != b->series)
        return a->series < b->series ? -1 : 1;
    return strcmp(a->label, b->label);
}

/* Of points in the order of x, does one of `series` (any: MARK_STYLES) beat this one? */
static bool is_beaten(const struct scatter *scatter, size_t i, unsigned series)
{
    const struct scatter_point *point = &scatter->points[i];
    for (size_t k = 0; k < scatter->count && scatter->points[k].x <= point->x; k++) {
        const struct scatter_point *other = &scatter->points[k];
        if (series != MARK_STYLES && other->series != series)
            continue;
        if (other->cost < point->cost || (other->cost == point->cost && other->x < point->x))
            return true;
    }
    return false;
}

void scatter_finish(struct scatter *scatter)
{
    qsort(scatter->points, scatter->count, sizeof *scatter->points, compare_points);
    for (size_t i = 0; i < scatter->count; i++)
        scatter->points[i].front = !is_beaten(scatter, i, MARK_STYLES);
}

void scatter_free(struct scatter *scatter)
{
    free(scatter->points);
}

/* ------------------------------------------------------------------------------------------------
 * Lines and marks
 */

struct chart {
    const struct scatter *scatter;
    struct axis x, y;
    struct labels *labels;
};

static double place_x(const struct chart *chart, const struct scatter_point *point)
{
    return axis_place(&chart->x, point->x);
}

static double place_y(const struct chart *chart, const struct scatter_point *point)
{
    return axis_place(&chart->y, point->y);
}

static void join(cairo_t *cairo, const struct chart *chart, const struct scatter_point *from,
                 const struct scatter_point *to)
{
    const double x0 = place_x(chart, from), y0 = place_y(chart, from);
    const double x1 = place_x(chart, to), y1 = place_y(chart, to);
    cairo_move_to(cairo, x0, y0);
    cairo_line_to(cairo, x1, y1);
    labels_avoid_line(chart->labels, x0, y0, x1, y1);
}

static void draw_fronts(cairo_t *cairo, const struct chart *chart)
{
    const struct scatter *scatter = chart->scatter;
    for (unsigned s = 0; s < scatter->nseries; s++) {
        const struct scatter_point *last = NULL;
        mark_line(cairo, s, 0.8);
        for (size_t i = 0; i < scatter->count; i++) {
            const struct scatter_point *point = &scatter->points[i];
            if (point->series != s || is_beaten(scatter, i, s))
                continue;
            if (last)
                join(cairo, chart, last, point);
            last = point;
        }
        mark_line_end(cairo);
    }
}

static void join_labels(cairo_t *cairo, const struct chart *chart)
{
    const struct scatter *scatter = chart->scatter;
    chart_grey(cairo, 0.6);
    cairo_set_line_width(cairo, 0.6);
    for (size_t i = 0; i < scatter->count; i++)
        for (size_t k = i + 1; k < scatter->count; k++)
            if (strcmp(scatter->points[i].label, scatter->points[k].label) == 0) {
                join(cairo, chart, &scatter->points[i], &scatter->points[k]);
                break;
            }
    cairo_stroke(cairo);
}

static void draw_interval(cairo_t *cairo, const struct chart *chart,
                          const struct scatter_point *point)
{
    if (!(point->low < point->high))
        return;
    const double x = place_x(chart, point);
    const double y0 = axis_place(&chart->y, point->low), y1 = axis_place(&chart->y, point->high);
    chart_grey(cairo, 0.35);
    cairo_set_line_width(cairo, 0.7);
    cairo_move_to(cairo, x, y0);
    cairo_line_to(cairo, x, y1);
    cairo_stroke(cairo);
    labels_avoid_line(chart->labels, x, y0, x, y1);
}

/* Those on the front last: on top. */
static void draw_marks(cairo_t *cairo, const struct chart *chart)
{
    const struct scatter *scatter = chart->scatter;
    for (size_t i = 0; i < scatter->count; i++)
        draw_interval(cairo, chart, &scatter->points[i]);
    for (int front = 0; front < 2; front++)
        for (size_t i = 0; i < scatter->count; i++) {
            const struct scatter_point *point = &scatter->points[i];
            if (point->front != (front == 1))
                continue;
            mark_draw(cairo, place_x(chart, point), place_y(chart, point), point->series,
                      scatter->lines == SCATTER_FRONTS && !point->front);
            labels_avoid_mark(chart->labels, place_x(chart, point), place_y(chart, point));
        }
}

/* Points with the same label have it once: at the best of them. */
static bool is_labelled(const struct scatter *scatter, size_t i)
{
    const struct scatter_point *point = &scatter->points[i];
    for (size_t k = 0; k < scatter->count; k++) {
        const struct scatter_point *other = &scatter->points[k];
        if (k == i || strcmp(other->label, point->label) != 0)
            continue;
        if (other->cost < point->cost || (other->cost == point->cost && k < i))
            return false;
    }
    return true;
}

/* The best places are for the front. */
static void draw_labels(cairo_t *cairo, const struct chart *chart)
{
    const struct scatter *scatter = chart->scatter;
    for (int front = 1; front >= 0; front--)
        for (size_t i = 0; i < scatter->count; i++) {
            const struct scatter_point *point = &scatter->points[i];
            if (point->front == (front == 1) && is_labelled(scatter, i))
                label_show(chart->labels, cairo, place_x(chart, point), place_y(chart, point),
                           point->front || scatter->lines == SCATTER_LABELS ? 0 : 0.35,
                           point->label);
        }
}

/* ------------------------------------------------------------------------------------------------
 * The whole
 */

static double draw_legend(cairo_t *cairo, double width, double y, const struct scatter *scatter)
{
    struct legend next = {CHART_MARGIN, width - CHART_MARGIN, CHART_MARGIN, y};
    const bool lines = scatter->lines == SCATTER_FRONTS;
    const double key = lines ? CHART_LINE_KEY : CHART_MARK_KEY;
    chart_legend_font(cairo);
    for (unsigned s = 0; s < scatter->nseries; s++) {
        const struct legend entry = legend_entry(&next, cairo, key, scatter->series[s]);
        if (lines) {
            mark_line(cairo, s, 0.8);
            cairo_move_to(cairo, entry.x, entry.y - 2.7);
            cairo_line_to(cairo, entry.x + key - 4, entry.y - 2.7);
            mark_line_end(cairo);
        }
        mark_draw(cairo, entry.x + (lines ? (key - 4) / 2 : 3), entry.y - 2.7, s, false);
    }
    if (lines)
        legend_entry(&next, cairo, 0, "filled: on the Pareto front");
    return next.y;
}

static void make_axes(struct chart *chart, cairo_t *cairo, double width, double top, double bottom)
{
    const struct scatter *scatter = chart->scatter;
    double left = INFINITY, right = -INFINITY, low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < scatter->count; i++) {
        left = fmin(left, scatter->points[i].x);
        right = fmax(right, scatter->points[i].x);
        low = fmin(low, scatter->points[i].low);
        high = fmax(high, scatter->points[i].high);
    }
    /* Marks at the ends of a linear axis stay whole. */
    const double margin_x = scatter->x_kind == AXIS_LINEAR ? 0.02 * (right - left) : 0;
    const double margin_y = scatter->y_kind == AXIS_LINEAR ? 0.02 * (high - low) : 0;
    chart->y = axis_up(scatter->y_kind, low - margin_y, high + margin_y, bottom, top);
    const double from = CHART_MARGIN + axis_width(&chart->y, cairo);
    chart->x = axis_across(scatter->x_kind, left - margin_x, right + margin_x, from,
                           width - 2 * CHART_MARGIN);
}

double scatter_draw(cairo_t *cairo, double width, const struct scatter *scatter)
{
    struct chart chart = {.scatter = scatter};
    double y = chart_title(cairo, width, scatter->title, scatter->below);
    y = draw_legend(cairo, width, y + 14, scatter);
    const double top = y + 10, bottom = top + 0.5 * width + 50;
    make_axes(&chart, cairo, width, top, bottom);
    y = axis_draw_across(&chart.x, cairo, top, bottom, scatter->x_title);
    axis_draw_up(&chart.y, cairo, chart.x.from, chart.x.to, scatter->y_title);
    struct labels labels = labels_in(chart.x.from, top, chart.x.to, bottom);
    chart.labels = &labels;
    if (scatter->lines == SCATTER_FRONTS)
        draw_fronts(cairo, &chart);
    else
        join_labels(cairo, &chart);
    draw_marks(cairo, &chart);
    draw_labels(cairo, &chart);
    return chart_origin(cairo, width, y + 12, scatter->remark, &scatter->origin) + CHART_MARGIN;
}
