/* `roundel quantize`: a model in, a quantized model out. */
#include "clock.h"
#include "combinations.h"
#include "commands.h"
#include "imatrix_input.h"
#include "input.h"
#include "input_help.h"
#include "manifest.h"
#include "quantize_report.h"
#include "quantize_stream.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum {
    OPTION_FORMAT = 1,
    OPTION_ROUNDING,
    OPTION_WEIGHTING,
    OPTION_SCALES,
    OPTION_IMPORTANCE,
    OPTION_RULE,
    OPTION_ON_MISFIT,
    OPTION_REQUANTIZE,
    OPTION_GO_ON,
    OPTION_DRY_RUN,
    OPTION_RESUME,
    OPTION_MANIFEST,
    OPTION_TARGET,
    OPTION_THREADS,
    OPTION_SHAPE,
    OPTION_AS,
    OPTION_STRICT,
    OPTION_JSON
};

static const struct option_spec options[] = {
    {OPTION_FORMAT, "format", "FORMAT", "a block format, f32, f16, bf16, or copy (= none)"},
    {OPTION_ROUNDING, "rounding", "R", "how weights become codes (default: ggml-fixed)"},
    {OPTION_WEIGHTING, "weighting", "W", "weights that searches minimise (default: native)"},
    {OPTION_SCALES, "scales", "S", "how searches store scales (default: default)"},
    {OPTION_IMPORTANCE, "importance", "FILE", "importance matrix, or builtin:tinylm"},
    {OPTION_RULE, "rule", "REGEX=FORMAT[:R]",
     "for tensors whose name matches; the first rule that does\n"
     "                             decides, before all defaults"},
    {OPTION_ON_MISFIT, "on-misfit", "WHAT",
     "rows that fit no blocks: error (default), skip or\n"
     "                             fallback:FORMAT"},
    {OPTION_REQUANTIZE, "requantize", NULL, "quantize tensors again that are quantized already"},
    {OPTION_GO_ON, "go-on", NULL, "encode NaN, infinities and overflows by the library's rule"},
    {OPTION_DRY_RUN, "dry-run", NULL, "say what would become of each tensor, and write nothing"},
    {OPTION_RESUME, "resume", NULL, "go on where a run of the same request was killed"},
    {OPTION_MANIFEST, "manifest", "FILE", "write the hashes of the tensors, for verify --manifest"},
    {OPTION_TARGET, "target", "T", HELP_TARGET},
    {OPTION_THREADS, "threads", "N", "threads; bytes do not depend on it (default: all)"},
    {OPTION_SHAPE, "shape", ARGUMENT_SHAPE, HELP_SHAPE},
    {OPTION_AS, "as", ARGUMENT_AS, HELP_AS},
    {OPTION_STRICT, "strict", NULL, HELP_STRICT},
    {OPTION_JSON, "json", "FILE", HELP_JSON},
    {0, NULL, NULL, NULL},
};

const struct command quantize_spec = {
    .name = "quantize",
    .summary = "write a quantized GGUF model",
    .arguments = "IN OUT",
    .options = options,
    .letters = "f",
    .more =
        "IN is a GGUF model (of one in parts, the first part), safetensors (a file, or the index\n"
        "of shards), .npy, raw binary32, builtin:tinylm or synth:RECIPE. OUT is a GGUF file in\n"
        "ggml's layout, with IN's metadata; one that comes from no GGUF model has tensors only,\n"
        "and no engine runs it.\n"
        "\n"
        "Tensors of one dimension, those whose name ends in _norm.weight, and those whose type\n"
        "holds no weights stay as they are; all others take --format. Rules go before that.\n"
        "\n"
        "OUT appears when it is whole and on the disk. Until then it is OUT.partial, beside which\n"
        "OUT.journal says what is complete; a kill leaves both for --resume, and OUT as it was.\n"
        "\n"
        "Example: roundel quantize model.gguf q4.gguf --format q4_k --importance imatrix.gguf \\\n"
        "             --rule '^output=q6_k' --rule 'ffn_down=q5_k:exact' --dry-run\n",
    .more_help = combinations_print,
};

/* ------------------------------------------------------------------------------------------------
 * Arguments
 */

struct request {
    struct quantize_settings settings;
    struct input_options input;
    const char *in, *out;
    const char *importance, *target, *manifest, *json; /* NULL, or as given */
    bool format_given, dry_run, resume;
    uint64_t threads; /* 0: all */
};

static bool take_misfit(const char *value, struct quantize_settings *s, struct error *error)
{
    static const char fallback[] = "fallback:";
    if (strncasecmp(value, fallback, strlen(fallback)) == 0) {
        const char *format = value + strlen(fallback);
        s->misfit = QUANTIZE_MISFIT_FALLBACK;
        return quantize_type_parse(format, strlen(format), &s->fallback, error);
    }
    static const char *const names[] = {"error", "skip", "fallback:FORMAT"};
    unsigned index;
    if (!parse_name("choice for --on-misfit", value, strlen(value), names, 3, &index, error))
        return false;
    if (index == QUANTIZE_MISFIT_FALLBACK)
        return fail(error, "--on-misfit fallback:FORMAT wants the name of a format");
    s->misfit = (enum quantize_misfit)index;
    return true;
}

