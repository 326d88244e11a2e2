/*
 * Quantize and dequantize with several threads, each bound to a core of its own. Thread t takes the
 * t-th of equal runs of rows: bytes, values and reports are those of one thread.
 */
#ifndef ROUNDEL_BENCH_TEAM_H
#define ROUNDEL_BENCH_TEAM_H

#include "roundel.h"
#include "topology.h"

/*
 * Binds the threads of the OpenMP teams of `nthreads` that the calling thread starts from now on;
 * the calling thread is number 0. They go to the cores from `first` on, round the machine, and to
 * second hardware threads when the cores are used up. It holds until the calling thread starts a
 * team of another size, for which the runtime may make new threads: bind each team anew.
 */
bool team_pin(const struct topology *topology, unsigned first, unsigned nthreads,
              struct error *error);

/* The scratch of a job to quantize with so many threads, in bytes: a part for each of them. */
size_t team_scratch_size(const struct rdl_job *job, unsigned nthreads);

/*
 * rdl_quantize() and rdl_dequantize() in a team of `nthreads`, but that job->scratch is as large as
 * team_scratch_size() says, and that blocks behind the first bad one may be written. The report
 * names the first bad block in row order.
 */
enum rdl_status team_quantize(unsigned nthreads, const struct rdl_job *job, const float *x,
                              const float *importance, void *blocks, struct rdl_report *report);
enum rdl_status team_dequantize(unsigned nthreads, const struct rdl_job *job, const void *blocks,
                                void *x);

#endif
