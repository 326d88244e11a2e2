/*
 * The chart of time and quality: a mark for each rounding and target, time to the right and the
 * excess over the optimum upwards; filled on the Pareto front, which a line joins.
 */
#include "plot_kind.h"

#include "axis.h"
#include "chart_frame.h"
#include "gap_report.h"
#include "label.h"
#include "legend.h"
#include "mark.h"
#include "options.h"
#include "symlog_axis.h"
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define HEIGHT_TO_WIDTH 0.6

struct chart {
    const struct gap_report *report;
    struct axis time;
    struct symlog_axis excess;
};

/* ------------------------------------------------------------------------------------------------
 * Above
 */

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
    return chart_title(cairo, width, "Time and quality of roundings", below);
}

static double draw_legend(cairo_t *cairo, double width, double y, const struct gap_report *report)
{
    struct legend next = {
        .left = CHART_MARGIN, .right = width - CHART_MARGIN, .x = CHART_MARGIN, .y = y};
    bool present[RDL_TARGET_COUNT] = {false};
    for (size_t i = 0; i < report->count; i++)
        present[report->points[i].target] = true;
    chart_legend_font(cairo);
    for (unsigned t = 0; t < RDL_TARGET_COUNT; t++)
        if (present[t]) {
            const struct legend entry =
                legend_entry(&next, cairo, CHART_MARK_KEY, mark_name((enum rdl_target)t));
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
    return axis_place(&chart->time, 1000 * point->nanoseconds);
}

static double place_y(const struct chart *chart, const struct gap_point *point)
{
    return symlog_axis_place(&chart->excess, percent(point));
}

static void draw_line(cairo_t *cairo, struct labels *labels, double x0, double y0, double x1,
                      double y1)
{
    cairo_move_to(cairo, x0, y0);
    cairo_line_to(cairo, x1, y1);
    labels_avoid_line(labels, x0, y0, x1, y1);
}

/* What can be had in a time at most: a step down at each point of the front. */
static void draw_front(cairo_t *cairo, const struct chart *chart, struct labels *labels)
{
    double x = NAN, y = chart->excess.top;
    for (size_t i = 0; i < chart->report->count; i++) {
        const struct gap_point *point = &chart->report->points[i];
        if (!point->pareto)
            continue;
        const double next_x = place_x(chart, point), next_y = place_y(chart, point);
        if (!isnan(x))
            draw_line(cairo, labels, x, y, next_x, y);
        draw_line(cairo, labels, next_x, y, next_x, next_y);
        x = next_x;
        y = next_y;
    }
    draw_line(cairo, labels, x, y, chart->time.to, y);
    chart_grey(cairo, 0.6);
    cairo_set_line_width(cairo, 0.8);
    cairo_stroke(cairo);
}

/* Those on the front last: on top. */
static void draw_marks(cairo_t *cairo, const struct chart *chart, struct labels *labels)
{
    for (int front = 0; front < 2; front++)
        for (size_t i = 0; i < chart->report->count; i++) {
            const struct gap_point *point = &chart->report->points[i];
            if (point->pareto != (front == 1))
                continue;
            mark_draw(cairo, place_x(chart, point), place_y(chart, point), point->target,
                      !point->pareto);
            labels_avoid_mark(labels, place_x(chart, point), place_y(chart, point));
        }
}

/* ------------------------------------------------------------------------------------------------
 * Labels
 */

/* A rounding on several targets has its name at the fastest. */
static bool is_labelled(const struct gap_report *report, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(report->points[k].label, report->points[i].label) == 0)
            return false;
    return true;
}

static void draw_labels(cairo_t *cairo, const struct chart *chart, struct labels *labels)
{
    for (int front = 1; front >= 0; front--) /* the best places are for the front */
        for (size_t i = 0; i < chart->report->count; i++) {
            const struct gap_point *point = &chart->report->points[i];
            if (point->pareto == (front == 1) && is_labelled(chart->report, i))
                label_show(labels, cairo, place_x(chart, point), place_y(chart, point),
                           point->pareto ? 0 : 0.35, point->label);
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
    const double left = CHART_MARGIN + symlog_axis_width(&chart->excess, cairo);
    chart->time = axis_across(AXIS_LOG, 1000 * report->points[0].nanoseconds,
                              1000 * report->points[report->count - 1].nanoseconds, left,
                              width - 2 * CHART_MARGIN);
    chart->time.units = axis_picoseconds;
    const double end = axis_draw_across(&chart->time, cairo, top, bottom, "CPU time per weight");
    symlog_axis_draw(&chart->excess, cairo, left, chart->time.to);
    return end;
}

static double draw(cairo_t *cairo, double width, const void *subject)
{
    struct chart chart = {.report = subject};
    double y = draw_title(cairo, width, chart.report);
    y = draw_legend(cairo, width, y + 14, chart.report);
    y = draw_axes(cairo, width, y + 14, &chart);
    struct labels labels =
        labels_in(chart.time.from, chart.excess.top, chart.time.to, chart.excess.bottom);
    draw_front(cairo, &chart, &labels);
    draw_marks(cairo, &chart, &labels);
    draw_labels(cairo, &chart, &labels);
    return chart_origin(cairo, width, y + 12,
                        "A weighted error is a surrogate: a lower one does not by itself make a "
                        "better model.",
                        &chart.report->origin) +
           CHART_MARGIN;
}

/* ------------------------------------------------------------------------------------------------
 * The kind
 */

static bool choose(void *subject, const struct plot_request *request, struct error *error)
{
    struct gap_choice *choice = &((struct gap_report *)subject)->choice;
    unsigned statistic = GAP_MEAN;
    choice->setting = request->options[PLOT_SETTING];
    if (!plot_choose_name("statistic", request->options[PLOT_STATISTIC], gap_statistic_name,
                          &statistic, error))
        return false;
    choice->statistic = (enum gap_statistic)statistic;
    return true;
}

static bool read(void *subject, const struct plot_request *request, struct error *error)
{
    struct gap_report *report = subject;
    const struct gap_choice choice = report->choice;
    return gap_report_read(report, request->paths, request->npaths, &choice, error);
}

const struct plot_kind plot_gap = {
    .name = "gap",
    .help = "time and excess over the proven optimum of every rounding, of reports that\n"
            "compare --gap or gap-table wrote with --json; several, say of several targets, make\n"
            "one chart. --statistic mean (default), median, p99 or sums.",
    .example = "roundel compare --gap --format q4_k --rounding all --json gap.json\n"
               "         roundel plot gap.json --kind gap --setting q4_k/native -o gap.pdf\n",
    .options = 1u << PLOT_SETTING | 1u << PLOT_STATISTIC,
    .several = true,
    .subject_size = sizeof(struct gap_report),
    .choose = choose,
    .read = read,
    .draw = draw,
};
