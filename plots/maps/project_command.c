/* `roundel project`: images of what roundings do to every direction. */
#include "asymmetry_report.h"
#include "commands.h"
#include "project_outputs.h"
#include "project_report.h"
#include "project_sweep.h"
#include "report.h"
#include "sweep_report.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

const struct command project_spec = {
    .name = "project",
    .summary = "error projections: images of what roundings do to every direction",
    .arguments = "",
    .options = project_options,
    .letters = "o",
    .more =
        "Each pixel is a direction in space: a block of three weights, (sin p cos t, sin p sin t,\n"
        "cos p) with t to the right and p downwards. It is rounded, and the pixel is the cosine\n"
        "of the angle to what came out: 1 at directions that the grid has. Grids:\n"
        "A..B for integers with A <= 0 <= B and a scale of either sign (ternary: -1..1, pentary "
        "..\n"
        "tricontahenary: -15..15); positive:A..B and unsigned:LEVELS for a scale >= 0;\n"
        "affine:LEVELS with an offset <= 0, free:LEVELS with any; table:V/V/.. for a codebook; "
        "and\n"
        "iq4_nl or any other format for the grid of its sub-blocks.\n"
        "Several grids and several roundings make a sheet with one scale of colours.\n"
        "\n"
        "centred: cosine without the means; angle: degrees, colours by its logarithm; excess:\n"
        "error / least error - 1, of formats over a proven bound; difference: cosine - that of\n"
        "the optimum; index: number of the code vector. Blank pixels have no value.\n"
        "\n"
        "Example: roundel project --grid iq4_nl --rounding nearest,nl,nlg,exact -o iq4_nl.pdf\n",
};

/* ------------------------------------------------------------------------------------------------
 * What was asked for
 */

/* Options that change no pixel are left out of what images remember. */
static bool is_remembered(const char *word)
{
    static const char *const forgotten[] = {"--output", "--threads", "--target", "--json"};
    for (size_t i = 0; i < sizeof forgotten / sizeof forgotten[0]; i++)
        if (strncmp(word, forgotten[i], strlen(forgotten[i])) == 0)
            return false;
    return strncmp(word, "-o", 2) != 0;
}

static char *append_word(char *end, const char *word)
{
    const bool plain = *word && strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                             "0123456789_-+=:,./") == strlen(word);
    *end++ = ' ';
    if (plain)
        return stpcpy(end, word);
    *end++ = '\'';
    for (; *word; word++)
        end = *word == '\'' ? stpcpy(end, "'\\''") : (*end = *word, end + 1);
    *end++ = '\'';
    *end = '\0';
    return end;
}

/* The words of the command line, fit for a shell; NULL without memory. */
static char *remember(int argc, char **argv)
{
    size_t size = sizeof "roundel project";
    for (int i = 1; i < argc; i++)
        size += 4 * strlen(argv[i]) + 3;
    char *command = malloc(size);
    if (!command)
        return NULL;
    char *end = stpcpy(command, "roundel project");
    for (int i = 1; i < argc; i++)
        if (is_remembered(argv[i]))
            end = append_word(end, argv[i]);
        else if (!strchr(argv[i], '=') && (argv[i][1] == '-' || !argv[i][2]))
            i++; /* its value */
    return command;
}

/* ------------------------------------------------------------------------------------------------
 * Work
 */

struct call {
    struct project_settings settings;
    struct project_maps maps;
    struct project_outputs outputs;
    struct output json;
    char *command;
};

static int report(struct call *call, const struct colouring *colouring, struct error *error)
{
    if (call->json.file != stdout && !project_report_print(&call->maps, &call->settings, stdout)) {
        fail(error, "out of memory");
        return STATUS_INTERNAL;
    }
    if (!call->json.file)
        return STATUS_OK;
    json_t *json = project_report_json(&call->maps, &call->settings, colouring, call->command);
    return report_write(json, &call->json, error) ? STATUS_OK : STATUS_INTERNAL;
}

/* Makes the rasters; images whose colours are known now are written at once. */
static bool make_maps(struct call *call, const struct colouring *colouring, struct error *error)
{
    struct project_settings *s = &call->settings;
    if (!project_outputs_stream(s))
        return project_maps_run(&call->maps, s, NULL, error);
    struct raster_sink *sinks = calloc(call->maps.rows * call->maps.columns, sizeof *sinks);
    const bool made = sinks ? project_outputs_begin(&call->outputs, s, colouring, sinks, error) &&
                                  project_maps_run(&call->maps, s, sinks, error)
                            : fail(error, "out of memory");
    free(sinks);
    return made;
}

static void tell_what_is_left_out(const struct project_maps *maps)
{
    for (size_t i = 0; i < maps->rows * maps->columns; i++)
        if (!maps->items[i].exists)
            fprintf(stderr, "roundel project: left out: %s\n", maps->items[i].reason.text);
}

