/* Remarks of a command on what it did, for the user and for its report. */
#ifndef ROUNDEL_BENCH_NOTES_H
#define ROUNDEL_BENCH_NOTES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct notes {
    char **lines;
    size_t count, capacity;
    bool failed; /* a note found no memory */
};

/* Appends a line. Foreign bytes come through escape(). */
void notes_add(struct notes *notes, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Each as "roundel COMMAND: note: ..." on stderr. */
void notes_print(const struct notes *notes, const char *command);

/* An array of strings; NULL without memory. */
json_t *notes_json(const struct notes *notes);

void notes_free(struct notes *notes);

#endif
