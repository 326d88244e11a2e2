/* Where the calling thread may run. */
#ifndef ROUNDEL_TESTS_BINDING_H
#define ROUNDEL_TESTS_BINDING_H

#include "topology.h"

#include <check.h>
#include <hwloc.h>
#include <limits.h>

/* The operating system's number of the only hardware thread that the calling thread may use, or
 * UINT_MAX. */
static inline unsigned binding(const struct topology *topology)
{
    hwloc_bitmap_t set = hwloc_bitmap_alloc();
    ck_assert_ptr_nonnull(set);
    ck_assert_int_eq(hwloc_get_cpubind(topology->handle, set, HWLOC_CPUBIND_THREAD), 0);
    const unsigned only =
        hwloc_bitmap_weight(set) == 1 ? (unsigned)hwloc_bitmap_first(set) : UINT_MAX;
    hwloc_bitmap_free(set);
    return only;
}

#endif
