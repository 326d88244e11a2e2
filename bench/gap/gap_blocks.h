/*
 * Blocks on which roundings are compared with the optimum: independent gaussian or Laplace weights
 * and the usual factors, by the recipe of the published gap tables (splitmix64, Box-Muller), so
 * that everybody draws the same blocks from the same seed.
 */
#ifndef ROUNDEL_GAP_BLOCKS_H
#define ROUNDEL_GAP_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum gap_data {
    GAP_GAUSSIAN,
    GAP_LAPLACE,
    GAP_DATA_COUNT
};

enum gap_weights {
    GAP_UNIFORM,    /* 1 */
    GAP_X2,         /* x^2 */
    GAP_ABS,        /* |x| */
    GAP_RMS_ABS,    /* root mean square of the block + |x| */
    GAP_IMPORTANCE, /* exp(gaussian) * sqrt(2 mean square + x^2) */
    GAP_WEIGHTS_COUNT
};

struct gap_source {
    uint64_t state; /* the seed at first */
    double sine;    /* the second gaussian of a pair */
    bool has_sine;
};

uint64_t gap_source_word(struct gap_source *source);

/* The next block: n weights x, then their factors w. */
void gap_source_block(struct gap_source *source, enum gap_data data, enum gap_weights weights,
                      size_t n, float *x, float *w);

#endif
