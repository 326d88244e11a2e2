/* roundel verify: the comparison with the built-in hashes, as table and JSON. */
#include "golden_hashes.h"
#include "options.h"
#include "report.h"
#include "text_table.h"
#include "verify.h"

#include <inttypes.h>
#include <stdio.h>

enum outcome {
    EQUAL,
    DIFFERENT,
    UNKNOWN, /* no hash to compare with: a failure, because every encoder must have one */
    NO_KERNEL
};

static const char *const outcome_names[] = {
    [EQUAL] = "equal",
    [DIFFERENT] = "DIFFERENT",
    [UNKNOWN] = "UNKNOWN",
    [NO_KERNEL] = "-",
};

static enum outcome outcome_of(bool exists, bool known, uint64_t expected, uint64_t actual)
{
    if (!exists)
        return NO_KERNEL;
    if (!known)
        return UNKNOWN;
    return expected == actual ? EQUAL : DIFFERENT;
}

static enum outcome encoded_outcome(const struct hash_check *check)
{
    return outcome_of(check->encodes, check->known, check->expected.encoded, check->actual.encoded);
}

static enum outcome decoded_outcome(const struct hash_check *check)
{
    return outcome_of(check->decodes, check->known, check->expected.decoded, check->actual.decoded);
}

static size_t count_failed(const struct hash_result *result)
{
    size_t failed = 0;
    for (size_t i = 0; i < result->count; i++)
        failed += !hash_check_passed(&result->checks[i]);
    return failed;
}

static void print_target(const struct hash_result *result, unsigned target)
{
    size_t checked = 0, failed = 0;
    for (size_t i = 0; i < result->count; i++)
        if (result->checks[i].target == target) {
            checked++;
            failed += !hash_check_passed(&result->checks[i]);
        }
    printf("%s: %zu checked, %zu failed\n", axis_target(target), checked, failed);
}

/* ------------------------------------------------------------------------------------------------
 * Table
 */

static const struct text_column columns[] = {
    {"format", true}, {"rounding", true}, {"weighting", true}, {"importance", true},
    {"target", true}, {"encoded", true},  {"decoded", true},
};

static void add_check(struct text_table *table, const struct hash_check *check)
{
    text_table_cell(table, "%s", rdl_format_info(check->key.format)->name);
    text_table_cell(table, "%s", rdl_rounding_name(check->key.rounding));
    text_table_cell(table, "%s", rdl_weighting_name(check->key.weighting));
    text_table_cell(table, "%s", check->key.has_importance ? "yes" : "no");
    text_table_cell(table, "%s", rdl_target_name(check->target));
    text_table_cell(table, "%s", outcome_names[encoded_outcome(check)]);
    text_table_cell(table, "%s", outcome_names[decoded_outcome(check)]);
}

static bool print_results(const struct verify_options *options, const struct hash_result *result,
                          struct error *error)
{
    struct text_table table = {.columns = columns, .ncolumns = sizeof columns / sizeof columns[0]};
    for (size_t i = 0; i < result->count; i++)
        add_check(&table, &result->checks[i]);
    const bool printed = text_table_print(&table, stdout);
    text_table_free(&table);
    if (!printed)
        return fail(error, "out of memory for the table");
    putchar('\n');
    for (unsigned target = 0; target < RDL_TARGET_COUNT; target++)
        if (options->targets >> target & 1u)
            print_target(result, target);
    printf("%zu encoders and decoders checked, %zu failed\n", result->count, count_failed(result));
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * JSON
 */

/* Hashes are strings: not every reader of JSON has 64-bit integers. */
static json_t *hash_json(enum outcome outcome, uint64_t expected, uint64_t actual)
{
    if (outcome == NO_KERNEL)
        return json_null();
    char expected_text[20], actual_text[20];
    snprintf(expected_text, sizeof expected_text, "%016" PRIx64, expected);
    snprintf(actual_text, sizeof actual_text, "%016" PRIx64, actual);
    return json_pack("{s:b, s:s?, s:s}", "equal", outcome == EQUAL, "expected",
                     outcome == UNKNOWN ? NULL : expected_text, "actual", actual_text);
}

static json_t *check_json(const struct hash_check *check)
{
    return json_pack(
        "{s:s, s:s, s:s, s:b, s:s, s:b, s:o, s:o}", "format",
        rdl_format_info(check->key.format)->name, "rounding",
        rdl_rounding_name(check->key.rounding), "weighting",
        rdl_weighting_name(check->key.weighting), "importance", check->key.has_importance, "target",
        rdl_target_name(check->target), "passed", hash_check_passed(check), "encoded",
        hash_json(encoded_outcome(check), check->expected.encoded, check->actual.encoded),
        "decoded",
        hash_json(decoded_outcome(check), check->expected.decoded, check->actual.decoded));
}

/* NULL without memory. */
static json_t *result_json(const struct verify_options *options, const struct hash_result *result)
{
    json_t *report = report_new("verify");
    json_t *checks = json_array();
    bool good = true;
    for (size_t i = 0; i < result->count; i++)
        good = json_array_append_new(checks, check_json(&result->checks[i])) == 0 && good;
    good = json_object_set_new(report, "targets", report_targets(options->targets)) == 0 && good;
    good = json_object_set_new(report, "results", checks) == 0 && good;
    json_t *sum = json_pack("{s:I, s:I}", "checked", (json_int_t)result->count, "failed",
                            (json_int_t)count_failed(result));
    good = json_object_set_new(report, "total", sum) == 0 && good;
    if (good)
        return report;
    json_decref(report);
    return NULL;
}

/* ------------------------------------------------------------------------------------------------
 */

static int show(const struct verify_options *options, const struct hash_result *result,
                struct error *error)
{
    if (verify_prints_table(options) && !print_results(options, result, error))
        return STATUS_INTERNAL;
    if (options->json && !report_write(result_json(options, result), options->json, error))
        return STATUS_INTERNAL;
    return count_failed(result) ? STATUS_DIFFERENT : STATUS_OK;
}

int verify_hashes(const struct verify_options *options, struct error *error)
{
    struct hash_result result;
    if (!golden_hashes_check(options->targets, &result, error))
        return STATUS_INTERNAL;
    const int status = show(options, &result, error);
    hash_result_free(&result);
    return status;
}
