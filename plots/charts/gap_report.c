#include "gap_report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_SETTINGS = 64
};

/* The settings that the reports have, for the choice and for messages. */
struct settings {
    char names[MAX_SETTINGS][GAP_TEXT];
    size_t count; /* it stays where there are too many */
};

/* What is common to the results of one file. */
struct reading {
    struct gap_report *report;
    struct settings *settings;
    const char *wanted; /* NULL: settings are only listed */
};

static const struct {
    const char *name, *of_compare, *of_table; /* as the chart, and the reports, spell it */
} statistics[GAP_STATISTIC_COUNT] = {
    [GAP_MEAN] = {"mean", "gap_mean", "mean"},
    [GAP_MEDIAN] = {"median", "gap_median", "median"},
    [GAP_P99] = {"p99", "gap_p99", "p99"},
    [GAP_SUMS] = {"sums", "gap_ratio_of_sums", "ratio_of_sums"},
};

const char *gap_statistic_name(unsigned statistic)
{
    return statistic < GAP_STATISTIC_COUNT ? statistics[statistic].name : NULL;
}

/* ------------------------------------------------------------------------------------------------
 * Points
 */

/* Lists the setting; says whether its points are wanted. */
static bool is_wanted(const struct reading *reading, const char *setting)
{
    struct settings *all = reading->settings;
    size_t i = 0;
    while (i < all->count && strcmp(all->names[i], setting) != 0)
        i++;
    if (i == all->count && all->count < MAX_SETTINGS)
        snprintf(all->names[all->count++], GAP_TEXT, "%s", setting);
    return reading->wanted && strcmp(setting, reading->wanted) == 0;
}

static bool read_target(const json_t *object, enum rdl_target *target, struct error *error)
{
    const char *text = report_get_string(object, "target", error);
    for (unsigned t = 0; text && t < RDL_TARGET_COUNT; t++)
        if (strcmp(text, rdl_target_name((enum rdl_target)t)) == 0) {
            *target = (enum rdl_target)t;
            return true;
        }
    return text && fail(error, "\"target\" is none that is known");
}

/* The last places of sums are no excess, nor is what binary32 weights of decoders win. */
static bool add_point(struct gap_report *report, const struct gap_point *point, struct error *error)
{
    if (report->count == GAP_MAX_POINTS)
        return fail(error, "more than %d points", GAP_MAX_POINTS);
    report->points[report->count] = *point;
    report->points[report->count++].excess = fmax(point->excess, 0.0);
    return true;
}

static bool read_excess(const json_t *object, const char *key, struct gap_point *point,
                        struct error *error)
{
    return report_get_number(object, key, -1.0, GAP_MOST_EXCESS, &point->excess, error);
}

/* ------------------------------------------------------------------------------------------------
 * compare --gap
 */

static void write_label(char label[GAP_TEXT], const char *rounding, const char *scales,
                        const char *weighting, const char *judged_by)
{
    char text[GAP_TEXT];
    const bool default_scales = strcmp(scales, "default") == 0;
    const bool own = strcmp(weighting, judged_by) == 0 || strcmp(weighting, "native") == 0;
    const int length =
        snprintf(text, sizeof text, "%s%s%s%s%s", rounding, default_scales ? "" : "/",
                 default_scales ? "" : scales, own ? "" : ":", own ? "" : weighting);
    escape(label, GAP_TEXT, text, length < GAP_TEXT ? (size_t)length : GAP_TEXT - 1);
}

/* Results that were not measured have no figures. */
static bool read_result(const struct reading *reading, const json_t *result, struct error *error)
{
    const char *key = statistics[reading->report->choice.statistic].of_compare;
    if (!json_is_number(json_object_get(result, key)))
        return true;
    const char *const format = report_get_string(result, "format", error);
    const char *const rounding = format ? report_get_string(result, "rounding", error) : NULL;
    const char *const scales = rounding ? report_get_string(result, "scales", error) : NULL;
    const char *const weighting = scales ? report_get_string(result, "weighting", error) : NULL;
    const char *const judged_by =
        weighting ? report_get_string(result, "gap_weighting", error) : NULL;
    if (!judged_by)
        return false;
    char setting[GAP_TEXT];
    snprintf(setting, sizeof setting, "%s/%s", format, judged_by);
    if (!is_wanted(reading, setting))
        return true;
    struct gap_point point;
    double speed;
    if (!read_target(result, &point.target, error) || !read_excess(result, key, &point, error) ||
        !report_get_number(result, "quantize_mweights_per_s", 1e3 / GAP_MOST_NS, 1e3 / GAP_LEAST_NS,
                           &speed, error))
        return false;
    point.nanoseconds = 1e3 / speed;
    write_label(point.label, rounding, scales, weighting, judged_by);
    return add_point(reading->report, &point, error);
}

