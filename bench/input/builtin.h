/* Files that travel inside the program, so that a first run needs no input. */
#ifndef ROUNDEL_BENCH_BUILTIN_H
#define ROUNDEL_BENCH_BUILTIN_H

#include <stdbool.h>
#include <stdint.h>

enum builtin_kind {
    BUILTIN_MODEL,   /* a GGUF file */
    BUILTIN_IMATRIX, /* its importance matrix, legacy .dat form */
    BUILTIN_TEXT     /* English, not trained on */
};

/*
 * The bytes of a built-in file, e.g. ("tinylm", BUILTIN_MODEL) for the spec "builtin:tinylm". They
 * live as long as the program, are read-only and aligned to 64. False if the name is unknown (names
 * are case-sensitive); the outputs are then untouched. Thread-safe.
 */
bool builtin_find(const char *name, enum builtin_kind kind, const void **bytes, uint64_t *size);

/* The name of the model at `index`, or NULL behind the last one: for error messages and help. */
const char *builtin_name(unsigned index);

#endif
