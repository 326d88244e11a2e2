/* The reports of `roundel compare` for programs: JSON, CSV. */
#include "combinations.h"
#include "compare_figures.h"
#include "compare_throughput.h"
#include "contest_gap.h"
#include "histogram.h"
#include "options.h"
#include "report.h"
#include "roundel.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * JSON
 */

static json_t *json_outcome(const struct comparison *comparison, size_t c, const struct outcome *o)
{
    const struct contestant *contestant = &comparison->contest.contestants[c];
    json_t *object = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "format", axis_format(contestant->format),
        "rounding", axis_rounding(contestant->rounding), "scales", axis_scales(contestant->scales),
        "weighting", axis_weighting(contestant->weighting), "target",
        axis_target(contestant->target), "decode_target", axis_target(contestant->decode_target),
        "fit", compare_fit_name(comparison, c, o->fit));
    if (comparison->contest.gap)
        json_object_set_new(object, "gap_weighting",
                            json_string(axis_weighting(
                                contest_gap_weighting(comparison->contest.gap, contestant))));
    if (!object || (o->fit != FIT_ROWS && o->fit != FIT_FLATTENED))
        return object;
    struct compare_figure figures[MAX_FIGURES];
    const size_t count = compare_figures(comparison, o, figures);
    for (size_t i = 0; i < count; i++)
        json_object_set_new(object, figures[i].name,
                            figures[i].kind == FIGURE_COUNT
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

/*
 * "edges" of the bins and their "counts": 32 bins in each of the seven octaves up to the largest
 * error, and one from 0 for what is below.
 */
static json_t *histogram_json(const struct error_histogram *histogram)
{
    enum {
        STEP = 256 / 32,
        BINS = 7 * 32
    };
    uint32_t end = HISTOGRAM_BINS;
    while (end > STEP && histogram->count[end - 1] == 0)
        end--;
    end = (end + STEP - 1) / STEP * STEP;
    uint32_t bin = end > BINS * STEP ? end - BINS * STEP : STEP;
    uint64_t count = 0;
    json_t *edges = json_array(), *counts = json_array();
    json_array_append_new(edges, json_real(0.0));
    for (uint32_t i = 0; i < bin; i++)
        count += histogram->count[i];
    for (; bin <= end; bin += STEP) {
        json_array_append_new(edges, json_real(histogram_edge(bin)));
        json_array_append_new(counts, json_integer((json_int_t)count));
        count = 0;
        for (uint32_t i = bin; i < end && i < bin + STEP; i++)
            count += histogram->count[i];
    }
    return json_pack("{s:o, s:o}", "edges", edges, "counts", counts);
}

/* The results of the total, with histograms where they were asked for. */
static json_t *json_totals(const struct comparison *comparison)
{
    json_t *array = json_outcomes(comparison, comparison->totals);
    for (size_t c = 0; comparison->histograms && c < json_array_size(array); c++) {
        const enum fit fit = comparison->totals[c].fit;
        if (fit == FIT_ROWS || fit == FIT_FLATTENED)
            json_object_set_new(json_array_get(array, c), "error_histogram",
                                histogram_json(&comparison->contest.totals[c]));
    }
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

/* What the gap_... figures are of. */
static json_t *gap_json(const struct contest_gap *gap)
{
    return json_pack(
        "{s:o, s:s, s:s}", "blocks_per_tensor",
        gap->most == UINT64_MAX ? json_string("all") : json_integer((json_int_t)gap->most), "bound",
        "optima of sub-blocks with real scales and offsets", "target", axis_target(gap->target));
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
    json_object_set_new(report, "caution", json_string(REPORT_CAUTION));
    if (comparison->contest.gap)
        json_object_set_new(report, "gap", gap_json(comparison->contest.gap));
    json_object_set_new(report, "total", json_totals(comparison));
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

static void csv_head(FILE *file, const struct comparison *comparison)
{
    struct compare_figure figures[MAX_FIGURES];
    const struct outcome none = {.fit = FIT_ABSENT};
    const size_t count = compare_figures(comparison, &none, figures);
    fprintf(file, "tensor,format,rounding,scales,weighting,target,decode_target,fit%s",
            comparison->contest.gap ? ",gap_weighting" : "");
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
    fprintf(file, ",%s,%s,%s,%s,%s,%s,%s", axis_format(contestant->format),
            axis_rounding(contestant->rounding), axis_scales(contestant->scales),
            axis_weighting(contestant->weighting), axis_target(contestant->target),
            axis_target(contestant->decode_target), compare_fit_name(comparison, c, o->fit));
    if (comparison->contest.gap)
        fprintf(file, ",%s",
                axis_weighting(contest_gap_weighting(comparison->contest.gap, contestant)));
    struct compare_figure figures[MAX_FIGURES];
    const size_t count = compare_figures(comparison, o, figures);
    const bool exists = o->fit == FIT_ROWS || o->fit == FIT_FLATTENED;
    for (size_t i = 0; i < count; i++) {
        fputc(',', file);
        if (!exists || !isfinite(figures[i].value))
            continue;
        if (figures[i].kind == FIGURE_COUNT)
            fprintf(file, "%.0f", figures[i].value);
        else
            fprintf(file, "%.17g", figures[i].value);
    }
    fputc('\n', file);
}

bool comparison_write_csv(const struct comparison *comparison, struct output *output,
                          struct error *error)
{
    if (comparison->contest.gap)
        fprintf(output->file, "# %s\n", REPORT_CAUTION);
    csv_head(output->file, comparison);
    const size_t count = comparison->contest.count;
    for (size_t t = 0; t < comparison->ntensors; t++)
        for (size_t c = 0; c < count; c++)
            csv_line(output->file, comparison, comparison->tensors[t]->name, c,
                     &comparison->outcomes[t * count + c]);
    for (size_t c = 0; c < count; c++)
        csv_line(output->file, comparison, "*", c, &comparison->totals[c]);
    return output_commit(output, error);
}