static bool read_compare(const struct reading *reading, const json_t *tree, struct error *error)
{
    const json_t *results = json_object_get(tree, "total");
    if (!json_is_array(results) || !json_object_get(tree, "gap"))
        return fail(error, "no report of roundel compare --gap");
    for (size_t i = 0; i < json_array_size(results); i++)
        if (!read_result(reading, json_array_get(results, i), error))
            return fail_in(error, "result %zu of \"total\"", i);
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * gap-table
 */

static bool read_method(const struct reading *reading, const char *name, const json_t *method,
                        enum rdl_target target, struct error *error)
{
    struct gap_point point = {.target = target};
    escape(point.label, sizeof point.label, name, strlen(name));
    return (read_excess(method, statistics[reading->report->choice.statistic].of_table, &point,
                        error) &&
            report_get_number(method, "ns_per_weight", 0.0, GAP_MOST_NS, &point.nanoseconds,
                              error) &&
            (point.nanoseconds = fmax(point.nanoseconds, GAP_LEAST_NS)) > 0.0 &&
            add_point(reading->report, &point, error)) ||
           fail_in_named(error, "method", name);
}

static bool read_column(const struct reading *reading, const json_t *column, enum rdl_target target,
                        struct error *error)
{
    const char *const setting = report_get_string(column, "setting", error);
    json_t *methods = json_object_get(column, "excess");
    if (!setting || !json_is_object(methods))
        return setting && fail(error, "no object \"excess\"");
    if (!is_wanted(reading, setting))
        return true;
    const char *name;
    json_t *method;
    json_object_foreach(methods, name, method)
    {
        if (!read_method(reading, name, method, target, error))
            return false;
    }
    return true;
}

static bool read_table(const struct reading *reading, const json_t *tree, struct error *error)
{
    enum rdl_target target;
    if (!read_target(tree, &target, error))
        return false;
    const json_t *tables = json_object_get(tree, "tables");
    for (size_t t = 0; t < json_array_size(tables); t++) {
        const json_t *columns = json_object_get(json_array_get(tables, t), "columns");
        for (size_t i = 0; i < json_array_size(columns); i++)
            if (!read_column(reading, json_array_get(columns, i), target, error))
                return fail_in(error, "column %zu of table %zu", i, t);
    }
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Files
 */

static bool read_file(const struct reading *reading, const char *path, struct error *error)
{
    json_t *tree = report_file_read(path, error);
    if (!tree)
        return false;
    struct gap_report *report = reading->report;
    bool read = report_get_origin(tree, &report->origin, error);
    if (read && strcmp(report->origin.command, "compare") == 0)
        read = read_compare(reading, tree, error);
    else if (read && strcmp(report->origin.command, "gap-table") == 0)
        read = read_table(reading, tree, error);
    else if (read)
        read = fail(error, "no report of roundel compare --gap or gap-table");
    json_decref(tree);
    return read || fail_in(error, "%s", path);
}

static bool read_files(const struct reading *reading, const char *const *paths, size_t npaths,
                       struct error *error)
{
    for (size_t i = npaths; i-- > 0;) /* the first one's origin stays */
        if (!read_file(reading, paths[i], error))
            return false;
    return true;
}

static bool name_settings(const struct settings *settings, const char *wanted, struct error *error)
{
    char shown[GAP_TEXT];
    if (settings->count == 0)
        return fail(error, "the reports have no figure of excess over an optimum");
    if (wanted)
        fail(error,
             "no setting '%s'; choices: ", escape(shown, sizeof shown, wanted, strlen(wanted)));
    else
        fail(error, "several settings; --setting chooses one: ");
    size_t used = strlen(error->text);
    for (size_t i = 0; i < settings->count && used < sizeof error->text; i++)
        used += (size_t)snprintf(
            error->text + used, sizeof error->text - used, "%s%s", i ? ", " : "",
            escape(shown, sizeof shown, settings->names[i], strlen(settings->names[i])));
    return false;
}

/* ------------------------------------------------------------------------------------------------
 * The front
 */

/* By time; of equal times the better one first, then by name. */
static int compare_points(const void *left, const void *right)
{
    const struct gap_point *a = left, *b = right;
    if (a->nanoseconds != b->nanoseconds)
        return a->nanoseconds < b->nanoseconds ? -1 : 1;
    if (a->excess != b->excess)
        return a->excess < b->excess ? -1 : 1;
    return strcmp(a->label, b->label);
}

static void mark_front(struct gap_report *report)
{
    qsort(report->points, report->count, sizeof report->points[0], compare_points);
    double best = INFINITY;
    for (size_t i = 0; i < report->count; i++) {
        report->points[i].pareto = report->points[i].excess < best;
        best = fmin(best, report->points[i].excess);
    }
}

bool gap_report_read(struct gap_report *report, const char *const *paths, size_t npaths,
                     const struct gap_choice *choice, struct error *error)
{
    *report = (struct gap_report){.choice = *choice};
    struct settings settings = {.count = 0};
    struct reading reading = {.report = report, .settings = &settings};
    if (!choice->setting && !read_files(&reading, paths, npaths, error))
        return false;
    reading.wanted = choice->setting ? choice->setting : settings.names[0];
    if (!choice->setting && settings.count != 1)
        return name_settings(&settings, NULL, error);
    if (!read_files(&reading, paths, npaths, error))
        return false;
    if (report->count == 0)
        return name_settings(&settings, choice->setting, error);
    escape(report->setting, sizeof report->setting, reading.wanted, strlen(reading.wanted));
    mark_front(report);
    return true;
}
