#include "gap_chart.h"

#include "axis.h"
#include "gap_report.h"
#include "legend.h"
#include "mark.h"
#include "symlog_axis.h"
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Lengths in points. */
enum {
    MARGIN = 8,
    LEADING = 10,
    MARK_KEY = 9, /* from a legend's mark to its text */
    MARK = 4,     /* half the room of a mark */
    LABEL_STEPS = 8,
    LABEL_SIZE = 6,
    LABEL_HEIGHT = 5
};

#define HEIGHT_TO_WIDTH 0.6

struct chart {
    const struct gap_report *report;
    struct log_axis time;
    struct symlog_axis excess;
};

/* What labels must not cover. */
struct box {
    double left, top, right, bottom;
};

struct boxes {
    struct box list[4 * GAP_MAX_POINTS]; /* marks, labels, two lines of the front each */
    size_t count;
};

/* ------------------------------------------------------------------------------------------------
 * Above
 */

static void grey(cairo_t *cairo, double level)
{
    cairo_set_source_rgb(cairo, level, level, level);
}

static const char *statistic_text(enum gap_statistic statistic)
{
    switch (statistic) {
    case GAP_MEDIAN:
        return "median of the blocks";
    case GAP_P99:
        return "99th percentile of the blocks";
    case GAP_SUMS:
        return "ratio of the sums over blocks";
    case GAP_MEAN:
    case GAP_STATISTIC_COUNT:
        break;
    }
    return "mean of the blocks";
}

static double draw_title(cairo_t *cairo, double width, const struct gap_report *report)
{
    char below[512];
    snprintf(below, sizeof below,
             "%s: excess of the weighted error over the proven optimum of real scales, in %%, %s",
             report->setting, statistic_text(report->choice.statistic));
    grey(cairo, 0);
    text_font(cairo, TEXT_BOLD, 9);
    text_show(cairo, MARGIN, MARGIN + 9, 0, "Time and quality of roundings");
    text_font(cairo, TEXT_NORMAL, 7);
    return text_wrap(cairo, MARGIN, MARGIN + 20, width - 2 * MARGIN, LEADING, below);
}

static double draw_legend(cairo_t *cairo, double width, double y, const struct gap_report *report)
{
    struct legend next = {.left = MARGIN, .right = width - MARGIN, .x = MARGIN, .y = y};
    bool present[RDL_TARGET_COUNT] = {false};
    for (size_t i = 0; i < report->count; i++)
        present[report->points[i].target] = true;
    text_font(cairo, TEXT_NORMAL, 7.5);
    for (unsigned t = 0; t < RDL_TARGET_COUNT; t++)
        if (present[t]) {
            const struct legend entry =
                legend_entry(&next, cairo, MARK_KEY, mark_name((enum rdl_target)t));
            mark_draw(cairo, entry.x + 3, entry.y - 2.7, (enum rdl_target)t, false);
        }
    legend_entry(&next, cairo, 0, "filled: on the Pareto front");
    return next.y;
}

/* ------------------------------------------------------------------------------------------------
 * Marks
 */

static double percent(const struct gap_point *point)
{
    return 100 * point->excess;
}

static double place_x(const struct chart *chart, const struct gap_point *point)
{
    return log_axis_place(&chart->time, 1000 * point->nanoseconds);
}

static double place_y(const struct chart *chart, const struct gap_point *point)
{
    return symlog_axis_place(&chart->excess, percent(point));
}

static void draw_line(cairo_t *cairo, struct boxes *boxes, double x0, double y0, double x1,
                      double y1)
{
    cairo_move_to(cairo, x0, y0);
    cairo_line_to(cairo, x1, y1);
    boxes->list[boxes->count++] = (struct box){fmin(x0, x1) - 0.5, fmin(y0, y1) - 0.5,
                                               fmax(x0, x1) + 0.5, fmax(y0, y1) + 0.5};
}

