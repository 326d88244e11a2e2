/*
 * Of items that threads work off in any order: the first one that went wrong, and its message, so
 * that what is reported does not depend on the threads.
 */
#ifndef ROUNDEL_BENCH_FIRST_FAILURE_H
#define ROUNDEL_BENCH_FIRST_FAILURE_H

#include "error.h"
#include <stdint.h>

struct first_failure {
    uint64_t item; /* the first one so far; NO_FAILURE */
    struct error *error;
};

#define NO_FAILURE UINT64_MAX

/* Called by any thread. */
void first_failure_keep(struct first_failure *failure, uint64_t item, const struct error *error);

/* Called by any thread: an item behind the first failure need not be tried. */
bool first_failure_is_before(const struct first_failure *failure, uint64_t item);

#endif
