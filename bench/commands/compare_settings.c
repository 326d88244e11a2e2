#include "compare_settings.h"

#include "combinations.h"
#include "input_help.h"
#include "target_choice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum option {
    OPTION_FORMAT = 1,
    OPTION_ROUNDING,
    OPTION_SCALES,
    OPTION_WEIGHTING,
    OPTION_IMPORTANCE,
    OPTION_ERROR_WEIGHTS,
    OPTION_BASELINE,
    OPTION_FACTORS,
    OPTION_GAP,
    OPTION_SAMPLE,
    OPTION_HISTOGRAMS,
    OPTION_INCLUDE,
    OPTION_EXCLUDE,
    OPTION_VECTORS,
    OPTION_ON_MISFIT,
    OPTION_GO_ON,
    OPTION_TARGET,
    OPTION_THREADS,
    OPTION_THROUGHPUT,
    OPTION_SEED,
    OPTION_SHAPE,
    OPTION_AS,
    OPTION_STRICT,
    OPTION_PER_TENSOR,
    OPTION_JSON,
    OPTION_CSV
};

const struct option_spec compare_options[] = {
    {OPTION_FORMAT, "format", "LIST", "formats, separated by commas, or all (default: all)"},
    {OPTION_ROUNDING, "rounding", "LIST",
     "roundings, or all but oracle (default: nearest,ggml and, with --gap,\n"
     "                             exact,joint)"},
    {OPTION_SCALES, "scales", "LIST",
     "how searches store scales, or all but joint-full (default: default)"},
    {OPTION_WEIGHTING, "weighting", "LIST",
     "weights that searches minimise, or all (default: native)"},
    {OPTION_IMPORTANCE, "importance", "FILE", "importance matrix, or builtin:tinylm"},
    {OPTION_FACTORS, "factors", "FILE",
     "importance of every single weight: tensors like those compared"},
    {OPTION_ERROR_WEIGHTS, "error-weights", "W",
     "weights of wRMSE (default: importance where given, else x2) and of --gap\n"
     "                             (default: those of each rounding's weighting)"},
    {OPTION_BASELINE, "baseline", "NAME", "rounding to compare with (default: the first)"},
    {OPTION_GAP, "gap", NULL, "how far blocks are from the proven optimum of real scales"},
    {OPTION_SAMPLE, "sample", "N",
     "of a tensor, N blocks of each format for --gap, or all (default: 2000)"},
    {OPTION_HISTOGRAMS, "histograms", NULL, "error histograms of the totals in the JSON report"},
    {OPTION_INCLUDE, "include", "REGEX", HELP_INCLUDE},
    {OPTION_EXCLUDE, "exclude", "REGEX", HELP_EXCLUDE},
    {OPTION_VECTORS, "vectors", NULL, "1-D tensors too (norms, biases; nobody quantizes them)"},
    {OPTION_ON_MISFIT, "on-misfit", "WHAT",
     "rows that fit no blocks: error, flatten (default) or skip"},
    {OPTION_GO_ON, "go-on", NULL, "encode NaN, infinities and overflows by the library's rule"},
    {OPTION_TARGET, "target", "T", HELP_TARGET},
    {OPTION_THREADS, "threads", "N", "threads, pinned to cores" HELP_DIGITS},
    {OPTION_THROUGHPUT, "throughput", NULL, "also time all threads together on the largest tensor"},
    {OPTION_SEED, "seed", "S",
     "seed of --sample, and of synth: inputs that name none (default: 0)"},
    {OPTION_SHAPE, "shape", ARGUMENT_SHAPE, HELP_SHAPE},
    {OPTION_AS, "as", ARGUMENT_AS, HELP_AS},
    {OPTION_STRICT, "strict", NULL, HELP_STRICT},
    {OPTION_PER_TENSOR, "per-tensor", NULL, "print each tensor's table too"},
    {OPTION_JSON, "json", "FILE", HELP_JSON},
    {OPTION_CSV, "csv", "FILE", "write the report as CSV (- for stdout, then no table)"},
    {0, NULL, NULL, NULL},
};

/* ------------------------------------------------------------------------------------------------
 * The command line
 */

static bool take_axis(const char *what, axis_name_fn *axis, const char *text, unsigned *indices,
                      size_t *count, bool *all, struct error *error)
{
    const char *names[AXIS_MAX];
    const size_t nnames = axis_names(axis, names);
    *all = strcasecmp(text, "all") == 0;
    return parse_names(what, text, names, nnames, indices, count, error);
}

