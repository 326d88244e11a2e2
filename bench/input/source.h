/*
 * Bytes to parse: a regular file read with pread (never mapped: a file that shrinks must not kill
 * us), or memory (the embedded model; tests and fuzzers).
 */
#ifndef ROUNDEL_BENCH_SOURCE_H
#define ROUNDEL_BENCH_SOURCE_H

#include "error.h"
#include <stdint.h>

struct source {
    char *name;           /* for messages: the path as the user gave it */
    int fd;               /* -1 for memory */
    const uint8_t *bytes; /* NULL for a file */
    uint64_t size;        /* bytes; for a file its size when it was opened */
};

/* Opens a regular file; refuses directories, FIFOs and devices by name. On false there is nothing
 * to close; that holds for the next function too. */
bool source_open_file(struct source *source, const char *path, struct error *error);

/* Wraps memory that outlives the source. */
bool source_open_memory(struct source *source, const char *name, const void *bytes, uint64_t size,
                        struct error *error);

/*
 * Copies exactly `count` bytes; fails if the range leaves the source or the file became shorter.
 * The message does not name the source: the caller says what it was reading (fail_in). Thread-safe.
 */
bool source_read(const struct source *source, uint64_t offset, void *out, size_t count,
                 struct error *error);

/* Closing twice is harmless. */
void source_close(struct source *source);

#endif
