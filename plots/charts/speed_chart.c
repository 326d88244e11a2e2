/*
 * The chart of speed by format and target: a row for each format, more bits per weight above; a
 * mark for each target, filled without importance and open with it.
 */
#include "plot_kind.h"

#include "axis.h"
#include "chart_frame.h"
#include "legend.h"
#include "mark.h"
#include "options.h"
#include "speed_report.h"
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Lengths in points. */
enum {
    ROW = 12,
    ROW_OF_TWO = 16, /* where rows have two series */
    NAME_SIZE = 8,
    BITS_SIZE = 7
};

/* ------------------------------------------------------------------------------------------------
 * What is in the report
 */

struct chart {
    const struct speed_report *report;
    enum rdl_format formats[RDL_FORMAT_COUNT]; /* with speeds, more bits first */
    unsigned nformats;
    bool has_target[RDL_TARGET_COUNT];
    bool has_series[2]; /* without importance, with it */
    double row_height;
    double shift[2]; /* of a row's series from its middle */
    double smallest, largest;
};

static double bits(enum rdl_format format)
{
    return rdl_format_info(format)->bits_per_weight;
}

static const char *write_bits(char *text, size_t size, enum rdl_format format)
{
    snprintf(text, size, "%g", bits(format));
    return text;
}

/* Formats of the same size stay in the order of the library. */
static void insert_format(struct chart *chart, enum rdl_format format)
{
    unsigned place = chart->nformats++;
    for (; place > 0 && bits(chart->formats[place - 1]) < bits(format); place--)
        chart->formats[place] = chart->formats[place - 1];
    chart->formats[place] = format;
}

static void include_speed(struct chart *chart, double speed)
{
    chart->smallest = fmin(chart->smallest, speed);
    chart->largest = fmax(chart->largest, speed);
}

static struct chart survey(const struct speed_report *report)
{
    struct chart chart = {.report = report, .smallest = INFINITY};
    for (unsigned format = 0; format < RDL_FORMAT_COUNT; format++) {
        bool any = false;
        for (unsigned target = 0; target < RDL_TARGET_COUNT; target++)
            for (unsigned series = 0; series < 2; series++)
                if (report->speed[format][target][series] > 0) {
                    any = chart.has_target[target] = chart.has_series[series] = true;
                    include_speed(&chart, report->speed[format][target][series]);
                }
        if (any)
            insert_format(&chart, (enum rdl_format)format);
    }
    if (report->store > 0)
        include_speed(&chart, report->store);
    chart.row_height = ROW;
    if (chart.has_series[0] && chart.has_series[1]) {
        chart.row_height = ROW_OF_TWO;
        chart.shift[0] = -0.2 * ROW_OF_TWO;
        chart.shift[1] = 0.2 * ROW_OF_TWO;
    }
    return chart;
}

/* ------------------------------------------------------------------------------------------------
 * Above the rows
 */

static void write_runs(char *text, size_t size, const struct speed_report *report)
{
    if (report->most_runs == 1)
        snprintf(text, size, "one run each");
    else if (report->least_runs == report->most_runs)
        snprintf(text, size, "medians of %u runs", report->most_runs);
    else
        snprintf(text, size, "medians of %u to %u runs", report->least_runs, report->most_runs);
}

static double draw_title(cairo_t *cairo, double width, const struct speed_report *report)
{
    const bool quantize = report->choice.operation == CASE_QUANTIZE;
    char runs[64], below[256];
    write_runs(runs, sizeof runs, report);
    snprintf(below, sizeof below, "%s%s%sone thread, working set in %s, %s",
             quantize ? "rounding " : "",
             quantize ? rdl_rounding_name(report->choice.rounding) : "", quantize ? ", " : "",
             case_level_name(report->choice.level), runs);
    return chart_title(cairo, width, quantize ? "Speed of quantization" : "Speed of dequantization",
                       below);
}

static void draw_limit(cairo_t *cairo, double x0, double y0, double x1, double y1)
{
    static const double dashes[] = {3, 2};
    chart_grey(cairo, 0);
    cairo_set_line_width(cairo, 0.8);
    cairo_set_dash(cairo, dashes, 2, 0);
    cairo_move_to(cairo, x0, y0);
    cairo_line_to(cairo, x1, y1);
    cairo_stroke(cairo);
    cairo_set_dash(cairo, NULL, 0, 0);
}

