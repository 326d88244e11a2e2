/* One safetensors file. Layout: u64 N, N bytes of JSON, data. */
#include "safetensors.h"
#include "named.h"
#include "safetensors_entry.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    PREFIX_BYTES = 8,
    MAX_NAME_BYTES = 65535,           /* as GGUF has it */
    MAX_NAME_TEXT = 6 * 65535 + 2,    /* every byte of the name as \uXXXX, and the quotes */
    MAX_METADATA_MEMBERS = 16 * 1024, /* real files have tens */
    LIST_OVERHEAD = 64                /* for one tensor: the allocation of its name, and sorting */
};

struct header {
    struct safetensors_data data;
    uint64_t allowance; /* bytes that the list of tensors may still take */
    uint64_t max_metadata_text;
    bool has_metadata;
    struct tensor_list *list;
    size_t first; /* our first tensor in the list */
};

/* ------------------------------------------------------------------------------------------------
 * The members of the header
 */

static bool add_tensor(struct header *header, const json_t *name, struct json_span object,
                       struct error *error)
{
    size_t length = json_string_length(name);
    if (length > MAX_NAME_BYTES)
        return fail(error, "tensor name of %zu bytes, the limit is %d", length, MAX_NAME_BYTES);
    uint64_t cost = sizeof(struct tensor) + LIST_OVERHEAD + length;
    if (cost > header->allowance)
        return fail(error, "more tensors than the %" PRIu64 " bytes of data explain",
                    header->data.size);
    header->allowance -= cost;

    struct tensor tensor;
    return (safetensors_entry(object, &header->data, &tensor, error) &&
            tensor_list_add(header->list, &tensor, json_string_value(name), length, error)) ||
           fail_in_named(error, "tensor", json_string_value(name));
}

/* Metadata are strings by unique names. Nobody reads them here; a bad file is a bad file. */
static bool check_metadata_member(json_t *seen, struct json_span key, struct json_span value,
                                  size_t limit, struct error *error)
{
    json_t *text = json_decode_string(value, limit, error);
    if (!text)
        return false;
    json_decref(text);
    json_t *name = json_decode_string(key, MAX_NAME_TEXT, error);
    if (!name)
        return false;
    bool good = true;
    if (json_object_get(seen, json_string_value(name)))
        good = fail(error, "duplicate name");
    else if (json_object_size(seen) == MAX_METADATA_MEMBERS)
        good = fail(error, "more than %d members", MAX_METADATA_MEMBERS);
    else if (json_object_set_new(seen, json_string_value(name), json_true()) != 0)
        good = fail(error, "out of memory");
    json_decref(name);
    return good;
}

static bool check_metadata(struct header *header, struct json_span object, struct error *error)
{
    if (header->has_metadata)
        return fail(error, "duplicate name");
    header->has_metadata = true;
    struct json_walk walk;
    struct json_span key;
    struct json_span value;
    enum json_step step = JSON_STEP_FAILED;
    json_t *seen = json_object();
    if (!seen)
        return fail(error, "out of memory");
    if (json_walk_begin(&walk, object, error)) {
        do {
            step = json_walk_next(&walk, &key, &value, error);
        } while (step == JSON_STEP_MEMBER &&
                 check_metadata_member(seen, key, value, header->max_metadata_text, error));
    }
    json_decref(seen);
    return step == JSON_STEP_END;
}

static bool add_member(struct header *header, struct json_span key, struct json_span value,
                       struct error *error)
{
    json_t *name = json_decode_string(key, MAX_NAME_TEXT, error);
    if (!name)
        return fail_in(error, "a tensor name");
    bool good;
    if (strcmp(json_string_value(name), "__metadata__") == 0)
        good = check_metadata(header, value, error) || fail_in(error, "__metadata__");
    else
        good = add_tensor(header, name, value, error);
    json_decref(name);
    return good;
}

static bool add_members(struct header *header, struct json_span text, struct error *error)
{
    struct json_walk walk;
    struct json_span key;
    struct json_span value;
    enum json_step step;
    if (!json_walk_begin(&walk, text, error))
        return false;
    while ((step = json_walk_next(&walk, &key, &value, error)) == JSON_STEP_MEMBER)
        if (!add_member(header, key, value, error))
            return false;
    for (size_t i = walk.position; step == JSON_STEP_END && i < text.length; i++)
        if (text.text[i] != ' ')
            return fail(error, "something other than spaces behind the closing brace");
    return step == JSON_STEP_END;
}

