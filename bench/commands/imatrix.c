/* `roundel imatrix`: importance matrices, looked at and made of others. */
#include "commands.h"
#include "eval_text.h"
#include "imatrix_actions.h"
#include "imatrix_input.h"
#include "imatrix_write.h"
#include "input.h"
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
    OPTION_TEXT,
    OPTION_TOKENIZER,
    OPTION_CONTEXT,
    OPTION_CHUNKS,
    OPTION_OUTPUT,
    OPTION_THREADS,
    OPTION_JSON
};

enum {
    LARGEST_CONTEXT = 1 << 20 /* tokens; attention wants as many squared */
};

static const struct option_spec options[] = {
    {OPTION_INCLUDE, "include", "REGEX", "info, coverage: only entries whose name matches"},
    {OPTION_EXCLUDE, "exclude", "REGEX", "info, coverage: no entries whose name matches"},
    {OPTION_MIN_TOKENS, "min-tokens", "N",
     "coverage: names experts that met fewer tokens (default: 1)"},
    {OPTION_CHUNK_SIZE, "chunk-size", "N",
     "convert, merge, sanitize: tokens of a chunk, where the file\n"
     "                             does not say (.dat; default: 512)"},
    {OPTION_PRIOR, "prior", "W", "sanitize: adds W tokens of importance 1 (default: 1; 0: none)"},
    {OPTION_NON_FINITE, "non-finite", "WORD",
     "sanitize: refuse (the default) or drop matrices with bad values"},
    {OPTION_TEXT, "text", "FILE",
     "collect: what the model reads, or builtin:bronte; may be several"},
    {OPTION_TOKENIZER, "tokenizer", "FILE", "collect: of a llama2.c checkpoint"},
    {OPTION_CONTEXT, "context", "N",
     "collect: tokens of a chunk (default: the model's, at most 512)"},
    {OPTION_CHUNKS, "chunks", "N", "collect: of each text, at most (default: all)"},
    {OPTION_OUTPUT, "output", "FILE", "collect: where the matrix goes (-o)"},
    {OPTION_THREADS, "threads", "N", "collect: threads" HELP_DIGITS},
    {OPTION_JSON, "json", "FILE", HELP_JSON},
    {0, NULL, NULL, NULL},
};

const struct command imatrix_spec = {
    .name = "imatrix",
    .summary = "importance matrices: info, coverage, convert, merge, sanitize, collect",
    .arguments = "ACTION FILE...",
    .options = options,
    .letters = "o",
    .more =
        "Actions:\n"
        "  info FILE...       entries, chunks, data sets; calls or tokens, importance, zeros\n"
        "  coverage FILE...   how many tokens each expert met, and which met none\n"
        "  convert IN OUT     to the format that OUT's ending says: .dat or .gguf\n"
        "  merge OUT IN...    adds sums and counts of all INs\n"
        "  sanitize IN OUT    gives every column a prior of W tokens, so that none is 0:\n"
        "                     (sum of x^2 + W) / (tokens + W); takes out bad values if asked\n"
        "  collect MODEL --text FILE -o OUT\n"
        "                     runs a llama model (GGUF, llama2.c, builtin:tinylm) over a text,\n"
        "                     and sums the squares of what its matrices are multiplied with\n"
        "\n"
        "FILE and IN are importance matrices in one of the formats of llama.cpp, which the\n"
        "contents decide, or builtin:tinylm. OUT appears whole or not at all. A .dat file has\n"
        "means times a number of calls for each tensor; a GGUF has sums, and tokens for each\n"
        "expert. Notes on stderr say what a conversion has to assume and what it loses.\n"
        "\n"
        "Examples: roundel imatrix info model.imatrix.gguf\n"
        "          roundel imatrix convert old.dat new.gguf --chunk-size 512\n"
        "          roundel imatrix merge both.gguf one.gguf two.gguf\n"
        "          roundel imatrix sanitize raw.gguf clean.gguf --prior 1 --non-finite drop\n"
        "          roundel imatrix collect model.gguf --text calibration.txt -o imatrix.gguf\n",
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
    {"collect", imatrix_collect_action, 1, 1, "MODEL", -1,
     BIT(OPTION_CONTEXT) | BIT(OPTION_TEXT) | BIT(OPTION_TOKENIZER) | BIT(OPTION_CHUNKS) |
         BIT(OPTION_OUTPUT) | BIT(OPTION_THREADS)},
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

static bool take_file(struct imatrix_request *request, int id, const char *value)
{
    if (id == OPTION_TEXT)
        request->texts[request->ntexts++] = value;
    else if (id == OPTION_TOKENIZER)
        request->tokenizer = value;
    else if (id == OPTION_OUTPUT)
        request->output = value;
    else
        request->json = value;
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
    case OPTION_CONTEXT:
        return parse_number("context", value, 3, LARGEST_CONTEXT, &request->context, error);
    case OPTION_CHUNKS:
        return parse_number("number of chunks", value, 1, UINT32_MAX, &request->chunks, error);
    case OPTION_THREADS:
        return parse_number("number of threads", value, 1, 1024, &request->threads, error);
    default:
        return take_file(request, id, value);
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

/* What collect reads is a model and texts; the others read matrices. */
static bool check_inputs(const struct arguments *arguments, struct error *error)
{
    const struct imatrix_request *request = &arguments->request;
    const bool collects = arguments->action->run == imatrix_collect_action;
    if (collects && request->ntexts == 0)
        return fail(error, "'collect' needs --text FILE");
    if (collects && !request->output)
        return fail(error, "'collect' needs -o FILE");
    for (size_t i = 0; i < request->ntexts; i++)
        if (!eval_text_check(request->texts[i], error))
            return false;
    for (size_t i = 0; i < request->ninputs; i++)
        if (!(collects ? input_check : imatrix_input_check)(request->inputs[i], error))
            return false;
    return true;
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
    if (action->output >= 0)
        split_output(action, request);
    return check_inputs(arguments, error) &&
           (!request->output || imatrix_format_of_path(request->output, &request->format, error));
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
                    .texts = calloc((size_t)argc, sizeof *arguments.request.texts),
                    .prior = 1,
                    .min_tokens = 1},
    };
    struct imatrix_request *request = &arguments.request;
    int status = STATUS_INTERNAL;
    if (request->inputs && request->texts)
        status = run(&arguments, argc, argv);
    else
        status = command_fail(&imatrix_spec, status, (fail(&error, "out of memory"), &error));
    name_filter_free(&request->filter);
    free(request->inputs);
    free(request->texts);
    return status;
}
