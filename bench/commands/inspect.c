/* `roundel inspect`: what is in a file. */
#include "commands.h"
#include "input_help.h"
#include "inspection.h"
#include "report.h"
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum {
    ID_INCLUDE = 1,
    ID_EXCLUDE,
    ID_SHAPE,
    ID_AS,
    ID_STRICT,
    ID_THREADS,
    ID_JSON
};

static const struct option_spec options[] = {
    {ID_INCLUDE, "include", "REGEX", HELP_INCLUDE},
    {ID_EXCLUDE, "exclude", "REGEX", HELP_EXCLUDE},
    {ID_SHAPE, "shape", ARGUMENT_SHAPE, HELP_SHAPE},
    {ID_AS, "as", ARGUMENT_AS, HELP_AS},
    {ID_STRICT, "strict", NULL, HELP_STRICT},
    {ID_THREADS, "threads", "N", "threads" HELP_DIGITS},
    {ID_JSON, "json", "FILE", HELP_JSON},
    {0, NULL, NULL, NULL},
};

const struct command inspect_spec = {
    .name = "inspect",
    .summary = "tensors, types, statistics and NaN/Inf scan of a file; importance matrices too",
    .arguments = "INPUT...",
    .options = options,
    .more =
        "An input is a GGUF, safetensors (.safetensors.index.json for a sharded model), .npy or\n"
        "raw binary32 file, builtin:NAME, synth:RECIPE, or an importance matrix (GGUF, or .dat\n"
        "by its ending). Shapes are written slowest index first, row length last. Statistics\n"
        "are of the finite weights as binary32; the kurtosis of a Gaussian is 3. A NaN or\n"
        "infinite weight is named, and the exit status is then 3.\n\n"
        "Example: roundel inspect model.safetensors --include 'attn.*weight'\n",
};

/* ------------------------------------------------------------------------------------------------
 * Arguments
 */

struct arguments {
    const char **specs;
    size_t nspecs;
    struct input_options input;
    struct name_filter filter;
    const char *json; /* NULL, "-" or a path */
};

static bool take_type(struct arguments *arguments, const char *value, struct error *error)
{
    static const char *const types[] = {"bf16"};
    unsigned index;
    arguments->input.as_bf16 = true;
    return parse_name("type", value, strlen(value), types, 1, &index, error);
}

static bool take_threads(const char *value, struct error *error)
{
    uint64_t threads;
    if (!parse_number("number of threads", value, 1, 4096, &threads, error)) {
        return false;
    }
    omp_set_num_threads((int)threads);
    return true;
}

static bool take(void *context, int id, const char *value, struct error *error)
{
    struct arguments *arguments = context;
    switch (id) {
    case ID_INCLUDE:
        return name_filter_include(&arguments->filter, value, error);
    case ID_EXCLUDE:
        return name_filter_exclude(&arguments->filter, value, error);
    case ID_SHAPE:
        arguments->input.shape = value;
        return true;
    case ID_AS:
        return take_type(arguments, value, error);
    case ID_STRICT:
        arguments->input.strict = true;
        return true;
    case ID_THREADS:
        return take_threads(value, error);
    case ID_JSON:
        arguments->json = value;
        return true;
    default:
        arguments->specs[arguments->nspecs++] = value;
        return true;
    }
}

/* ------------------------------------------------------------------------------------------------
 * Work
 */

/* Where the results of all inputs go. */
struct results {
    json_t *inputs; /* NULL where no JSON is wanted */
    bool print;
    bool failed; /* out of memory */
};

static void add_json(struct results *results, json_t *input)
{
    if (json_array_append_new(results->inputs, input) != 0) {
        results->failed = true;
    }
}

/* The exit status of one input; the others are looked at whatever it is. */
static int inspect_input(const struct arguments *arguments, const char *spec,
                         struct results *results)
{
    struct inspection inspection;
    struct error error;
    if (!inspection_open(&inspection, spec, &arguments->input, &arguments->filter, &error)) {
        if (results->inputs != NULL) {
            add_json(results, json_pack("{s:o, s:o}", "input", report_string(spec), "error",
                                        report_string(error.text)));
        }
        return command_fail(&inspect_spec, STATUS_BAD_INPUT, &error);
    }
    if (results->inputs != NULL) {
        add_json(results, inspection_json(&inspection));
    }
    if (results->print && !inspection_print(&inspection, stdout)) {
        results->failed = true;
    }
    fflush(stdout);
    inspection_print_bad(&inspection, stderr);
    int status = inspection_has_bad(&inspection) ? STATUS_BAD_INPUT : STATUS_OK;
    inspection_free(&inspection);
    return status;
}

/* `output` is where the report goes; NULL for none. */
static int inspect_all(const struct arguments *arguments, struct output *output)
{
    struct error error;
    json_t *report = output == NULL ? NULL : report_new("inspect");
    if (report != NULL) {
        json_object_set_new(report, "threads", json_integer(omp_get_max_threads()));
    }
    struct results results = {
        .inputs = report == NULL ? NULL : json_array(),
        .print = output == NULL || output->file != stdout,
    };
    int status = STATUS_OK;
    for (size_t i = 0; i < arguments->nspecs; i++) {
        int one = inspect_input(arguments, arguments->specs[i], &results);
        status = one > status ? one : status;
    }
    if (report != NULL && json_object_set_new(report, "inputs", results.inputs) != 0) {
        results.failed = true;
    }
    if (results.failed) {
        json_decref(report);
        fail(&error, "out of memory");
        return command_fail(&inspect_spec, STATUS_INTERNAL, &error);
    }
    if (output != NULL && !report_write(report, output, &error)) {
        return command_fail(&inspect_spec, STATUS_INTERNAL, &error);
    }
    return status;
}

static int inspect_arguments(struct arguments *arguments, int argc, char **argv)
{
    struct error error;
    int status;
    if (!options_parse(&inspect_spec, argc, argv, take, arguments, &status))
        return status;
    if (arguments->nspecs == 0) {
        fail(&error, "no input; 'roundel inspect builtin:tinylm' shows the built-in model");
        return command_fail(&inspect_spec, STATUS_USAGE, &error);
    }
    for (size_t i = 0; i < arguments->nspecs; i++) {
        if (!input_check(arguments->specs[i], &error)) {
            return command_fail(&inspect_spec, STATUS_USAGE, &error);
        }
    }
    struct output output = {0};
    if (arguments->json != NULL && !output_open(&output, arguments->json, &error)) {
        return command_fail(&inspect_spec, STATUS_USAGE, &error);
    }
    status = inspect_all(arguments, arguments->json == NULL ? NULL : &output);
    output_abandon(&output);
    return status;
}

int inspect_command(int argc, char **argv)
{
    struct error error;
    struct arguments arguments = {.specs = malloc((size_t)argc * sizeof *arguments.specs)};
    if (arguments.specs == NULL) {
        fail(&error, "out of memory");
        return command_fail(&inspect_spec, STATUS_INTERNAL, &error);
    }
    int status = inspect_arguments(&arguments, argc, argv);
    name_filter_free(&arguments.filter);
    free(arguments.specs);
    return status;
}