static bool take_as(const char *value, struct input_options *input, struct error *error)
{
    static const char *const names[] = {"bf16"};
    unsigned index;
    input->as_bf16 = parse_name("element type", value, strlen(value), names, 1, &index, error);
    return input->as_bf16;
}

static bool take_path(struct request *request, const char *value, struct error *error)
{
    char shown[128];
    if (!request->in)
        request->in = value;
    else if (!request->out)
        request->out = value;
    else
        return fail(error, "a third argument '%s'; there are IN and OUT",
                    escape(shown, sizeof shown, value, strlen(value)));
    return true;
}

static bool take_flag(struct request *request, int id)
{
    request->settings.requantize |= id == OPTION_REQUANTIZE;
    request->settings.go_on |= id == OPTION_GO_ON;
    request->dry_run |= id == OPTION_DRY_RUN;
    request->resume |= id == OPTION_RESUME;
    request->input.strict |= id == OPTION_STRICT;
    return true;
}

static bool take(void *context, int id, const char *value, struct error *error)
{
    struct request *request = context;
    struct quantize_settings *s = &request->settings;
    unsigned index = 0;
    bool good = true;
    switch (id) {
    case OPTION_FORMAT:
        request->format_given = true;
        return quantize_type_parse(value, strlen(value), &s->type, error);
    case OPTION_ROUNDING:
        good = parse_axis("rounding", value, axis_rounding, &index, error);
        s->rounding = (enum rdl_rounding)index;
        return good;
    case OPTION_WEIGHTING:
        good = parse_axis("weighting", value, axis_weighting, &index, error);
        s->weighting = (enum rdl_weighting)index;
        return good;
    case OPTION_SCALES:
        good = parse_axis("scales", value, axis_scales, &index, error);
        s->scales = (enum rdl_scales)index;
        return good;
    case OPTION_IMPORTANCE:
        request->importance = value;
        return true;
    case OPTION_RULE:
        return quantize_rules_add(&s->rules, value, error);
    case OPTION_ON_MISFIT:
        return take_misfit(value, s, error);
    case OPTION_MANIFEST:
        request->manifest = value;
        return true;
    case OPTION_TARGET:
        request->target = value;
        return true;
    case OPTION_THREADS:
        return parse_number("number of threads", value, 1, 1024, &request->threads, error);
    case OPTION_SHAPE:
        request->input.shape = value;
        return true;
    case OPTION_AS:
        return take_as(value, &request->input, error);
    case OPTION_JSON:
        request->json = value;
        return true;
    case 0:
        return take_path(request, value, error);
    default:
        return take_flag(request, id);
    }
}

