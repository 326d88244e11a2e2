#include "compare_settings.h"

#include "input_help.h"
#include "target_choice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum option {
    OPTION_FORMAT = 1,
    OPTION_ROUNDING,
    OPTION_WEIGHTING,
    OPTION_IMPORTANCE,
    OPTION_ERROR_WEIGHTS,
    OPTION_BASELINE,
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
    {OPTION_ROUNDING, "rounding", "LIST", "roundings, or all (default: nearest,ggml)"},
    {OPTION_WEIGHTING, "weighting", "W", "weights the roundings minimise (default: native)"},
    {OPTION_IMPORTANCE, "importance", "FILE", "importance matrix, or builtin:tinylm"},
    {OPTION_ERROR_WEIGHTS, "error-weights", "W",
     "weights of the reported wRMSE (default: importance where given, else x2)"},
    {OPTION_BASELINE, "baseline", "NAME", "rounding to compare with (default: the first)"},
    {OPTION_INCLUDE, "include", "REGEX", HELP_INCLUDE},
    {OPTION_EXCLUDE, "exclude", "REGEX", HELP_EXCLUDE},
    {OPTION_VECTORS, "vectors", NULL, "1-D tensors too (norms, biases; nobody quantizes them)"},
    {OPTION_ON_MISFIT, "on-misfit", "WHAT",
     "rows that fit no blocks: error, flatten (default) or skip"},
    {OPTION_GO_ON, "go-on", NULL, "encode NaN, infinities and overflows by the library's rule"},
    {OPTION_TARGET, "target", "T", HELP_TARGET},
    {OPTION_THREADS, "threads", "N", "threads, pinned to cores" HELP_DIGITS},
    {OPTION_THROUGHPUT, "throughput", NULL, "also time all threads together on the largest tensor"},
    {OPTION_SEED, "seed", "S", "seed of synth: inputs that name none (default: 0)"},
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
                      size_t *count, struct error *error)
{
    const char *names[AXIS_MAX];
    const size_t nnames = axis_names(axis, names);
    return parse_names(what, text, names, nnames, indices, count, error);
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
        return take_axis("format", axis_format, value, s->formats, &s->nformats, error);
    case OPTION_ROUNDING:
        return take_axis("rounding", axis_rounding, value, s->roundings, &s->nroundings, error);
    case OPTION_WEIGHTING:
        return take_one("weighting", axis_weighting, value, &s->weighting, error);
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

/* ------------------------------------------------------------------------------------------------
 * Contestants
 */

static const enum rdl_rounding default_roundings[] = {RDL_NEAREST, RDL_GGML};

static bool encoder_exists(enum rdl_format format, enum rdl_rounding rounding,
                           enum rdl_weighting weighting)
{
    return rdl_encoder_support(format, rounding, weighting, RDL_SCALAR) != 0;
}

/* The roundings of a format under a weighting, in one line; nothing if there are none. */
static void print_roundings(enum rdl_format format, enum rdl_weighting weighting)
{
    const char *separator = ":";
    for (unsigned r = 0; r < RDL_FIRST_SEARCH; r++) {
        if (!encoder_exists(format, (enum rdl_rounding)r, weighting))
            continue;
        if (separator[0] == ':')
            printf("  %s", axis_format(format));
        printf("%s %s", separator, axis_rounding(r));
        separator = ",";
    }
    if (separator[0] != ':')
        putchar('\n');
}

void compare_print_combinations(void)
{
    for (unsigned w = 0; w < RDL_WEIGHTING_COUNT; w++) {
        bool any = false;
        for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++)
            for (unsigned r = 0; r < RDL_FIRST_SEARCH; r++)
                any |=
                    encoder_exists((enum rdl_format)f, (enum rdl_rounding)r, (enum rdl_weighting)w);
        if (!any)
            continue;
        printf("Available with --weighting %s:\n", axis_weighting(w));
        for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++)
            print_roundings((enum rdl_format)f, (enum rdl_weighting)w);
    }
}

static void default_lists(struct compare_settings *s)
{
    if (s->nroundings == 0)
        for (size_t i = 0; i < sizeof default_roundings / sizeof *default_roundings; i++)
            s->roundings[s->nroundings++] = default_roundings[i];
    if (s->nformats != 0)
        return;
    for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++)
        if (encoder_exists((enum rdl_format)f, RDL_NEAREST, RDL_NATIVE) ||
            encoder_exists((enum rdl_format)f, RDL_GGML, RDL_NATIVE))
            s->formats[s->nformats++] = f;
}

static int by_bits_per_weight(const void *a, const void *b)
{
    const unsigned fa = *(const unsigned *)a, fb = *(const unsigned *)b;
    const double ba = rdl_format_info((enum rdl_format)fa)->bits_per_weight;
    const double bb = rdl_format_info((enum rdl_format)fb)->bits_per_weight;
    if (ba != bb)
        return ba < bb ? -1 : 1;
    return fa < fb ? -1 : fa > fb;
}

/* Puts the baseline first. */
static bool order_roundings(struct compare_settings *s, struct error *error)
{
    unsigned baseline = s->roundings[0];
    if (s->baseline && !take_one("rounding", axis_rounding, s->baseline, &baseline, error))
        return false;
    size_t at = 0;
    while (at < s->nroundings && s->roundings[at] != baseline)
        at++;
    if (at == s->nroundings)
        s->nroundings++; /* a baseline outside the list joins it */
    memmove(s->roundings + 1, s->roundings, at * sizeof *s->roundings);
    s->roundings[0] = baseline;
    s->baseline = axis_rounding(baseline);
    return true;
}

static bool no_contestant(const struct compare_settings *s, const struct target_choice *choice,
                          struct error *error)
{
    return fail(error,
                "none of these formats has one of these roundings with weighting '%s'%s%s; "
                "'roundel compare --help' lists what there is",
                axis_weighting(s->weighting), choice->forced ? " on target " : "",
                choice->forced ? rdl_target_name(choice->target) : "");
}

static struct contestant contestant_of(const struct compare_settings *s, size_t format,
                                       size_t rounding, const struct target_choice *choice)
{
    struct contestant c = {
        .format = (enum rdl_format)s->formats[format],
        .rounding = (enum rdl_rounding)s->roundings[rounding],
        .weighting = (enum rdl_weighting)s->weighting,
        .baseline = NO_BASELINE,
    };
    c.exists = encoder_exists(c.format, c.rounding, c.weighting);
    const bool encodes =
        choose_encoder_target(choice, c.format, c.rounding, c.weighting, &c.target);
    c.available = choose_decoder_target(choice, c.format, &c.decode_target) && encodes;
    return c;
}

bool compare_contestants(struct compare_settings *s, struct contestant contestants[MAX_CONTESTANTS],
                         size_t *count, struct error *error)
{
    struct target_choice choice;
    if (!target_choose(s->target, &choice, error))
        return false;
    default_lists(s);
    if (!order_roundings(s, error))
        return false;
    qsort(s->formats, s->nformats, sizeof *s->formats, by_bits_per_weight);
    bool any = false;
    *count = 0;
    for (size_t f = 0; f < s->nformats; f++)
        for (size_t r = 0; r < s->nroundings; r++) {
            struct contestant *c = &contestants[*count];
            *c = contestant_of(s, f, r, &choice);
            const size_t base = *count - r;
            if (c->available && contestants[base].available)
                c->baseline = base;
            any |= c->available;
            ++*count;
        }
    return any || no_contestant(s, &choice, error);
}
