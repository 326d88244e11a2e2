/* `roundel targets`: what this machine offers, and which kernels exist for it. */
#include "targets.h"

#include "commands.h"
#include "input_help.h"
#include "report.h"
#include "roundel.h"
#include "text_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    ID_JSON = 1
};

static const struct option_spec options[] = {
    {ID_JSON, "json", "FILE", HELP_JSON},
    {0, NULL, NULL, NULL},
};

const struct command targets_spec = {
    .name = "targets",
    .summary = "what this machine offers: SIMD targets, topology, caches, kernels",
    .arguments = "",
    .options = options,
    .more = "A target is detected if the CPU has all of its instructions and the operating system\n"
            "saves its registers. Only what this process may use is counted: see taskset(1).\n\n"
            "Example: roundel targets --json -\n",
};

static bool take(void *context, int id, const char *value, struct error *error)
{
    const char **json_path = context;
    char shown[128];
    if (id != ID_JSON)
        return fail(error, "takes no arguments, but got '%s'",
                    escape(shown, sizeof shown, value, strlen(value)));
    *json_path = value;
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Text
 */

static void print_size(uint64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    enum {
        UNITS = sizeof units / sizeof units[0]
    };
    double value = (double)bytes;
    unsigned unit = 0;
    while (value >= 1024 && unit + 1 < UNITS) {
        value /= 1024;
        unit++;
    }
    printf("%.4g %s", value, units[unit]);
}

static void print_machine(const struct topology *topology)
{
    printf("CPU      %s\n", topology->cpu_model);
    printf("Cores    %u (packages: %u, hardware threads: %u, NUMA nodes: %u)\n", topology->cores,
           topology->packages, topology->threads, topology->numa_nodes);
    printf("Memory   ");
    print_size(topology->memory);
    putchar('\n');
    for (unsigned i = 0; i < topology->ncaches; i++) {
        const struct cache_group *cache = &topology->caches[i];
        printf("%-8s L%u: %u x ", i == 0 ? "Caches" : "", cache->level, cache->count);
        print_size(cache->size);
        printf(", line %u B, shared by %u hardware thread%s\n", cache->line, cache->shared_by,
               cache->shared_by == 1 ? "" : "s");
    }
}

static void print_targets(unsigned detected)
{
    for (unsigned target = 0; target < RDL_TARGET_COUNT; target++)
        printf("%-8s %-7s %s\n", target == 0 ? "Targets" : "", axis_target(target),
               detected & 1u << target ? "yes" : "no");
}

static const char *encoder_text(unsigned support)
{
    switch (support) {
    case RDL_PLAIN:
        return "plain";
    case RDL_WITH_IMPORTANCE:
        return "importance";
    case RDL_PLAIN | RDL_WITH_IMPORTANCE:
        return "both";
    default:
        return "-";
    }
}

static void add_cells(struct text_table *table, const char *const *texts, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        text_table_cell(table, "%s", texts[i]);
}

static void add_encoder_row(struct text_table *table, enum rdl_format format,
                            enum rdl_rounding rounding, enum rdl_weighting weighting)
{
    const char *cells[3 + RDL_TARGET_COUNT] = {
        rdl_format_info(format)->name, rdl_rounding_name(rounding), rdl_weighting_name(weighting)};
    unsigned any = 0;
    for (unsigned target = 0; target < RDL_TARGET_COUNT; target++) {
        const unsigned support =
            rdl_encoder_support(format, rounding, weighting, (enum rdl_target)target);
        cells[3 + target] = encoder_text(support);
        any |= support;
    }
    if (any)
        add_cells(table, cells, 3 + RDL_TARGET_COUNT);
}

static void add_decoder_row(struct text_table *table, enum rdl_format format)
{
    const char *cells[3 + RDL_TARGET_COUNT] = {rdl_format_info(format)->name, "(decode)", ""};
    bool any = false;
    for (unsigned target = 0; target < RDL_TARGET_COUNT; target++) {
        const bool decodes = rdl_decoder_support(format, (enum rdl_target)target);
        cells[3 + target] = decodes ? "yes" : "-";
        any = any || decodes;
    }
    if (any)
        add_cells(table, cells, 3 + RDL_TARGET_COUNT);
}

/* False without memory. */
static bool print_kernels(void)
{
    struct text_column columns[3 + RDL_TARGET_COUNT] = {
        {"format", true}, {"rounding", true}, {"weighting", true}};
    for (unsigned target = 0; target < RDL_TARGET_COUNT; target++)
        columns[3 + target] = (struct text_column){axis_target(target), true};
    struct text_table table = {.columns = columns, .ncolumns = 3 + RDL_TARGET_COUNT};
    for (unsigned format = 0; format < RDL_FORMAT_COUNT; format++) {
        for (unsigned rounding = 0; rounding < RDL_ROUNDING_COUNT; rounding++)
            for (unsigned weighting = 0; weighting < RDL_WEIGHTING_COUNT; weighting++)
                add_encoder_row(&table, (enum rdl_format)format, (enum rdl_rounding)rounding,
                                (enum rdl_weighting)weighting);
        add_decoder_row(&table, (enum rdl_format)format);
    }
    printf("\nKernels in the library (encoders: without importance 'plain', with it 'importance', "
           "or 'both')\n");
    const bool printed = text_table_print(&table, stdout);
    text_table_free(&table);
    return printed;
}

/* ------------------------------------------------------------------------------------------------
 * JSON
 */

/* Appends and passes the array on; on failure releases it. Both may be NULL, for out of memory. */
static json_t *append(json_t *array, json_t *value)
{
    if (array && value && json_array_append_new(array, value) == 0)
        return array;
    if (!array)
        json_decref(value);
    json_decref(array);
    return NULL;
}

static json_t *caches_json(const struct topology *topology)
{
    json_t *array = json_array();
    for (unsigned i = 0; i < topology->ncaches; i++) {
        const struct cache_group *cache = &topology->caches[i];
        array = append(array,
                       json_pack("{s:i, s:I, s:i, s:i, s:i}", "level", (int)cache->level, "bytes",
                                 (json_int_t)cache->size, "line_bytes", (int)cache->line, "count",
                                 (int)cache->count, "shared_by", (int)cache->shared_by));
    }
    return array;
}

static json_t *topology_json(const struct topology *topology)
{
    return json_pack("{s:i, s:i, s:i, s:i, s:I, s:o}", "packages", (int)topology->packages,
                     "numa_nodes", (int)topology->numa_nodes, "cores", (int)topology->cores,
                     "hardware_threads", (int)topology->threads, "memory_bytes",
                     (json_int_t)topology->memory, "caches", caches_json(topology));
}

static json_t *detected_json(unsigned detected)
{
    json_t *array = json_array();
    for (unsigned target = 0; target < RDL_TARGET_COUNT; target++)
        array = append(array, json_pack("{s:s, s:b}", "name", axis_target(target), "detected",
                                        (detected & 1u << target) != 0));
    return array;
}

static json_t *append_encoders(json_t *array, unsigned format, unsigned rounding,
                               unsigned weighting)
{
    for (unsigned target = 0; target < RDL_TARGET_COUNT; target++) {
        const unsigned support =
            rdl_encoder_support((enum rdl_format)format, (enum rdl_rounding)rounding,
                                (enum rdl_weighting)weighting, (enum rdl_target)target);
        if (support)
            array =
                append(array, json_pack("{s:s, s:s, s:s, s:s, s:b, s:b}", "format",
                                        axis_format(format), "rounding", axis_rounding(rounding),
                                        "weighting", axis_weighting(weighting), "target",
                                        axis_target(target), "plain", (support & RDL_PLAIN) != 0,
                                        "importance", (support & RDL_WITH_IMPORTANCE) != 0));
    }
    return array;
}

static json_t *encoders_json(void)
{
    json_t *array = json_array();
    for (unsigned format = 0; format < RDL_FORMAT_COUNT; format++)
        for (unsigned rounding = 0; rounding < RDL_ROUNDING_COUNT; rounding++)
            for (unsigned weighting = 0; weighting < RDL_WEIGHTING_COUNT; weighting++)
                array = append_encoders(array, format, rounding, weighting);
    return array;
}

static json_t *decoders_json(void)
{
    json_t *array = json_array();
    for (unsigned format = 0; format < RDL_FORMAT_COUNT; format++)
        for (unsigned target = 0; target < RDL_TARGET_COUNT; target++)
            if (rdl_decoder_support((enum rdl_format)format, (enum rdl_target)target))
                array = append(array, json_pack("{s:s, s:s}", "format", axis_format(format),
                                                "target", axis_target(target)));
    return array;
}

/* json_pack() fails as a whole, and releases the other values, where a value given to it is NULL.
 */
json_t *targets_json(const struct topology *topology, unsigned detected)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "cpu", report_string(topology->cpu_model),
                     "topology", topology_json(topology), "targets", detected_json(detected),
                     "encoders", encoders_json(), "decoders", decoders_json());
}

