/* `roundel plot`: charts of reports. */
#include "commands.h"
#include "figure.h"
#include "gap_chart.h"
#include "gap_report.h"
#include "option_values.h"
#include "speed_chart.h"
#include "speed_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ID_KIND = 1,
    ID_OUTPUT,
    ID_OPERATION,
    ID_ROUNDING,
    ID_LEVEL,
    ID_SETTING,
    ID_STATISTIC,
    ID_SIZE
};

enum kind {
    KIND_SPEED,
    KIND_GAP,
    KIND_COUNT
};

static const char *const kinds[KIND_COUNT] = {"speed", "gap"};

static const struct option_spec options[] = {
    {ID_KIND, "kind", "KIND", "the chart: speed or gap"},
    {ID_OUTPUT, "output", "FILE", "where it goes: FILE.png, FILE.pdf or FILE.svg"},
    {ID_OPERATION, "operation", "NAME", "speed: quantize (default) or dequantize"},
    {ID_ROUNDING, "rounding", "NAME", "speed: of the encoders (default: ggml)"},
    {ID_LEVEL, "level", "NAME", "speed: working set, L1, L2 (default), L3 or DRAM"},
    {ID_SETTING, "setting", "NAME", "gap: FORMAT/WEIGHTS, or a column (default: the only one)"},
    {ID_STATISTIC, "statistic", "NAME", "gap: mean (default), median, p99 or sums"},
    {ID_SIZE, "size", "WIDTH", "of the page, in in, cm, mm or pt (default: 7in)"},
    {0, NULL, NULL, NULL},
};

const struct command plot_spec = {
    .name = "plot",
    .summary = "charts for papers out of JSON reports",
    .arguments = "REPORT.json...",
    .options = options,
    .letters = "o",
    .more =
        "speed: weights a second by format and target, of a report that roundel-bench wrote with\n"
        "--benchmark_out. Repeated cases count by their median. The height of the page follows\n"
        "from what is on it; two columns of a paper are about 7in wide, one is 3.5in.\n\n"
        "gap: time and excess over the proven optimum of every rounding, of reports that compare\n"
        "--gap or gap-table wrote with --json; several, say of several targets, make one chart.\n\n"
        "Example: roundel-bench --benchmark_filter=/L2 --benchmark_out=speed.json\n"
        "         roundel plot speed.json --kind speed -o speed.pdf\n"
        "         roundel compare --gap --format q4_k --rounding all --json gap.json\n"
        "         roundel plot gap.json --kind gap --setting q4_k/native -o gap.pdf\n",
};

/* ------------------------------------------------------------------------------------------------
 * Arguments
 */

struct arguments {
    const char **reports; /* with room for every word of the command line */
    size_t nreports;
    const char *output; /* NULL where not given */
    enum kind kind;     /* KIND_COUNT where not given */
    struct speed_choice choice;
    struct gap_choice gap;
    double width; /* points */
};

static bool take_kind(struct arguments *arguments, const char *value, struct error *error)
{
    unsigned kind;
    if (!parse_name("kind", value, strlen(value), kinds, KIND_COUNT, &kind, error))
        return false;
    arguments->kind = (enum kind)kind;
    return true;
}

static bool take_operation(struct speed_choice *choice, const char *value, struct error *error)
{
    static const enum case_kind operations[] = {CASE_QUANTIZE, CASE_DEQUANTIZE};
    const char *const names[] = {case_kind_name(operations[0]), case_kind_name(operations[1])};
    unsigned index;
    if (!parse_name("operation", value, strlen(value), names, 2, &index, error))
        return false;
    choice->operation = operations[index];
    return true;
}

static bool take_axis(const char *what, axis_name_fn *name, const char *value, unsigned *index,
                      struct error *error)
{
    const char *names[AXIS_MAX];
    const size_t count = axis_names(name, names);
    return parse_name(what, value, strlen(value), names, count, index, error);
}

static bool take_rounding(struct speed_choice *choice, const char *value, struct error *error)
{
    unsigned index;
    if (!take_axis("rounding", axis_rounding, value, &index, error))
        return false;
    choice->rounding = (enum rdl_rounding)index;
    return true;
}