/* What can be had in a time at most: a step down at each point of the front. */
static void draw_front(cairo_t *cairo, const struct chart *chart, struct boxes *boxes)
{
    double x = NAN, y = chart->excess.top;
    for (size_t i = 0; i < chart->report->count; i++) {
        const struct gap_point *point = &chart->report->points[i];
        if (!point->pareto)
            continue;
        const double next_x = place_x(chart, point), next_y = place_y(chart, point);
        if (!isnan(x))
            draw_line(cairo, boxes, x, y, next_x, y);
        draw_line(cairo, boxes, next_x, y, next_x, next_y);
        x = next_x;
        y = next_y;
    }
    draw_line(cairo, boxes, x, y, chart->time.to, y);
    grey(cairo, 0.6);
    cairo_set_line_width(cairo, 0.8);
    cairo_stroke(cairo);
}

static struct box box_of_mark(const struct chart *chart, const struct gap_point *point)
{
    const double x = place_x(chart, point), y = place_y(chart, point);
    return (struct box){x - MARK, y - MARK, x + MARK, y + MARK};
}

/* Those on the front last: on top. */
static void draw_marks(cairo_t *cairo, const struct chart *chart, struct boxes *boxes)
{
    for (int front = 0; front < 2; front++)
        for (size_t i = 0; i < chart->report->count; i++) {
            const struct gap_point *point = &chart->report->points[i];
            if (point->pareto != (front == 1))
                continue;
            mark_draw(cairo, place_x(chart, point), place_y(chart, point), point->target,
                      !point->pareto);
            boxes->list[boxes->count++] = box_of_mark(chart, point);
        }
}

/* ------------------------------------------------------------------------------------------------
 * Labels
 */

static double overlap(const struct box *a, const struct box *b)
{
    const double width = fmin(a->right, b->right) - fmax(a->left, b->left);
    const double height = fmin(a->bottom, b->bottom) - fmax(a->top, b->top);
    return width > 0 && height > 0 ? width * height : 0;
}

/* How much a label at this place covers, of others and of what is outside of the chart. */
static double cost(const struct chart *chart, const struct boxes *boxes, const struct box *box)
{
    double sum = 0;
    for (size_t i = 0; i < boxes->count; i++)
        sum += overlap(&boxes->list[i], box);
    const double outside =
        fmax(chart->time.from - box->left, 0) + fmax(box->right - chart->time.to, 0) +
        fmax(chart->excess.top - box->top, 0) + fmax(box->bottom - chart->excess.bottom, 0);
    return sum + 1000 * outside;
}

/* Right, left, above, below and the corners, near and farther: the first that covers least. */
static struct box find_place(const struct chart *chart, const struct boxes *boxes,
                             const struct gap_point *point, double width)
{
    static const double across[] = {1, -1, 0, 0, 1, 1, -1, -1},
                        down[] = {0, 0, -1, 1, -1, 1, -1, 1};
    struct box best = {0};
    double least = INFINITY;
    for (int step = 0; step < LABEL_STEPS; step++)
        for (size_t i = 0; i < sizeof across / sizeof across[0]; i++) {
            const double x = place_x(chart, point) + across[i] * (MARK + 1 + width / 2);
            const double y =
                place_y(chart, point) + down[i] * (MARK + LABEL_HEIGHT / 2.0 + LABEL_HEIGHT * step);
            const struct box box = {x - width / 2, y - LABEL_HEIGHT / 2.0, x + width / 2,
                                    y + LABEL_HEIGHT / 2.0};
            const double covered = cost(chart, boxes, &box);
            if (covered < least) {
                least = covered;
                best = box;
            }
        }
    return best;
}

static double clamp(double v, double low, double high)
{
    return fmin(fmax(v, low), high);
}

