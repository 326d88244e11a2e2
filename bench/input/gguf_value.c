/* Key/value records of GGUF: parsing and access. */
#include "gguf_parse.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ggml's own limit on the length of strings and arrays. */
static const uint64_t max_count = (uint64_t)1 << 30;

static const uint64_t max_key_bytes = 65535;

/* Bytes of a number, or the fewest bytes of a string (its length). */
static const struct value_type {
    const char *name;
    uint8_t bytes;
} value_types[GGUF_VALUE_TYPE_COUNT] = {
    [GGUF_VALUE_U8] = {"u8", 1},         [GGUF_VALUE_I8] = {"i8", 1},
    [GGUF_VALUE_U16] = {"u16", 2},       [GGUF_VALUE_I16] = {"i16", 2},
    [GGUF_VALUE_U32] = {"u32", 4},       [GGUF_VALUE_I32] = {"i32", 4},
    [GGUF_VALUE_F32] = {"f32", 4},       [GGUF_VALUE_BOOL] = {"bool", 1},
    [GGUF_VALUE_STRING] = {"string", 8}, [GGUF_VALUE_ARRAY] = {"array", 12},
    [GGUF_VALUE_U64] = {"u64", 8},       [GGUF_VALUE_I64] = {"i64", 8},
    [GGUF_VALUE_F64] = {"f64", 8},
};

const char *gguf_value_type_name(enum gguf_value_type type)
{
    return value_types[type].name;
}

/* ------------------------------------------------------------------------------------------------
 * Parsing
 */

static bool parse_type(struct cursor *cursor, enum gguf_value_type *type, const char *what,
                       struct error *error)
{
    uint32_t id;
    if (!cursor_u32(cursor, &id, what, error))
        return false;
    if (id >= GGUF_VALUE_TYPE_COUNT)
        return fail(error, "%s %" PRIu32 " is unknown; the largest is %d", what, id,
                    GGUF_VALUE_TYPE_COUNT - 1);
    *type = (enum gguf_value_type)id;
    return true;
}

/* Reads the length of a string and checks that its characters follow. */
static bool parse_length(struct cursor *cursor, uint64_t *length, struct error *error)
{
    if (!cursor_u64(cursor, length, "length of a string", error))
        return false;
    if (*length > max_count)
        return fail(error, "a string of %" PRIu64 " bytes; the limit is %" PRIu64, *length,
                    max_count);
    return cursor_expect(cursor, *length, 1, "characters of a string", error);
}

static bool parse_string(struct cursor *cursor, struct gguf_value *value, struct error *error)
{
    uint64_t length;
    if (!parse_length(cursor, &length, error))
        return false;
    value->offset = cursor->position;
    return cursor_skip(cursor, length, "string", error);
}

static bool skip_strings(struct cursor *cursor, uint64_t count, struct error *error)
{
    for (uint64_t i = 0; i < count; i++) {
        uint64_t length;
        if (!parse_length(cursor, &length, error) || !cursor_skip(cursor, length, "string", error))
            return fail_in(error, "string %" PRIu64 " of %" PRIu64, i, count);
    }
    return true;
}

static bool parse_array(struct cursor *cursor, struct gguf_value *value, struct error *error)
{
    if (!parse_type(cursor, &value->element, "element type", error) ||
        !cursor_u64(cursor, &value->count, "number of elements", error))
        return false;
    if (value->element == GGUF_VALUE_ARRAY)
        return fail(error, "arrays of arrays are not supported");
    if (value->count > max_count)
        return fail(error, "an array of %" PRIu64 " elements; the limit is %" PRIu64, value->count,
                    max_count);
    uint64_t bytes_each = value_types[value->element].bytes;
    if (!cursor_expect(cursor, value->count, bytes_each, "elements of an array", error))
        return false;
    value->offset = cursor->position;
    return value->element == GGUF_VALUE_STRING
               ? skip_strings(cursor, value->count, error)
               : cursor_skip(cursor, value->count * bytes_each, "array", error);
}

static bool parse_scalar(struct cursor *cursor, struct gguf_value *value, struct error *error)
{
    value->offset = cursor->position;
    const struct value_type *type = &value_types[value->type];
    if (!cursor_bytes(cursor, &value->scalar, type->bytes, type->name, error))
        return false;
    if (value->type == GGUF_VALUE_BOOL)
        value->scalar = value->scalar != 0;
    return true;
}

static bool parse_payload(struct cursor *cursor, struct gguf_value *value, struct error *error)
{
    value->count = 1;
    if (!parse_type(cursor, &value->type, "value type", error))
        return false;
    value->element = value->type;
    bool good = value->type == GGUF_VALUE_STRING  ? parse_string(cursor, value, error)
                : value->type == GGUF_VALUE_ARRAY ? parse_array(cursor, value, error)
                                                  : parse_scalar(cursor, value, error);
    value->nbytes = cursor->position - value->offset;
    return good;
}

