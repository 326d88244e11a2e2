/* Things found by name. */
#ifndef ROUNDEL_BENCH_NAMED_H
#define ROUNDEL_BENCH_NAMED_H

#include "error.h"

struct named {
    const char *name;
    const void *thing;
};

/* Sorts by strcmp; fails with `what "name" occurs twice` if two names are the same. */
bool named_sort(struct named *list, size_t count, const char *what, struct error *error);

/* The thing of that name in a sorted list, or NULL. O(log n). */
const void *named_find(const struct named *list, size_t count, const char *name);

#endif
