/* The program roundel-bench: every kernel, every target, every level of the memory hierarchy. */
#include "bandwidth.h"
#include "microbench.h"
#include "microbench_cases.h"
#include "nearest_cases.h"
#include "options.h"
#include "report.h"
#include "row_cases.h"
#include "solver_cases.h"
#include "target_choice.h"
#include "working_set.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void print_help(void)
{
    printf(
        "Usage: roundel-bench [--core=K] [--target=T] [--benchmark_...]\n\n"
        "Runs the kernels of libroundel under Google Benchmark, one thread, bound to core K "
        "(default: the last);\n"
        "those of target T alone, if it or RDL_TARGET in the environment asks for one.\n\n"
        "  memcpy/LEVEL, store/LEVEL, store+stream/LEVEL, read/LEVEL\n"
        "  quantize/FORMAT/ROUNDING[:WEIGHTING][+importance]/TARGET/LEVEL\n"
        "  dequantize/FORMAT[:f16|:bf16][+stream]/TARGET/LEVEL\n"
        "  best_index/iq4_nl/VARIANT/TARGET, quantize/iq4_nl/ggml@VARIANT[+importance]/TARGET\n"
        "  nearest_row/FORMAT[+sign]/TARGET\n"
        "  solve/SOLVER/GRID/N/WEIGHTING/scalar\n\n"
        "LEVEL is L1, L2, L3 (working sets of half that cache) or DRAM. Items are weights, bytes\n"
        "those read and written; rates are per second of CPU time. For DRAM, every kernel comes\n"
        "once more as .../DRAM/threads:N/real_time, N = 1, 2, 4 ... cores: rows split over N\n"
        "threads, bound to the cores from K on; rates are per second of real time.\n\n"
        "Searches (exact, joint, qkx2 ...) are timed in L1, under uniform weights; exact, joint "
        "and\n"
        "lsqk by importance too.\n\n"
        "Example: roundel-bench --benchmark_filter='q4_k.*/L2' --benchmark_repetitions=5\n\n");
    fflush(stdout);
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* Our own options as given, or NULL; the other words of the command line are Google Benchmark's. */
struct own_options {
    const char *core, *target;
};

/* Takes them out of the arguments. */
static struct own_options take_own_options(int *argc, char **argv)
{
    static const char core[] = "--core=", target[] = "--target=";
    struct own_options own = {NULL, NULL};
    int kept = 0;
    for (int i = 0; i < *argc; i++)
        if (i > 0 && strncmp(argv[i], core, sizeof core - 1) == 0)
            own.core = argv[i] + sizeof core - 1;
        else if (i > 0 && strncmp(argv[i], target, sizeof target - 1) == 0)
            own.target = argv[i] + sizeof target - 1;
        else
            argv[kept++] = argv[i];
    argv[kept] = NULL;
    *argc = kept;
    return own;
}

/* Where and on which targets to run. */
struct place {
    unsigned core, targets;
};

static bool choose_place(const struct own_options *own, const struct topology *topology,
                         struct place *place, struct error *error)
{
    uint64_t core = topology->cores - 1;
    struct target_choice choice;
    if ((own->core && !parse_number("core", own->core, 0, topology->cores - 1, &core, error)) ||
        !target_choose(own->target, &choice, error))
        return false;
    *place = (struct place){(unsigned)core, target_set(&choice)};
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Context of the report
 */

struct text {
    char bytes[512];
    size_t length;
};

static void append(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void append(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const size_t room = sizeof text->bytes - text->length;
    const int length = vsnprintf(text->bytes + text->length, room, format, arguments);
    va_end(arguments);
    if (length > 0)
        text->length += (size_t)length < room ? (size_t)length : room - 1;
}

static void append_item(struct text *text)
{
    append(text, text->length > 0 ? ", " : "");
}

static bool add_targets(unsigned targets)
{
    struct text text = {.length = 0};
    for (unsigned target = 0; target < RDL_TARGET_COUNT; target++)
        if (targets & 1u << target) {
            append_item(&text);
            append(&text, "%s", axis_target(target));
        }
    return microbench_context("targets", text.bytes);
}

static bool add_topology(const struct topology *topology)
{
    struct text text = {.length = 0};
    append(&text, "packages %u, NUMA nodes %u, cores %u, hardware threads %u", topology->packages,
           topology->numa_nodes, topology->cores, topology->threads);
    struct text caches = {.length = 0};
    for (unsigned i = 0; i < topology->ncaches; i++) {
        const struct cache_group *cache = &topology->caches[i];
        append_item(&caches);
        append(&caches, "%u x L%u %" PRIu64 " bytes", cache->count, cache->level, cache->size);
    }
    return microbench_context("topology", text.bytes) &&
           microbench_context("data_caches", caches.bytes);
}

static bool add_working_sets(const struct topology *topology, unsigned core)
{
    struct text text = {.length = 0};
    for (unsigned level = 0; level < LEVEL_COUNT; level++) {
        const uint64_t bytes = working_set_bytes(topology, core, (enum memory_level)level);
        if (bytes > 0) {
            append_item(&text);
            append(&text, "%s %" PRIu64 " bytes", memory_level_name((enum memory_level)level),
                   bytes);
        }
    }
    return microbench_context("working_sets", text.bytes);
}

static bool add_core(unsigned core, bool pinned)
{
    struct text text = {.length = 0};
    append(&text, pinned ? "%u" : "%u (not bound to it)", core);
    return microbench_context("core", text.bytes);
}

static bool add_reference(void)
{
    struct text text = {.length = 0};
    append(&text, "%u", bandwidth_loops(rdl_detect_targets())->vector_bytes);
    return microbench_context("store_and_read_vector_bytes", text.bytes);
}

static bool add_context(const struct topology *topology, const struct place *place, bool pinned)
{
    return microbench_context("roundel", rdl_version()) &&
           microbench_context("commit", report_commit()) &&
           microbench_context("compiler", report_compiler()) &&
           microbench_context("flags", report_flags()) &&
           microbench_context("cpu", topology->cpu_model) && add_targets(place->targets) &&
           add_topology(topology) && add_core(place->core, pinned) &&
           add_working_sets(topology, place->core) && add_reference();
}

/* ------------------------------------------------------------------------------------------------
 * The run
 */

static int leave(int status, const struct error *error)
{
    fprintf(stderr, "roundel-bench: %s\n", error->text);
    return status;
}

static int run(int argc, char **argv, const struct topology *topology, const struct place *place)
{
    struct error error;
    const bool pinned = topology_pin_thread(topology, place->core, &error);
    if (!pinned)
        fprintf(stderr, "roundel-bench: %s; the times will vary more\n", error.text);
    struct bench_cases cases;
    if (!bench_cases_register(&cases, topology, place->core, place->targets, &error))
        return leave(STATUS_INTERNAL, &error);
    struct nearest_cases nearest_cases;
    struct row_cases row_cases;
    struct solver_cases solver_cases;
    if (!nearest_cases_register(&nearest_cases, place->targets, &error) ||
        !row_cases_register(&row_cases, place->targets, &error) ||
        !solver_cases_register(&solver_cases, place->targets, &error)) {
        bench_cases_free(&cases);
        return leave(STATUS_INTERNAL, &error);
    }
    enum microbench_result result = MICROBENCH_NO_MEMORY;
    if (add_context(topology, place, pinned))
        result = microbench_run(argc, argv);
    bench_cases_free(&cases);
    switch (result) {
    case MICROBENCH_OK:
        return STATUS_OK;
    case MICROBENCH_USAGE:
        return STATUS_USAGE;
    case MICROBENCH_FAILED:
        fail(&error, "a case failed: see its line in the report");
        break;
    case MICROBENCH_NO_MEMORY:
        fail(&error, "out of memory");
        break;
    }
    return leave(STATUS_INTERNAL, &error);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (is_help(argv[i]))
            print_help(); /* Google Benchmark prints its own after it, and ends the process */
    struct error error;
    struct topology topology;
    if (!topology_open(&topology, &error))
        return leave(STATUS_INTERNAL, &error);
    const struct own_options own = take_own_options(&argc, argv);
    struct place place;
    int status;
    if (choose_place(&own, &topology, &place, &error))
        status = run(argc, argv, &topology, &place);
    else
        status = leave(STATUS_USAGE, &error);
    topology_close(&topology);
    return status;
}
