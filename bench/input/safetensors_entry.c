/* One tensor's entry in the header of a safetensors file. */
#include "safetensors_entry.h"
#include <inttypes.h>
#include <string.h>

enum {
    MAX_ENTRY_TEXT = 4096
}; /* real ones take 100 bytes, 32 dimensions of 20 digits 800 */

struct dtype {
    const char *name;
    unsigned bits;
    enum element_kind kind;
};

static const struct dtype dtypes[] = {
    {"F32", 32, ELEMENT_F32},          {"F16", 16, ELEMENT_F16},
    {"BF16", 16, ELEMENT_BF16},        {"F64", 64, ELEMENT_F64},
    {"BOOL", 8, ELEMENT_OTHER},        {"U8", 8, ELEMENT_OTHER},
    {"I8", 8, ELEMENT_OTHER},          {"U16", 16, ELEMENT_OTHER},
    {"I16", 16, ELEMENT_OTHER},        {"U32", 32, ELEMENT_OTHER},
    {"I32", 32, ELEMENT_OTHER},        {"U64", 64, ELEMENT_OTHER},
    {"I64", 64, ELEMENT_OTHER},        {"C64", 64, ELEMENT_OTHER},
    {"F4", 4, ELEMENT_OTHER},          {"F6_E2M3", 6, ELEMENT_OTHER},
    {"F6_E3M2", 6, ELEMENT_OTHER},     {"F8_E5M2", 8, ELEMENT_OTHER},
    {"F8_E4M3", 8, ELEMENT_OTHER},     {"F8_E8M0", 8, ELEMENT_OTHER},
    {"F8_E4M3FNUZ", 8, ELEMENT_OTHER}, {"F8_E5M2FNUZ", 8, ELEMENT_OTHER},
};

static const struct dtype *find_dtype(const char *name)
{
    for (size_t i = 0; i < sizeof dtypes / sizeof dtypes[0]; i++)
        if (strcmp(name, dtypes[i].name) == 0)
            return &dtypes[i];
    return NULL;
}

/* An array of `min` to `max` integers >= 0. Jansson reads -0 as 0, so the text is looked at too. */
static bool decode_integers(struct json_span span, size_t min, size_t max, uint64_t *out,
                            size_t *count, struct error *error)
{
    json_t *array = json_decode(span, MAX_ENTRY_TEXT, error);
    if (!array)
        return false;
    *count = json_array_size(array);
    bool good = json_is_array(array) && !memchr(span.text, '-', span.length);
    for (size_t i = 0; good && i < *count; i++)
        good = json_is_integer(json_array_get(array, i));
    if (!good)
        fail(error, "is no array of integers >= 0");
    else if (*count < min || *count > max)
        good = fail(error, "has %zu entries; %zu to %zu are possible", *count, min, max);
    for (size_t i = 0; good && i < *count; i++)
        out[i] = (uint64_t)json_integer_value(json_array_get(array, i));
    json_decref(array);
    return good;
}

struct description {
    const struct dtype *dtype;
    bool has_shape, has_offsets;
    size_t ndims;
    uint64_t shape[TENSOR_MAX_DIMS]; /* slowest index first */
    uint64_t offsets[2];
};

static bool decode_dtype(struct description *description, struct json_span value,
                         struct error *error)
{
    json_t *string = json_decode_string(value, MAX_ENTRY_TEXT, error);
    if (!string)
        return false;
    description->dtype = find_dtype(json_string_value(string));
    if (!description->dtype) {
        char name[32];
        escape(name, sizeof name, json_string_value(string), json_string_length(string));
        fail(error, "unknown dtype '%s'", name);
    }
    json_decref(string);
    return description->dtype != NULL;
}

/* Members that the format does not know are ignored. */
static bool decode_member(struct description *description, const char *key, struct json_span value,
                          struct error *error)
{
    if (strcmp(key, "dtype") == 0)
        return decode_dtype(description, value, error) || fail_in(error, "dtype");
    if (strcmp(key, "shape") == 0) {
        description->has_shape = true;
        return decode_integers(value, 0, TENSOR_MAX_DIMS, description->shape, &description->ndims,
                               error) ||
               fail_in(error, "shape");
    }
    if (strcmp(key, "data_offsets") == 0) {
        size_t count;
        description->has_offsets = true;
        return decode_integers(value, 2, 2, description->offsets, &count, error) ||
               fail_in(error, "data_offsets");
    }
    return true;
}

static bool decode_members(struct description *description, struct json_span object,
                           struct error *error)
{
    struct json_walk walk;
    struct json_span key;
    struct json_span value;
    enum json_step step;
    if (!json_walk_begin(&walk, object, error))
        return false;
    while ((step = json_walk_next(&walk, &key, &value, error)) == JSON_STEP_MEMBER) {
        json_t *name = json_decode_string(key, MAX_ENTRY_TEXT, error);
        bool good = name && decode_member(description, json_string_value(name), value, error);
        json_decref(name);
        if (!good)
            return false;
    }
    return step == JSON_STEP_END;
}

static bool decode_description(struct description *description, struct json_span object,
                               struct error *error)
{
    /* This sees duplicate members, and whatever is wrong inside members that are ignored. */
    json_t *whole = json_decode(object, MAX_ENTRY_TEXT, error);
    if (!whole)
        return false;
    json_decref(whole);
    *description = (struct description){0};
    if (!decode_members(description, object, error))
        return false;
    const char *missing = !description->dtype         ? "dtype"
                          : !description->has_shape   ? "shape"
                          : !description->has_offsets ? "data_offsets"
                                                      : NULL;
    return !missing || fail(error, "%s is missing", missing);
}

/* The bytes of the data from the shape; they must agree with the offsets. */
static bool check_size(const struct tensor *tensor, const struct description *description,
                       struct error *error)
{
    uint64_t bits;
    if (__builtin_mul_overflow(tensor_numel(tensor), (uint64_t)description->dtype->bits, &bits))
        return fail(error, "the size of the data overflows 64 bits");
    if (bits % 8 != 0)
        return fail(error, "%" PRIu64 " elements of %u bits are no whole number of bytes",
                    tensor_numel(tensor), description->dtype->bits);
    if (bits / 8 != tensor->nbytes)
        return fail(error, "data_offsets span %" PRIu64 " bytes, but shape and dtype need %" PRIu64,
                    tensor->nbytes, bits / 8);
    return true;
}

static bool place_tensor(struct tensor *tensor, const struct description *description,
                         const struct safetensors_data *data, struct error *error)
{
    uint64_t begin = description->offsets[0];
    uint64_t end = description->offsets[1];
    if (begin > end || end > data->size)
        return fail(error,
                    "data_offsets [%" PRIu64 ", %" PRIu64 "] do not lie in the %" PRIu64
                    " bytes of data",
                    begin, end, data->size);
    uint64_t dims[TENSOR_MAX_DIMS];
    for (size_t i = 0; i < description->ndims; i++)
        dims[i] = description->shape[description->ndims - 1 - i];
    *tensor = (struct tensor){
        .type = description->dtype->name,
        .kind = description->dtype->kind,
        .source = data->source,
        .offset = data->offset + begin,
        .nbytes = end - begin,
    };
    return tensor_set_dims(tensor, (unsigned)description->ndims, dims, error) &&
           check_size(tensor, description, error);
}

bool safetensors_entry(struct json_span text, const struct safetensors_data *data,
                       struct tensor *tensor, struct error *error)
{
    struct description description;
    return decode_description(&description, text, error) &&
           place_tensor(tensor, &description, data, error);
}
