/* What memory gives at best: plain loops of stores and of loads, the reference lines of a
 * benchmark. */
#ifndef ROUNDEL_BENCH_BANDWIDTH_H
#define ROUNDEL_BENCH_BANDWIDTH_H

#include <stddef.h>

/*
 * All take memory on a 64-byte boundary, a multiple of 256 bytes long. `store` writes all of it,
 * and so does `stream`, past the caches where the instructions allow it; `read` reads all of it and
 * writes one vector that depends on every bit of it to `sink` (64 bytes, same alignment).
 */
struct bandwidth_loops {
    unsigned vector_bytes;
    void (*store)(void *memory, size_t size);
    void (*stream)(void *memory, size_t size);
    void (*read)(const void *memory, size_t size, void *sink);
};

/* The loops with the widest vectors that a set of targets (rdl_detect_targets()) allows. */
const struct bandwidth_loops *bandwidth_loops(unsigned targets);

#endif