/* From the mark to a label that is not beside it. */
static void draw_leader(cairo_t *cairo, const struct chart *chart, const struct gap_point *point,
                        const struct box *label)
{
    const double x = place_x(chart, point), y = place_y(chart, point);
    const double dx = clamp(x, label->left, label->right) - x;
    const double dy = clamp(y, label->top, label->bottom) - y, length = sqrt(dx * dx + dy * dy);
    if (length < 2 * MARK)
        return;
    cairo_move_to(cairo, x + dx * MARK / length, y + dy * MARK / length);
    cairo_line_to(cairo, x + dx, y + dy);
    grey(cairo, 0.6);
    cairo_set_line_width(cairo, 0.4);
    cairo_stroke(cairo);
}

/* A rounding on several targets has its name at the fastest. */
static bool is_labelled(const struct gap_report *report, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(report->points[k].label, report->points[i].label) == 0)
            return false;
    return true;
}

static void draw_labels(cairo_t *cairo, const struct chart *chart, struct boxes *boxes)
{
    text_font(cairo, TEXT_NORMAL, LABEL_SIZE);
    for (int front = 1; front >= 0; front--) /* the best places are for the front */
        for (size_t i = 0; i < chart->report->count; i++) {
            const struct gap_point *point = &chart->report->points[i];
            if (point->pareto != (front == 1) || !is_labelled(chart->report, i))
                continue;
            const struct box box = find_place(chart, boxes, point, text_width(cairo, point->label));
            draw_leader(cairo, chart, point, &box);
            text_clear(cairo, box.left, box.bottom - 0.5, point->label);
            grey(cairo, point->pareto ? 0 : 0.35);
            text_show(cairo, box.left, box.bottom - 0.5, 0, point->label);
            boxes->list[boxes->count++] = box;
        }
}

/* ------------------------------------------------------------------------------------------------
 * The whole
 */

static struct symlog_axis axis_of_excess(const struct gap_report *report, double bottom, double top)
{
    double smallest = INFINITY, largest = 0;
    for (size_t i = 0; i < report->count; i++) {
        const double value = percent(&report->points[i]);
        smallest = value > 0 ? fmin(smallest, value) : smallest;
        largest = fmax(largest, value);
    }
    return symlog_axis_around(isinf(smallest) ? 0 : smallest, largest, bottom, top);
}

/* Points are in the order of time. Returns where the axis ends. */
static double draw_axes(cairo_t *cairo, double width, double top, struct chart *chart)
{
    const struct gap_report *report = chart->report;
    const double bottom = top + HEIGHT_TO_WIDTH * width;
    chart->excess = axis_of_excess(report, bottom, top);
    const double left = MARGIN + symlog_axis_width(&chart->excess, cairo);
    chart->time = log_axis_around(1000 * report->points[0].nanoseconds,
                                  1000 * report->points[report->count - 1].nanoseconds, left,
                                  width - 2 * MARGIN);
    chart->time.units = log_axis_picoseconds;
    const double end = log_axis_draw(&chart->time, cairo, top, bottom, "CPU time per weight");
    symlog_axis_draw(&chart->excess, cairo, left, chart->time.to);
    return end;
}

/* Where the figures come from. Returns the last baseline. */
static double draw_caption(cairo_t *cairo, double width, double y, const struct gap_report *report)
{
    char text[2048];
    snprintf(text, sizeof text,
             "A weighted error is a surrogate: a lower one does not by itself make a better model. "
             "roundel %s %s; %s; %s; commit %s",
             report->version, report->command, report->compiler, report->flags, report->commit);
    grey(cairo, 0.35);
    text_font(cairo, TEXT_NORMAL, 6);
    return text_wrap(cairo, MARGIN, y, width - 2 * MARGIN, 8, text);
}

double gap_chart_draw(cairo_t *cairo, double width, const void *subject)
{
    struct chart chart = {.report = subject};
    struct boxes boxes = {.count = 0};
    double y = draw_title(cairo, width, chart.report);
    y = draw_legend(cairo, width, y + 14, chart.report);
    y = draw_axes(cairo, width, y + 14, &chart);
    draw_front(cairo, &chart, &boxes);
    draw_marks(cairo, &chart, &boxes);
    draw_labels(cairo, &chart, &boxes);
    return draw_caption(cairo, width, y + 12, chart.report) + MARGIN;
}
