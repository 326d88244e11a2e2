/* Reports in JSON: where they come from, and where they go. */
#ifndef ROUNDEL_BENCH_REPORT_H
#define ROUNDEL_BENCH_REPORT_H

#include "error.h"
#include "output.h"
#include <jansson.h>

/* In every report of weighted errors. */
#define REPORT_CAUTION                                                                             \
    "a weighted error is a surrogate: a lower one does not by itself make a better model"

/* What made this program. */
const char *report_compiler(void); /* "GNU 12.2.0" */
const char *report_flags(void);    /* of the kernels */
const char *report_commit(void);   /* "unknown" outside a git checkout */

/* A new object with the member "roundel": command, version, compiler, flags, commit. NULL without
 * memory. */
json_t *report_new(const char *command);

/* A JSON number, or null where the value is NaN or infinite, which JSON cannot say. */
json_t *report_real(double value);

/* A JSON string; bytes that are no UTF-8 are escaped (a tensor's name may be anything). */
json_t *report_string(const char *text);

/* The names of a set of targets (bits 1u << target) as a JSON array. NULL without memory. */
json_t *report_targets(unsigned targets);

/*
 * Writes the report to an open output, which it commits, or abandons on false; releases the report.
 * Commands open their outputs before they work, so that a path that cannot be written is noticed
 * first.
 */
bool report_write(json_t *report, struct output *output, struct error *error);

#endif
