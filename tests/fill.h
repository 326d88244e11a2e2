/*
 * Weights and importance for tests: ordinary, and chosen to make encoders stumble. Everything is a
 * function of the seed, the same on every machine.
 */
#ifndef ROUNDEL_TESTS_FILL_H
#define ROUNDEL_TESTS_FILL_H

#include <stddef.h>
#include <stdint.h>

/* A sequence of random words: Philox at elements 0, 1, 2, ... */
struct random {
    uint64_t seed, next;
};

uint64_t random_word(struct random *random);
/* 0 .. n - 1 */
size_t random_below(struct random *random, size_t n);
/* In [0, 1), a multiple of 2^-53. */
double random_unit(struct random *random);
void random_bytes(struct random *random, size_t n, uint8_t *bytes);

/* Weights come in groups of 16, each with a scale, a sign, a place of its own. */
enum weights {
    WEIGHTS_GAUSSIAN,
    WEIGHTS_HEAVY_TAILS,
    WEIGHTS_SPARSE,
    WEIGHTS_ZEROS, /* of both signs */
    WEIGHTS_CONSTANT,
    WEIGHTS_ALTERNATING,
    WEIGHTS_SPIKE,
    WEIGHTS_RAMP,
    WEIGHTS_TIES,      /* multiples of half the step that the largest level gives */
    WEIGHTS_TINY,      /* down to subnormals of binary32 */
    WEIGHTS_UNDERFLOW, /* scales become subnormals or zeros of binary16 */
    WEIGHTS_LARGE,     /* up to 65504 */
    WEIGHTS_HUGE,      /* up to the format's max_magnitude: some scales overflow */
    WEIGHTS_MIXED,     /* another of these, scale and mean in every group */
    WEIGHTS_COUNT
};

enum importances {
    IMPORTANCE_ONES,
    IMPORTANCE_SPREAD, /* over six decades */
    IMPORTANCE_HOLES,  /* zeros: single, in runs, whole groups */
    IMPORTANCE_ZEROS,
    IMPORTANCE_EXTREME, /* 0, smallest subnormal, RDL_IMPORTANCE_MAX */
    IMPORTANCE_COUNT
};

const char *weights_name(enum weights weights);
const char *importances_name(enum importances importances);

/* Fills n weights, n a multiple of 16; all are finite and at most max_magnitude. */
void fill_weights(enum weights weights, double max_magnitude, struct random *random, size_t n,
                  float *x);
/* Fills n factors, n a multiple of 16; all are legal. */
void fill_importance(enum importances importances, struct random *random, size_t n, float *q);

#endif
