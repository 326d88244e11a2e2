#include "compare_settings.h"

#include "combinations.h"
#include "input_help.h"
#include "target_choice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const struct option_spec compare_options[] = {
    {COMPARE_FORMAT, "format", "LIST", "formats, separated by commas, or all (default: all)"},
    {COMPARE_ROUNDING, "rounding", "LIST",
     "roundings, or all but oracle (default: nearest,ggml and, with --gap,\n"
     "                             exact,joint)"},
    {COMPARE_SCALES, "scales", "LIST",
     "how searches store scales, or all but joint-full (default: default)"},
    {COMPARE_WEIGHTING, "weighting", "LIST",
     "weights that searches minimise, or all (default: native)"},
    {COMPARE_IMPORTANCE, "importance", "FILE", "importance matrix, or builtin:tinylm"},
    {COMPARE_FACTORS, "factors", "FILE",
     "importance of every single weight: tensors like those compared"},
    {COMPARE_ERROR_WEIGHTS, "error-weights", "W",
     "weights of wRMSE (default: importance where given, else x2) and of --gap\n"
     "                             (default: those of each rounding's weighting)"},
    {COMPARE_BASELINE, "baseline", "NAME", "rounding to compare with (default: the first)"},
    {COMPARE_GAP, "gap", NULL, "how far blocks are from the proven optimum of real scales"},
    {COMPARE_SAMPLE, "sample", "N",
     "of a tensor, N blocks of each format for --gap, or all (default: 2000)"},
    {COMPARE_HISTOGRAMS, "histograms", NULL, "error histograms of the totals in the JSON report"},
    {COMPARE_INCLUDE, "include", "REGEX", HELP_INCLUDE},
    {COMPARE_EXCLUDE, "exclude", "REGEX", HELP_EXCLUDE},
    {COMPARE_VECTORS, "vectors", NULL, "1-D tensors too (norms, biases; nobody quantizes them)"},
    {COMPARE_ON_MISFIT, "on-misfit", "WHAT",
     "rows that fit no blocks: error, flatten (default) or skip"},
    {COMPARE_GO_ON, "go-on", NULL, "encode NaN, infinities and overflows by the library's rule"},
    {COMPARE_TARGET, "target", "T", HELP_TARGET},
    {COMPARE_THREADS, "threads", "N", "threads, pinned to cores" HELP_DIGITS},
    {COMPARE_THROUGHPUT, "throughput", NULL,
     "also time all threads together on the largest tensor"},
    {COMPARE_SEED, "seed", "S",
     "seed of --sample, and of synth: inputs that name none (default: 0)"},
    {COMPARE_SHAPE, "shape", ARGUMENT_SHAPE, HELP_SHAPE},
    {COMPARE_AS, "as", ARGUMENT_AS, HELP_AS},
    {COMPARE_STRICT, "strict", NULL, HELP_STRICT},
    {COMPARE_PER_TENSOR, "per-tensor", NULL, "print each tensor's table too"},
    {COMPARE_JSON, "json", "FILE", HELP_JSON},
    {COMPARE_CSV, "csv", "FILE", "write the report as CSV (- for stdout, then no table)"},
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
    switch ((enum compare_option)id) {
    case COMPARE_FORMAT:
        s->formats_given = true;
        return take_axis("format", axis_format, value, s->formats, &s->nformats, &s->all_formats,
                         error);
    case COMPARE_ROUNDING:
        s->roundings_given = true;
        return take_axis("rounding", axis_rounding, value, s->roundings, &s->nroundings,
                         &s->all_roundings, error) &&
               leave_out(s->roundings, &s->nroundings, s->all_roundings, RDL_ORACLE);
    case COMPARE_SCALES:
        return take_axis("scales", axis_scales, value, s->scales, &s->nscales, &s->all_scales,
                         error) &&
               leave_out(s->scales, &s->nscales, s->all_scales, RDL_SCALES_DEFAULT) &&
               leave_out(s->scales, &s->nscales, s->all_scales, RDL_SCALES_JOINT_FULL);
    case COMPARE_WEIGHTING:
        return take_axis("weighting", axis_weighting, value, s->weightings, &s->nweightings,
                         &s->all_weightings, error);
    case COMPARE_GAP:
        s->gap = true;
        return true;
    case COMPARE_HISTOGRAMS:
        s->histograms = true;
        return true;
    case COMPARE_SAMPLE:
        return take_sample(value, &s->sample, error);
    case COMPARE_ERROR_WEIGHTS:
        return take_one("weighting", axis_weighting, value, &s->error_weights, error);
    case COMPARE_ON_MISFIT:
        return take_one("choice for --on-misfit", axis_misfit, value, &s->misfit, error);
    case COMPARE_TARGET:
        s->target = value;
        return true;
    case COMPARE_INCLUDE:
        s->include = value;
        return name_filter_include(&s->filter, value, error);
    case COMPARE_EXCLUDE:
        s->exclude = value;
        return name_filter_exclude(&s->filter, value, error);
    case COMPARE_THREADS:
        return parse_number("number of threads", value, 1, 1024, &s->threads, error);
    case COMPARE_SEED:
        return parse_number("seed", value, 0, INT64_MAX, &s->seed, error);
    case COMPARE_AS:
        return take_as(value, s, error);
    case COMPARE_IMPORTANCE:
        s->importance = value;
        return true;
    case COMPARE_FACTORS:
        s->factors = value;
        return true;
    case COMPARE_BASELINE:
        s->baseline = value;
        return true;
    case COMPARE_SHAPE:
        s->input.shape = value;
        return true;
    case COMPARE_JSON:
        s->json = value;
        return true;
    case COMPARE_CSV:
        s->csv = value;
        return true;
    case COMPARE_VECTORS:
        s->vectors = true;
        return true;
    case COMPARE_GO_ON:
        s->go_on = true;
        return true;
    case COMPARE_STRICT:
        s->input.strict = true;
        return true;
    case COMPARE_THROUGHPUT:
        s->throughput = true;
        return true;
    case COMPARE_PER_TENSOR:
        s->per_tensor = true;
        return true;
    case COMPARE_OPTION_END:
        break;
    }
    s->inputs[s->ninputs++] = value;
    return true;
}
