/* roundel verify --golden: the comparison with golden vectors, as table and JSON. */
#include "golden.h"
#include "options.h"
#include "report.h"
#include "text_table.h"
#include "verify.h"

#include <inttypes.h>
#include <stdio.h>

struct totals {
    size_t cases, skipped; /* a case on two targets counts twice */
    uint64_t blocks_equal, blocks_different, values_equal, values_different;
};

static const unsigned every_target = ~0u;

static bool is_skipped(const struct golden_tally *tally)
{
    return !tally->encodes && !tally->decodes;
}

/* Over a set of targets; what is skipped is skipped on none in particular. */
static struct totals add_up(const struct golden_result *result, unsigned targets)
{
    struct totals totals = {0};
    for (size_t i = 0; i < result->count; i++) {
        const struct golden_tally *tally = &result->tallies[i];
        if (!is_skipped(tally) && !(targets >> tally->target & 1u))
            continue;
        *(is_skipped(tally) ? &totals.skipped : &totals.cases) += tally->ncases;
        totals.blocks_equal += tally->blocks_equal;
        totals.blocks_different += tally->blocks_different;
        totals.values_equal += tally->values_equal;
        totals.values_different += tally->values_different;
    }
    return totals;
}

/* ------------------------------------------------------------------------------------------------
 * Table
 */

static const struct text_column columns[] = {
    {"format", true},        {"kind", true},       {"target", true},        {"cases", false},
    {"blocks equal", false}, {"different", false}, {"values equal", false}, {"different", false},
};

static void add_counts(struct text_table *table, bool exists, uint64_t equal, uint64_t different)
{
    if (exists) {
        text_table_cell(table, "%" PRIu64, equal);
        text_table_cell(table, "%" PRIu64, different);
    } else {
        text_table_cell(table, "-");
        text_table_cell(table, "-");
    }
}

static void add_tally(struct text_table *table, const struct golden_tally *tally)
{
    text_table_cell(table, "%s", rdl_format_info(tally->format)->name);
    text_table_cell(table, "%s", golden_kind_name(tally->kind));
    text_table_cell(table, "%s", is_skipped(tally) ? "skipped" : rdl_target_name(tally->target));
    text_table_cell(table, "%zu", tally->ncases);
    add_counts(table, tally->encodes, tally->blocks_equal, tally->blocks_different);
    add_counts(table, tally->decodes, tally->values_equal, tally->values_different);
}

static bool print_tallies(const struct golden_result *result, struct error *error)
{
    struct text_table table = {.columns = columns, .ncolumns = sizeof columns / sizeof columns[0]};
    for (size_t i = 0; i < result->count; i++)
        add_tally(&table, &result->tallies[i]);
    const bool printed = text_table_print(&table, stdout);
    text_table_free(&table);
    return printed || fail(error, "out of memory for the table");
}

static void print_difference(const struct golden_tally *tally,
                             const struct golden_difference *difference, const char *what,
                             int digits)
{
    if (difference->name[0])
        printf("%s %s on %s: first difference in case %s, row %zu, block %zu, %s %zu: 0x%0*" PRIx32
               " instead of 0x%0*" PRIx32 "\n",
               rdl_format_info(tally->format)->name, golden_kind_name(tally->kind),
               rdl_target_name(tally->target), difference->name, difference->row, difference->block,
               what, difference->index, digits, difference->actual, digits, difference->expected);
}

static void print_target(const struct golden_result *result, unsigned target)
{
    const struct totals totals = add_up(result, 1u << target);
    printf("%s: %zu cases, %" PRIu64 " blocks encoded, %" PRIu64 " values decoded, %" PRIu64
           " different\n",
           axis_target(target), totals.cases, totals.blocks_equal + totals.blocks_different,
           totals.values_equal + totals.values_different,
           totals.blocks_different + totals.values_different);
}

