/* The reports of `roundel compare`: tables, JSON, CSV. */
#include "compare.h"

#include "compare_throughput.h"
#include "options.h"
#include "report.h"
#include "roundel.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * The figures, once for all three forms
 */

enum kind {
    KIND_REAL,
    KIND_COUNT
};

/* One figure of an outcome, with the name it has in JSON and CSV. */
struct figure {
    const char *name;
    enum kind kind;
    double value;
};

enum {
    MAX_FIGURES = 40
};

/* Fills the figures of an outcome in the order in which reports list them; returns how many. */
static size_t figures_of(const struct outcome *o, struct figure figures[MAX_FIGURES])
{
    const struct paired_result plain = paired_evaluate(&o->sums.paired);
    const struct paired_result weighted = paired_evaluate(&o->sums.paired_weighted);
    const double bits = o->weights ? 8.0 * (double)o->bytes / (double)o->weights : NAN;
    const struct figure all[] = {
        {"weights", KIND_COUNT, (double)o->weights},
        {"blocks", KIND_COUNT, (double)o->blocks},
        {"bytes", KIND_COUNT, (double)o->bytes},
        {"bits_per_weight", KIND_REAL, bits},
        {"padding", KIND_COUNT, (double)o->padding},
        {"bad_blocks", KIND_COUNT, (double)o->bad_blocks},
        {"non_finite", KIND_COUNT, (double)o->sums.non_finite},
        {"rmse", KIND_REAL, o->metrics.rmse},
        {"relative_rmse", KIND_REAL, o->metrics.relative_rmse},
        {"weighted_rmse", KIND_REAL, o->metrics.weighted_rmse},
        {"sqnr_db", KIND_REAL, o->metrics.sqnr_db},
        {"cosine", KIND_REAL, o->metrics.cosine},
        {"max_error", KIND_REAL, o->metrics.max_error},
        {"error_p50", KIND_REAL, o->metrics.p50},
        {"error_p95", KIND_REAL, o->metrics.p95},
        {"error_p99", KIND_REAL, o->metrics.p99},
        {"error_p999", KIND_REAL, o->metrics.p999},
        {"mse_change", KIND_REAL, plain.change},
        {"mse_change_low", KIND_REAL, plain.low},
        {"mse_change_high", KIND_REAL, plain.high},
        {"weighted_mse_change", KIND_REAL, weighted.change},
        {"weighted_mse_change_low", KIND_REAL, weighted.low},
        {"weighted_mse_change_high", KIND_REAL, weighted.high},
        {"blocks_better", KIND_REAL, weighted.better},
        {"blocks_equal", KIND_REAL, weighted.equal},
        {"blocks_worse", KIND_REAL, weighted.worse},
        {"quantize_mweights_per_s", KIND_REAL, mweights_per_second(o->weights, o->encode_seconds)},
        {"dequantize_mweights_per_s", KIND_REAL,
         mweights_per_second(o->weights, o->decode_seconds)},
    };
    memcpy(figures, all, sizeof all);
    return sizeof all / sizeof *all;
}

static const char *fit_name(const struct comparison *comparison, size_t c, enum fit fit)
{
    if (!comparison->contest.contestants[c].available)
        return "unavailable";
    switch (fit) {
    case FIT_ROWS:
        return "rows";
    case FIT_FLATTENED:
        return "flattened";
    case FIT_SKIPPED:
        return "skipped";
    case FIT_NEEDS_IMPORTANCE:
        return "needs importance";
    case FIT_ABSENT:
        break;
    }
    return "absent";
}

/* ------------------------------------------------------------------------------------------------
 * Tables
 */

static void print_absence(const struct comparison *comparison, size_t c, enum fit fit)
{
    const struct contestant *contestant = &comparison->contest.contestants[c];
    printf(" %s", fit_name(comparison, c, fit));
    if (contestant->exists && !contestant->available)
        printf(": no %s kernel", axis_target(contestant->target));
    putchar('\n');
}

static void print_head(const struct comparison *comparison)
{
    printf("\n%-8s %-12s %6s %10s %8s %8s %10s %10s", "format", "rounding", "bits/w", "RMSE",
           "rel.RMSE", "SQNR dB", "cosine", "wRMSE");
    printf("  wMSE vs %s (99 %% CI)\n", comparison->baseline);
}

