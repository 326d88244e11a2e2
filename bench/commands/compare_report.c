/* The tables of `roundel compare`. */
#include "compare_tables.h"

#include "compare_figures.h"
#include "compare_throughput.h"
#include "options.h"
#include "roundel.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void print_absence(const struct comparison *comparison, size_t c, enum fit fit)
{
    const struct contestant *contestant = &comparison->contest.contestants[c];
    printf(" %s", compare_fit_name(comparison, c, fit));
    if (contestant->exists && !contestant->available)
        printf(": no %s kernel", axis_target(contestant->target));
    putchar('\n');
}

static void print_head(const struct comparison *comparison)
{
    printf("\n%-8s %-*s %6s %10s %8s %8s %10s %10s", "format", comparison_label_width(comparison),
           "rounding", "bits/w", "RMSE", "rel.RMSE", "SQNR dB", "cosine", "wRMSE");
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
        comparison_print_label(comparison, c);
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
    printf("\n%-8s %-*s %9s %9s %9s %9s %9s  %9s %-6s %10s %s\n", "format",
           comparison_label_width(comparison), "rounding", "|e| 50 %", "95 %", "99 %", "99.9 %",
           "max", "quant.", "on", "dequant.", "on");
    for (size_t c = 0; c < comparison->contest.count; c++) {
        const struct contestant *contestant = &comparison->contest.contestants[c];
        const struct outcome *o = &outcomes[c];
        if (o->fit != FIT_ROWS && o->fit != FIT_FLATTENED)
            continue;
        comparison_print_label(comparison, c);
        printf(" %9.3g %9.3g %9.3g %9.3g %9.3g  %9.4g %-6s %10.5g %s\n", o->metrics.p50,
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
        printf("Without importance: %zu of %zu tensors, which %s does not name.\n",
               comparison->without_importance, comparison->ntensors,
               comparison->factors ? "the file of factors" : "the matrix");
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
            if (comparison->contest.gap)
                comparison_print_gap(comparison, outcomes);
        }
    if (per_tensor)
        printf("\n== total\n");
    print_quality(comparison, comparison->totals);
    print_errors_and_speed(comparison, comparison->totals);
    if (comparison->contest.gap)
        comparison_print_gap(comparison, comparison->totals);
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
