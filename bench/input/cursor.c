#include "cursor.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void cursor_init(struct cursor *cursor, const struct source *source, uint64_t position)
{
    cursor->source = source;
    cursor->position = position;
    cursor->start = position;
    cursor->filled = 0;
}

uint64_t cursor_remaining(const struct cursor *cursor)
{
    return cursor->source->size - cursor->position;
}

bool cursor_expect(const struct cursor *cursor, uint64_t count, uint64_t bytes_each,
                   const char *what, struct error *error)
{
    uint64_t remaining = cursor_remaining(cursor);
    if (count <= remaining / bytes_each)
        return true;
    return fail(error,
                "%s: %" PRIu64 " of them need at least %" PRIu64 " bytes each, but %" PRIu64
                " bytes follow byte %" PRIu64,
                what, count, bytes_each, remaining, cursor->position);
}

static bool check_remaining(const struct cursor *cursor, uint64_t count, const char *what,
                            struct error *error)
{
    if (count <= cursor_remaining(cursor))
        return true;
    return fail(error, "%s: %" PRIu64 " bytes are announced, but %" PRIu64 " follow byte %" PRIu64,
                what, count, cursor_remaining(cursor), cursor->position);
}

/* Bytes in the buffer from the position on. */
static size_t buffered(const struct cursor *cursor)
{
    uint64_t used = cursor->position - cursor->start;
    return used < cursor->filled ? cursor->filled - (size_t)used : 0;
}

static bool fill(struct cursor *cursor, const char *what, struct error *error)
{
    uint64_t remaining = cursor_remaining(cursor);
    size_t count = remaining < sizeof cursor->buffer ? (size_t)remaining : sizeof cursor->buffer;
    cursor->start = cursor->position;
    cursor->filled = 0;
    if (!source_read(cursor->source, cursor->position, cursor->buffer, count, error))
        return fail_in(error, "%s", what);
    cursor->filled = count;
    return true;
}

bool cursor_bytes(struct cursor *cursor, void *out, size_t count, const char *what,
                  struct error *error)
{
    if (!check_remaining(cursor, count, what, error))
        return false;
    uint8_t *next = out;
    while (count > 0) {
        size_t available = buffered(cursor);
        if (available == 0) {
            if (!fill(cursor, what, error))
                return false;
            continue;
        }
        size_t piece = count < available ? count : available;
        memcpy(next, cursor->buffer + (cursor->position - cursor->start), piece);
        cursor->position += piece;
        next += piece;
        count -= piece;
    }
    return true;
}

bool cursor_u32(struct cursor *cursor, uint32_t *out, const char *what, struct error *error)
{
    return cursor_bytes(cursor, out, sizeof *out, what, error);
}

bool cursor_i32(struct cursor *cursor, int32_t *out, const char *what, struct error *error)
{
    return cursor_bytes(cursor, out, sizeof *out, what, error);
}

bool cursor_u64(struct cursor *cursor, uint64_t *out, const char *what, struct error *error)
{
    return cursor_bytes(cursor, out, sizeof *out, what, error);
}

bool cursor_skip(struct cursor *cursor, uint64_t count, const char *what, struct error *error)
{
    if (!check_remaining(cursor, count, what, error))
        return false;
    cursor->position += count;
    return true;
}

bool cursor_text(struct cursor *cursor, uint64_t length, char **out, const char *what,
                 struct error *error)
{
    if (!check_remaining(cursor, length, what, error))
        return false;
    char *text = length < SIZE_MAX ? malloc((size_t)length + 1) : NULL;
    if (!text)
        return fail(error, "%s: no memory for %" PRIu64 " bytes", what, length);
    if (!cursor_bytes(cursor, text, (size_t)length, what, error)) {
        free(text);
        return false;
    }
    text[length] = '\0';
    *out = text;
    return true;
}
