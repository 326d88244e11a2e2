/* The machine as hwloc sees it: cores, packages, NUMA nodes, caches; and pinning threads to cores.
 */
#ifndef ROUNDEL_BENCH_TOPOLOGY_H
#define ROUNDEL_BENCH_TOPOLOGY_H

#include "error.h"
#include <stdint.h>

struct hwloc_topology;

/* Data and unified caches that are alike. */
struct cache_group {
    unsigned level;
    uint64_t size;      /* bytes; 0 where the machine does not say */
    unsigned line;      /* bytes; 0 where the machine does not say */
    unsigned count;     /* how many such caches there are */
    unsigned shared_by; /* hardware threads that share one of them */
};

enum {
    TOPOLOGY_CACHE_LEVELS = 5,
    TOPOLOGY_MAX_CACHES = 16 /* kinds of them */
};

/* Only what this process may use: hardware threads outside its affinity mask do not count. */
struct topology {
    struct hwloc_topology *handle;
    char cpu_model[128];                            /* "unknown" where the machine does not say */
    unsigned packages;                              /* sockets */
    unsigned numa_nodes;                            /* at least 1 */
    unsigned cores;                                 /* at least 1 */
    unsigned threads;                               /* hardware threads, at least 1 */
    uint64_t memory;                                /* bytes; 0 where the machine does not say */
    struct cache_group caches[TOPOLOGY_MAX_CACHES]; /* by level, then as hwloc lists them */
    unsigned ncaches;
};

/* Takes some milliseconds. Open it before pinning: a pinned thread may use one core only. */
bool topology_open(struct topology *topology, struct error *error);
void topology_close(struct topology *topology);

/*
 * Size in bytes of the data or unified cache of a level, seen from a core (0 .. cores - 1); 0 if
 * the core has none or the machine does not say.
 */
uint64_t topology_cache_size(const struct topology *topology, unsigned core, unsigned level);

/*
 * Slots put threads in an order. Slots 0 .. cores - 1 are the cores, in hwloc's order, each by its
 * first hardware thread; slots from `cores` on are the second ones, and so on; where a core has no
 * more, its first comes again. The result is the operating system's number of the hardware thread.
 */
unsigned topology_slot(const struct topology *topology, unsigned slot);

/* The slot of thread `number` of a team that begins at core `first` and goes round the cores. */
unsigned topology_slot_from(const struct topology *topology, unsigned first, unsigned number);

/* Binds the calling thread to the hardware thread of a slot. False if the system refuses. */
bool topology_pin_thread(const struct topology *topology, unsigned slot, struct error *error);

#endif
