#include "bench_case.h"

#include "job_memory.h"
#include "team.h"

#include <stdlib.h>
#include <string.h>

/* A run of a case. */
struct bench_state {
    const struct bench_case *bench_case;
    struct working_set set;
    float *importance;  /* for kernels */
    struct rdl_job job; /* the case's, with its memory */
    _Alignas(64) uint8_t sink[64];
};

/* ------------------------------------------------------------------------------------------------
 * Steps
 */

static float *weights_at(const struct bench_state *state, size_t row)
{
    return state->set.weights + row * state->set.plan.ncols;
}

static uint8_t *blocks_at(const struct bench_state *state, size_t row)
{
    return state->set.blocks + row * state->set.plan.row_bytes;
}

static size_t step_weights_bytes(const struct bench_state *state)
{
    return state->set.plan.rows_per_step * state->set.plan.ncols * sizeof(float);
}

static const char *quantize_rows(struct bench_state *state, const struct rdl_job *job,
                                 bool importance, size_t row)
{
    const enum rdl_status status =
        rdl_quantize(job, weights_at(state, row), importance ? state->importance : NULL,
                     blocks_at(state, row), NULL);
    return status == RDL_OK ? NULL : rdl_status_text(status);
}

const char *bench_quantize(struct bench_state *state)
{
    return quantize_rows(state, &state->job, state->bench_case->importance,
                         working_set_step(&state->set));
}

const char *bench_dequantize(struct bench_state *state)
{
    const size_t row = working_set_step(&state->set);
    const enum rdl_status status =
        rdl_dequantize(&state->job, blocks_at(state, row), weights_at(state, row));
    return status == RDL_OK ? NULL : rdl_status_text(status);
}

const char *bench_team_quantize(struct bench_state *state)
{
    const struct bench_case *c = state->bench_case;
    const size_t row = working_set_step(&state->set);
    const enum rdl_status status =
        team_quantize(c->threads, &state->job, weights_at(state, row),
                      c->importance ? state->importance : NULL, blocks_at(state, row), NULL);
    return status == RDL_OK ? NULL : rdl_status_text(status);
}

const char *bench_team_dequantize(struct bench_state *state)
{
    const size_t row = working_set_step(&state->set);
    const enum rdl_status status = team_dequantize(state->bench_case->threads, &state->job,
                                                   blocks_at(state, row), weights_at(state, row));
    return status == RDL_OK ? NULL : rdl_status_text(status);
}

const char *bench_copy(struct bench_state *state)
{
    const size_t row = working_set_step(&state->set);
    memcpy(blocks_at(state, row), weights_at(state, row), step_weights_bytes(state));
    return NULL;
}

const char *bench_store(struct bench_state *state)
{
    state->bench_case->loops->store(weights_at(state, working_set_step(&state->set)),
                                    step_weights_bytes(state));
    return NULL;
}

const char *bench_stream(struct bench_state *state)
{
    state->bench_case->loops->stream(weights_at(state, working_set_step(&state->set)),
                                     step_weights_bytes(state));
    return NULL;
}

const char *bench_read(struct bench_state *state)
{
    state->bench_case->loops->read(weights_at(state, working_set_step(&state->set)),
                                   step_weights_bytes(state), state->sink);
    return NULL;
}

/* ------------------------------------------------------------------------------------------------
 * Before and after the steps
 */

static const char *const no_memory = "out of memory";

const char *bench_prepare_quantize(struct bench_state *state)
{
    state->importance = sample_importance(state->set.plan.ncols);
    const unsigned threads = state->bench_case->threads ? state->bench_case->threads : 1;
    struct error unsaid; /* only memory can be lacking */
    return state->importance && job_memory_open_team(&state->job, threads, &unsaid) ? NULL
                                                                                    : no_memory;
}

/* Blocks to decode come from the format's first scalar encoder, in the order of roundings. */
const char *bench_prepare_dequantize(struct bench_state *state)
{
    struct rdl_job *job = &state->job;
    job->target = RDL_SCALAR;
    unsigned support = 0;
    for (unsigned rounding = 0; rounding < RDL_FIRST_SEARCH && !support; rounding++) {
        job->rounding = (enum rdl_rounding)rounding;
        support = rdl_encoder_support(job->format, job->rounding, RDL_NATIVE, job->target);
    }
    if (!support)
        return "the format has no scalar encoder to make blocks with";
    const char *problem = bench_prepare_quantize(state);
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

void bench_case_close(void *working_set)
{
    struct bench_state *state = working_set;
    working_set_close(&state->set);
    free(state->importance);
    job_memory_close(&state->job);
    free(state);
}

void *bench_case_open(const void *user, const char **problem)
{
    const struct bench_case *bench_case = user;
    void *memory;
    *problem = no_memory;
    if (posix_memalign(&memory, _Alignof(struct bench_state), sizeof(struct bench_state)) != 0)
        return NULL;
    struct bench_state *state = memory;
    *state = (struct bench_state){.bench_case = bench_case, .job = bench_case->job};
    if (bench_case->threads) {
        struct error unpinned; /* the program has said it of its own thread */
        team_pin(bench_case->topology, bench_case->core, bench_case->threads, &unpinned);
    }
    const bool opened = working_set_open(&state->set, &bench_case->plan);
    if (opened)
        *problem = bench_case->prepare ? bench_case->prepare(state) : NULL;
    if (!*problem)
        return state;
    bench_case_close(state);
    return NULL;
}

const char *bench_case_run(void *working_set)
{
    struct bench_state *state = working_set;
    return state->bench_case->step(state);
}
