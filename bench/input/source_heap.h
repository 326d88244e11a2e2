/* Sources on the heap, as a list of tensors owns them. */
#ifndef ROUNDEL_BENCH_SOURCE_HEAP_H
#define ROUNDEL_BENCH_SOURCE_HEAP_H

#include "source.h"

/* source_open_file() and source_open_memory() into a new source; NULL with the error filled. */
struct source *source_new_file(const char *path, struct error *error);
struct source *source_new_memory(const char *name, const void *bytes, uint64_t size,
                                 struct error *error);

/* Closes and frees; NULL is nothing. */
void source_delete(struct source *source);

#endif
