/*
 * Files that the commands write. A regular file appears whole or not at all: it is written beside
 * its place, synced, and renamed when it is complete. "-" is stdout; pipes and devices are written
 * to directly.
 */
#ifndef ROUNDEL_BENCH_OUTPUT_H
#define ROUNDEL_BENCH_OUTPUT_H

#include "error.h"
#include <stdio.h>

struct output {
    FILE *file;
    const char *path;
    char *temporary; /* NULL where nothing is renamed */
};

/* `path` must outlive the output. */
bool output_open(struct output *output, const char *path, struct error *error);

/* Ends the output and puts it in its place; on false nothing is there. */
bool output_commit(struct output *output, struct error *error);

/* Ends the output and leaves what was at the path; does nothing to one that has ended, or is all
 * zeros. */
void output_abandon(struct output *output);

#endif
