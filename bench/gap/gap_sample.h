/* A sample of the blocks of a tensor: one from each of as many runs of nearly the same length. */
#ifndef ROUNDEL_GAP_SAMPLE_H
#define ROUNDEL_GAP_SAMPLE_H

#include <stdint.h>

struct gap_sample {
    uint64_t seed;
    uint32_t tensor;        /* tells tensors apart */
    uint64_t blocks, count; /* 1 <= count <= blocks: of so many, so many are taken */
};

/* The block that run `run` of `count` gives: a function of the sample and the run. Blocks grow with
 * the runs. */
uint64_t gap_sample_block(const struct gap_sample *sample, uint64_t run);

/* The run in which the block lies. */
uint64_t gap_sample_run(const struct gap_sample *sample, uint64_t block);

#endif