static bool is_stdout(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

/* Text goes to stdout where no report does. */
static bool prints_text(const struct request *request)
{
    return !is_stdout(request->json) && !is_stdout(request->manifest);
}

static bool check(struct request *request, struct error *error)
{
    if (!request->in || !request->out)
        return fail(error, "IN and OUT are wanted; 'roundel quantize --help' says what they are");
    if (!request->format_given)
        return fail(error, "no --format; 'roundel quantize --help' lists what there is");
    if (is_stdout(request->json) && is_stdout(request->manifest))
        return fail(error, "--json - and --manifest - both want stdout");
    return target_choose(request->target, &request->settings.target, error) &&
           quantize_settings_check(&request->settings, error) && input_check(request->in, error) &&
           (!request->importance || imatrix_input_check(request->importance, error));
}

/* ------------------------------------------------------------------------------------------------
 * Work
 */

/* What is open while a model is written. */
struct work {
    const struct request *request;
    const struct tensor_list *list;
    struct quantize_report report;
    struct output json, manifest;
    XXH128_hash_t *hashes;
};

static bool is_same_file(const struct source *source, const char *path)
{
    struct stat in, out;
    return !source->bytes && fstat(source->fd, &in) == 0 && stat(path, &out) == 0 &&
           in.st_dev == out.st_dev && in.st_ino == out.st_ino;
}

/* The input is read until the end, so that no file of the output may be one of it. */
static bool check_places(const struct work *work, struct error *error)
{
    static const char *const endings[] = {"partial", "journal"};
    const char *out = work->request->out;
    for (size_t i = 0; i < work->list->nsources; i++)
        for (unsigned e = 0; e < 3; e++) {
            char *path = e < 2 ? partial_path(out, endings[e], error) : strdup(out);
            const bool same = path && is_same_file(work->list->sources[i], path);
            free(path);
            if (!path || same)
                return same ? fail(error, "'%s' would overwrite the input '%s'", out,
                                   work->list->sources[i]->name)
                            : fail(error, "out of memory");
        }
    return true;
}

/* Writes the tensors; the journal goes with the partial file, whatever happens but a kill. */
static int stream(struct work *work, struct partial_file *file, XXH128_hash_t hash,
                  struct error *error)
{
    struct quantize_journal journal;
    const size_t done = work->report.resumed;
    if (!quantize_journal_open(&journal, work->request->out, hash, work->hashes, done, error))
        return STATUS_INTERNAL;
    struct quantize_stream stream = {.plan = work->report.plan,
                                     .settings = &work->request->settings,
                                     .file = file,
                                     .journal = &journal,
                                     .hashes = work->hashes,
                                     .done = done};
    int status = quantize_stream_run(&stream, error);
    work->report.bad = stream.bad;
    if (status == STATUS_OK && !partial_commit(file, error))
        status = STATUS_INTERNAL;
    quantize_journal_end(&journal);
    return status;
}

static int write_model(struct work *work, struct error *error)
{
    const struct request *request = work->request;
    const struct quantize_plan *plan = work->report.plan;
    XXH128_hash_t hash;
    struct partial_file file;
    if (!quantize_request_hash(plan, &request->settings, work->list, request->in, &hash, error))
        return STATUS_BAD_INPUT;
    if (!partial_open(&file, request->out, error))
        return STATUS_USAGE;
    if (request->resume && !quantize_journal_read(request->out, file.path, hash, plan, work->hashes,
                                                  &work->report.resumed, error)) {
        partial_close(&file);
        return STATUS_BAD_INPUT;
    }
    const int status = stream(work, &file, hash, error);
    if (status != STATUS_OK)
        partial_remove(&file);
    partial_close(&file);
    return status;
}

static int finish(struct work *work, struct error *error)
{
    const struct request *request = work->request;
    if (request->manifest &&
        !manifest_write(work->report.plan, work->hashes, request->out, &work->manifest, error))
        return STATUS_INTERNAL;
    if (prints_text(request) && !request->dry_run)
        quantize_report_result(&work->report);
    if (request->json && !quantize_report_write(&work->report, &work->json, error))
        return STATUS_INTERNAL;
    return STATUS_OK;
}

static int run_plan(struct work *work, struct error *error)
{
    const struct request *request = work->request;
    if (prints_text(request) && !quantize_report_plan(&work->report)) {
        (void)fail(error, "out of memory for the table");
        return STATUS_INTERNAL;
    }
    quantize_report_notes(&work->report);
    if (!check_places(work, error))
        return STATUS_USAGE;
    if (request->dry_run)
        return finish(work, error);
    work->hashes = calloc(work->report.plan->count + 1, sizeof *work->hashes);
    if (!work->hashes) {
        (void)fail(error, "out of memory");
        return STATUS_INTERNAL;
    }
    const double start = real_seconds();
    int status = write_model(work, error);
    work->report.seconds = real_seconds() - start;
    work->report.hashes = work->hashes;
    if (status == STATUS_OK)
        status = finish(work, error);
    free(work->hashes);
    return status;
}

static int run_list(struct request *request, struct work *work, struct error *error)
{
    const struct tensor_list *list = work->list;
    const bool is_gguf = list->nsources > 0 && gguf_recognised(list->sources[0]);
    struct quantize_plan plan;
    if (!quantize_plan_make(&plan, list, is_gguf, &request->settings, error))
        return STATUS_BAD_INPUT;
    work->report = (struct quantize_report){.in = request->in,
                                            .out = request->out,
                                            .plan = &plan,
                                            .settings = &request->settings,
                                            .is_gguf = is_gguf,
                                            .dry_run = request->dry_run};
    const int status = run_plan(work, error);
    quantize_plan_free(&plan);
    return status;
}

static int run(struct request *request, struct work *work, struct error *error)
{
    struct tensor_list list = {0};
    struct imatrix imatrix = {0};
    int status = STATUS_BAD_INPUT;
    if (input_open(request->in, &request->input, &list, error) &&
        (!request->importance || imatrix_input_open(request->importance, &imatrix, error))) {
        request->settings.imatrix = request->importance ? &imatrix : NULL;
        request->settings.imatrix_name = request->importance;
        work->list = &list;
        for (size_t i = 0; i < list.nnotes; i++)
            fprintf(stderr, "roundel quantize: %s\n", list.notes[i]);
        status = run_list(request, work, error);
    }
    if (request->settings.imatrix)
        imatrix_free(&imatrix);
    tensor_list_free(&list);
    return status;
}

static int with_outputs(struct request *request, struct error *error)
{
    struct work work = {.request = request};
    int status = STATUS_USAGE;
    if ((!request->json || output_open(&work.json, request->json, error)) &&
        (!request->manifest || output_open(&work.manifest, request->manifest, error)))
        status = run(request, &work, error);
    output_abandon(&work.json);
    output_abandon(&work.manifest);
    return status;
}

int quantize_command(int argc, char **argv)
{
    struct request request = {.settings = {.rounding = RDL_GGML_FIXED}};
    struct error error;
    int status;
    if (options_parse(&quantize_spec, argc, argv, take, &request, &status)) {
        if (request.threads > 0)
            omp_set_num_threads((int)request.threads);
        status = check(&request, &error) ? with_outputs(&request, &error) : STATUS_USAGE;
        if (status != STATUS_OK)
            command_fail(&quantize_spec, status, &error);
    }
    quantize_rules_free(&request.settings.rules);
    return status;
}