/* ------------------------------------------------------------------------------------------------
 * The file as a whole
 */

/* By place in the file; empty tensors, which may share one, before what begins there. */
static int compare_places(const void *a, const void *b)
{
    const struct tensor *x = a;
    const struct tensor *y = b;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    if (x->nbytes != y->nbytes)
        return x->nbytes < y->nbytes ? -1 : 1;
    return strcmp(x->name, y->name);
}

static bool check_contiguous(const struct header *header, struct error *error)
{
    uint64_t expected = header->data.offset;
    for (size_t i = header->first; i < header->list->count; i++) {
        const struct tensor *tensor = &header->list->tensors[i];
        if (tensor->offset > expected) {
            (void)fail(error, "%" PRIu64 " bytes before it belong to no tensor",
                       tensor->offset - expected);
            return fail_in_named(error, "tensor", tensor->name);
        }
        if (tensor->offset < expected) {
            (void)fail(error, "overlaps the tensor before it");
            return fail_in_named(error, "tensor", tensor->name);
        }
        expected += tensor->nbytes;
    }
    uint64_t end = header->data.offset + header->data.size;
    return expected == end ||
           fail(error, "%" PRIu64 " bytes follow the last tensor", end - expected);
}

static bool check_unique(const struct header *header, struct error *error)
{
    size_t count = header->list->count - header->first;
    struct named *names = malloc((count + 1) * sizeof *names);
    if (!names)
        return fail(error, "no memory for %zu tensors", count);
    for (size_t i = 0; i < count; i++) {
        const struct tensor *tensor = &header->list->tensors[header->first + i];
        names[i] = (struct named){tensor->name, tensor};
    }
    bool good = named_sort(names, count, "tensor", error);
    free(names);
    return good;
}

static bool parse_header(struct header *header, struct json_span text, struct error *error)
{
    if (!add_members(header, text, error))
        return fail_in(error, "header");
    size_t count = header->list->count - header->first;
    if (count > 0)
        qsort(header->list->tensors + header->first, count, sizeof(struct tensor), compare_places);
    return check_unique(header, error) && check_contiguous(header, error);
}

/* Reads the length of the header and holds it against the file. */
static bool read_length(const struct source *source, uint64_t *length, struct error *error)
{
    uint8_t bytes[PREFIX_BYTES];
    if (source->size < PREFIX_BYTES)
        return fail(error, "%" PRIu64 " bytes are too short for a safetensors file", source->size);
    if (!source_read(source, 0, bytes, sizeof bytes, error))
        return false;
    *length = 0;
    for (unsigned i = 0; i < PREFIX_BYTES; i++)
        *length |= (uint64_t)bytes[i] << (8 * i);
    if (*length > SAFETENSORS_MAX_HEADER || *length > source->size - PREFIX_BYTES)
        return fail(error,
                    "header of %" PRIu64 " bytes: longer than the file or the limit of %u bytes",
                    *length, SAFETENSORS_MAX_HEADER);
    return *length >= 2 || fail(error, "header of %" PRIu64 " bytes: too short", *length);
}

static bool append_tensors(const struct source *source, struct tensor_list *list,
                           struct error *error)
{
    uint64_t length;
    if (!read_length(source, &length, error))
        return false;
    char *text = malloc(length);
    if (!text)
        return fail(error, "no memory for a header of %" PRIu64 " bytes", length);
    uint64_t data_size = source->size - PREFIX_BYTES - length;
    struct header header = {
        .data = {source, PREFIX_BYTES + length, data_size},
        /* A list of 4 MiB holds 9 000 tensors; more have to bring data. A metadata string takes
         * three times its length while Jansson looks at it. */
        .allowance = ((uint64_t)4 << 20) + data_size / 2,
        .max_metadata_text = ((uint64_t)1 << 20) + data_size / 8,
        .list = list,
        .first = list->count,
    };
    bool good = source_read(source, PREFIX_BYTES, text, length, error) &&
                parse_header(&header, (struct json_span){text, length}, error);
    free(text);
    return good;
}

bool safetensors_open(struct source *source, struct tensor_list *list, struct error *error)
{
    const struct tensor_list_mark mark = tensor_list_mark(list);
    return tensor_list_settle(list, mark, append_tensors(source, list, error), source, error);
}

bool safetensors_recognised(const struct source *source)
{
    struct error ignored;
    uint64_t length;
    char brace;
    return read_length(source, &length, &ignored) &&
           source_read(source, PREFIX_BYTES, &brace, 1, &ignored) && brace == '{';
}