/* The change against the baseline in per cent, with the half width of its interval. */
static void print_change(const struct contestant *contestant, size_t c, const struct outcome *o)
{
    if (contestant->baseline == c) {
        printf("  baseline");
        return;
    }
    const struct paired_result r = paired_evaluate(&o->sums.paired_weighted);
    if (contestant->baseline == NO_BASELINE || isnan(r.change))
        printf("  -");
    else if (r.equal == 1.0)
        printf("  equal error in every block");
    else if (isnan(r.low))
        printf("  %+7.2f %%", 100.0 * r.change);
    else
        printf("  %+7.2f %% (%+.2f .. %+.2f)", 100.0 * r.change, 100.0 * r.low, 100.0 * r.high);
}

static void print_quality(const struct comparison *comparison, const struct outcome *outcomes)
{
    print_head(comparison);
    for (size_t c = 0; c < comparison->contest.count; c++) {
        const struct contestant *contestant = &comparison->contest.contestants[c];
        const struct outcome *o = &outcomes[c];
        printf("%-8s %-12s", axis_format(contestant->format), axis_rounding(contestant->rounding));
        if (o->fit != FIT_ROWS && o->fit != FIT_FLATTENED) {
            print_absence(comparison, c, o->fit);
            continue;
        }
        printf(" %#6.4g %#10.4g %8.5f %8.3f %10.7f %#10.4g",
               8.0 * (double)o->bytes / (double)o->weights, o->metrics.rmse,
               o->metrics.relative_rmse, o->metrics.sqnr_db, o->metrics.cosine,
               o->metrics.weighted_rmse);
        print_change(contestant, c, o);
        putchar('\n');
    }
}

