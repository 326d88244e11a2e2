/* The cases of roundel-bench: every kernel of the library, and what memory gives at best. */
#ifndef ROUNDEL_BENCH_MICROBENCH_CASES_H
#define ROUNDEL_BENCH_MICROBENCH_CASES_H

#include "topology.h"

/*
 *   memcpy/LEVEL, store/LEVEL, store+stream/LEVEL, read/LEVEL
 *   quantize/FORMAT/ROUNDING[:WEIGHTING][+importance]/TARGET/LEVEL
 *   dequantize/FORMAT[:f16|:bf16][+stream]/TARGET/LEVEL
 *
 * and, for a team of 1, 2, 4 ... threads up to the number of cores, which are timed by the clock on
 * the wall,
 *
 *   quantize/FORMAT/ROUNDING[:WEIGHTING][+importance]/TARGET/DRAM/threads:N/real_time
 *   dequantize/FORMAT/TARGET/DRAM/threads:N/real_time
 *
 * Native weighting goes without saying. Levels are those that the core has (working_set.h).
 * Everything that the capability query knows and `targets` allows is a case, but of searches only a
 * choice: in L1, under uniform weights, and exact, joint and lsqk by importance. Items are weights.
 * Bytes are those read and written: weights and blocks, and the importance once; a copy counts
 * twice.
 */
struct bench_case;

struct bench_cases {
    struct bench_case *first; /* linked; the newest first */
};

/* Registers all cases with Google Benchmark; the list and the topology must outlive its run. Teams
 * are bound to the cores from `core` on. */
bool bench_cases_register(struct bench_cases *cases, const struct topology *topology, unsigned core,
                          unsigned targets, struct error *error);
void bench_cases_free(struct bench_cases *cases);

#endif
