#include "speed_report.h"

#include "array.h"
#include "axis.h"
#include "report_file.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_SPEED 10.0 /* weights a second */

/* A row that counts. */
struct sample {
    double *speed; /* the member of the report that it speaks of */
    double value;
    unsigned runs; /* that it is the median of; 0 for a run */
};

struct samples {
    struct sample *list;
    size_t count, capacity;
};

/* ------------------------------------------------------------------------------------------------
 * Members of JSON objects
 */

static bool is_string(const json_t *object, const char *key, const char *text)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value && strcmp(value, text) == 0;
}

/* ------------------------------------------------------------------------------------------------
 * Context
 */

static bool read_context(struct speed_report *report, const json_t *context, struct error *error)
{
    const struct {
        const char *key;
        char *out;
        size_t size, most;
    } texts[] = {
        {"cpu", report->cpu, sizeof report->cpu, SIZE_MAX},
        {"compiler", report->compiler, sizeof report->compiler, SIZE_MAX},
        {"flags", report->flags, sizeof report->flags, SIZE_MAX},
        {"roundel", report->version, sizeof report->version, SIZE_MAX},
        {"commit", report->commit, sizeof report->commit, SIZE_MAX},
        {"date", report->date, sizeof report->date, strlen("2026-11-22")}, /* no time of day */
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *text = report_get_string(context, texts[i].key, error);
        if (!text)
            return fail_in(error, "no report of roundel-bench: \"context\"");
        escape(texts[i].out, texts[i].size, text, strnlen(text, texts[i].most));
    }
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Rows
 */

/* The member of the report that a case fills; NULL if it is not wanted. */
static double *wanted(struct speed_report *report, const struct case_name *name)
{
    const struct speed_choice *choice = &report->choice;
    if (name->level != choice->level)
        return NULL;
    if (name->kind == CASE_STORE && choice->operation == CASE_DEQUANTIZE)
        return &report->store;
    if (name->kind != choice->operation || name->weighting != RDL_NATIVE ||
        (name->kind == CASE_QUANTIZE && name->rounding != choice->rounding))
        return NULL;
    return &report->speed[name->format][name->target][name->importance];
}

static bool add_sample(struct samples *samples, const struct sample *sample, struct error *error)
{
    struct sample *list =
        array_grow(samples->list, samples->count, &samples->capacity, sizeof *list);
    if (!list)
        return fail(error, "out of memory");
    samples->list = list;
    samples->list[samples->count++] = *sample;
    return true;
}

static bool read_sample(const json_t *row, double *speed, struct samples *samples,
                        struct error *error)
{
    struct sample sample = {.speed = speed};
    if (is_string(row, "run_type", "aggregate")) {
        double repetitions;
        if (!is_string(row, "aggregate_name", "median"))
            return true;
        if (!report_get_number(row, "repetitions", 1, AXIS_MOST, &repetitions, error))
            return false;
        sample.runs = repetitions < UINT_MAX ? (unsigned)repetitions : UINT_MAX;
    }
    return report_get_number(row, "items_per_second", LEAST_SPEED, AXIS_MOST, &sample.value,
                             error) &&
           add_sample(samples, &sample, error);
}

static bool read_row(struct speed_report *report, const json_t *row, struct samples *samples,
                     struct error *error)
{
    const char *text = report_get_string(row, "run_name", error);
    if (!text)
        return false;
    struct case_name name;
    if (!case_name_parse(&name, text)) {
        if (report->unknown++ == 0)
            escape(report->first_unknown, sizeof report->first_unknown, text, strlen(text));
        return true;
    }
    double *speed = wanted(report, &name);
    if (!speed)
        return true;
    if (json_is_true(json_object_get(row, "error_occurred"))) {
        report->failed++;
        return true;
    }
    return read_sample(row, speed, samples, error) || fail_in_named(error, "case", text);
}

static bool read_rows(struct speed_report *report, const json_t *rows, struct samples *samples,
                      struct error *error)
{
    if (!json_is_array(rows))
        return fail(error, "no report of roundel-bench: no array \"benchmarks\"");
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (!read_row(report, json_array_get(rows, i), samples, error))
            return fail_in(error, "row %zu of \"benchmarks\"", i);
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Medians
 */

/* By case; medians before runs, and those by value. */
static int compare_samples(const void *left, const void *right)
{
    const struct sample *a = left, *b = right;
    if (a->speed != b->speed)
        return a->speed < b->speed ? -1 : 1;
    if ((a->runs == 0) != (b->runs == 0))
        return a->runs == 0 ? 1 : -1;
    return (a->value > b->value) - (a->value < b->value);
}

/* How many samples at the beginning of the list are of one case, all medians or all runs. */
static size_t group_length(const struct sample *list, size_t count)
{
    size_t length = 1;
    while (length < count && list[length].speed == list->speed &&
           (list[length].runs == 0) == (list->runs == 0))
        length++;
    return length;
}

static void count_runs(struct speed_report *report, unsigned runs)
{
    if (report->least_runs == 0 || runs < report->least_runs)
        report->least_runs = runs;
    if (runs > report->most_runs)
        report->most_runs = runs;
}

static void take_medians(struct speed_report *report, struct samples *samples)
{
    if (samples->count > 0)
        qsort(samples->list, samples->count, sizeof *samples->list, compare_samples);
    size_t length;
    for (size_t first = 0; first < samples->count; first += length) {
        const struct sample *group = &samples->list[first];
        length = group_length(group, samples->count - first);
        if (*group->speed > 0)
            continue; /* runs, behind their median */
        *group->speed = (group[(length - 1) / 2].value + group[length / 2].value) / 2;
        count_runs(report, group->runs ? group->runs : (unsigned)length);
    }
}

/* Says whether there is anything to draw. */
static bool has_speeds(const struct speed_report *report)
{
    for (unsigned format = 0; format < RDL_FORMAT_COUNT; format++)
        for (unsigned target = 0; target < RDL_TARGET_COUNT; target++)
            if (report->speed[format][target][0] > 0 || report->speed[format][target][1] > 0)
                return true;
    return false;
}

static bool fail_empty(const struct speed_choice *choice, struct error *error)
{
    const bool quantize = choice->operation == CASE_QUANTIZE;
    return fail(error, "no case %s/FORMAT%s%s/TARGET/%s with a speed",
                case_kind_name(choice->operation), quantize ? "/" : "",
                quantize ? rdl_rounding_name(choice->rounding) : "",
                case_level_name(choice->level));
}

/* ------------------------------------------------------------------------------------------------
 * The file
 */

static bool read_tree(struct speed_report *report, const json_t *tree, struct error *error)
{
    struct samples samples = {0};
    const bool read = read_context(report, json_object_get(tree, "context"), error) &&
                      read_rows(report, json_object_get(tree, "benchmarks"), &samples, error);
    if (read)
        take_medians(report, &samples);
    free(samples.list);
    return read && (has_speeds(report) || fail_empty(&report->choice, error));
}

bool speed_report_read(struct speed_report *report, const char *path,
                       const struct speed_choice *choice, struct error *error)
{
    *report = (struct speed_report){.choice = *choice};
    json_t *tree = report_file_read(path, error);
    const bool read = tree && (read_tree(report, tree, error) || fail_in(error, "%s", path));
    json_decref(tree);
    return read;
}
