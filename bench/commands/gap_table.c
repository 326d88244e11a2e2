/* roundel gap-table: every search against the proven optimum, on generated blocks. */
#include "commands.h"
#include "gap_presets.h"
#include "input_help.h"
#include "report.h"
#include "target_choice.h"
#include "text_table.h"

#include <inttypes.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_TABLE = 1,
    OPTION_DATA,
    OPTION_BLOCKS,
    OPTION_JUDGE,
    OPTION_TARGET,
    OPTION_SEED,
    OPTION_THREADS,
    OPTION_JSON
};

enum {
    MAX_PRESETS = 8,
    DEFAULT_SEED = 1234
};

static const struct option_spec options[] = {
    {OPTION_TABLE, "table", "NAMES", "tables, by commas (default: all)"},
    {OPTION_DATA, "data", "D", "gaussian (default) or laplace"},
    {OPTION_BLOCKS, "blocks", "N", "blocks of each column (default: 500 to 20000)"},
    {OPTION_JUDGE, "judge", "J", "what finds the optimum: oracle (default) or exact"},
    {OPTION_TARGET, "target", "T", HELP_TARGET},
    {OPTION_SEED, "seed", "S", "seed of the blocks (default: 1234)"},
    {OPTION_THREADS, "threads", "N", "threads" HELP_DIGITS},
    {OPTION_JSON, "json", "FILE", HELP_JSON},
    {0, NULL, NULL, NULL},
};

static const char *const data_names[GAP_DATA_COUNT] = {"gaussian", "laplace"};
static const char *const judges[] = {"oracle", "exact"};

static size_t preset_names(const char *names[MAX_PRESETS])
{
    size_t count = 0;
    for (const struct gap_preset *preset; (preset = gap_preset(count)); count++)
        names[count] = preset->name;
    return count;
}

static void print_presets(void)
{
    printf("\nTables:\n");
    const struct gap_preset *preset;
    for (size_t i = 0; (preset = gap_preset(i)); i++)
        printf("  %-10s %s\n", preset->name, preset->summary);
}

const struct command gap_table_spec = {
    .name = "gap-table",
    .summary = "how far every search of codes is from the proven optimum",
    .arguments = "",
    .options = options,
    .more =
        "Draws independent blocks, solves each by every search, and compares the weighted squared\n"
        "error with that of the proven optimum. A cell has the mean excess over the optimum and\n"
        "the share of blocks that are optimal, both in percent; the JSON has median, 99th\n"
        "percentile, largest, the ratio of sums and the time per weight too. The scale (and "
        "offset) is a real number:\n"
        "how formats store it is not part of this. A weighted error is a surrogate: a lower one\n"
        "does not by itself make a better model.\n"
        "\n"
        "Example: roundel gap-table --table affine --data laplace\n",
    .more_help = print_presets,
};

struct request {
    struct gap_run run;
    unsigned presets[MAX_PRESETS];
    size_t npresets;
    uint64_t blocks, threads; /* 0: as the preset says; all */
    const char *target, *json;
};

static bool take(void *context, int id, const char *value, struct error *error)
{
    struct request *request = context;
    const char *names[MAX_PRESETS];
    unsigned index;
    char shown[128];
    switch (id) {
    case OPTION_TABLE:
        return parse_names("table", value, names, preset_names(names), request->presets,
                           &request->npresets, error);
    case OPTION_DATA:
        if (!parse_name("data", value, strlen(value), data_names, GAP_DATA_COUNT, &index, error))
            return false;
        request->run.data = (enum gap_data)index;
        return true;
    case OPTION_BLOCKS:
        return parse_number("blocks", value, 1, 10000000, &request->blocks, error);
    case OPTION_JUDGE:
        if (!parse_name("judge", value, strlen(value), judges, 2, &index, error))
            return false;
        request->run.judge = index == 0 ? RDL_SOLVE_ORACLE : RDL_SOLVE_EXACT;
        return true;
    case OPTION_TARGET:
        request->target = value;
        return true;
    case OPTION_SEED:
        return parse_number("seed", value, 0, INT64_MAX, &request->run.seed, error);
    case OPTION_THREADS:
        return parse_number("threads", value, 1, 1024, &request->threads, error);
    case OPTION_JSON:
        request->json = value;
        return true;
    default:
        return fail(error, "takes no argument '%s'",
                    escape(shown, sizeof shown, value, strlen(value)));
    }
}

/* ------------------------------------------------------------------------------------------------
 * One table
 */

enum {
    MAX_SETTINGS = 8,
    MAX_METHODS = 16
};

struct result {
    const struct gap_preset *preset;
    struct gap_setting settings[MAX_SETTINGS]; /* with the blocks of the request */
    struct gap_result results[MAX_SETTINGS][MAX_METHODS];
    double nmse[MAX_SETTINGS];
};

static bool measure(const struct request *request, const struct gap_preset *preset,
                    struct result *result, struct error *error)
{
    result->preset = preset;
    for (size_t s = 0; s < preset->nsettings; s++) {
        struct gap_setting *setting = &result->settings[s];
        *setting = preset->settings[s];
        if (request->blocks > 0)
            setting->blocks = (size_t)request->blocks;
        if (!gap_measure(&request->run, setting, preset->methods, preset->nmethods,
                         result->results[s], &result->nmse[s], error))
            return false;
    }
    return true;
}

/* The last places of sums are no excess. */
static double percent(double excess)
{
    return fabs(excess) < 1e-9 ? 0.0 : 100.0 * excess;
}

