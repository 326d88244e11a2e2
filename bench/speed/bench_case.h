/* A case of roundel-bench: what its working set is, and what an iteration does with it. */
#ifndef ROUNDEL_BENCH_BENCH_CASE_H
#define ROUNDEL_BENCH_BENCH_CASE_H

#include "bandwidth.h"
#include "working_set.h"

struct bench_state;
typedef const char *bench_step_fn(struct bench_state *state); /* NULL, or what went wrong */

struct bench_case {
    struct bench_case *next;
    struct working_set_plan plan;
    bench_step_fn *prepare; /* NULL where the weights are all that a step needs */
    bench_step_fn *step;
    struct rdl_job job; /* of a step; for kernels */
    bool importance;
    unsigned threads;                    /* of a team; 0 for a case on the calling thread alone */
    const struct topology *topology;     /* for teams, which are bound to the cores */
    unsigned core;                       /* from this one on */
    const struct bandwidth_loops *loops; /* for reference lines */
};

bench_step_fn bench_copy, bench_store, bench_stream, bench_read;
bench_step_fn bench_quantize, bench_prepare_quantize;
bench_step_fn bench_dequantize, bench_prepare_dequantize;
bench_step_fn bench_team_quantize, bench_team_dequantize; /* prepared as those of one thread */

/* The functions of struct microbench_case; `user` is a struct bench_case. */
void *bench_case_open(const void *user, const char **problem);
const char *bench_case_run(void *state);
void bench_case_close(void *state);

#endif
