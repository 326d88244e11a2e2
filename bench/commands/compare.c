/* `roundel compare`: quality and time of roundings on tensors. */
#include "compare.h"

#include "combinations.h"
#include "commands.h"
#include "compare_settings.h"
#include "compare_throughput.h"
#include "contest_gap.h"
#include "imatrix_input.h"
#include "progress.h"
#include "target_choice.h"
#include "team.h"
#include "weighting.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define DEFAULT_INPUT "builtin:tinylm"

enum {
    DEFAULT_SAMPLE = 2000 /* blocks of a tensor and format */
};

const struct command compare_spec = {
    .name = "compare",
    .summary = "quality and time of roundings on tensors",
    .arguments = "[INPUT...]",
    .options = compare_options,
    .more =
        "INPUT is a GGUF, safetensors, .npy or raw binary32 file, synth:DISTRIBUTION[,sigma=S]\n"
        "[,shape=ROWSxCOLS][,seed=N] or builtin:tinylm, a small language model (the default).\n"
        "\n"
        "--gap sets the weighted error of stored blocks against a bound that none can beat: the "
        "sum\n"
        "over sub-blocks of the proven optimum with real scales and offsets. The excess of a "
        "block\n"
        "is error / bound - 1; 'of sums' that of all sampled blocks together; 'optimal' the share\n"
        "with an excess below 1e-5. JSON and CSV have them as fractions: gap_mean, gap_median,\n"
        "gap_p99, gap_max, gap_ratio_of_sums, gap_optimal_share; gap_unbounded blocks have an "
        "error\n"
        "where the bound is 0. Errors have the weights that the rounding minimises, or those of\n"
        "--error-weights. Roundings that know none of the weightings asked\n"
        "for (nearest, ggml) take part with their own.\n"
        "\n"
        "Example: roundel compare model.gguf --format q4_k,iq4_nl --rounding nearest,ggml \\\n"
        "             --importance imatrix.dat --include 'ffn_down' --json report.json\n",
    .more_help = combinations_print,
};

/* ------------------------------------------------------------------------------------------------
 * Inputs
 */

/* synth: inputs without a seed get the one of --seed. */
static bool open_input(const struct compare_settings *s, const char *spec, struct tensor_list *list,
                       struct error *error)
{
    if (strncmp(spec, "synth:", 6) != 0 || strstr(spec, ",seed="))
        return input_open(spec, &s->input, list, error);
    const size_t size = strlen(spec) + 32;
    char *seeded = malloc(size);
    if (!seeded)
        return fail(error, "out of memory");
    snprintf(seeded, size, "%s,seed=%llu", spec, (unsigned long long)s->seed);
    const bool opened = input_open(seeded, &s->input, list, error);
    free(seeded);
    return opened;
}

/* ------------------------------------------------------------------------------------------------
 * The comparison
 */

double mweights_per_second(uint64_t weights, double seconds)
{
    return seconds > 0.0 ? (double)weights / seconds / 1e6 : NAN;
}

struct progress_context {
    struct progress progress;
    const char *name;
};

static void on_progress(void *context, uint64_t weights)
{
    struct progress_context *c = context;
    progress_add(&c->progress, weights, c->name);
}

static uint64_t total_weights(const struct comparison *comparison)
{
    uint64_t total = 0;
    for (size_t t = 0; t < comparison->ntensors; t++)
        total += tensor_numel(comparison->tensors[t]);
    return total;
}

static bool run_tensors(struct comparison *comparison, struct error *error)
{
    struct progress_context context = {.name = ""};
    progress_start(&context.progress, total_weights(comparison));
    bool done = true;
    for (size_t t = 0; t < comparison->ntensors && done; t++) {
        const struct tensor *tensor = comparison->tensors[t];
        struct factors factors;
        context.name = tensor->name;
        done = comparison_factors(comparison, tensor, &factors, error) &&
               contest_run(&comparison->contest, tensor, &factors,
                           comparison->outcomes + t * comparison->contest.count,
                           &comparison->tensor_inputs[t], on_progress, &context, error);
        comparison->without_importance += comparison->importance && !factors_exist(&factors);
    }
    progress_end(&context.progress);
    return done;
}

static bool total_up(struct comparison *comparison, struct error *error)
{
    uint64_t hash = 0;
    for (size_t t = 0; t < comparison->ntensors; t++)
        hash = XXH3_64bits_withSeed(&comparison->tensor_inputs[t].hash, sizeof hash, hash);
    comparison->input_hash = hash;
    for (size_t c = 0; c < comparison->contest.count; c++)
        if (!contest_total(&comparison->contest, c, comparison->outcomes, comparison->ntensors,
                           &comparison->totals[c], error))
            return false;
    return true;
}