static bool print_table(const struct result *result, struct error *error)
{
    const struct gap_preset *preset = result->preset;
    struct text_column columns[MAX_SETTINGS + 1] = {{preset->name, true}};
    for (size_t s = 0; s < preset->nsettings; s++)
        columns[s + 1].title = result->settings[s].name;
    struct text_table table = {.columns = columns, .ncolumns = preset->nsettings + 1};
    text_table_cell(&table, "optimum, NMSE");
    for (size_t s = 0; s < preset->nsettings; s++)
        text_table_cell(&table, "%.6f", result->nmse[s]);
    for (size_t i = 0; i < preset->nmethods; i++) {
        text_table_cell(&table, "%s", preset->methods[i].name);
        for (size_t s = 0; s < preset->nsettings; s++) {
            const struct gap_stats *stats = &result->results[s][i].stats;
            if (gap_method_applies(&preset->methods[i], &result->settings[s]))
                text_table_cell(&table, "%.3g / %.1f", percent(stats->mean),
                                100.0 * stats->optimal);
            else
                text_table_cell(&table, "-");
        }
    }
    const bool printed = text_table_print(&table, stdout);
    text_table_free(&table);
    return printed || fail(error, "out of memory for the table");
}

/* ------------------------------------------------------------------------------------------------
 * JSON
 */

static json_t *result_json(const struct gap_result *result)
{
    const struct gap_stats *stats = &result->stats;
    return json_pack("{s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "blocks",
                     (json_int_t)stats->blocks, "unbounded", (json_int_t)stats->unbounded, "mean",
                     report_real(stats->mean), "median", report_real(stats->median), "p99",
                     report_real(stats->p99), "max", report_real(stats->max), "ratio_of_sums",
                     report_real(stats->sums), "optimal_share", report_real(stats->optimal),
                     "ns_per_weight", report_real(result->ns_per_weight));
}

static bool append_column(json_t *columns, const struct result *result, size_t s)
{
    const struct gap_preset *preset = result->preset;
    json_t *methods = json_object();
    bool good = methods != NULL;
    for (size_t i = 0; i < preset->nmethods; i++)
        if (gap_method_applies(&preset->methods[i], &result->settings[s]))
            good = json_object_set_new(methods, preset->methods[i].name,
                                       result_json(&result->results[s][i])) == 0 &&
                   good;
    json_t *column = json_pack("{s:s, s:I, s:f, s:o}", "setting", result->settings[s].name,
                               "length", (json_int_t)result->settings[s].grid->n, "optimum_nmse",
                               result->nmse[s], "excess", methods);
    return json_array_append_new(columns, column) == 0 && good;
}

static bool append_table(json_t *tables, const struct result *result)
{
    json_t *columns = json_array();
    bool good = columns != NULL;
    for (size_t s = 0; s < result->preset->nsettings; s++)
        good = append_column(columns, result, s) && good;
    json_t *table = json_pack("{s:s, s:o}", "table", result->preset->name, "columns", columns);
    return json_array_append_new(tables, table) == 0 && good;
}

/* NULL without memory. */
static json_t *new_report(const struct request *request, json_t *tables)
{
    json_t *report = report_new("gap-table");
    json_t *members = json_pack(
        "{s:s, s:s, s:s, s:I, s:s, s:o}", "data", data_names[request->run.data], "judge",
        rdl_solver_name(request->run.judge), "target", rdl_target_name(request->run.target), "seed",
        (json_int_t)request->run.seed, "caution", REPORT_CAUTION, "tables", tables);
    if (report && members && json_object_update(report, members) == 0) {
        json_decref(members);
        return report;
    }
    json_decref(members);
    json_decref(report);
    return NULL;
}

/* ------------------------------------------------------------------------------------------------
 */

static int run(const struct request *request, struct output *json, struct error *error)
{
    json_t *tables = json_array();
    bool good = tables != NULL;
    for (size_t i = 0; i < request->npresets; i++) {
        struct result result;
        if (!measure(request, gap_preset(request->presets[i]), &result, error)) {
            json_decref(tables);
            return STATUS_INTERNAL;
        }
        good = append_table(tables, &result) && good;
        if (json->file == stdout)
            continue;
        if (i > 0)
            putchar('\n');
        if (!print_table(&result, error)) {
            json_decref(tables);
            return STATUS_INTERNAL;
        }
    }
    if (json->file != stdout)
        printf("\nIn percent; %s.\n", REPORT_CAUTION);
    if (!json->file) {
        json_decref(tables);
        return STATUS_OK;
    }
    return report_write(good ? new_report(request, tables) : NULL, json, error) ? STATUS_OK
                                                                                : STATUS_INTERNAL;
}

int gap_table_command(int argc, char **argv)
{
    struct request request = {.run = {.judge = RDL_SOLVE_ORACLE, .seed = DEFAULT_SEED}};
    const char *names[MAX_PRESETS];
    for (size_t i = 0; i < preset_names(names); i++)
        request.presets[request.npresets++] = (unsigned)i;
    int status;
    if (!options_parse(&gap_table_spec, argc, argv, take, &request, &status))
        return status;
    struct error error;
    struct target_choice choice;
    if (!target_choose(request.target, &choice, &error))
        return command_fail(&gap_table_spec, STATUS_USAGE, &error);
    (void)choose_decoder_target(&choice, RDL_Q4_K, &request.run.target);
    struct output json = {0};
    if (request.json && !output_open(&json, request.json, &error))
        return command_fail(&gap_table_spec, STATUS_USAGE, &error);
    if (request.threads > 0)
        omp_set_num_threads((int)request.threads);
    status = run(&request, &json, &error);
    output_abandon(&json);
    return status == STATUS_OK ? status : command_fail(&gap_table_spec, status, &error);
}
