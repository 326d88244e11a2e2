/* `roundel plot`: charts of reports. */
#include "commands.h"
#include "option_values.h"
#include "plot_kind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct plot_kind *const kinds[] = {
#define PLOT_KIND(kind) &(kind),
#include "plot_kinds.def"
#undef PLOT_KIND
};

enum {
    KIND_COUNT = sizeof kinds / sizeof *kinds,
    ID_KIND = PLOT_OPTION_COUNT + 1,
    ID_OUTPUT,
    ID_SIZE
};

/* Options that choose have their place as id, from 1 on. */
static const struct option_spec options[] = {
    {ID_KIND, "kind", "KIND", "the chart; the kinds are below"},
    {ID_OUTPUT, "output", "FILE", "where it goes: FILE.png, FILE.pdf or FILE.svg"},
    {ID_SIZE, "size", "WIDTH", "of the page, in in, cm, mm or pt (default: 7in)"},
    {1 + PLOT_FORMAT, "format", "NAME,...", "only these formats"},
    {1 + PLOT_ROUNDING, "rounding", "NAME,...",
     "only these roundings; of speed one (default: ggml)"},
    {1 + PLOT_WEIGHTING, "weighting", "NAME,...", "only these weightings of the encoders"},
    {1 + PLOT_STATISTIC, "statistic", "NAME", "what is drawn; each kind below has its own"},
    {1 + PLOT_SETTING, "setting", "NAME", "gap: FORMAT/WEIGHTS, or a column; profile: lengths"},
    {1 + PLOT_OPERATION, "operation", "NAME", "speed: quantize (default) or dequantize"},
    {1 + PLOT_LEVEL, "level", "NAME", "speed: working set, L1, L2 (default), L3 or DRAM"},
    {1 + PLOT_LAW, "law", "NAME,...", "asymmetry, profile: only these laws"},
    {0, NULL, NULL, NULL},
};

static void print_kinds(void);

const struct command plot_spec = {
    .name = "plot",
    .summary = "charts for papers out of JSON reports",
    .arguments = "REPORT.json...",
    .options = options,
    .letters = "o",
    .more = "The height of the page follows from what is on it; two columns of a paper are about\n"
            "7in wide, one is 3.5in. Each kind draws the reports of one command:\n",
    .more_help = print_kinds,
};

static void print_kinds(void)
{
    for (size_t i = 0; i < KIND_COUNT; i++)
        printf("\n%s: %s\nExample: %s", kinds[i]->name, kinds[i]->help, kinds[i]->example);
}

/* ------------------------------------------------------------------------------------------------
 * Arguments
 */

struct arguments {
    struct plot_request request;
    const char **paths;           /* of the request, with room for every word of the command line */
    const char *output;           /* NULL where not given */
    const struct plot_kind *kind; /* NULL where not given */
    double width;                 /* points */
};

static size_t kind_names(const char *names[KIND_COUNT])
{
    for (size_t i = 0; i < KIND_COUNT; i++)
        names[i] = kinds[i]->name;
    return KIND_COUNT;
}

static bool take_kind(struct arguments *arguments, const char *value, struct error *error)
{
    const char *names[KIND_COUNT];
    unsigned index;
    if (!parse_name("kind", value, strlen(value), names, kind_names(names), &index, error))
        return false;
    arguments->kind = kinds[index];
    return true;
}

static bool take(void *context, int id, const char *value, struct error *error)
{
    struct arguments *arguments = context;
    switch (id) {
    case 0:
        arguments->paths[arguments->request.npaths++] = value;
        return true;
    case ID_KIND:
        return take_kind(arguments, value, error);
    case ID_OUTPUT:
        arguments->output = value;
        return true;
    case ID_SIZE:
        return parse_page_width(value, &arguments->width, error);
    default:
        arguments->request.options[id - 1] = value;
        return true;
    }
}

static bool no_kind(struct error *error)
{
    const char *names[KIND_COUNT];
    fail(error, "no --kind; choices: ");
    append_choices(error, names, kind_names(names));
    return false;
}

static const char *option_name(enum plot_option option)
{
    size_t i = 0;
    while (options[i].id != 1 + (int)option)
        i++;
    return options[i].name;
}

/* An option of another kind would be ignored, which its user should know. */
static bool check_options(const struct arguments *arguments, struct error *error)
{
    for (unsigned option = 0; option < PLOT_OPTION_COUNT; option++)
        if (arguments->request.options[option] && !(arguments->kind->options >> option & 1))
            return fail(error, "a chart of kind %s has no --%s", arguments->kind->name,
                        option_name((enum plot_option)option));
    return true;
}

static bool check(const struct arguments *arguments, struct error *error)
{
    const struct plot_request *request = &arguments->request;
    char shown[128];
    if (!arguments->kind)
        return no_kind(error);
    if (request->npaths == 0)
        return fail(error, "no report; 'roundel plot --help' says which commands write one");
    if (!arguments->kind->several && request->npaths > 1)
        return fail(error, "one report makes a chart of kind %s, but there is another: '%s'",
                    arguments->kind->name,
                    escape(shown, sizeof shown, request->paths[1], strlen(request->paths[1])));
    if (!check_options(arguments, error))
        return false;
    return arguments->output || fail(error, "no --output FILE.png, FILE.pdf or FILE.svg");
}

/* ------------------------------------------------------------------------------------------------
 * Work
 */

static int draw(const struct arguments *arguments, void *subject, struct error *error)
{
    const struct plot_kind *kind = arguments->kind;
    struct figure figure;
    if ((kind->choose && !kind->choose(subject, &arguments->request, error)) ||
        !figure_open(&figure, arguments->output, error))
        return STATUS_USAGE;
    int status = STATUS_OK;
    if (!kind->read(subject, &arguments->request, error))
        status = STATUS_BAD_INPUT;
    else if (!figure_write(&figure, arguments->width, kind->draw, subject, error))
        status = STATUS_INTERNAL;
    figure_release_caches();
    figure_abandon(&figure);
    if (kind->release)
        kind->release(subject);
    return status;
}

static int plot(const struct arguments *arguments)
{
    struct error error = {"out of memory"};
    if (!check(arguments, &error))
        return command_fail(&plot_spec, STATUS_USAGE, &error);
    void *subject = calloc(1, arguments->kind->subject_size);
    const int status = subject ? draw(arguments, subject, &error) : STATUS_INTERNAL;
    free(subject);
    return status == STATUS_OK ? status : command_fail(&plot_spec, status, &error);
}

int plot_command(int argc, char **argv)
{
    struct arguments arguments = {.width = 7 * 72};
    arguments.paths = calloc((size_t)argc + 1, sizeof *arguments.paths);
    arguments.request.paths = arguments.paths;
    struct error error = {"out of memory"};
    if (!arguments.paths)
        return command_fail(&plot_spec, STATUS_INTERNAL, &error);
    int status;
    if (options_parse(&plot_spec, argc, argv, take, &arguments, &status))
        status = plot(&arguments);
    free(arguments.paths);
    return status;
}
