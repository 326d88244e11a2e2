/* `roundel imatrix`: importance matrices, looked at and made of others. */
#include "commands.h"
#include "imatrix_actions.h"
#include "imatrix_input.h"
#include "imatrix_write.h"
#include "input_help.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_INCLUDE = 1,
    OPTION_EXCLUDE,
    OPTION_MIN_TOKENS,
    OPTION_CHUNK_SIZE,
    OPTION_PRIOR,
    OPTION_NON_FINITE,
    OPTION_JSON,
    OPTIONS
};

static const struct option_spec options[] = {
    {OPTION_INCLUDE, "include", "REGEX", "info, coverage: only entries whose name matches"},
    {OPTION_EXCLUDE, "exclude", "REGEX", "info, coverage: no entries whose name matches"},
    {OPTION_MIN_TOKENS, "min-tokens", "N",
     "coverage: names experts that met fewer tokens (default: 1)"},
    {OPTION_CHUNK_SIZE, "chunk-size", "N",
     "convert, merge, sanitize: tokens of a chunk, where the\n"
     "                             file does not say (.dat; default: 512)"},
    {OPTION_PRIOR, "prior", "W", "sanitize: adds W tokens of importance 1 (default: 1; 0: none)"},
    {OPTION_NON_FINITE, "non-finite", "WORD",
     "sanitize: refuse (the default) or drop matrices with bad values"},
    {OPTION_JSON, "json", "FILE", HELP_JSON},
    {0, NULL, NULL, NULL},
};

const struct command imatrix_spec = {
    .name = "imatrix",
    .summary = "importance matrices: info, coverage, convert, merge, sanitize",
    .arguments = "ACTION FILE...",
    .options = options,
    .more = "Actions:\n"
            "  info FILE...       entries, chunks, data sets; calls or tokens, importance, zeros\n"
            "  coverage FILE...   how many tokens each expert met, and which met none\n"
            "  convert IN OUT     to the format that OUT's ending says: .dat or .gguf\n"
            "  merge OUT IN...    adds sums and counts of all INs\n"
            "  sanitize IN OUT    gives every column a prior of W tokens, so that none is 0:\n"
            "                     (sum of x^2 + W) / (tokens + W); takes out bad values if asked\n"
            "\n"
            "FILE and IN are importance matrices in one of the formats of llama.cpp, which the\n"
            "contents decide, or builtin:tinylm. OUT appears whole or not at all. A .dat file has\n"
            "means times a number of calls for each tensor; a GGUF has sums, and tokens for each\n"
            "expert. Notes on stderr say what a conversion has to assume and what it loses.\n"
            "\n"
            "Examples: roundel imatrix info model.imatrix.gguf\n"
            "          roundel imatrix convert old.dat new.gguf --chunk-size 512\n"
            "          roundel imatrix merge both.gguf one.gguf two.gguf\n"
            "          roundel imatrix sanitize raw.gguf clean.gguf --prior 1 --non-finite drop\n",
};

/* ------------------------------------------------------------------------------------------------
 * Actions
 */

#define BIT(option) (1u << (option))

static const struct action {
    const char *name;
    imatrix_action_fn *run;
    size_t least, most; /* files */
    const char *files;  /* for messages */
    int output;         /* which file is written; -1: none */
    unsigned takes;     /* options */
} actions[] = {
    {"info", imatrix_info_action, 1, SIZE_MAX, "FILE...", -1,
     BIT(OPTION_INCLUDE) | BIT(OPTION_EXCLUDE)},
    {"coverage", imatrix_coverage_action, 1, SIZE_MAX, "FILE...", -1,
     BIT(OPTION_INCLUDE) | BIT(OPTION_EXCLUDE) | BIT(OPTION_MIN_TOKENS)},
    {"convert", imatrix_convert_action, 2, 2, "IN OUT", 1, BIT(OPTION_CHUNK_SIZE)},
    {"merge", imatrix_merge_action, 2, SIZE_MAX, "OUT IN...", 0, BIT(OPTION_CHUNK_SIZE)},
    {"sanitize", imatrix_sanitize_action, 2, 2, "IN OUT", 1,
     BIT(OPTION_CHUNK_SIZE) | BIT(OPTION_PRIOR) | BIT(OPTION_NON_FINITE)},
};

enum {
    ACTIONS = sizeof actions / sizeof actions[0]
};

struct arguments {
    const struct action *action;
    unsigned given; /* options */
    struct imatrix_request request;
};

