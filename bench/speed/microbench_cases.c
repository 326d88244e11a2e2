#include "microbench_cases.h"

#include "bandwidth.h"
#include "job_memory.h"
#include "microbench.h"
#include "working_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct state;
typedef const char *step_fn(struct state *state); /* NULL, or what went wrong */

struct bench_case {
    struct bench_case *next;
    struct working_set_plan plan;
    step_fn *prepare; /* NULL where the weights are all that a step needs */
    step_fn *step;
    struct rdl_job job; /* of a step; for kernels */
    bool importance;
    const struct bandwidth_loops *loops; /* for reference lines */
};

/* A run of a case. */
struct state {
    const struct bench_case *bench_case;
    struct working_set set;
    float *importance;  /* for kernels */
    struct rdl_job job; /* the case's, with its memory */
    _Alignas(64) uint8_t sink[64];
};

/* ------------------------------------------------------------------------------------------------
 * Steps
 */

static float *weights_at(const struct state *state, size_t row)
{
    return state->set.weights + row * state->set.plan.ncols;
}

static uint8_t *blocks_at(const struct state *state, size_t row)
{
    return state->set.blocks + row * state->set.plan.row_bytes;
}

static size_t step_weights_bytes(const struct state *state)
{
    return state->set.plan.rows_per_step * state->set.plan.ncols * sizeof(float);
}

static const char *quantize_rows(struct state *state, const struct rdl_job *job, bool importance,
                                 size_t row)
{
    const enum rdl_status status =
        rdl_quantize(job, weights_at(state, row), importance ? state->importance : NULL,
                     blocks_at(state, row), NULL);
    return status == RDL_OK ? NULL : rdl_status_text(status);
}

static const char *quantize_step(struct state *state)
{
    return quantize_rows(state, &state->job, state->bench_case->importance,
                         working_set_step(&state->set));
}

static const char *dequantize_step(struct state *state)
{
    const size_t row = working_set_step(&state->set);
    const enum rdl_status status =
        rdl_dequantize(&state->job, blocks_at(state, row), weights_at(state, row));
    return status == RDL_OK ? NULL : rdl_status_text(status);
}

static const char *memcpy_step(struct state *state)
{
    const size_t row = working_set_step(&state->set);
    memcpy(blocks_at(state, row), weights_at(state, row), step_weights_bytes(state));
    return NULL;
}

static const char *store_step(struct state *state)
{
    state->bench_case->loops->store(weights_at(state, working_set_step(&state->set)),
                                    step_weights_bytes(state));
    return NULL;
}

static const char *read_step(struct state *state)
{
    state->bench_case->loops->read(weights_at(state, working_set_step(&state->set)),
                                   step_weights_bytes(state), state->sink);
    return NULL;
}

/* ------------------------------------------------------------------------------------------------
 * Before and after the steps
 */

static const char *const no_memory = "out of memory";

static const char *prepare_quantize(struct state *state)
{
    state->importance = sample_importance(state->set.plan.ncols);
    struct error unsaid; /* only memory can be lacking */
    return state->importance && job_memory_open(&state->job, &unsaid) ? NULL : no_memory;
}

/* Blocks to decode come from the format's first scalar encoder, in the order of roundings. */
static const char *prepare_dequantize(struct state *state)
{
    struct rdl_job *job = &state->job;
    job->target = RDL_SCALAR;
    unsigned support = 0;
    for (unsigned rounding = 0; rounding < RDL_ROUNDING_COUNT && !support; rounding++) {
        job->rounding = (enum rdl_rounding)rounding;
        support = rdl_encoder_support(job->format, job->rounding, RDL_NATIVE, job->target);
    }
    if (!support)
        return "the format has no scalar encoder to make blocks with";
    const char *problem = prepare_quantize(state);
    if (!problem)
        problem = quantize_rows(state, job, (support & RDL_PLAIN) == 0, 0);
    job->target = state->bench_case->job.target;
    if (problem)
        return problem;
    const size_t step = state->set.plan.rows_per_step;
    for (size_t row = step; row < state->set.plan.nrows; row += step)
        memcpy(blocks_at(state, row), state->set.blocks, step * state->set.plan.row_bytes);
    return NULL;
}

static void close_state(void *working_set)
{
    struct state *state = working_set;
    working_set_close(&state->set);
    free(state->importance);
    job_memory_close(&state->job);
    free(state);
}