static bool print_results(const struct verify_options *options, const struct golden_result *result,
                          const struct totals *totals, struct error *error)
{
    if (!print_tallies(result, error))
        return false;
    putchar('\n');
    for (unsigned target = 0; target < RDL_TARGET_COUNT; target++)
        if (options->targets >> target & 1u)
            print_target(result, target);
    for (size_t i = 0; i < result->count; i++) {
        print_difference(&result->tallies[i], &result->tallies[i].first_block, "byte", 2);
        print_difference(&result->tallies[i], &result->tallies[i].first_value, "value", 8);
    }
    printf("%zu cases checked: %" PRIu64 " blocks encoded, %" PRIu64 " different; %" PRIu64
           " values decoded, %" PRIu64 " different; %zu cases skipped (no kernel)\n",
           totals->cases, totals->blocks_equal + totals->blocks_different, totals->blocks_different,
           totals->values_equal + totals->values_different, totals->values_different,
           totals->skipped);
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * JSON
 */

static json_t *difference_json(const struct golden_difference *difference)
{
    if (!difference->name[0])
        return json_null();
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I}", "case", difference->name, "row",
                     (json_int_t)difference->row, "block", (json_int_t)difference->block, "index",
                     (json_int_t)difference->index, "expected", (json_int_t)difference->expected,
                     "actual", (json_int_t)difference->actual);
}

/* Null where there is no kernel. */
static json_t *counts_json(bool exists, uint64_t equal, uint64_t different,
                           const struct golden_difference *first)
{
    if (!exists)
        return json_null();
    return json_pack("{s:I, s:I, s:o}", "equal", (json_int_t)equal, "different",
                     (json_int_t)different, "first_difference", difference_json(first));
}

static json_t *tally_json(const struct golden_tally *tally)
{
    return json_pack("{s:s, s:s, s:s?, s:b, s:I, s:o, s:o}", "format",
                     rdl_format_info(tally->format)->name, "kind", golden_kind_name(tally->kind),
                     "target", is_skipped(tally) ? NULL : rdl_target_name(tally->target), "skipped",
                     is_skipped(tally), "cases", (json_int_t)tally->ncases, "blocks",
                     counts_json(tally->encodes, tally->blocks_equal, tally->blocks_different,
                                 &tally->first_block),
                     "values",
                     counts_json(tally->decodes, tally->values_equal, tally->values_different,
                                 &tally->first_value));
}

/* NULL without memory. */
static json_t *result_json(const struct verify_options *options, const struct golden_result *result,
                           const struct totals *totals)
{
    json_t *report = report_new("verify");
    json_t *tallies = json_array();
    bool good =
        report && json_object_set_new(report, "golden", report_string(options->golden)) == 0;
    good = good && json_object_set_new(report, "targets", report_targets(options->targets)) == 0;
    for (size_t i = 0; i < result->count; i++)
        good = json_array_append_new(tallies, tally_json(&result->tallies[i])) == 0 && good;
    good = json_object_set_new(report, "results", tallies) == 0 && good;
    json_t *sum = json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I}", "cases", (json_int_t)totals->cases, "skipped",
        (json_int_t)totals->skipped, "blocks_equal", (json_int_t)totals->blocks_equal,
        "blocks_different", (json_int_t)totals->blocks_different, "values_equal",
        (json_int_t)totals->values_equal, "values_different", (json_int_t)totals->values_different);
    good = json_object_set_new(report, "total", sum) == 0 && good;
    if (good)
        return report;
    json_decref(report);
    return NULL;
}

/* ------------------------------------------------------------------------------------------------
 */

static int show(const struct verify_options *options, const struct golden_result *result,
                struct error *error)
{
    const struct totals totals = add_up(result, every_target);
    if (totals.cases == 0) {
        fail(error, "%s: nothing could be checked: no format in it has a kernel", options->golden);
        return STATUS_BAD_INPUT;
    }
    if (verify_prints_table(options) && !print_results(options, result, &totals, error))
        return STATUS_INTERNAL;
    if (options->json && !report_write(result_json(options, result, &totals), options->json, error))
        return STATUS_INTERNAL;
    return totals.blocks_different || totals.values_different ? STATUS_DIFFERENT : STATUS_OK;
}

int verify_golden(const struct verify_options *options, struct error *error)
{
    struct golden_result result;
    if (!golden_check(options->golden, options->targets, &result, error))
        return STATUS_BAD_INPUT;
    const int status = show(options, &result, error);
    golden_result_free(&result);
    return status;
}
