/* The variants of the nearest IQ4_NL entry as cases of roundel-bench: alone and in the encoder. */
#ifndef ROUNDEL_BENCH_NEAREST_CASES_H
#define ROUNDEL_BENCH_NEAREST_CASES_H

#include "error.h"
#include "roundel.h"

/*
 *   best_index/iq4_nl/VARIANT/TARGET
 *   quantize/iq4_nl/ggml@VARIANT[+importance]/TARGET
 *
 * The first finds the indices of 65536 gaussian floats as the search has them, within +-134. The
 * second encodes 16 rows of 4096 weights, without what rdl_quantize() does before and after it.
 * Both working sets fit into a cache of level 2. Items are floats, bytes those read and written.
 */
struct nearest_case {
    enum rdl_nearest_variant variant;
    enum rdl_target target;
    bool importance;
};

enum {
    NEAREST_CASES = 3 * RDL_NEAREST_VARIANT_COUNT * RDL_TARGET_COUNT
};

struct nearest_cases {
    struct nearest_case cases[NEAREST_CASES];
    size_t count;
};

/* Registers all that exist on `targets` with Google Benchmark; the list must outlive its run. */
bool nearest_cases_register(struct nearest_cases *cases, unsigned targets, struct error *error);

#endif