static void *open_state(const void *user, const char **problem)
{
    const struct bench_case *bench_case = user;
    void *memory;
    *problem = no_memory;
    if (posix_memalign(&memory, _Alignof(struct state), sizeof(struct state)) != 0)
        return NULL;
    struct state *state = memory;
    *state = (struct state){.bench_case = bench_case, .job = bench_case->job};
    const bool opened = working_set_open(&state->set, &bench_case->plan);
    if (opened)
        *problem = bench_case->prepare ? bench_case->prepare(state) : NULL;
    if (!*problem)
        return state;
    close_state(state);
    return NULL;
}

static const char *run_step(void *working_set)
{
    struct state *state = working_set;
    return state->bench_case->step(state);
}

/* ------------------------------------------------------------------------------------------------
 * The list
 */

/* Where cases go, and what they are made for. */
struct registry {
    struct bench_cases *cases;
    unsigned targets;
    enum memory_level level;
    uint64_t bytes; /* of a working set for the level */
    struct error *error;
};

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
    added->plan = plan_working_set(registry->bytes, extra);
    added->job.nrows = added->plan.rows_per_step;
    added->job.ncols = added->plan.ncols;
    const uint64_t items = (uint64_t)added->plan.rows_per_step * added->plan.ncols;
    char full_name[128];
    snprintf(full_name, sizeof full_name, "%s/%s", name, memory_level_name(registry->level));
    const struct microbench_case registered = {
        .name = full_name,
        .setup = open_state,
        .run = run_step,
        .teardown = close_state,
        .user = added,
        .items = items,
        .bytes = items / 256 * bytes_per_256 +
                 (added->importance ? added->plan.ncols * sizeof(float) : 0),
    };
    return microbench_register(&registered) ||
           fail(registry->error, "out of memory for the list of cases");
}

enum {
    WEIGHTS_256 = 256 * sizeof(float) /* bytes */
};

static bool add_reference_lines(struct registry *registry)
{
    const struct bench_case copy = {.step = memcpy_step};
    const struct bench_case store = {.step = store_step,
                                     .loops = bandwidth_loops(registry->targets)};
    const struct bench_case read = {.step = read_step, .loops = bandwidth_loops(registry->targets)};
    return add_case(registry, "memcpy", &copy, WEIGHTS_256, 2 * WEIGHTS_256) &&
           add_case(registry, "store", &store, 0, WEIGHTS_256) &&
           add_case(registry, "read", &read, 0, WEIGHTS_256);
}

static bool add_kernel(struct registry *registry, const char *name, struct bench_case *kernel)
{
    const size_t blocks_256 = rdl_blocks_size(kernel->job.format, 1, 256);
    return add_case(registry, name, kernel, blocks_256, WEIGHTS_256 + blocks_256);
}

static bool add_encoder(struct registry *registry, const struct rdl_job *job, bool importance)
{
    const bool native = job->weighting == RDL_NATIVE;
    char name[96];
    snprintf(name, sizeof name, "quantize/%s/%s%s%s%s/%s", rdl_format_info(job->format)->name,
             rdl_rounding_name(job->rounding), native ? "" : ":",
             native ? "" : rdl_weighting_name(job->weighting), importance ? "+importance" : "",
             rdl_target_name(job->target));
    struct bench_case kernel = {
        .prepare = prepare_quantize, .step = quantize_step, .job = *job, .importance = importance};
    return add_kernel(registry, name, &kernel);
}

static bool add_encoders(struct registry *registry, struct rdl_job job)
{
    for (unsigned rounding = 0; rounding < RDL_ROUNDING_COUNT; rounding++)
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

static bool add_decoder(struct registry *registry, const struct rdl_job *job)
{
    if (!rdl_decoder_support(job->format, job->target))
        return true;
    char name[96];
    snprintf(name, sizeof name, "dequantize/%s/%s", rdl_format_info(job->format)->name,
             rdl_target_name(job->target));
    struct bench_case kernel = {
        .prepare = prepare_dequantize, .step = dequantize_step, .job = *job};
    return add_kernel(registry, name, &kernel);
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
                !(add_encoders(registry, job) && add_decoder(registry, &job)))
                return false;
        }
    return true;
}

bool bench_cases_register(struct bench_cases *cases, const struct topology *topology, unsigned core,
                          unsigned targets, struct error *error)
{
    cases->first = NULL;
    struct registry registry = {.cases = cases, .targets = targets, .error = error};
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
