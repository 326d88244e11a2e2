/* Hashes of contents: XXH3 of 128 bits (xxHash), written as 32 hexadecimal digits. */
#ifndef ROUNDEL_BENCH_CONTENT_HASH_H
#define ROUNDEL_BENCH_CONTENT_HASH_H

#include "error.h"
#include "source.h"
#include <xxhash.h>

enum {
    CONTENT_HASH_TEXT = 33
};

/* Returns `text`. */
const char *content_hash_text(XXH128_hash_t hash, char text[CONTENT_HASH_TEXT]);

/* The hash of a range of a source; the message does not name the source. */
bool content_hash_range(const struct source *source, uint64_t offset, uint64_t nbytes,
                        XXH128_hash_t *hash, struct error *error);

#endif
