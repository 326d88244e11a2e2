/* What targets are compared on: weights, importance and blocks, random and hostile. */
#ifndef ROUNDEL_BENCH_AGREEMENT_INPUT_H
#define ROUNDEL_BENCH_AGREEMENT_INPUT_H

#include <stddef.h>
#include <stdint.h>

enum agreement_weights {
    AGREEMENT_GAUSSIAN,
    AGREEMENT_HEAVY_TAILS, /* Student's t with one degree of freedom */
    AGREEMENT_ZEROS,       /* of both signs, and a few weights between them */
    AGREEMENT_TIES,        /* multiples of half a step of a power of two */
    AGREEMENT_TINY,        /* subnormals of binary32, and scales that binary16 rounds to zero */
    AGREEMENT_HUGE,        /* up to the largest magnitude of the format, so that scales overflow */
    AGREEMENT_BAD,         /* NaN, infinities and weights that are too large, among good ones */
    AGREEMENT_WEIGHTS_COUNT
};

enum agreement_importance {
    AGREEMENT_SPREAD,  /* over six decades */
    AGREEMENT_HOLES,   /* zeros, single and in runs */
    AGREEMENT_EXTREME, /* zero, the smallest number, one, the largest importance */
    AGREEMENT_IMPORTANCE_COUNT
};

enum agreement_blocks {
    AGREEMENT_RANDOM_BYTES,
    AGREEMENT_ALL_BITS_CLEAR,
    AGREEMENT_ALL_BITS_SET,
    AGREEMENT_BLOCKS_COUNT
};

/* As messages and reports spell them. */
const char *agreement_weights_name(enum agreement_weights kind);
const char *agreement_importance_name(enum agreement_importance kind);
const char *agreement_blocks_name(enum agreement_blocks kind);

/* Each fills `count` elements with a function of seed, kind and the number of the element. */
void agreement_weights(enum agreement_weights kind, double max_magnitude, uint64_t seed,
                       size_t count, float *x);
void agreement_importance(enum agreement_importance kind, uint64_t seed, size_t count,
                          float *importance);
void agreement_blocks(enum agreement_blocks kind, uint64_t seed, size_t count, uint8_t *bytes);

#endif
