#include "gguf.h"

#include "array.h"
#include "gguf_parse.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char magic[4] = {'G', 'G', 'U', 'F'};

bool gguf_recognised(const struct source *source)
{
    char start[sizeof magic];
    struct error unused;
    return source_read(source, 0, start, sizeof start, &unused) &&
           memcmp(start, magic, sizeof magic) == 0;
}

static bool check_version(uint32_t version, struct error *error)
{
    if (version == 2 || version == 3)
        return true;
    /* Swapped small numbers have a zero lower half. */
    if (version != 0 && (version & 0xFFFF) == 0)
        return fail(error, "the file is big-endian, which Roundel does not read");
    return fail(error, "GGUF version %" PRIu32 " is not supported; versions 2 and 3 are", version);
}

static bool parse_header(struct cursor *cursor, struct gguf *gguf, uint64_t *nvalues,
                         uint64_t *ntensors, struct error *error)
{
    if (!gguf_recognised(gguf->source))
        return fail(error, "no GGUF file: it does not begin with \"GGUF\"");
    if (!cursor_skip(cursor, sizeof magic, "magic", error) ||
        !cursor_u32(cursor, &gguf->version, "version", error) ||
        !check_version(gguf->version, error) ||
        !cursor_u64(cursor, ntensors, "number of tensors", error) ||
        !cursor_u64(cursor, nvalues, "number of keys", error))
        return false;
    return cursor_expect(cursor, *ntensors, GGUF_TENSOR_MIN_BYTES, "tensors", error) &&
           cursor_expect(cursor, *nvalues, GGUF_VALUE_MIN_BYTES, "keys", error);
}

static bool parse_values(struct cursor *cursor, struct gguf *gguf, uint64_t count,
                         struct error *error)
{
    size_t capacity = 0;
    while (gguf->nvalues < count) {
        struct gguf_value *values =
            array_grow(gguf->values, gguf->nvalues, &capacity, sizeof *values);
        if (!values)
            return fail(error, "no memory for %zu keys", gguf->nvalues + 1);
        gguf->values = values;
        if (!gguf_parse_value(cursor, gguf->nvalues, &values[gguf->nvalues], error))
            return false;
        gguf->nvalues++;
    }
    return true;
}

static bool parse_tensors(struct cursor *cursor, struct gguf *gguf, uint64_t count,
                          struct error *error)
{
    size_t capacity = 0;
    while (gguf->ntensors < count) {
        struct gguf_tensor *tensors =
            array_grow(gguf->tensors, gguf->ntensors, &capacity, sizeof *tensors);
        if (!tensors)
            return fail(error, "no memory for %zu tensors", gguf->ntensors + 1);
        gguf->tensors = tensors;
        if (!gguf_parse_tensor(cursor, gguf->ntensors, &tensors[gguf->ntensors], error))
            return false;
        gguf->ntensors++;
    }
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Names
 */

static bool sort_names(struct gguf *gguf, struct error *error)
{
    gguf->by_key = calloc(gguf->nvalues + 1, sizeof *gguf->by_key);
    gguf->by_name = calloc(gguf->ntensors + 1, sizeof *gguf->by_name);
    if (!gguf->by_key || !gguf->by_name)
        return fail(error, "no memory to sort %zu keys and %zu tensors", gguf->nvalues,
                    gguf->ntensors);
    for (size_t i = 0; i < gguf->nvalues; i++)
        gguf->by_key[i] = (struct named){gguf->values[i].key, &gguf->values[i]};
    for (size_t i = 0; i < gguf->ntensors; i++)
        gguf->by_name[i] = (struct named){gguf->tensors[i].name, &gguf->tensors[i]};
    return named_sort(gguf->by_key, gguf->nvalues, "key", error) &&
           named_sort(gguf->by_name, gguf->ntensors, "tensor", error);
}

const struct gguf_value *gguf_find(const struct gguf *gguf, const char *key)
{
    return named_find(gguf->by_key, gguf->nvalues, key);
}

const struct gguf_tensor *gguf_find_tensor(const struct gguf *gguf, const char *name)
{
    return named_find(gguf->by_name, gguf->ntensors, name);
}

/* ------------------------------------------------------------------------------------------------
 * The whole file
 */

static bool read_alignment(struct gguf *gguf, struct error *error)
{
    gguf->alignment = 32;
    const struct gguf_value *value = gguf_find(gguf, "general.alignment");
    if (!value)
        return true;
    if (value->type != GGUF_VALUE_U32)
        return fail(error, "key \"general.alignment\" is no u32");
    gguf->alignment = value->scalar;
    bool power_of_two = value->scalar != 0 && (value->scalar & (value->scalar - 1)) == 0;
    return power_of_two ||
           fail(error, "key \"general.alignment\" is %" PRIu64 ", which is no power of two",
                value->scalar);
}

static bool parse(struct cursor *cursor, struct gguf *gguf, struct error *error)
{
    uint64_t nvalues;
    uint64_t ntensors;
    if (!parse_header(cursor, gguf, &nvalues, &ntensors, error) ||
        !parse_values(cursor, gguf, nvalues, error) ||
        !parse_tensors(cursor, gguf, ntensors, error) || !sort_names(gguf, error) ||
        !read_alignment(gguf, error))
        return false;
    gguf->metadata_end = cursor->position;
    gguf->data_offset = gguf_pad(cursor->position, gguf->alignment);
    return gguf_place_tensors(gguf, error);
}

bool gguf_parse(const struct source *source, struct gguf *gguf, struct error *error)
{
    struct cursor cursor;
    cursor_init(&cursor, source, 0);
    *gguf = (struct gguf){.source = source};
    if (!parse(&cursor, gguf, error)) {
        gguf_free(gguf);
        return fail_in(error, "%s", source->name);
    }
    return true;
}

void gguf_free(struct gguf *gguf)
{
    for (size_t i = 0; i < gguf->nvalues; i++)
        free(gguf->values[i].key);
    for (size_t i = 0; i < gguf->ntensors; i++)
        free(gguf->tensors[i].name);
    free(gguf->values);
    free(gguf->tensors);
    free(gguf->by_key);
    free(gguf->by_name);
    *gguf = (struct gguf){0};
}
