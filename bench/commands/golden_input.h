/* The tensor behind the built-in hashes: fixed, the same bits on every machine and compiler. */
#ifndef ROUNDEL_BENCH_GOLDEN_INPUT_H
#define ROUNDEL_BENCH_GOLDEN_INPUT_H

#include <stddef.h>

enum {
    GOLDEN_INPUT_ROWS = 96,
    GOLDEN_INPUT_COLUMNS = 1024,
    GOLDEN_INPUT_WEIGHTS = GOLDEN_INPUT_ROWS * GOLDEN_INPUT_COLUMNS
};

/*
 * Fills GOLDEN_INPUT_WEIGHTS weights and GOLDEN_INPUT_COLUMNS factors of importance: random weights
 * of several distributions, from subnormal to huge; blocks of one shape each (zeros, spikes,
 * constants, ramps, ties ...), as long as a super-block and as a block of 32; and in the last row
 * blocks with NaN, infinities and weights that are too large, so that the input needs RDL_GO_ON.
 */
void golden_input(float *x, float *importance);

#endif
