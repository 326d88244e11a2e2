/* roundel verify --manifest: does a model have the tensors that a manifest says? */
#include "manifest.h"
#include "options.h"
#include "report.h"
#include "text_table.h"
#include "verify.h"

#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Text and JSON
 */

static void add_row(struct text_table *table, const struct manifest_check *check)
{
    char name[128];
    text_table_cell(table, "%s", escape(name, sizeof name, check->name, strlen(check->name)));
    text_table_cell(table, "%s", manifest_outcome_text(check->outcome));
}

static bool print_text(const struct manifest_result *result, struct error *error)
{
    static const struct text_column columns[] = {{"tensor", true}, {"", true}};
    struct text_table table = {.columns = columns, .ncolumns = 2};
    for (size_t i = 0; i < result->count; i++)
        if (result->checks[i].outcome != MANIFEST_SAME)
            add_row(&table, &result->checks[i]);
    const bool printed = result->differing == 0 || text_table_print(&table, stdout);
    text_table_free(&table);
    if (!printed)
        return fail(error, "out of memory for the table");
    printf("%zu parts checked, %zu differ\n", result->count, result->differing);
    return true;
}

static json_t *result_json(const struct manifest_result *result)
{
    json_t *checks = json_array();
    for (size_t i = 0; checks && i < result->count; i++)
        json_array_append_new(checks, json_pack("{s:o, s:s}", "name",
                                                report_string(result->checks[i].name), "outcome",
                                                manifest_outcome_text(result->checks[i].outcome)));
    json_t *report = report_new("verify");
    if (report && json_object_set_new(report, "results", checks) == 0 &&
        json_object_set_new(report, "total",
                            json_pack("{s:I, s:I}", "checked", (json_int_t)result->count, "failed",
                                      (json_int_t)result->differing)) == 0)
        return report;
    json_decref(report);
    return NULL;
}

/* ------------------------------------------------------------------------------------------------
 */

static int show(const struct verify_options *options, const struct manifest_result *result,
                struct error *error)
{
    if (verify_prints_table(options) && !print_text(result, error))
        return STATUS_INTERNAL;
    if (options->json && !report_write(result_json(result), options->json, error))
        return STATUS_INTERNAL;
    return result->differing ? STATUS_DIFFERENT : STATUS_OK;
}

int verify_manifest(const struct verify_options *options, struct error *error)
{
    struct manifest_result result;
    if (!manifest_check(options->manifest, options->models[0], &result, error))
        return STATUS_BAD_INPUT;
    const int status = show(options, &result, error);
    manifest_result_free(&result);
    return status;
}
