/*
 * The legacy importance matrix, all numbers i32 or binary32:
 *
 *     number of entries
 *     each entry:  name length, name, ncall, nval, nval values
 *     optional:    number of chunks
 *     optional:    length of the data set's name, name
 *
 * The values are means of x^2 times ncall. The oldest tools end after the entries.
 */
#include "imatrix_parse.h"

#include "cursor.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    ENTRY_MIN_BYTES = 4 + 1 + 4 + 4 + 4
};

/* A number that must lie in [least, 2^31 - 1]. */
static bool read_number(struct cursor *cursor, int32_t least, uint32_t *out, const char *what,
                        struct error *error)
{
    int32_t number;
    if (!cursor_i32(cursor, &number, what, error))
        return false;
    if (number < least)
        return fail(error, "%s: is %" PRId32 ", must be at least %" PRId32, what, number, least);
    *out = (uint32_t)number;
    return true;
}

static bool read_name(struct cursor *cursor, struct imatrix_sums_entry *entry, struct error *error)
{
    uint32_t length = 0;
    if (!read_number(cursor, 1, &length, "length of the name", error) ||
        !cursor_text(cursor, length, &entry->name, "name", error))
        return false;
    entry->name_length = length;
    if (strlen(entry->name) != length) {
        char shown[128];
        return fail(error, "the name \"%s\" holds a NUL byte",
                    escape(shown, sizeof shown, entry->name, length));
    }
    return true;
}

static bool read_values(struct cursor *cursor, struct imatrix_sums_entry *entry,
                        struct error *error)
{
    int32_t ncall = 0;
    uint32_t nval = 0;
    if (!cursor_i32(cursor, &ncall, "ncall", error) ||
        !read_number(cursor, 1, &nval, "number of values", error) ||
        !cursor_expect(cursor, nval, sizeof(float), "values", error))
        return false;
    entry->nvalues = nval;
    entry->nmatrices = 1;
    entry->squares = malloc(nval * sizeof *entry->squares);
    entry->counts = malloc(sizeof *entry->counts);
    if (!entry->squares || !entry->counts)
        return fail(error, "no memory for %" PRIu32 " values", nval);
    entry->counts[0] = ncall;
    return cursor_bytes(cursor, entry->squares, nval * sizeof *entry->squares, "values", error);
}

static bool read_dataset(struct cursor *cursor, struct imatrix_sums *sums, struct error *error)
{
    uint32_t length = 0;
    char *name;
    return read_number(cursor, 0, &length, "length of the data set's name", error) &&
           cursor_text(cursor, length, &name, "name of the data set", error) &&
           imatrix_take_dataset(sums, name, length, error);
}

static bool read_tail(struct cursor *cursor, struct imatrix_sums *sums, struct error *error)
{
    uint32_t number = 0;
    sums->has_chunks = cursor_remaining(cursor) > 0;
    if (sums->has_chunks && !read_number(cursor, 0, &number, "number of chunks", error))
        return false;
    sums->chunks = number;
    if (cursor_remaining(cursor) > 0 && !read_dataset(cursor, sums, error))
        return false;
    const uint64_t rest = cursor_remaining(cursor);
    return rest == 0 || fail(error, "%" PRIu64 " bytes follow its end", rest);
}

bool imatrix_parse_dat(struct imatrix_sums *sums, const struct source *source, struct error *error)
{
    struct cursor cursor;
    cursor_init(&cursor, source, 0);
    uint32_t count = 0;
    if (!read_number(&cursor, 1, &count, "number of entries", error) ||
        !cursor_expect(&cursor, count, ENTRY_MIN_BYTES, "entries", error))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        struct imatrix_sums_entry *entry = imatrix_append(sums, error);
        if (!entry)
            return false;
        if (!read_name(&cursor, entry, error))
            return fail_in(error, "entry %" PRIu32, i);
        if (!read_values(&cursor, entry, error))
            return fail_in_named(error, "entry", entry->name);
    }
    return read_tail(&cursor, sums, error);
}