static bool take_level(struct speed_choice *choice, const char *value, struct error *error)
{
    unsigned index;
    if (!take_axis("level", case_level_name, value, &index, error))
        return false;
    choice->level = (enum case_level)index;
    return true;
}

static bool take_statistic(struct gap_choice *choice, const char *value, struct error *error)
{
    unsigned index;
    if (!take_axis("statistic", gap_statistic_name, value, &index, error))
        return false;
    choice->statistic = (enum gap_statistic)index;
    return true;
}

static bool take(void *context, int id, const char *value, struct error *error)
{
    struct arguments *arguments = context;
    switch (id) {
    case ID_KIND:
        return take_kind(arguments, value, error);
    case ID_OUTPUT:
        arguments->output = value;
        return true;
    case ID_OPERATION:
        return take_operation(&arguments->choice, value, error);
    case ID_ROUNDING:
        return take_rounding(&arguments->choice, value, error);
    case ID_LEVEL:
        return take_level(&arguments->choice, value, error);
    case ID_SETTING:
        arguments->gap.setting = value;
        return true;
    case ID_STATISTIC:
        return take_statistic(&arguments->gap, value, error);
    case ID_SIZE:
        return parse_page_width(value, &arguments->width, error);
    default:
        arguments->reports[arguments->nreports++] = value;
        return true;
    }
}

static bool check(const struct arguments *arguments, struct error *error)
{
    char shown[128];
    if (arguments->nreports == 0)
        return fail(error, "no report; roundel-bench --benchmark_out=REPORT.json, or compare --gap "
                           "--json REPORT.json, writes one");
    if (arguments->kind == KIND_COUNT)
        return fail(error, "no --kind; choices: speed, gap");
    if (arguments->kind == KIND_SPEED && arguments->nreports > 1)
        return fail(
            error, "one report makes a chart of speeds, but there is another: '%s'",
            escape(shown, sizeof shown, arguments->reports[1], strlen(arguments->reports[1])));
    return arguments->output || fail(error, "no --output FILE.png, FILE.pdf or FILE.svg");
}

/* ------------------------------------------------------------------------------------------------
 * Work
 */

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

static int plot_speed(const struct arguments *arguments, struct figure *figure, struct error *error)
{
    struct speed_report report;
    if (!speed_report_read(&report, arguments->reports[0], &arguments->choice, error))
        return STATUS_BAD_INPUT;
    print_ignored(&report, arguments->reports[0]);
    return figure_write(figure, arguments->width, speed_chart_draw, &report, error)
               ? STATUS_OK
               : STATUS_INTERNAL;
}

static int plot_gap(const struct arguments *arguments, struct figure *figure, struct error *error)
{
    struct gap_report report;
    if (!gap_report_read(&report, arguments->reports, arguments->nreports, &arguments->gap, error))
        return STATUS_BAD_INPUT;
    return figure_write(figure, arguments->width, gap_chart_draw, &report, error) ? STATUS_OK
                                                                                  : STATUS_INTERNAL;
}

static int plot(const struct arguments *arguments)
{
    struct error error;
    struct figure figure;
    if (!check(arguments, &error) || !figure_open(&figure, arguments->output, &error))
        return command_fail(&plot_spec, STATUS_USAGE, &error);
    const int status = arguments->kind == KIND_GAP ? plot_gap(arguments, &figure, &error)
                                                   : plot_speed(arguments, &figure, &error);
    figure_release_caches();
    figure_abandon(&figure);
    return status == STATUS_OK ? status : command_fail(&plot_spec, status, &error);
}

int plot_command(int argc, char **argv)
{
    struct arguments arguments = {
        .kind = KIND_COUNT,
        .choice = {.operation = CASE_QUANTIZE, .rounding = RDL_GGML, .level = CASE_LEVEL_L2},
        .width = 7 * 72,
    };
    arguments.reports = calloc((size_t)argc + 1, sizeof *arguments.reports);
    struct error error = {"out of memory"};
    if (!arguments.reports)
        return command_fail(&plot_spec, STATUS_INTERNAL, &error);
    int status;
    if (options_parse(&plot_spec, argc, argv, take, &arguments, &status))
        status = plot(&arguments);
    free(arguments.reports);
    return status;
}
