#include "microbench_cases.h"

#include "bench_case.h"
#include "microbench.h"

#include <stdio.h>
#include <stdlib.h>

/* ------------------------------------------------------------------------------------------------
 * The list
 */

/* Where cases go, and what they are made for. */
struct registry {
    struct bench_cases *cases;
    const struct topology *topology;
    unsigned core;
    unsigned targets;  /* of kernels */
    unsigned detected; /* for reference lines */
    enum memory_level level;
    uint64_t bytes; /* of a working set for the level */
    struct error *error;
};

enum {
    /* An iteration of a team: for the fastest kernels a hundred times what it takes to start it. */
    TEAM_STEP_WEIGHTS = 1 << 20
};

static void take_team_steps(struct working_set_plan *plan)
{
    const size_t rows = TEAM_STEP_WEIGHTS / plan->ncols;
    plan->rows_per_step = rows < plan->nrows ? rows : plan->nrows;
    plan->nrows -= plan->nrows % plan->rows_per_step;
}

/* Takes a copy of `model`. `extra`: see plan_working_set(). */
static bool add_case(struct registry *registry, const char *name, const struct bench_case *model,
                     size_t extra, size_t bytes_per_256)
{
    struct bench_case *added = malloc(sizeof *added);
    if (!added)
        return fail(registry->error, "out of memory for the list of cases");
    *added = *model;
    added->next = registry->cases->first;
    registry->cases->first = added;
    added->topology = registry->topology;
    added->core = registry->core;
    added->plan = plan_working_set(registry->bytes, extra);
    char full_name[128], threads[32] = "";
    if (added->threads) {
        take_team_steps(&added->plan);
        snprintf(threads, sizeof threads, "/threads:%u", added->threads);
    }
    snprintf(full_name, sizeof full_name, "%s/%s%s", name, memory_level_name(registry->level),
             threads);
    added->job.nrows = added->plan.rows_per_step;
    added->job.ncols = added->plan.ncols;
    const uint64_t items = (uint64_t)added->plan.rows_per_step * added->plan.ncols;
    const struct microbench_case registered = {
        .name = full_name,
        .setup = bench_case_open,
        .run = bench_case_run,
        .teardown = bench_case_close,
        .user = added,
        .items = items,
        .bytes = items / 256 * bytes_per_256 +
                 (added->importance ? added->plan.ncols * sizeof(float) : 0),
        .real_time = added->threads > 0,
    };
    return microbench_register(&registered) ||
           fail(registry->error, "out of memory for the list of cases");
}

enum {
    WEIGHTS_256 = 256 * sizeof(float) /* bytes */
};

static bool add_reference_lines(struct registry *registry)
{
    const struct bench_case copy = {.step = bench_copy};
    const struct bench_case store = {.step = bench_store,
                                     .loops = bandwidth_loops(registry->detected)};
    const struct bench_case read = {.step = bench_read,
                                    .loops = bandwidth_loops(registry->detected)};
    const struct bench_case stream = {.step = bench_stream,
                                      .loops = bandwidth_loops(registry->detected)};
    return add_case(registry, "memcpy", &copy, WEIGHTS_256, 2 * WEIGHTS_256) &&
           add_case(registry, "store", &store, 0, WEIGHTS_256) &&
           add_case(registry, "store+stream", &stream, 0, WEIGHTS_256) &&
           add_case(registry, "read", &read, 0, WEIGHTS_256);
}

/* One case for the calling thread and, where tensors are large, one for every size of team. */
static bool add_kernel(struct registry *registry, const char *name, struct bench_case *kernel,
                       bench_step_fn *team_step)
{
    const size_t blocks_256 = rdl_blocks_size(kernel->job.format, 1, 256);
    const size_t weights_256 = kernel->job.element == RDL_F32 ? WEIGHTS_256 : WEIGHTS_256 / 2;
    bool added = add_case(registry, name, kernel, blocks_256, weights_256 + blocks_256);
    if (registry->level != LEVEL_DRAM)
        return added;
    kernel->step = team_step;
    for (kernel->threads = 1; added && kernel->threads <= registry->topology->cores;
         kernel->threads *= 2)
        added = add_case(registry, name, kernel, blocks_256, weights_256 + blocks_256);
    return added;
}

static bool add_encoder(struct registry *registry, const struct rdl_job *job, bool importance)
{
    const bool native = job->weighting == RDL_NATIVE;
    char name[96];
    snprintf(name, sizeof name, "quantize/%s/%s%s%s%s/%s", rdl_format_info(job->format)->name,
             rdl_rounding_name(job->rounding), native ? "" : ":",
             native ? "" : rdl_weighting_name(job->weighting), importance ? "+importance" : "",
             rdl_target_name(job->target));
    struct bench_case kernel = {.prepare = bench_prepare_quantize,
                                .step = bench_quantize,
                                .job = *job,
                                .importance = importance};
    return add_kernel(registry, name, &kernel, bench_team_quantize);
}