/* Returns the baseline of the last line. */
static double draw_legend(cairo_t *cairo, double width, double y, const struct chart *chart)
{
    struct legend next = {
        .left = CHART_MARGIN, .right = width - CHART_MARGIN, .x = CHART_MARGIN, .y = y};
    chart_legend_font(cairo);
    for (unsigned target = 0; target < RDL_TARGET_COUNT; target++)
        if (chart->has_target[target]) {
            const char *name = mark_name((enum rdl_target)target);
            const struct legend entry = legend_entry(&next, cairo, CHART_MARK_KEY, name);
            mark_draw(cairo, entry.x + 3, entry.y - 2.7, (enum rdl_target)target, false);
        }
    if (chart->has_series[1])
        legend_entry(&next, cairo, 0,
                     chart->has_series[0] ? "filled: without importance, open: with importance"
                                          : "open: with importance");
    if (chart->report->store > 0) {
        const struct legend entry =
            legend_entry(&next, cairo, CHART_LINE_KEY, "plain stores of as many weights");
        draw_limit(cairo, entry.x, entry.y - 2.7, entry.x + CHART_LINE_KEY - 4, entry.y - 2.7);
    }
    return next.y;
}

/* ------------------------------------------------------------------------------------------------
 * Rows
 */

/* Columns of the names and sizes of formats. */
struct columns {
    double name, bits, end;
};

static struct columns measure_columns(cairo_t *cairo, const struct chart *chart)
{
    double name = 0, size = 0;
    for (unsigned i = 0; i < chart->nformats; i++) {
        char text[32];
        text_font(cairo, TEXT_NORMAL, NAME_SIZE);
        name = fmax(name, text_width(cairo, rdl_format_info(chart->formats[i])->ggml_name));
        text_font(cairo, TEXT_NORMAL, BITS_SIZE);
        size = fmax(size, text_width(cairo, write_bits(text, sizeof text, chart->formats[i])));
    }
    const double bits_column = CHART_MARGIN + name + 8;
    return (struct columns){CHART_MARGIN, bits_column,
                            bits_column + fmax(size, text_width(cairo, "bits")) + 8};
}

/* The speeds of one series: a line over their range, and the marks. */
static void draw_series(cairo_t *cairo, const struct axis *axis, double y,
                        const double speeds[RDL_TARGET_COUNT][2], unsigned series)
{
    double left = INFINITY, right = 0;
    for (unsigned target = 0; target < RDL_TARGET_COUNT; target++)
        if (speeds[target][series] > 0) {
            left = fmin(left, axis_place(axis, speeds[target][series]));
            right = fmax(right, axis_place(axis, speeds[target][series]));
        }
    if (right == 0)
        return;
    chart_grey(cairo, 0.5);
    cairo_set_line_width(cairo, 0.6);
    cairo_move_to(cairo, left, y);
    cairo_line_to(cairo, right, y);
    cairo_stroke(cairo);
    for (unsigned target = 0; target < RDL_TARGET_COUNT; target++)
        if (speeds[target][series] > 0)
            mark_draw(cairo, axis_place(axis, speeds[target][series]), y, (enum rdl_target)target,
                      series == 1);
}

static void draw_row(cairo_t *cairo, const struct chart *chart, const struct columns *columns,
                     const struct axis *axis, double y, enum rdl_format format)
{
    char size[32];
    chart_grey(cairo, 0);
    text_font(cairo, TEXT_NORMAL, NAME_SIZE);
    text_show(cairo, columns->name, y + 2.9, 0, rdl_format_info(format)->ggml_name);
    chart_grey(cairo, 0.35);
    text_font(cairo, TEXT_NORMAL, BITS_SIZE);
    text_show(cairo, columns->bits, y + 2.9, 0, write_bits(size, sizeof size, format));
    for (unsigned series = 0; series < 2; series++)
        draw_series(cairo, axis, y + chart->shift[series], chart->report->speed[format], series);
}

/* Every other row has a band behind it. */
static void draw_bands(cairo_t *cairo, double width, double top, const struct chart *chart)
{
    chart_grey(cairo, 0.955);
    for (unsigned i = 0; i < chart->nformats; i += 2)
        cairo_rectangle(cairo, CHART_MARGIN - 3, top + chart->row_height * i,
                        width - 2 * CHART_MARGIN + 6, chart->row_height);
    cairo_fill(cairo);
}