/* The document wants lower_snake_case segments; real keys also hold hyphens and capitals. */
static bool check_key(const char *key, size_t length, struct error *error)
{
    for (size_t i = 0; i < length; i++) {
        uint8_t byte = (uint8_t)key[i];
        if (byte <= 0x20 || byte >= 0x7F) {
            char shown[128];
            return fail(error,
                        "\"%s\": byte %zu is 0x%02x; keys are printable ASCII without spaces",
                        escape(shown, sizeof shown, key, length), i, byte);
        }
    }
    return true;
}

static bool parse_key(struct cursor *cursor, char **key, struct error *error)
{
    uint64_t length;
    if (!cursor_u64(cursor, &length, "length of the key", error))
        return false;
    if (length == 0 || length > max_key_bytes)
        return fail(error, "a key of %" PRIu64 " bytes; keys have 1 to %" PRIu64, length,
                    max_key_bytes);
    if (!cursor_text(cursor, length, key, "the key", error))
        return false;
    if (!check_key(*key, (size_t)length, error)) {
        free(*key);
        return false;
    }
    return true;
}

bool gguf_parse_value(struct cursor *cursor, uint64_t index, struct gguf_value *value,
                      struct error *error)
{
    *value = (struct gguf_value){.record = cursor->position};
    if (!parse_key(cursor, &value->key, error))
        return fail_in(error, "key %" PRIu64, index);
    if (!parse_payload(cursor, value, error)) {
        (void)fail_in_named(error, "key", value->key);
        free(value->key);
        return false;
    }
    value->record_end = cursor->position;
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Access
 */

static bool wrong_type(const struct gguf *gguf, const struct gguf_value *value, const char *wanted,
                       struct error *error)
{
    bool array = value->type == GGUF_VALUE_ARRAY;
    return fail(error, "%s: key \"%s\" is %s%s, not %s", gguf->source->name, value->key,
                array ? "an array of " : "", gguf_value_type_name(value->element), wanted);
}

static const struct gguf_value *require(const struct gguf *gguf, const char *key,
                                        struct error *error)
{
    const struct gguf_value *value = gguf_find(gguf, key);
    if (!value)
        (void)fail(error, "%s: there is no key \"%s\"", gguf->source->name, key);
    return value;
}

bool gguf_get_count(const struct gguf *gguf, const char *key, uint64_t *out, struct error *error)
{
    const struct gguf_value *value = require(gguf, key, error);
    if (!value)
        return false;
    bool is_signed = false;
    switch (value->type) {
    case GGUF_VALUE_I8:
    case GGUF_VALUE_I16:
    case GGUF_VALUE_I32:
    case GGUF_VALUE_I64:
        is_signed = true;
        break;
    case GGUF_VALUE_U8:
    case GGUF_VALUE_U16:
    case GGUF_VALUE_U32:
    case GGUF_VALUE_U64:
        break;
    case GGUF_VALUE_F32:
    case GGUF_VALUE_BOOL:
    case GGUF_VALUE_STRING:
    case GGUF_VALUE_ARRAY:
    case GGUF_VALUE_F64:
    case GGUF_VALUE_TYPE_COUNT:
        return wrong_type(gguf, value, "a whole number", error);
    }
    if (is_signed && value->scalar >> (8 * value->nbytes - 1) != 0)
        return fail(error, "%s: key \"%s\" is negative", gguf->source->name, key);
    *out = value->scalar;
    return true;
}

bool gguf_get_string(const struct gguf *gguf, const char *key, char **text, size_t *length,
                     struct error *error)
{
    const struct gguf_value *value = require(gguf, key, error);
    if (!value)
        return false;
    if (value->type != GGUF_VALUE_STRING)
        return wrong_type(gguf, value, "a string", error);
    struct cursor cursor;
    cursor_init(&cursor, gguf->source, value->offset);
    if (!cursor_text(&cursor, value->nbytes, text, key, error))
        return fail_in(error, "%s", gguf->source->name);
    *length = (size_t)value->nbytes;
    return true;
}

bool gguf_strings_begin(const struct gguf *gguf, const char *key, struct gguf_strings *strings,
                        struct error *error)
{
    const struct gguf_value *value = require(gguf, key, error);
    if (!value)
        return false;
    if (value->type != GGUF_VALUE_ARRAY || value->element != GGUF_VALUE_STRING)
        return wrong_type(gguf, value, "an array of strings", error);
    strings->count = value->count;
    strings->buffer = (struct buffer){0};
    strings->text = NULL;
    strings->length = 0;
    cursor_init(&strings->cursor, gguf->source, value->offset);
    return true;
}

bool gguf_strings_next(struct gguf_strings *strings, struct error *error)
{
    struct cursor *cursor = &strings->cursor;
    uint64_t length;
    if (!parse_length(cursor, &length, error) ||
        !buffer_reserve(&strings->buffer, (size_t)length + 1, error) ||
        !cursor_bytes(cursor, strings->buffer.bytes, (size_t)length, "string", error))
        return fail_in(error, "%s", cursor->source->name);
    char *text = strings->buffer.bytes;
    text[length] = '\0';
    strings->text = text;
    strings->length = (size_t)length;
    return true;
}

void gguf_strings_end(struct gguf_strings *strings)
{
    buffer_free(&strings->buffer);
}
