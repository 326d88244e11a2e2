/* `roundel targets`: what this machine offers, and which kernels exist for it. */
#include "targets.h"

#include "combinations.h"
#include "commands.h"
#include "input_help.h"
#include "report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    OPTION_TARGET = 1,
    OPTION_KERNELS,
    OPTION_JSON
};

static const struct option_spec options[] = {
    {OPTION_TARGET, "target", "T", "show what runs if one instruction set is forced"},
    {OPTION_KERNELS, "kernels", NULL, "a row for each rounding and weighting"},
    {OPTION_JSON, "json", "FILE", HELP_JSON},
    {0, NULL, NULL, NULL},
};

const struct command targets_spec = {
    .name = "targets",
    .summary = "what this machine offers: SIMD targets, topology, caches, kernels",
    .arguments = "",
    .options = options,
    .more = "A target is detected if the CPU has all of its instructions and the operating system\n"
            "saves its registers. Only what this process may use is counted: see taskset(1).\n"
            "The table says how many of a format's encoders each target has, whether it decodes,\n"
            "and which target a command takes here; searches run on all of them; --target or "
            "RDL_TARGET in the environment\n"
            "forces one.\n\n"
            "Example: roundel targets --json -\n",
};

struct request {
    const char *target, *json; /* NULL, or as given */
    bool kernels;
};

static bool take(void *context, int id, const char *value, struct error *error)
{
    struct request *request = context;
    char shown[128];
    switch (id) {
    case OPTION_TARGET:
        request->target = value;
        return true;
    case OPTION_KERNELS:
        request->kernels = true;
        return true;
    case OPTION_JSON:
        request->json = value;
        return true;
    default:
        return fail(error, "takes no arguments, but got '%s'",
                    escape(shown, sizeof shown, value, strlen(value)));
    }
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

static void print_targets(const struct target_choice *choice)
{
    for (unsigned target = 0; target < RDL_TARGET_COUNT; target++)
        printf("%-8s %-7s %s%s\n", target == 0 ? "Targets" : "", axis_target(target),
               choice->detected >> target & 1u ? "yes" : "no",
               choice->forced && choice->target == target ? ", forced" : "");
}

static bool print_text(const struct request *request, const struct topology *topology,
                       const struct target_choice *choice, struct error *error)
{
    print_machine(topology);
    print_targets(choice);
    if (!request->kernels) {
        putchar('\n');
        combinations_print();
    }
    return (request->kernels ? targets_print_kernels() : targets_print_formats(choice)) ||
           fail(error, "out of memory for the table");
}

/* ------------------------------------------------------------------------------------------------
 * The command
 */

static bool write_json(const struct topology *topology, const struct target_choice *choice,
                       struct output *output, struct error *error)
{
    json_t *report = report_new("targets");
    json_t *machine = targets_json(topology, choice);
    const bool complete = report && machine && json_object_update(report, machine) == 0;
    json_decref(machine);
    if (complete)
        return report_write(report, output, error);
    json_decref(report);
    return fail(error, "out of memory for the report");
}

static bool report(const struct request *request, const struct target_choice *choice,
                   struct output *json, struct error *error)
{
    struct topology topology;
    if (!topology_open(&topology, error))
        return false;
    const bool text = !request->json || json->file != stdout;
    const bool done = (!text || print_text(request, &topology, choice, error)) &&
                      (!request->json || write_json(&topology, choice, json, error));
    topology_close(&topology);
    return done;
}

int targets_command(int argc, char **argv)
{
    struct request request = {0};
    int status;
    if (!options_parse(&targets_spec, argc, argv, take, &request, &status))
        return status;
    struct error error;
    struct target_choice choice;
    struct output json = {0};
    if (!target_choose(request.target, &choice, &error) ||
        (request.json && !output_open(&json, request.json, &error)))
        return command_fail(&targets_spec, STATUS_USAGE, &error);
    const bool done = report(&request, &choice, &json, &error);
    output_abandon(&json);
    return done ? STATUS_OK : command_fail(&targets_spec, STATUS_INTERNAL, &error);
}