static bool write_json(const struct topology *topology, unsigned detected, struct output *output,
                       struct error *error)
{
    json_t *report = report_new("targets");
    json_t *machine = targets_json(topology, detected);
    const bool complete = report && machine && json_object_update(report, machine) == 0;
    json_decref(machine);
    if (complete)
        return report_write(report, output, error);
    json_decref(report);
    return fail(error, "out of memory for the report");
}

static bool print_text(const struct topology *topology, unsigned detected, struct error *error)
{
    print_machine(topology);
    print_targets(detected);
    return print_kernels() || fail(error, "out of memory for the table");
}

int targets_command(int argc, char **argv)
{
    const char *json_path = NULL;
    switch (options_parse(&targets_spec, argc, argv, take, &json_path)) {
    case OPTIONS_HELP_SHOWN:
        return STATUS_OK;
    case OPTIONS_WRONG:
        return STATUS_USAGE;
    case OPTIONS_OK:
        break;
    }
    struct error error;
    struct output json = {0};
    if (json_path && !output_open(&json, json_path, &error))
        return command_fail(&targets_spec, STATUS_USAGE, &error);
    struct topology topology;
    if (!topology_open(&topology, &error)) {
        output_abandon(&json);
        return command_fail(&targets_spec, STATUS_INTERNAL, &error);
    }
    const unsigned detected = rdl_detect_targets();
    const bool text = !json_path || strcmp(json_path, "-") != 0;
    const bool done = (!text || print_text(&topology, detected, &error)) &&
                      (!json_path || write_json(&topology, detected, &json, &error));
    topology_close(&topology);
    output_abandon(&json);
    return done ? STATUS_OK : command_fail(&targets_spec, STATUS_INTERNAL, &error);
}