/* Takes a value out of a list that is all of an axis: it is too slow to be meant. */
static bool leave_out(unsigned *indices, size_t *count, bool all, unsigned value)
{
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++)
        if (!all || indices[i] != value)
            indices[kept++] = indices[i];
    *count = kept;
    return true;
}

static bool take_sample(const char *text, uint64_t *sample, struct error *error)
{
    *sample = UINT64_MAX;
    return strcasecmp(text, "all") == 0 ||
           parse_number("sample", text, 1, UINT32_MAX, sample, error);
}

static bool take_one(const char *what, axis_name_fn *axis, const char *text, unsigned *index,
                     struct error *error)
{
    const char *names[AXIS_MAX];
    const size_t nnames = axis_names(axis, names);
    return parse_name(what, text, strlen(text), names, nnames, index, error);
}

static const char *axis_misfit(unsigned value)
{
    static const char *const names[MISFIT_COUNT] = {
        [MISFIT_ERROR] = "error", [MISFIT_FLATTEN] = "flatten", [MISFIT_SKIP] = "skip"};
    return value < MISFIT_COUNT ? names[value] : NULL;
}

static bool take_as(const char *value, struct compare_settings *s, struct error *error)
{
    static const char *const names[] = {"bf16"};
    unsigned index;
    s->input.as_bf16 = parse_name("element type", value, strlen(value), names, 1, &index, error);
    return s->input.as_bf16;
}

bool compare_take_option(void *context, int id, const char *value, struct error *error)
{
    struct compare_settings *s = context;
    switch ((enum option)id) {
    case OPTION_FORMAT:
        s->formats_given = true;
        return take_axis("format", axis_format, value, s->formats, &s->nformats, &s->all_formats,
                         error);
    case OPTION_ROUNDING:
        s->roundings_given = true;
        return take_axis("rounding", axis_rounding, value, s->roundings, &s->nroundings,
                         &s->all_roundings, error) &&
               leave_out(s->roundings, &s->nroundings, s->all_roundings, RDL_ORACLE);
    case OPTION_SCALES:
        return take_axis("scales", axis_scales, value, s->scales, &s->nscales, &s->all_scales,
                         error) &&
               leave_out(s->scales, &s->nscales, s->all_scales, RDL_SCALES_DEFAULT) &&
               leave_out(s->scales, &s->nscales, s->all_scales, RDL_SCALES_JOINT_FULL);
    case OPTION_WEIGHTING:
        return take_axis("weighting", axis_weighting, value, s->weightings, &s->nweightings,
                         &s->all_weightings, error);
    case OPTION_GAP:
        s->gap = true;
        return true;
    case OPTION_HISTOGRAMS:
        s->histograms = true;
        return true;
    case OPTION_SAMPLE:
        return take_sample(value, &s->sample, error);
    case OPTION_ERROR_WEIGHTS:
        return take_one("weighting", axis_weighting, value, &s->error_weights, error);
    case OPTION_ON_MISFIT:
        return take_one("choice for --on-misfit", axis_misfit, value, &s->misfit, error);
    case OPTION_TARGET:
        s->target = value;
        return true;
    case OPTION_INCLUDE:
        s->include = value;
        return name_filter_include(&s->filter, value, error);
    case OPTION_EXCLUDE:
        s->exclude = value;
        return name_filter_exclude(&s->filter, value, error);
    case OPTION_THREADS:
        return parse_number("number of threads", value, 1, 1024, &s->threads, error);
    case OPTION_SEED:
        return parse_number("seed", value, 0, INT64_MAX, &s->seed, error);
    case OPTION_AS:
        return take_as(value, s, error);
    case OPTION_IMPORTANCE:
        s->importance = value;
        return true;
    case OPTION_FACTORS:
        s->factors = value;
        return true;
    case OPTION_BASELINE:
        s->baseline = value;
        return true;
    case OPTION_SHAPE:
        s->input.shape = value;
        return true;
    case OPTION_JSON:
        s->json = value;
        return true;
    case OPTION_CSV:
        s->csv = value;
        return true;
    case OPTION_VECTORS:
        s->vectors = true;
        return true;
    case OPTION_GO_ON:
        s->go_on = true;
        return true;
    case OPTION_STRICT:
        s->input.strict = true;
        return true;
    case OPTION_THROUGHPUT:
        s->throughput = true;
        return true;
    case OPTION_PER_TENSOR:
        s->per_tensor = true;
        return true;
    }
    s->inputs[s->ninputs++] = value;
    return true;
}
