/* `roundel kld`: how far models are from their base, from saved logits. */
#include "commands.h"
#include "input_help.h"
#include "kld_files.h"
#include "kld_report.h"
#include "kld_top.h"
#include "report.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    OPTION_TOP = 1,
    OPTION_SIZE,
    OPTION_PER_CHUNK,
    OPTION_PER_TOKEN,
    OPTION_THREADS,
    OPTION_JSON
};

static const struct option_spec options[] = {
    {OPTION_TOP, "top", ARGUMENT_TOP, HELP_TOP},
    {OPTION_SIZE, "size", "SIZE",
     "of the next OTHER: bytes, or a number with MB or GB (10^6, 10^9)"},
    {OPTION_PER_CHUNK, "per-chunk", NULL, "running statistics after each chunk too"},
    {OPTION_PER_TOKEN, "per-token", NULL, "divergences of all tokens into the JSON report"},
    {OPTION_THREADS, "threads", "N", "threads" HELP_DIGITS},
    {OPTION_JSON, "json", "FILE", HELP_JSON},
    {0, NULL, NULL, NULL},
};

const struct command kld_spec = {
    .name = "kld",
    .summary = "perplexity and KL divergence of models against their base, from logits files",
    .arguments = "BASE [OTHER...]",
    .options = options,
    .more =
        "BASE and OTHER are files that a perplexity tool of the llama.cpp family writes with\n"
        "--kl-divergence-base, of one text: BASE of the model before quantization, each OTHER of\n"
        "one after it. Without OTHER: the perplexity of BASE. The first two OTHERs are compared\n"
        "with each other too, token by token. The k-th --size belongs to the k-th OTHER, and\n"
        "gives figures per size. The files hold 16 bits for each logarithm of a probability:\n"
        "divergences have a noise of about 0.0001 at a token, and may be a little below 0.\n"
        "\n"
        "Example: roundel kld bf16.kld q4_k.kld q4_0.kld --size 4.92GB --size 4.66GB --json -\n",
};

/* ------------------------------------------------------------------------------------------------
 * Arguments
 */

struct request {
    struct kld_settings settings;
    const char **paths; /* the base's first */
    size_t npaths;
    double *sizes;
    size_t nsizes;
    struct kld_report_lists lists;
    uint64_t threads; /* 0: all */
    const char *json;
};

static bool take_size(struct request *request, const char *value, struct error *error)
{
    char *end, shown[64];
    const double number = strtod(value, &end);
    const double unit = strcasecmp(end, "GB") == 0   ? 1e9
                        : strcasecmp(end, "MB") == 0 ? 1e6
                        : *end == '\0'               ? 1.0
                                                     : (double)NAN;
    const double size = number * unit;
    if (end == value || !(size > 0.0) || !isfinite(size))
        return fail(error, "size '%s' is no number of bytes, MB or GB",
                    escape(shown, sizeof shown, value, strlen(value)));
    request->sizes[request->nsizes++] = size;
    return true;
}

static bool take(void *context, int id, const char *value, struct error *error)
{
    struct request *request = context;
    switch (id) {
    case OPTION_TOP:
        return parse_tops(value, &request->settings, error);
    case OPTION_SIZE:
        return take_size(request, value, error);
    case OPTION_PER_CHUNK:
        request->lists.per_chunk = true;
        return true;
    case OPTION_PER_TOKEN:
        request->lists.per_token = true;
        return true;
    case OPTION_THREADS:
        return parse_number("number of threads", value, 1, 1024, &request->threads, error);
    case OPTION_JSON:
        request->json = value;
        return true;
    default:
        request->paths[request->npaths++] = value;
        return true;
    }
}

static bool check(const struct request *request, struct error *error)
{
    if (request->npaths == 0)
        return fail(error, "no BASE; 'roundel kld --help' says what that is");
    if (request->lists.per_token && !request->json)
        return fail(error, "--per-token is for the JSON report: give --json FILE");
    return request->nsizes < request->npaths || fail(error, "more sizes than models to compare");
}

/* ------------------------------------------------------------------------------------------------
 * Work
 */

static int print_or_write(const struct kld_report *report, struct output *json, struct error *error)
{
    if (json->file != stdout)
        kld_report_print(report, stdout);
    if (!json->file)
        return STATUS_OK;
    json_t *object = report_new("kld");
    if (object && !kld_report_set_json(object, report)) {
        json_decref(object);
        object = NULL;
    }
    return report_write(object, json, error) ? STATUS_OK : STATUS_INTERNAL;
}