static bool add_encoders(struct registry *registry, struct rdl_job job)
{
    for (unsigned rounding = 0; rounding < RDL_FIRST_SEARCH; rounding++)
        for (unsigned weighting = 0; weighting < RDL_WEIGHTING_COUNT; weighting++) {
            job.rounding = (enum rdl_rounding)rounding;
            job.weighting = (enum rdl_weighting)weighting;
            const unsigned support =
                rdl_encoder_support(job.format, job.rounding, job.weighting, job.target);
            if (support & RDL_PLAIN && !add_encoder(registry, &job, false))
                return false;
            if (support & RDL_WITH_IMPORTANCE && !add_encoder(registry, &job, true))
                return false;
        }
    return true;
}

/* Searches compute for long on few weights, so that one level of the memory tells it all; and the
 * weights change their speed little. Those that one asks for most have importance too. */
static bool is_search_case(const struct registry *registry, enum rdl_rounding rounding,
                           enum rdl_weighting weighting)
{
    if (registry->level != LEVEL_L1 || rounding == RDL_ORACLE)
        return false;
    const bool asked_for = rounding == RDL_EXACT || rounding == RDL_JOINT || rounding == RDL_LSQK;
    return weighting == RDL_UNIFORM || (weighting == RDL_IMPORTANCE && asked_for);
}

static bool add_searches(struct registry *registry, struct rdl_job job)
{
    for (unsigned rounding = RDL_FIRST_SEARCH; rounding < RDL_ROUNDING_COUNT; rounding++)
        for (unsigned weighting = 0; weighting < RDL_WEIGHTING_COUNT; weighting++) {
            job.rounding = (enum rdl_rounding)rounding;
            job.weighting = (enum rdl_weighting)weighting;
            if (is_search_case(registry, job.rounding, job.weighting) &&
                rdl_encoder_support(job.format, job.rounding, job.weighting, job.target) &&
                !add_encoder(registry, &job, job.weighting == RDL_IMPORTANCE))
                return false;
        }
    return true;
}

static bool add_decoder(struct registry *registry, const struct rdl_job *job)
{
    static const char *const elements[RDL_ELEMENT_COUNT] = {"", ":f16", ":bf16"};
    char name[96];
    snprintf(name, sizeof name, "dequantize/%s%s%s/%s", rdl_format_info(job->format)->name,
             elements[job->element], job->flags & RDL_STREAM ? "+stream" : "",
             rdl_target_name(job->target));
    struct bench_case kernel = {
        .prepare = bench_prepare_dequantize, .step = bench_dequantize, .job = *job};
    return add_kernel(registry, name, &kernel, bench_team_dequantize);
}

static bool add_decoders(struct registry *registry, struct rdl_job job)
{
    if (!rdl_decoder_support(job.format, job.target))
        return true;
    for (unsigned element = 0; element < RDL_ELEMENT_COUNT; element++)
        for (unsigned stream = 0; stream < 2; stream++) {
            job.element = (enum rdl_element)element;
            job.flags = stream ? RDL_STREAM : 0;
            if (!add_decoder(registry, &job))
                return false;
        }
    return true;
}

static bool add_level(struct registry *registry)
{
    if (!add_reference_lines(registry))
        return false;
    for (unsigned format = 0; format < RDL_FORMAT_COUNT; format++)
        for (unsigned target = 0; target < RDL_TARGET_COUNT; target++) {
            const struct rdl_job job = {.format = (enum rdl_format)format,
                                        .target = (enum rdl_target)target};
            if (registry->targets & 1u << target &&
                !(add_encoders(registry, job) && add_searches(registry, job) &&
                  add_decoders(registry, job)))
                return false;
        }
    return true;
}

bool bench_cases_register(struct bench_cases *cases, const struct topology *topology, unsigned core,
                          unsigned targets, struct error *error)
{
    cases->first = NULL;
    struct registry registry = {
        .cases = cases,
        .topology = topology,
        .core = core,
        .targets = targets,
        .detected = rdl_detect_targets(),
        .error = error,
    };
    for (unsigned level = 0; level < LEVEL_COUNT; level++) {
        registry.level = (enum memory_level)level;
        registry.bytes = working_set_bytes(topology, core, registry.level);
        if (registry.bytes > 0 && !add_level(&registry)) {
            bench_cases_free(cases);
            return false;
        }
    }
    return true;
}

void bench_cases_free(struct bench_cases *cases)
{
    while (cases->first) {
        struct bench_case *next = cases->first->next;
        free(cases->first);
        cases->first = next;
    }
}
