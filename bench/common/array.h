/* Arrays that grow while they are filled. */
#ifndef ROUNDEL_BENCH_ARRAY_H
#define ROUNDEL_BENCH_ARRAY_H

#include <stddef.h>

/*
 * Returns the array with room for at least one element after `count`, or NULL without memory (the
 * array is then as before). Grows by half, so that memory follows what was really read and not what
 * a file announces.
 */
void *array_grow(void *array, size_t count, size_t *capacity, size_t element_bytes);

#endif
