/* A buffered walk over the bytes of a source, for headers of many small fields. */
#ifndef ROUNDEL_BENCH_CURSOR_H
#define ROUNDEL_BENCH_CURSOR_H

#include "error.h"
#include "source.h"

enum {
    CURSOR_BUFFER_BYTES = 16384
};

struct cursor {
    const struct source *source;
    uint64_t position; /* of the next byte */
    uint64_t start;    /* of the buffered bytes */
    size_t filled;
    uint8_t buffer[CURSOR_BUFFER_BYTES];
};

/* Points the cursor at byte `position`, which may be any number up to the source's size. */
void cursor_init(struct cursor *cursor, const struct source *source, uint64_t position);

uint64_t cursor_remaining(const struct cursor *cursor);

/* Fails, naming `what`, unless `count` records of at least `bytes_each` bytes can still follow. */
bool cursor_expect(const struct cursor *cursor, uint64_t count, uint64_t bytes_each,
                   const char *what, struct error *error);

/* Each takes the next bytes, or fails naming `what`; numbers are little-endian. */
bool cursor_bytes(struct cursor *cursor, void *out, size_t count, const char *what,
                  struct error *error);
bool cursor_u32(struct cursor *cursor, uint32_t *out, const char *what, struct error *error);
bool cursor_i32(struct cursor *cursor, int32_t *out, const char *what, struct error *error);
bool cursor_u64(struct cursor *cursor, uint64_t *out, const char *what, struct error *error);
bool cursor_skip(struct cursor *cursor, uint64_t count, const char *what, struct error *error);

/* Takes `length` bytes into fresh memory and adds a NUL, which `length` does not count. */
bool cursor_text(struct cursor *cursor, uint64_t length, char **out, const char *what,
                 struct error *error);

#endif
