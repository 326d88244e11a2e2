/* One error message on its way up to the user. */
#ifndef ROUNDEL_BENCH_ERROR_H
#define ROUNDEL_BENCH_ERROR_H

#include <stdbool.h>
#include <stddef.h>

struct error {
    char text[1024]; /* one line, no full stop, no newline; names the culprit */
};

/* Writes the message and returns false, so that a caller can write `return fail(e, ...)`. */
bool fail(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "prefix: " before the message that is there, and returns false. */
bool fail_in(struct error *error, const char *prefix_format, ...)
    __attribute__((format(printf, 2, 3)));

/* Puts `what "name": ` before the message that is there, the name escaped, and returns false. */
bool fail_in_named(struct error *error, const char *what, const char *name);

/*
 * Makes bytes of a file fit for a message or a table: printable UTF-8 stays, control bytes, quotes,
 * backslashes and invalid UTF-8 become \xNN. Cuts with "..." where `size` ends. Returns `out`.
 */
const char *escape(char *out, size_t size, const char *bytes, size_t length);

#endif