/* Headings stand above `top`. Returns where the axis ends. */
static double draw_rows(cairo_t *cairo, double width, double top, const struct chart *chart)
{
    const struct columns columns = measure_columns(cairo, chart);
    const double bottom = top + chart->row_height * chart->nformats;
    struct axis axis = axis_across(AXIS_LOG, chart->smallest, chart->largest, columns.end,
                                   width - 2 * CHART_MARGIN);
    axis.units = axis_si;
    chart_grey(cairo, 0.35);
    text_font(cairo, TEXT_NORMAL, BITS_SIZE);
    text_show(cairo, columns.bits, top - 3, 0, "bits");
    draw_bands(cairo, width, top, chart);
    const double end = axis_draw_across(&axis, cairo, top, bottom, "weights per second");
    if (chart->report->store > 0) {
        const double x = axis_place(&axis, chart->report->store);
        draw_limit(cairo, x, top, x, bottom);
    }
    for (unsigned i = 0; i < chart->nformats; i++)
        draw_row(cairo, chart, &columns, &axis, top + chart->row_height * (i + 0.5),
                 chart->formats[i]);
    return end;
}

/* ------------------------------------------------------------------------------------------------
 * The whole
 */

/* Where the figures come from. Returns the last baseline. */
static double draw_caption(cairo_t *cairo, double width, double y,
                           const struct speed_report *report)
{
    char text[2048];
    snprintf(text, sizeof text, "%s; %s; %s; roundel %s, commit %s; %s", report->cpu,
             report->compiler, report->flags, report->version, report->commit, report->date);
    return chart_caption(cairo, width, y, text);
}

static double draw(cairo_t *cairo, double width, const void *subject)
{
    const struct chart chart = survey(subject);
    double y = draw_title(cairo, width, chart.report);
    y = draw_legend(cairo, width, y + 14, &chart);
    y = draw_rows(cairo, width, y + 17, &chart);
    return draw_caption(cairo, width, y + 12, chart.report) + CHART_MARGIN;
}

/* ------------------------------------------------------------------------------------------------
 * The kind
 */

static bool choose_operation(struct speed_choice *choice, const char *value, struct error *error)
{
    static const enum case_kind operations[] = {CASE_QUANTIZE, CASE_DEQUANTIZE};
    const char *const names[] = {case_kind_name(operations[0]), case_kind_name(operations[1])};
    unsigned index = 0;
    if (value && !parse_name("operation", value, strlen(value), names, 2, &index, error))
        return false;
    choice->operation = operations[index];
    return true;
}

static bool choose(void *subject, const struct plot_request *request, struct error *error)
{
    struct speed_choice *choice = &((struct speed_report *)subject)->choice;
    unsigned rounding = RDL_GGML, level = CASE_LEVEL_L2;
    if (!choose_operation(choice, request->options[PLOT_OPERATION], error) ||
        !plot_choose_name("rounding", request->options[PLOT_ROUNDING], axis_rounding, &rounding,
                          error) ||
        !plot_choose_name("level", request->options[PLOT_LEVEL], case_level_name, &level, error))
        return false;
    choice->rounding = (enum rdl_rounding)rounding;
    choice->level = (enum case_level)level;
    return true;
}

/* Tells of rows that are not in the chart though they might be expected there. */
static void print_ignored(const struct speed_report *report, const char *path)
{
    if (report->unknown > 0)
        fprintf(stderr, "roundel plot: %s: ignored %zu row(s) of other cases; the first is '%s'\n",
                path, report->unknown, report->first_unknown);
    if (report->failed > 0)
        fprintf(stderr, "roundel plot: %s: ignored %zu row(s) of cases that failed\n", path,
                report->failed);
}

static bool read(void *subject, const struct plot_request *request, struct error *error)
{
    struct speed_report *report = subject;
    const struct speed_choice choice = report->choice;
    if (!speed_report_read(report, request->paths[0], &choice, error))
        return false;
    print_ignored(report, request->paths[0]);
    return true;
}

const struct plot_kind plot_speed = {
    .name = "speed",
    .help = "weights a second by format and target, of a report that roundel-bench wrote with\n"
            "--benchmark_out. Repeated cases count by their median.",
    .example = "roundel-bench --benchmark_filter=/L2 --benchmark_out=speed.json\n"
               "         roundel plot speed.json --kind speed -o speed.pdf\n",
    .options = 1u << PLOT_OPERATION | 1u << PLOT_ROUNDING | 1u << PLOT_LEVEL,
    .subject_size = sizeof(struct speed_report),
    .choose = choose,
    .read = read,
    .draw = draw,
};
