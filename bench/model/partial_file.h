/*
 * A large file while it is written: OUT.partial, which becomes OUT when it is complete and on the
 * disk. A process that is killed leaves OUT as it was, and a partial file that a later one can go
 * on with. Only one process at a time has it.
 */
#ifndef ROUNDEL_BENCH_PARTIAL_FILE_H
#define ROUNDEL_BENCH_PARTIAL_FILE_H

#include "error.h"
#include <stddef.h>
#include <stdint.h>

struct partial_file {
    int fd;
    char *path;      /* OUT.partial */
    const char *out; /* must outlive this */
};

/* The path of a file beside OUT, "OUT.ending", from malloc. */
char *partial_path(const char *out, const char *ending, struct error *error);

/* Opens or makes the partial file and leaves what it holds; OUT must be a regular file or absent.
 * On false there is nothing to close, and no file that was not there before. */
bool partial_open(struct partial_file *file, const char *out, struct error *error);

/* Fails if the file system has no room for a file of so many bytes, as far as it can be known
 * before they are written. */
bool partial_expect_room(const struct partial_file *file, uint64_t size, struct error *error);

/* Cuts the file off. */
bool partial_cut(struct partial_file *file, uint64_t size, struct error *error);

bool partial_write(struct partial_file *file, uint64_t offset, const void *bytes, size_t size,
                   struct error *error);

/* Syncs the file and puts it in its place. On false it is still a partial one. */
bool partial_commit(struct partial_file *file, struct error *error);

/* Removes the partial file. */
void partial_remove(struct partial_file *file);

/* After either of the two. */
void partial_close(struct partial_file *file);

#endif