static void print_errors_and_speed(const struct comparison *comparison,
                                   const struct outcome *outcomes)
{
    printf("\n%-8s %-12s %9s %9s %9s %9s %9s  %9s %-6s %10s %s\n", "format", "rounding", "|e| 50 %",
           "95 %", "99 %", "99.9 %", "max", "quant.", "on", "dequant.", "on");
    for (size_t c = 0; c < comparison->contest.count; c++) {
        const struct contestant *contestant = &comparison->contest.contestants[c];
        const struct outcome *o = &outcomes[c];
        if (o->fit != FIT_ROWS && o->fit != FIT_FLATTENED)
            continue;
        printf("%-8s %-12s %9.3g %9.3g %9.3g %9.3g %9.3g  %9.4g %-6s %10.5g %s\n",
               axis_format(contestant->format), axis_rounding(contestant->rounding), o->metrics.p50,
               o->metrics.p95, o->metrics.p99, o->metrics.p999, o->metrics.max_error,
               mweights_per_second(o->weights, o->encode_seconds), axis_target(contestant->target),
               mweights_per_second(o->weights, o->decode_seconds),
               axis_target(contestant->decode_target));
    }
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Counts of a tensor are the largest over the contestants, who all saw the same weights. */
static void print_counts(const struct comparison *comparison)
{
    size_t flattened = 0, skipped = 0;
    uint64_t padding = 0, bad = 0, non_finite = 0;
    for (size_t t = 0; t < comparison->ntensors; t++) {
        bool is_flattened = false, is_skipped = false;
        uint64_t most_padding = 0, most_bad = 0, most_non_finite = 0;
        for (size_t c = 0; c < comparison->contest.count; c++) {
            const struct outcome *o = &comparison->outcomes[t * comparison->contest.count + c];
            is_flattened |= o->fit == FIT_FLATTENED;
            is_skipped |= o->fit == FIT_SKIPPED;
            most_padding = larger(most_padding, o->padding);
            most_bad = larger(most_bad, o->bad_blocks);
            most_non_finite = larger(most_non_finite, o->sums.non_finite);
        }
        flattened += is_flattened;
        skipped += is_skipped;
        padding += most_padding;
        bad += most_bad;
        non_finite += most_non_finite;
    }
    if (comparison->vectors_left_out)
        printf("Left out: %zu 1-D tensors (--vectors takes them).\n", comparison->vectors_left_out);
    if (comparison->unreadable_left_out)
        printf("Left out: %zu tensors of types that cannot be read as weights.\n",
               comparison->unreadable_left_out);
    if (flattened)
        printf("Flattened: %zu tensors have rows that are no multiple of a format's block; there "
               "blocks run\nacross rows, and up to %" PRIu64 " zeros fill last blocks.\n",
               flattened, padding);
    if (skipped)
        printf("Skipped: %zu tensors have rows that are no multiple of a format's block; totals "
               "of formats\nare over different tensors.\n",
               skipped);
    if (comparison->without_importance)
        printf("Without importance: %zu of %zu tensors, which the matrix does not name.\n",
               comparison->without_importance, comparison->ntensors);
    if (bad)
        printf("Bad data: up to %" PRIu64
               " blocks were encoded by the rule for NaN, infinities and "
               "overflows.\n",
               bad);
    if (non_finite)
        printf("Non-finite: up to %" PRIu64 " weights have no finite error and are in no figure.\n",
               non_finite);
}

/* What the error weights were: one name, or that they differ. */
static const char *error_weights_name(const struct comparison *comparison)
{
    const enum rdl_weighting first = comparison->tensor_inputs[0].error_weighting;
    for (size_t t = 1; t < comparison->ntensors; t++)
        if (comparison->tensor_inputs[t].error_weighting != first)
            return "importance, or x2 where there is none";
    return axis_weighting(first);
}

static uint64_t weights_in(const struct comparison *comparison)
{
    uint64_t weights = 0;
    for (size_t t = 0; t < comparison->ntensors; t++)
        weights += tensor_numel(comparison->tensors[t]);
    return weights;
}

static void print_title(const struct comparison *comparison)
{
    printf("roundel %s: %zu tensor%s, %" PRIu64 " weights of", rdl_version(), comparison->ntensors,
           comparison->ntensors == 1 ? "" : "s", weights_in(comparison));
    for (size_t i = 0; i < comparison->ninputs; i++)
        printf(" %s", comparison->inputs[i]);
    printf("\nimportance %s; %u thread%s; input hash %016" PRIx64 "\n",
           comparison->importance ? comparison->importance : "none", comparison->contest.threads,
           comparison->contest.threads == 1 ? "" : "s", comparison->input_hash);
}

void comparison_print(const struct comparison *comparison, bool per_tensor)
{
    print_title(comparison);
    if (per_tensor)
        for (size_t t = 0; t < comparison->ntensors; t++) {
            const struct tensor *tensor = comparison->tensors[t];
            const struct outcome *outcomes = &comparison->outcomes[t * comparison->contest.count];
            char name[128];
            printf("\n== %s: %s, %" PRIu64 " x %" PRIu64 "\n",
                   escape(name, sizeof name, tensor->name, strlen(tensor->name)), tensor->type,
                   tensor->nrows, tensor->ncols);
            print_quality(comparison, outcomes);
            print_errors_and_speed(comparison, outcomes);
        }
    if (per_tensor)
        printf("\n== total\n");
    print_quality(comparison, comparison->totals);
    print_errors_and_speed(comparison, comparison->totals);
    if (comparison->throughputs)
        comparison_print_throughput(comparison);
    printf(
        "\nwRMSE, wMSE: squared errors weighted by %s. Change of the total over blocks, paired;\n"
        "99 %% interval of the ratio estimator. A weighted error is a surrogate: a lower one does\n"
        "not by itself make a better model. Speeds: Mweights/s of one thread's CPU time, and the\n"
        "instruction set that was used.\n",
        error_weights_name(comparison));
    print_counts(comparison);
}

/* ------------------------------------------------------------------------------------------------
 * JSON
 */

static json_t *json_outcome(const struct comparison *comparison, size_t c, const struct outcome *o)
{
    const struct contestant *contestant = &comparison->contest.contestants[c];
    json_t *object = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s}", "format", axis_format(contestant->format), "rounding",
        axis_rounding(contestant->rounding), "weighting", axis_weighting(contestant->weighting),
        "target", axis_target(contestant->target), "decode_target",
        axis_target(contestant->decode_target), "fit", fit_name(comparison, c, o->fit));
    if (!object || (o->fit != FIT_ROWS && o->fit != FIT_FLATTENED))
        return object;
    struct figure figures[MAX_FIGURES];
    const size_t count = figures_of(o, figures);
    for (size_t i = 0; i < count; i++)
        json_object_set_new(object, figures[i].name,
                            figures[i].kind == KIND_COUNT
                                ? json_integer((json_int_t)figures[i].value)
                                : report_real(figures[i].value));
    return object;
}

static json_t *json_outcomes(const struct comparison *comparison, const struct outcome *outcomes)
{
    json_t *array = json_array();
    for (size_t c = 0; array && c < comparison->contest.count; c++)
        json_array_append_new(array, json_outcome(comparison, c, &outcomes[c]));
    return array;
}

static json_t *json_hash(uint64_t hash)
{
    return json_sprintf("%016" PRIx64, hash);
}

