/*
 * Watches and breaks malloc, calloc and realloc. A test that uses it links allocation.c and wraps
 * the three names (CMakeLists.txt).
 */
#ifndef ROUNDEL_TESTS_ALLOCATION_H
#define ROUNDEL_TESTS_ALLOCATION_H

#include <stddef.h>

#define ALLOCATION_NEVER_FAILS ((size_t)-1)

/* Starts counting; the call number `fails_at` (from 0) gets NULL, all others memory. */
void allocation_watch(size_t fails_at);

/* Bytes asked for since then, as if nothing were freed. */
size_t allocation_bytes(void);

#endif