static bool take_action(struct arguments *arguments, const char *word, struct error *error)
{
    const char *names[ACTIONS];
    unsigned index;
    for (size_t i = 0; i < ACTIONS; i++)
        names[i] = actions[i].name;
    if (!parse_name("action", word, strlen(word), names, ACTIONS, &index, error))
        return false;
    arguments->action = &actions[index];
    arguments->request.action = actions[index].name;
    return true;
}

static bool take_non_finite(bool *drop, const char *value, struct error *error)
{
    static const char *const words[] = {"refuse", "drop"};
    unsigned index;
    if (!parse_name("way with bad values", value, strlen(value), words, 2, &index, error))
        return false;
    *drop = index == 1;
    return true;
}

static bool take_option(struct imatrix_request *request, int id, const char *value,
                        struct error *error)
{
    switch (id) {
    case OPTION_INCLUDE:
        return name_filter_include(&request->filter, value, error);
    case OPTION_EXCLUDE:
        return name_filter_exclude(&request->filter, value, error);
    case OPTION_MIN_TOKENS:
        return parse_number("number of tokens", value, 1, INT64_MAX, &request->min_tokens, error);
    case OPTION_CHUNK_SIZE:
        return parse_number("chunk size", value, 1, INT32_MAX, &request->chunk_size, error);
    case OPTION_PRIOR:
        return parse_number("prior", value, 0, 1u << 24, &request->prior, error);
    case OPTION_NON_FINITE:
        return take_non_finite(&request->drop_bad, value, error);
    default:
        request->json = value;
        return true;
    }
}

static bool take(void *context, int id, const char *value, struct error *error)
{
    struct arguments *arguments = context;
    struct imatrix_request *request = &arguments->request;
    if (id != 0) {
        arguments->given |= BIT(id);
        return take_option(request, id, value, error);
    }
    if (!arguments->action)
        return take_action(arguments, value, error);
    request->inputs[request->ninputs++] = value;
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * What was asked for
 */

static bool check_options(const struct arguments *arguments, struct error *error)
{
    const unsigned wrong = arguments->given & ~(arguments->action->takes | BIT(OPTION_JSON));
    for (const struct option_spec *o = options; o->id; o++)
        if (wrong & BIT(o->id))
            return fail(error, "'%s' takes no --%s", arguments->action->name, o->name);
    return true;
}

/* Takes the output out of the list of files. */
static void split_output(const struct action *action, struct imatrix_request *request)
{
    const size_t place = (size_t)action->output;
    request->output = request->inputs[place];
    request->ninputs--;
    memmove(&request->inputs[place], &request->inputs[place + 1],
            (request->ninputs - place) * sizeof *request->inputs);
}

static bool check(struct arguments *arguments, struct error *error)
{
    const struct action *action = arguments->action;
    struct imatrix_request *request = &arguments->request;
    if (!action)
        return fail(error, "no action; 'roundel imatrix --help' lists them");
    if (request->ninputs < action->least || request->ninputs > action->most)
        return fail(error, "'%s' takes %s; %zu files are given", action->name, action->files,
                    request->ninputs);
    if (!check_options(arguments, error))
        return false;
    if (action->output >= 0) {
        split_output(action, request);
        if (!imatrix_format_of_path(request->output, &request->format, error))
            return false;
    }
    for (size_t i = 0; i < request->ninputs; i++)
        if (!imatrix_input_check(request->inputs[i], error))
            return false;
    return true;
}

static bool open_outputs(const struct imatrix_request *request, struct imatrix_outputs *outputs,
                         struct error *error)
{
    return (!request->json || output_open(&outputs->json, request->json, error)) &&
           (!request->output || output_open(&outputs->matrix, request->output, error));
}

static int run(struct arguments *arguments, int argc, char **argv)
{
    struct error error;
    struct imatrix_outputs outputs = {0};
    int status;
    if (!options_parse(&imatrix_spec, argc, argv, take, arguments, &status))
        return status;
    if (check(arguments, &error) && open_outputs(&arguments->request, &outputs, &error))
        status = arguments->action->run(&arguments->request, &outputs);
    else
        status = command_fail(&imatrix_spec, STATUS_USAGE, &error);
    output_abandon(&outputs.matrix);
    output_abandon(&outputs.json);
    return status;
}

int imatrix_command(int argc, char **argv)
{
    struct error error;
    struct arguments arguments = {
        .request = {.inputs = calloc((size_t)argc, sizeof *arguments.request.inputs),
                    .prior = 1,
                    .min_tokens = 1},
    };
    if (!arguments.request.inputs)
        return command_fail(&imatrix_spec, STATUS_INTERNAL,
                            (fail(&error, "out of memory"), &error));
    const int status = run(&arguments, argc, argv);
    name_filter_free(&arguments.request.filter);
    free(arguments.request.inputs);
    return status;
}
