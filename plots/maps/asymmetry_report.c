#include "asymmetry_report.h"

#include "report.h"
#include "text_table.h"

#include <math.h>

static const unsigned profile_sizes[ASYMMETRY_PROFILES] = {8, 16, 32};

/* Sizes of blocks in the table and in the curves. */
static bool is_listed(unsigned n)
{
    return n <= 32 || n == 64 || n == 128 || n == 256;
}

bool asymmetry_report_make(struct asymmetry_report *report, struct error *error)
{
    for (unsigned law = 0; law < LAW_COUNT; law++) {
        struct asymmetry_law *l = &report->laws[law];
        asymmetry_means((enum law)law, l->means);
        for (unsigned i = 0; i < ASYMMETRY_PROFILES; i++)
            if (!asymmetry_profile((enum law)law, profile_sizes[i], report->blocks, report->seed,
                                   l->profiles[i], error))
                return false;
    }
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Text
 */

static bool print_means(const struct asymmetry_report *report, FILE *out)
{
    static const struct text_column columns[] = {
        {"n", false}, {"gaussian", false}, {"laplace", false}, {"uniform", false}};
    struct text_table table = {.columns = columns, .ncolumns = 1 + LAW_COUNT};
    for (unsigned n = 2; n <= ASYMMETRY_MOST; n++) {
        if (!is_listed(n))
            continue;
        text_table_cell(&table, "%u", n);
        for (unsigned law = 0; law < LAW_COUNT; law++)
            text_table_cell(&table, "%.4f", report->laws[law].means[n]);
    }
    const bool printed = text_table_print(&table, out);
    text_table_free(&table);
    return printed;
}

static bool print_profiles(const struct asymmetry_report *report, unsigned i, FILE *out)
{
    static const struct text_column columns[] = {
        {"rank", false}, {"gaussian", false}, {"laplace", false}, {"uniform", false}};
    struct text_table table = {.columns = columns, .ncolumns = 1 + LAW_COUNT};
    for (unsigned k = 0; k < profile_sizes[i]; k++) {
        text_table_cell(&table, "%u", k);
        for (unsigned law = 0; law < LAW_COUNT; law++)
            text_table_cell(&table, "%.4f", report->laws[law].profiles[i][k]);
    }
    const bool printed = text_table_print(&table, out);
    text_table_free(&table);
    return printed;
}

bool asymmetry_report_print(const struct asymmetry_report *report, FILE *out)
{
    fprintf(out,
            "Blocks of n values, scaled so that the largest magnitude is -1: mean of the other "
            "extremum.\n\n");
    bool printed = print_means(report, out);
    for (unsigned i = 0; printed && i < ASYMMETRY_PROFILES; i++) {
        fprintf(out, "\nMean of each rank, n = %u, of %llu blocks.\n\n", profile_sizes[i],
                (unsigned long long)report->blocks);
        printed = print_profiles(report, i, out);
    }
    return printed;
}

/* ------------------------------------------------------------------------------------------------
 * JSON
 */

/* To the digits that are known, which are the same on every machine. */
static json_t *rounded(double value)
{
    return json_real(floor(value * 1e9 + 0.5) / 1e9);
}

static json_t *numbers(const double *values, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < count; i++)
        if (json_array_append_new(list, rounded(values[i])) != 0) {
            json_decref(list);
            list = NULL;
        }
    return list;
}

static json_t *profiles_json(const struct asymmetry_law *law)
{
    json_t *list = json_array();
    for (unsigned i = 0; list && i < ASYMMETRY_PROFILES; i++) {
        json_t *profile = json_pack("{s:I, s:o}", "n", (json_int_t)profile_sizes[i], "value",
                                    numbers(law->profiles[i], profile_sizes[i]));
        if (json_array_append_new(list, profile) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

static json_t *law_json(const struct asymmetry_law *law, unsigned index)
{
    json_t *sizes = json_array(), *values = json_array();
    for (unsigned n = 2; sizes && values && n <= ASYMMETRY_MOST; n++)
        if (is_listed(n) && (json_array_append_new(sizes, json_integer(n)) != 0 ||
                             json_array_append_new(values, rounded(law->means[n])) != 0)) {
            json_decref(sizes);
            sizes = NULL;
        }
    return json_pack("{s:s, s:o, s:o, s:o}", "law", law_name(index), "n", sizes, "value", values,
                     "profile", profiles_json(law));
}

json_t *asymmetry_report_json(const struct asymmetry_report *report)
{
    json_t *json = report_new("project"), *laws = json_array();
    bool good = json && laws;
    for (unsigned law = 0; good && law < LAW_COUNT; law++)
        good = json_array_append_new(laws, law_json(&report->laws[law], law)) == 0;
    json_t *more = good ? json_pack("{s:s, s:I, s:I, s:O}", "kind", "asymmetry", "seed",
                                    (json_int_t)report->seed, "blocks", (json_int_t)report->blocks,
                                    "laws", laws)
                        : NULL;
    good = more && json_object_update(json, more) == 0;
    json_decref(laws);
    json_decref(more);
    if (good)
        return json;
    json_decref(json);
    return NULL;
}