static bool pin_threads(const struct compare_settings *s, struct contest *contest,
                        struct error *error)
{
    struct topology topology;
    if (!topology_open(&topology, error))
        return false;
    contest->threads = s->threads ? (unsigned)s->threads : topology.cores;
    struct error unpinned; /* a system that refuses costs accuracy of the times, nothing else */
    if (!team_pin(&topology, 0, contest->threads, &unpinned))
        fprintf(stderr, "roundel compare: note: threads are not pinned: %s\n", unpinned.text);
    topology_close(&topology);
    return true;
}

/* The reports' files; those that are not asked for stay closed. */
struct reports {
    struct output json, csv;
};

static bool is_stdout(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

static bool open_reports(const struct compare_settings *s, struct reports *reports,
                         struct error *error)
{
    *reports = (struct reports){0};
    if (is_stdout(s->json) && is_stdout(s->csv))
        return fail(error, "--json - and --csv - both want stdout; give one of them a file");
    if (s->json && !output_open(&reports->json, s->json, error))
        return false;
    if (!s->csv || output_open(&reports->csv, s->csv, error))
        return true;
    output_abandon(&reports->json);
    return false;
}

static bool write_reports(const struct compare_settings *s, const struct comparison *comparison,
                          struct reports *reports, struct error *error)
{
    if (!is_stdout(s->json) && !is_stdout(s->csv))
        comparison_print(comparison, s->per_tensor);
    return (!s->json || comparison_write_json(comparison, &reports->json, error)) &&
           (!s->csv || comparison_write_csv(comparison, &reports->csv, error));
}

static bool allocate(struct comparison *comparison, size_t ntensors, struct error *error)
{
    const size_t count = comparison->contest.count;
    comparison->tensors = calloc(ntensors + 1, sizeof *comparison->tensors);
    comparison->tensor_inputs = calloc(ntensors + 1, sizeof *comparison->tensor_inputs);
    comparison->outcomes = calloc(ntensors * count + 1, sizeof *comparison->outcomes);
    comparison->totals = calloc(count + 1, sizeof *comparison->totals);
    if (comparison->contest.gap &&
        !contest_gap_open(comparison->contest.gap, &comparison->contest, error))
        return false;
    if (comparison->tensors && comparison->tensor_inputs && comparison->outcomes &&
        comparison->totals)
        return contest_open(&comparison->contest, error);
    return fail(error, "out of memory");
}

static int compare_inputs(const struct compare_settings *s, struct comparison *comparison,
                          const struct tensor_list *list, struct reports *reports,
                          struct error *error)
{
    if (!allocate(comparison, list->count, error))
        return STATUS_INTERNAL;
    if (!comparison_select(comparison, s, list, error))
        return STATUS_BAD_INPUT;
    if (comparison->importance && !comparison_check_importance(comparison, error))
        return STATUS_BAD_INPUT;
    if (!pin_threads(s, &comparison->contest, error))
        return STATUS_INTERNAL;
    if (!run_tensors(comparison, error) || !comparison_check_ran(comparison, error))
        return STATUS_BAD_INPUT;
    if (s->throughput && !comparison_time(comparison, error))
        return STATUS_INTERNAL;
    if (!total_up(comparison, error) || !write_reports(s, comparison, reports, error))
        return STATUS_INTERNAL;
    return STATUS_OK;
}

static void comparison_free(struct comparison *comparison)
{
    contest_close(&comparison->contest);
    if (comparison->contest.gap)
        contest_gap_close(comparison->contest.gap, comparison->contest.count);
    free(comparison->tensors);
    free(comparison->tensor_inputs);
    free(comparison->outcomes);
    free(comparison->totals);
    free(comparison->throughputs);
}

static void print_notes(const struct tensor_list *list)
{
    for (size_t i = 0; i < list->nnotes; i++)
        fprintf(stderr, "roundel compare: note: %s\n", list->notes[i]);
}

static int open_and_compare(const struct compare_settings *s, struct comparison *comparison,
                            struct reports *reports, struct error *error)
{
    struct tensor_list list = {0}, factors = {0};
    struct imatrix imatrix = {0};
    bool opened = true;
    for (size_t i = 0; i < comparison->ninputs && opened; i++)
        opened = open_input(s, comparison->inputs[i], &list, error);
    int status = STATUS_BAD_INPUT;
    const bool has_imatrix =
        opened && s->importance && (opened = imatrix_input_open(s->importance, &imatrix, error));
    if (opened && s->factors)
        opened = open_input(s, s->factors, &factors, error);
    print_notes(&list);
    print_notes(&factors);
    comparison->imatrix = s->importance ? &imatrix : NULL;
    comparison->factors = s->factors ? &factors : NULL;
    if (opened)
        status = compare_inputs(s, comparison, &list, reports, error);
    if (has_imatrix)
        imatrix_free(&imatrix);
    tensor_list_free(&factors);
    tensor_list_free(&list);
    return status;
}

/* Mistakes in the names of inputs that are no files are mistakes of usage. */
static bool take_inputs(const struct compare_settings *s, struct comparison *comparison,
                        struct error *error)
{
    static const char *const default_inputs[] = {DEFAULT_INPUT};
    comparison->inputs = s->ninputs ? s->inputs : (const char *const *)default_inputs;
    comparison->ninputs = s->ninputs ? s->ninputs : 1;
    for (size_t i = 0; i < comparison->ninputs; i++)
        if (!input_check(comparison->inputs[i], error))
            return false;
    if (s->factors && !input_check(s->factors, error))
        return false;
    return !s->importance || imatrix_input_check(s->importance, error);
}

/* Bounds are computed on the instruction set that is forced, or the best. */
static enum rdl_target bound_target(const struct compare_settings *s)
{
    struct target_choice choice;
    struct error error;
    enum rdl_target target = RDL_SCALAR;
    if (target_choose(s->target, &choice, &error))
        (void)choose_decoder_target(&choice, RDL_Q4_K, &target);
    return target;
}

static bool check_settings(const struct compare_settings *s, struct error *error)
{
    if (s->sample && !s->gap)
        return fail(error, "--sample needs --gap");
    if (s->histograms && !s->json)
        return fail(error, "--histograms are for the JSON report: give --json FILE");
    if (s->importance && s->factors)
        return fail(error, "--importance and --factors both say how much errors count; give one");
    if (s->factors && s->throughput)
        return fail(error, "--throughput knows no --factors");
    if (!s->importance && !s->factors &&
        weighting_needs_importance((enum rdl_weighting)s->error_weights))
        return fail(error, "--error-weights %s needs --importance or --factors",
                    axis_weighting(s->error_weights));
    return true;
}

static int compare_contest(const struct compare_settings *s, struct comparison *comparison,
                           struct error *error)
{
    struct reports reports;
    if (!take_inputs(s, comparison, error) || !open_reports(s, &reports, error))
        return STATUS_USAGE;
    const int status = open_and_compare(s, comparison, &reports, error);
    output_abandon(&reports.json);
    output_abandon(&reports.csv);
    comparison_free(comparison);
    return status;
}

static int compare(struct compare_settings *s, struct error *error)
{
    struct contestant *contestants = NULL;
    struct contest_gap gap = {
        .most = s->sample ? s->sample : DEFAULT_SAMPLE,
        .seed = s->seed,
        .weighting = (enum rdl_weighting)s->error_weights,
        .target = bound_target(s),
    };
    struct comparison comparison = {
        .importance = s->importance ? s->importance : s->factors,
        .seed = s->seed,
        .histograms = s->histograms,
    };
    int status = STATUS_USAGE;
    if (check_settings(s, error) &&
        compare_contestants(s, &contestants, &comparison.contest.count, error)) {
        comparison.baseline = s->baseline;
        comparison.contest.contestants = contestants;
        comparison.contest.misfit = (enum misfit)s->misfit;
        comparison.contest.error_weighting = (enum rdl_weighting)s->error_weights;
        comparison.contest.go_on = s->go_on;
        comparison.contest.gap = s->gap ? &gap : NULL;
        status = compare_contest(s, &comparison, error);
    }
    free(contestants);
    return status;
}

int compare_command(int argc, char **argv)
{
    struct compare_settings s = {.misfit = MISFIT_FLATTEN};
    s.inputs = calloc((size_t)argc + 1, sizeof *s.inputs);
    struct error error = {"out of memory"};
    if (!s.inputs)
        return command_fail(&compare_spec, STATUS_INTERNAL, &error);
    int status;
    if (options_parse(&compare_spec, argc, argv, compare_take_option, &s, &status)) {
        status = compare(&s, &error);
        if (status != STATUS_OK)
            command_fail(&compare_spec, status, &error);
    }
    name_filter_free(&s.filter);
    free(s.inputs);
    return status;
}
