#include "compare_throughput.h"

#include "clock.h"
#include "combinations.h"
#include "compare_tables.h"
#include "job_memory.h"
#include "options.h"
#include "report.h"
#include "team.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    RUNS = 5
};

static const uint64_t most_weights = UINT64_C(1) << 25;

/* ------------------------------------------------------------------------------------------------
 * Timing
 */

/* Rows of a tensor, and room for their blocks and for what these decode to. */
struct rows {
    size_t nrows, ncols;
    float *x, *y;
    uint8_t *blocks;
    const float *importance; /* NULL if there is none */
};

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double seconds[RUNS])
{
    qsort(seconds, RUNS, sizeof *seconds, by_value);
    return seconds[RUNS / 2];
}

/* The first run, which also maps the memory, is not timed. */
static bool time_job(struct rdl_job *job, enum rdl_target decode_target, unsigned threads,
                     const struct rows *rows, const float *importance,
                     struct throughput *throughput)
{
    struct rdl_job decode_job = *job;
    decode_job.target = decode_target;
    double encode[RUNS + 1], decode[RUNS + 1];
    for (int run = 0; run <= RUNS; run++) {
        const double start = real_seconds();
        if (team_quantize(threads, job, rows->x, importance, rows->blocks, NULL) != RDL_OK)
            return false;
        const double middle = real_seconds();
        team_dequantize(threads, &decode_job, rows->blocks, rows->y);
        encode[run] = middle - start;
        decode[run] = real_seconds() - middle;
    }
    const uint64_t weights = (uint64_t)rows->nrows * rows->ncols;
    throughput->quantize = mweights_per_second(weights, median(encode + 1));
    throughput->dequantize = mweights_per_second(weights, median(decode + 1));
    return true;
}

static bool time_contestant(const struct contest *contest, size_t c, const struct rows *rows,
                            struct throughput *throughput, struct error *error)
{
    const struct contestant *contestant = &contest->contestants[c];
    const unsigned support = rdl_encoder_support(contestant->format, contestant->rounding,
                                                 contestant->weighting, contestant->target);
    struct rdl_job job = {
        .format = contestant->format,
        .rounding = contestant->rounding,
        .scales = contestant->scales,
        .weighting = contestant->weighting,
        .target = contestant->target,
        .nrows = rows->nrows,
        .ncols = rows->ncols,
        .flags = contest->go_on ? RDL_GO_ON : 0,
    };
    if (!job_memory_open_team(&job, contest->threads, error))
        return false;
    const bool timed =
        time_job(&job, contestant->decode_target, contest->threads, rows,
                 support & RDL_WITH_IMPORTANCE ? rows->importance : NULL, throughput);
    job_memory_close(&job);
    return timed || fail(error, "%s by %s cannot be timed", axis_format(contestant->format),
                         axis_rounding(contestant->rounding));
}

/* ------------------------------------------------------------------------------------------------
 * The tensor
 */

static size_t largest_tensor(const struct comparison *comparison)
{
    size_t largest = 0;
    for (size_t t = 1; t < comparison->ntensors; t++)
        if (tensor_numel(comparison->tensors[t]) > tensor_numel(comparison->tensors[largest]))
            largest = t;
    return largest;
}

static void close_rows(struct rows *rows)
{
    free(rows->x);
    free(rows->y);
    free(rows->blocks);
}

static bool open_rows(struct rows *rows, const struct tensor *tensor, struct error *error)
{
    uint64_t nrows = tensor->nrows;
    if (tensor_numel(tensor) > most_weights)
        nrows = most_weights / tensor->ncols ? most_weights / tensor->ncols : 1;
    const size_t count = (size_t)(nrows * tensor->ncols);
    *rows = (struct rows){
        .nrows = (size_t)nrows,
        .ncols = (size_t)tensor->ncols,
        .x = malloc(count * sizeof(float)),
        .y = malloc(count * sizeof(float)),
        .blocks = malloc(count * sizeof(float)), /* no block is larger than its weights */
    };
    struct buffer buffer = {0};
    const bool opened = rows->x && rows->y && rows->blocks
                            ? tensor_read(tensor, 0, count, rows->x, &buffer, error)
                            : fail(error, "out of memory to time a tensor");
    buffer_free(&buffer);
    if (!opened)
        close_rows(rows);
    return opened;
}

bool comparison_time(struct comparison *comparison, struct error *error)
{
    const size_t count = comparison->contest.count;
    const size_t t = largest_tensor(comparison);
    const struct tensor *tensor = comparison->tensors[t];
    comparison->timed_tensor = tensor;
    comparison->throughputs = malloc((count + 1) * sizeof *comparison->throughputs);
    if (!comparison->throughputs)
        return fail(error, "out of memory");
    struct rows rows;
    if (!open_rows(&rows, tensor, error))
        return false;
    const struct imatrix_entry *entry =
        comparison->imatrix ? imatrix_find(comparison->imatrix, tensor->name) : NULL;
    rows.importance = entry ? entry->values : NULL;
    bool timed = true;
    for (size_t c = 0; c < count && timed; c++) {
        comparison->throughputs[c] = (struct throughput){NAN, NAN};
        if (comparison->outcomes[t * count + c].fit == FIT_ROWS)
            timed =
                time_contestant(&comparison->contest, c, &rows, &comparison->throughputs[c], error);
    }
    close_rows(&rows);
    return timed;
}

/* ------------------------------------------------------------------------------------------------
 * Reports
 */

void comparison_print_throughput(const struct comparison *comparison)
{
    char name[128];
    const char *tensor = comparison->timed_tensor->name;
    printf("\nThroughput of %u thread%s on %s, Mweights/s by the clock\n",
           comparison->contest.threads, comparison->contest.threads == 1 ? "" : "s",
           escape(name, sizeof name, tensor, strlen(tensor)));
    printf("%-8s %-*s %9s %-6s %10s %s\n", "format", comparison_label_width(comparison), "rounding",
           "quant.", "on", "dequant.", "on");
    for (size_t c = 0; c < comparison->contest.count; c++) {
        const struct contestant *contestant = &comparison->contest.contestants[c];
        const struct throughput *throughput = &comparison->throughputs[c];
        if (isnan(throughput->quantize))
            continue;
        comparison_print_label(comparison, c);
        printf(" %9.4g %-6s %10.5g %s\n", throughput->quantize, axis_target(contestant->target),
               throughput->dequantize, axis_target(contestant->decode_target));
    }
}

json_t *comparison_throughput_json(const struct comparison *comparison)
{
    json_t *results = json_array();
    for (size_t c = 0; c < comparison->contest.count; c++) {
        const struct contestant *contestant = &comparison->contest.contestants[c];
        const struct throughput *throughput = &comparison->throughputs[c];
        json_array_append_new(
            results, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "format",
                               axis_format(contestant->format), "rounding",
                               axis_rounding(contestant->rounding), "scales",
                               axis_scales(contestant->scales), "weighting",
                               axis_weighting(contestant->weighting), "target",
                               axis_target(contestant->target), "decode_target",
                               axis_target(contestant->decode_target), "quantize_mweights_per_s",
                               report_real(throughput->quantize), "dequantize_mweights_per_s",
                               report_real(throughput->dequantize)));
    }
    return json_pack("{s:o, s:i, s:o}", "tensor", report_string(comparison->timed_tensor->name),
                     "threads", (int)comparison->contest.threads, "results", results);
}
