/* A progress bar on stderr, shown only where that is a terminal. */
#ifndef ROUNDEL_BENCH_PROGRESS_H
#define ROUNDEL_BENCH_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool shown;
    uint64_t done, total;
    double started, last; /* seconds of a monotonic clock */
};

/* `total` in any unit of work. */
void progress_start(struct progress *progress, uint64_t total);

/* Adds finished work; redraws at most ten times a second. Not thread-safe: call it in a critical
 * section. `what` names the present item. */
void progress_add(struct progress *progress, uint64_t work, const char *what);

/* Wipes the bar. */
void progress_end(struct progress *progress);

#endif