static json_t *json_tensor(const struct comparison *comparison, size_t t)
{
    const struct tensor *tensor = comparison->tensors[t];
    const struct contest_input *input = &comparison->tensor_inputs[t];
    return json_pack(
        "{s:o, s:s, s:I, s:I, s:o, s:b, s:s, s:o}", "name", report_string(tensor->name), "type",
        tensor->type, "rows", (json_int_t)tensor->nrows, "columns", (json_int_t)tensor->ncols,
        "hash", json_hash(input->hash), "importance", (int)input->has_importance, "error_weights",
        axis_weighting(input->error_weighting), "results",
        json_outcomes(comparison, &comparison->outcomes[t * comparison->contest.count]));
}

bool comparison_write_json(const struct comparison *comparison, struct output *output,
                           struct error *error)
{
    json_t *report = report_new("compare");
    json_t *inputs = json_array(), *tensors = json_array();
    for (size_t i = 0; i < comparison->ninputs; i++)
        json_array_append_new(inputs, report_string(comparison->inputs[i]));
    for (size_t t = 0; t < comparison->ntensors; t++)
        json_array_append_new(tensors, json_tensor(comparison, t));
    json_object_set_new(report, "inputs", inputs);
    json_object_set_new(report, "importance",
                        comparison->importance ? report_string(comparison->importance)
                                               : json_null());
    json_object_set_new(report, "input_hash", json_hash(comparison->input_hash));
    json_object_set_new(report, "seed", json_integer((json_int_t)comparison->seed));
    json_object_set_new(report, "threads", json_integer(comparison->contest.threads));
    json_object_set_new(report, "baseline", json_string(comparison->baseline));
    json_object_set_new(report, "vectors_left_out",
                        json_integer((json_int_t)comparison->vectors_left_out));
    json_object_set_new(report, "unreadable_left_out",
                        json_integer((json_int_t)comparison->unreadable_left_out));
    json_object_set_new(report, "without_importance",
                        json_integer((json_int_t)comparison->without_importance));
    json_object_set_new(report, "total", json_outcomes(comparison, comparison->totals));
    json_object_set_new(report, "tensors", tensors);
    if (comparison->throughputs)
        json_object_set_new(report, "throughput", comparison_throughput_json(comparison));
    return report_write(report, output, error);
}

/* ------------------------------------------------------------------------------------------------
 * CSV
 */

/* A field in quotes, quotes doubled (RFC 4180); control and invalid bytes escaped. */
static void csv_text(FILE *file, const char *text)
{
    char shown[512];
    escape(shown, sizeof shown, text, strlen(text));
    fputc('"', file);
    for (const char *s = shown; *s; s++) {
        if (*s == '"')
            fputc('"', file);
        fputc(*s, file);
    }
    fputc('"', file);
}

static void csv_head(FILE *file)
{
    struct figure figures[MAX_FIGURES];
    const struct outcome none = {.fit = FIT_ABSENT};
    const size_t count = figures_of(&none, figures);
    fprintf(file, "tensor,format,rounding,weighting,target,decode_target,fit");
    for (size_t i = 0; i < count; i++)
        fprintf(file, ",%s", figures[i].name);
    fputc('\n', file);
}

/* Fields of an outcome that does not exist, and numbers that are not finite, are empty. */
static void csv_line(FILE *file, const struct comparison *comparison, const char *name, size_t c,
                     const struct outcome *o)
{
    const struct contestant *contestant = &comparison->contest.contestants[c];
    csv_text(file, name);
    fprintf(file, ",%s,%s,%s,%s,%s,%s", axis_format(contestant->format),
            axis_rounding(contestant->rounding), axis_weighting(contestant->weighting),
            axis_target(contestant->target), axis_target(contestant->decode_target),
            fit_name(comparison, c, o->fit));
    struct figure figures[MAX_FIGURES];
    const size_t count = figures_of(o, figures);
    const bool exists = o->fit == FIT_ROWS || o->fit == FIT_FLATTENED;
    for (size_t i = 0; i < count; i++) {
        fputc(',', file);
        if (!exists || !isfinite(figures[i].value))
            continue;
        if (figures[i].kind == KIND_COUNT)
            fprintf(file, "%.0f", figures[i].value);
        else
            fprintf(file, "%.17g", figures[i].value);
    }
    fputc('\n', file);
}

bool comparison_write_csv(const struct comparison *comparison, struct output *output,
                          struct error *error)
{
    csv_head(output->file);
    const size_t count = comparison->contest.count;
    for (size_t t = 0; t < comparison->ntensors; t++)
        for (size_t c = 0; c < count; c++)
            csv_line(output->file, comparison, comparison->tensors[t]->name, c,
                     &comparison->outcomes[t * count + c]);
    for (size_t c = 0; c < count; c++)
        csv_line(output->file, comparison, "*", c, &comparison->totals[c]);
    return output_commit(output, error);
}
