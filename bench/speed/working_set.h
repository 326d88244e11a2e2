/*
 * The memory of a benchmark: rows of weights and their blocks that together fill a level of the
 * memory hierarchy, and a cursor that walks round them. An iteration takes the next few rows, so
 * that a slow kernel finishes iterations also where the whole set would take it seconds, and one
 * loop serves every level.
 */
#ifndef ROUNDEL_BENCH_WORKING_SET_H
#define ROUNDEL_BENCH_WORKING_SET_H

#include "roundel.h"
#include "topology.h"

enum memory_level {
    LEVEL_L1,
    LEVEL_L2,
    LEVEL_L3,
    LEVEL_DRAM,
    LEVEL_COUNT
};

/* "L1" .. "DRAM"; NULL for a value out of range. */
const char *memory_level_name(enum memory_level level);

/*
 * The size of a working set for a level, in bytes: half of that cache, seen from the core; for DRAM
 * four times the core's largest cache, but at least 64 MiB and at most 1 GiB. 0 if the core has no
 * such cache or the machine does not say.
 */
uint64_t working_set_bytes(const struct topology *topology, unsigned core, enum memory_level level);

struct working_set_plan {
    size_t ncols;         /* weights in a row: 4096, in small caches 1024 or 256 */
    size_t row_bytes;     /* of the extra memory */
    size_t nrows;         /* in the set, a multiple of `rows_per_step` */
    size_t rows_per_step; /* in an iteration: at most 2^18 weights */
};

/*
 * Fits rows into `bytes`, importance of a row included. `extra` is what goes with 256 weights
 * beside the weights: their blocks, a copy, or nothing. At least one row, also where it does not
 * fit.
 */
struct working_set_plan plan_working_set(uint64_t bytes, size_t extra);

struct working_set {
    struct working_set_plan plan;
    float *weights;  /* nrows * ncols */
    uint8_t *blocks; /* nrows * row_bytes, right after the weights */
    size_t next_row;
};

/*
 * Allocates the set and writes all of it: gaussian weights of standard deviation 0.02, the same on
 * every machine (the first 2^18 repeat), and zeros for blocks. False without memory.
 */
bool working_set_open(struct working_set *set, const struct working_set_plan *plan);
void working_set_close(struct working_set *set);

/* The first of the next `rows_per_step` rows. */
size_t working_set_step(struct working_set *set);

/* Importance of a row: 0.05 + g^2 with g standard normal. NULL without memory; free() it. */
float *sample_importance(size_t ncols);

#endif