static int report(const struct request *request, const struct kld_files *files,
                  struct kld_other_report *others, struct output *json, struct error *error)
{
    const uint32_t per_chunk = logits_rows_per_chunk(&files->base->shape);
    for (size_t i = 0; i < files->nothers; i++) {
        others[i] = (struct kld_other_report){
            .name = request->paths[i + 1],
            .tokens = &files->tokens[i],
            .bytes = i < request->nsizes ? request->sizes[i] : 0.0,
        };
        if (!kld_statistics_of(&files->tokens[i], &files->settings, &others[i].statistics, error))
            return STATUS_INTERNAL;
    }
    struct kld_pair_report paired;
    if (files->nothers > 1)
        paired = (struct kld_pair_report){
            .first = others[0].name,
            .second = others[1].name,
            .values = kld_paired_of(&files->tokens[0], &files->tokens[1]),
        };
    const struct kld_report all = {
        .base =
            {
                .name = request->paths[0],
                .shape = files->base->shape,
                .ppl = kld_perplexity(files->nll_base, files->base->rows, per_chunk),
                .clamp = kld_files_clamp(files),
                .largest_range = (double)files->largest_range,
                .at_minimum = files->at_minimum,
            },
        .others = others,
        .nothers = files->nothers,
        .lists = request->lists,
        .paired = files->nothers > 1 ? &paired : NULL,
    };
    return print_or_write(&all, json, error);
}

/* `files` has room for every path, `others` for one more than there are. */
static int run(const struct request *request, struct logits_file *opened, size_t *nopened,
               struct kld_other_report *others, struct output *json, struct error *error)
{
    for (size_t i = 0; i < request->npaths; i++) {
        if (!logits_open_path(&opened[i], request->paths[i], error))
            return STATUS_BAD_INPUT;
        ++*nopened;
        if (i > 0 && !logits_same_text(&opened[0], &opened[i], error))
            return STATUS_BAD_INPUT;
    }
    struct kld_files files = {
        .settings = request->settings,
        .base = &opened[0],
        .others = &opened[1],
        .nothers = request->npaths - 1,
    };
    if (!kld_files_read(&files, error))
        return STATUS_BAD_INPUT;
    const int status = report(request, &files, others, json, error);
    kld_files_free(&files);
    return status;
}

static int run_in_memory(const struct request *request, struct output *json, struct error *error)
{
    struct logits_file *opened = calloc(request->npaths, sizeof *opened);
    struct kld_other_report *others = calloc(request->npaths, sizeof *others);
    size_t nopened = 0;
    int status = STATUS_INTERNAL;
    if (opened && others)
        status = run(request, opened, &nopened, others, json, error);
    else
        (void)fail(error, "out of memory");
    for (size_t i = 0; i < nopened; i++)
        logits_close(&opened[i]);
    free(opened);
    free(others);
    return status;
}

static int with_arguments(struct request *request, int argc, char **argv)
{
    struct error error;
    int status;
    if (!options_parse(&kld_spec, argc, argv, take, request, &status))
        return status;
    struct output json = {0};
    if (!check(request, &error) || (request->json && !output_open(&json, request->json, &error)))
        return command_fail(&kld_spec, STATUS_USAGE, &error);
    if (request->threads > 0)
        omp_set_num_threads((int)request->threads);
    status = run_in_memory(request, &json, &error);
    output_abandon(&json);
    return status == STATUS_OK ? status : command_fail(&kld_spec, status, &error);
}

int kld_command(int argc, char **argv)
{
    struct error error;
    struct request request = {
        .settings = {.cutoff = KLD_CUTOFF, .ntops = 1, .tops = {KLD_DEFAULT_TOP}},
        .paths = calloc((size_t)argc, sizeof *request.paths),
        .sizes = calloc((size_t)argc, sizeof *request.sizes),
    };
    int status = STATUS_INTERNAL;
    if (request.paths && request.sizes)
        status = with_arguments(&request, argc, argv);
    else
        status = command_fail(&kld_spec, status, (fail(&error, "out of memory"), &error));
    free(request.paths);
    free(request.sizes);
    return status;
}
