/* Random words that are a function of their coordinates: Philox4x32-10, no state. */
#ifndef ROUNDEL_BENCH_PHILOX_H
#define ROUNDEL_BENCH_PHILOX_H

#include <stdint.h>

/* Coordinates of 128 random bits. The seed is the key, the others make up the counter. */
struct philox_point {
    uint64_t seed;
    uint64_t element;
    uint32_t tensor;
    uint32_t draw;
};

struct philox_words {
    uint64_t word[2];
};

/*
 * Philox4x32-10 of Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3 (SC11).
 * Key = seed (low half, high half), counter = element (low, high), tensor, draw; word 0 is output
 * 0 + 2^32 * output 1, word 1 is output 2 + 2^32 * output 3. Thread-safe.
 */
struct philox_words philox(const struct philox_point *point);

#endif
