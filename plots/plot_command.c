/* `roundel plot`: charts of reports. */
#include "commands.h"
#include "figure.h"
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
    ID_SIZE
};

static const struct option_spec options[] = {
    {ID_KIND, "kind", "KIND", "the chart: speed"},
    {ID_OUTPUT, "output", "FILE", "where it goes: FILE.png, FILE.pdf or FILE.svg"},
    {ID_OPERATION, "operation", "NAME", "quantize (default) or dequantize"},
    {ID_ROUNDING, "rounding", "NAME", "of the encoders (default: ggml)"},
    {ID_LEVEL, "level", "NAME", "working set: L1, L2 (default), L3 or DRAM"},
    {ID_SIZE, "size", "WIDTH", "of the page, in in, cm, mm or pt (default: 7in)"},
    {0, NULL, NULL, NULL},
};

const struct command plot_spec = {
    .name = "plot",
    .summary = "charts for papers out of JSON reports",
    .arguments = "REPORT.json",
    .options = options,
    .letters = "o",
    .more =
        "speed: weights a second by format and target, of a report that roundel-bench wrote with\n"
        "--benchmark_out. Repeated cases count by their median. The height of the page follows\n"
        "from what is on it; two columns of a paper are about 7in wide, one is 3.5in.\n\n"
        "Example: roundel-bench --benchmark_filter=/L2 --benchmark_out=speed.json\n"
        "         roundel plot speed.json --kind speed -o speed.pdf\n",
};

/* ------------------------------------------------------------------------------------------------
 * Arguments
 */

struct arguments {
    const char *report, *output; /* NULL where not given */
    bool has_kind;
    struct speed_choice choice;
    double width; /* points */
};

static bool take_kind(struct arguments *arguments, const char *value, struct error *error)
{
    static const char *const kinds[] = {"speed"};
    unsigned kind;
    arguments->has_kind = true;
    return parse_name("kind", value, strlen(value), kinds, 1, &kind, error);
}

static bool take_operation(struct speed_choice *choice, const char *value, struct error *error)
{
    static const enum case_kind kinds[] = {CASE_QUANTIZE, CASE_DEQUANTIZE};
    const char *const names[] = {case_kind_name(kinds[0]), case_kind_name(kinds[1])};
    unsigned index;
    if (!parse_name("operation", value, strlen(value), names, 2, &index, error))
        return false;
    choice->operation = kinds[index];
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

static bool take_size(double *width, const char *value, struct error *error)
{
    static const struct {
        const char *name;
        double points;
    } units[] = {{"in", 72}, {"cm", 72 / 2.54}, {"mm", 72 / 25.4}, {"pt", 1}};
    char *unit;
    const double number = strtod(value, &unit);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(unit, units[i].name) == 0) {
            *width = number * units[i].points;
            if (*width >= 2.5 * 72 && *width <= 40 * 72)
                return true;
        }
    char shown[64];
    return fail(error, "size '%s' is no width from 2.5in to 40in (units: in, cm, mm, pt)",
                escape(shown, sizeof shown, value, strlen(value)));
}

static bool take_report(struct arguments *arguments, const char *value, struct error *error)
{
    char shown[128];
    if (arguments->report)
        return fail(error, "one report makes a chart, but there is another: '%s'",
                    escape(shown, sizeof shown, value, strlen(value)));
    arguments->report = value;
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
    case ID_SIZE:
        return take_size(&arguments->width, value, error);
    default:
        return take_report(arguments, value, error);
    }
}

static bool check(const struct arguments *arguments, struct error *error)
{
    if (!arguments->report)
        return fail(error, "no report; roundel-bench --benchmark_out=REPORT.json writes one");
    if (!arguments->has_kind)
        return fail(error, "no --kind; choices: speed");
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

static int plot(const struct arguments *arguments, struct figure *figure)
{
    struct error error;
    struct speed_report report;
    if (!speed_report_read(&report, arguments->report, &arguments->choice, &error))
        return command_fail(&plot_spec, STATUS_BAD_INPUT, &error);
    print_ignored(&report, arguments->report);
    if (!figure_write(figure, arguments->width, speed_chart_draw, &report, &error))
        return command_fail(&plot_spec, STATUS_INTERNAL, &error);
    return STATUS_OK;
}

int plot_command(int argc, char **argv)
{
    struct arguments arguments = {
        .choice = {.operation = CASE_QUANTIZE, .rounding = RDL_GGML, .level = CASE_LEVEL_L2},
        .width = 7 * 72,
    };
    struct error error;
    int status;
    if (!options_parse(&plot_spec, argc, argv, take, &arguments, &status))
        return status;
    struct figure figure;
    if (!check(&arguments, &error) || !figure_open(&figure, arguments.output, &error))
        return command_fail(&plot_spec, STATUS_USAGE, &error);
    status = plot(&arguments, &figure);
    figure_release_caches();
    figure_abandon(&figure);
    return status;
}