static int project(struct call *call, struct error *error)
{
    struct project_settings *s = &call->settings;
    if (!project_maps_make(&call->maps, s, error) ||
        !project_outputs_open(&call->outputs, s, &call->maps, error) ||
        (s->json && !output_open(&call->json, s->json, error)))
        return STATUS_USAGE;
    tell_what_is_left_out(&call->maps);
    struct colouring colouring = project_maps_colouring(&call->maps, s);
    if (!make_maps(call, &colouring, error))
        return STATUS_INTERNAL;
    colouring = project_maps_colouring(&call->maps, s);
    if (!project_outputs_write(&call->outputs, s, &call->maps, &colouring, call->command, error))
        return STATUS_INTERNAL;
    return report(call, &colouring, error);
}

static int report_sweep(struct call *call, struct sweep_report *sweep, struct error *error)
{
    if (!sweep_vectors(sweep->sweep, &sweep->vectors, &sweep->count, error) ||
        !sweep_optimum(sweep->sweep, &sweep->optimum, error))
        return STATUS_INTERNAL;
    if (call->json.file != stdout && !sweep_report_print(sweep, stdout)) {
        fail(error, "out of memory");
        return STATUS_INTERNAL;
    }
    if (!call->json.file)
        return STATUS_OK;
    json_t *json = sweep_report_json(sweep, call->command);
    return report_write(json, &call->json, error) ? STATUS_OK : STATUS_INTERNAL;
}

static int sweep(struct call *call, struct error *error)
{
    struct project_settings *s = &call->settings;
    struct sweep subject;
    if (!project_sweep_set(&subject, s, error) ||
        !project_sweep_map(&call->maps, &subject, error) ||
        !project_outputs_open(&call->outputs, s, &call->maps, error) ||
        (s->json && !output_open(&call->json, s->json, error)))
        return STATUS_USAGE;
    struct raster *raster = &call->maps.maps[0].raster;
    struct progress progress;
    progress_start(&progress, subject.height);
    const bool made = sweep_make(raster, &subject, s->nplaces > 0, &progress, error);
    progress_end(&progress);
    if (!made)
        return STATUS_INTERNAL;
    const struct colouring colouring = project_maps_colouring(&call->maps, s);
    if (!project_outputs_write(&call->outputs, s, &call->maps, &colouring, call->command, error))
        return STATUS_INTERNAL;
    struct sweep_report report = {.sweep = &subject, .statistics = raster->statistics};
    const int status = report_sweep(call, &report, error);
    free(report.vectors);
    return status;
}

static int report_asymmetry(const struct asymmetry_report *report, struct output *json,
                            struct error *error)
{
    if (json->file != stdout && !asymmetry_report_print(report, stdout)) {
        fail(error, "out of memory");
        return STATUS_INTERNAL;
    }
    if (!json->file)
        return STATUS_OK;
    return report_write(asymmetry_report_json(report), json, error) ? STATUS_OK : STATUS_INTERNAL;
}

static int asymmetry(struct call *call, struct error *error)
{
    const struct project_settings *s = &call->settings;
    if (s->ngrids > 0 || s->nformats > 0 || s->roundings) {
        fail(error, "--asymmetry is about random blocks: no grid, format or rounding");
        return STATUS_USAGE;
    }
    if (s->nplaces > 0 || s->viewer) {
        fail(error, "--asymmetry makes no image: --json FILE, and then roundel plot");
        return STATUS_USAGE;
    }
    if (s->json && !output_open(&call->json, s->json, error))
        return STATUS_USAGE;
    struct asymmetry_report *report = calloc(1, sizeof *report);
    int status = STATUS_INTERNAL;
    if (!report) {
        fail(error, "out of memory");
    } else {
        report->seed = s->seed;
        report->blocks = s->blocks;
        if (asymmetry_report_make(report, error))
            status = report_asymmetry(report, &call->json, error);
    }
    free(report);
    return status;
}

static void call_free(struct call *call)
{
    output_abandon(&call->json);
    project_outputs_free(&call->outputs);
    project_maps_free(&call->maps);
    free(call->settings.grids);
    free(call->command);
}

static int with_settings(struct call *call, int argc, char **argv)
{
    struct error error;
    int status;
    if (!options_parse(&project_spec, argc, argv, project_settings_take, &call->settings, &status))
        return status;
    if (call->settings.threads > 0)
        omp_set_num_threads((int)call->settings.threads);
    if (call->settings.task == TASK_ASYMMETRY)
        status = asymmetry(call, &error);
    else if (call->settings.task == TASK_SWEEP)
        status = sweep(call, &error);
    else if (project_settings_check(&call->settings, &error))
        status = project(call, &error);
    else
        status = STATUS_USAGE;
    return status == STATUS_OK ? status : command_fail(&project_spec, status, &error);
}

int project_command(int argc, char **argv)
{
    struct call call = {
        .settings =
            {
                .grids = calloc(PROJECT_MOST_GRIDS, sizeof(struct projection_grid)),
                .weighting = RDL_WEIGHTING_COUNT,
                .seed = 1234,
                .samples = 1,
                .levels = 4,
                .blocks = 100000,
                .page_width = 7 * 72,
                .bits = 8,
            },
        .command = remember(argc, argv),
    };
    struct error error = {"out of memory"};
    const int status = call.settings.grids && call.command
                           ? with_settings(&call, argc, argv)
                           : command_fail(&project_spec, STATUS_INTERNAL, &error);
    call_free(&call);
    return status;
}
