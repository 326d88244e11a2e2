#include "tensor.h"

#include "array.h"
#include "element.h"
#include "synth.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t tensor_numel(const struct tensor *tensor)
{
    return tensor->ncols * tensor->nrows;
}

bool tensor_is_norm(const struct tensor *tensor)
{
    static const char ending[] = "_norm.weight";
    const size_t length = strlen(tensor->name), tail = sizeof ending - 1;
    return length >= tail && strcmp(tensor->name + length - tail, ending) == 0;
}

bool tensor_readable(const struct tensor *tensor)
{
    return tensor->kind != ELEMENT_OTHER;
}

bool tensor_set_dims(struct tensor *tensor, unsigned ndims, const uint64_t *dims,
                     struct error *error)
{
    if (ndims > TENSOR_MAX_DIMS)
        return fail(error, "%u dimensions; the most is %d", ndims, TENSOR_MAX_DIMS);
    /* Zeros do not take part, so that no order of the dimensions hides an overflow. */
    uint64_t product = 1;
    uint64_t nrows = 1;
    for (unsigned i = 0; i < ndims; i++) {
        uint64_t factor = dims[i] > 0 ? dims[i] : 1;
        if (__builtin_mul_overflow(product, factor, &product) || product > INT64_MAX)
            return fail(error, "the product of the dimensions exceeds 2^63 - 1");
        tensor->dims[i] = dims[i];
        if (i > 0)
            nrows *= dims[i];
    }
    tensor->ndims = ndims;
    tensor->ncols = ndims > 0 ? dims[0] : 1;
    tensor->nrows = nrows;
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Reading
 */

bool buffer_reserve(struct buffer *buffer, size_t size, struct error *error)
{
    if (size <= buffer->size)
        return true;
    free(buffer->bytes);
    *buffer = (struct buffer){.bytes = malloc(size)};
    if (!buffer->bytes)
        return fail(error, "no memory for a buffer of %zu bytes", size);
    buffer->size = size;
    return true;
}

void buffer_free(struct buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct buffer){0};
}

/* Reads the bytes of units [first, first + count), each of `unit_size` bytes, into the buffer. */
static bool read_units(const struct tensor *tensor, uint64_t first, size_t count, size_t unit_size,
                       struct buffer *buffer, struct error *error)
{
    size_t size;
    if (__builtin_mul_overflow(count, unit_size, &size))
        return fail(error, "%zu elements are too many for one read", count);
    return buffer_reserve(buffer, size, error) &&
           source_read(tensor->source, tensor->offset + first * unit_size, buffer->bytes, size,
                       error);
}

static bool read_numbers(const struct tensor *tensor, uint64_t first, size_t count, float *out,
                         struct buffer *buffer, struct error *error)
{
    size_t size = element_size(tensor->kind);
    if (tensor->kind == ELEMENT_F32 && !tensor->swapped)
        return source_read(tensor->source, tensor->offset + first * size, out, count * size, error);
    if (!read_units(tensor, first, count, size, buffer, error))
        return false;
    element_to_f32(tensor->kind, tensor->swapped, buffer->bytes, count, out);
    return true;
}

static bool read_blocks(const struct tensor *tensor, uint64_t first, size_t count, float *out,
                        struct buffer *buffer, struct error *error)
{
    const struct rdl_format_info *format = rdl_format_info(tensor->format);
    if (first % format->block_length != 0 || count % format->block_length != 0)
        return fail(error, "weights %" PRIu64 " to %" PRIu64 " are no whole blocks of %" PRIu32,
                    first, first + count, format->block_length);
    size_t nblocks = count / format->block_length;
    if (!read_units(tensor, first / format->block_length, nblocks, format->block_bytes, buffer,
                    error))
        return false;
    struct rdl_job job = {
        .format = tensor->format, .target = RDL_SCALAR, .nrows = 1, .ncols = count};
    enum rdl_status status = rdl_dequantize(&job, buffer->bytes, out);
    return status == RDL_OK || fail(error, "%s", rdl_status_text(status));
}

static bool read_weights(const struct tensor *tensor, uint64_t first, size_t count, float *out,
                         struct buffer *buffer, struct error *error)
{
    uint64_t numel = tensor_numel(tensor);
    if (first > numel || count > numel - first)
        return fail(error, "%zu weights from %" PRIu64 " are wanted, but there are %" PRIu64, count,
                    first, numel);
    if (count == 0)
        return true;
    switch (tensor->kind) {
    case ELEMENT_F32:
    case ELEMENT_F16:
    case ELEMENT_BF16:
    case ELEMENT_F64:
        return read_numbers(tensor, first, count, out, buffer, error);
    case ELEMENT_BLOCKS:
        return read_blocks(tensor, first, count, out, buffer, error);
    case ELEMENT_SYNTH:
        synth_fill(tensor->synth, first, count, out);
        return true;
    case ELEMENT_OTHER:
        break;
    }
    return fail(error, "Roundel cannot decode the type %s", tensor->type);
}

bool tensor_read(const struct tensor *tensor, uint64_t first, size_t count, float *out,
                 struct buffer *buffer, struct error *error)
{
    return read_weights(tensor, first, count, out, buffer, error) || tensor_fail(tensor, error);
}

bool tensor_fail(const struct tensor *tensor, struct error *error)
{
    fail_in_named(error, "tensor", tensor->name);
    if (tensor->source)
        fail_in(error, "%s", tensor->source->name);
    return false;
}

/* ------------------------------------------------------------------------------------------------
 * The list
 */

/* Room for one more element; reallocated each time, for arrays that stay short. */
static void *one_more(void *array, size_t count, size_t element_bytes)
{
    return realloc(array, (count + 1) * element_bytes);
}

bool tensor_list_add(struct tensor_list *list, const struct tensor *tensor, const char *name,
                     size_t name_length, struct error *error)
{
    char *copy = malloc(name_length + 1);
    struct tensor *tensors =
        array_grow(list->tensors, list->count, &list->capacity, sizeof *tensors);
    if (tensors)
        list->tensors = tensors;
    if (!copy || !tensors) {
        free(copy);
        return fail(error, "no memory for %zu tensors", list->count + 1);
    }
    memcpy(copy, name, name_length);
    copy[name_length] = '\0';
    struct tensor *added = &list->tensors[list->count++];
    *added = *tensor;
    added->name = copy;
    return true;
}

void tensor_list_cut(struct tensor_list *list, size_t count, size_t nnotes)
{
    while (list->count > count)
        free(list->tensors[--list->count].name);
    while (list->nnotes > nnotes)
        free(list->notes[--list->nnotes]);
}

bool tensor_list_own_source(struct tensor_list *list, struct source *source, struct error *error)
{
    struct source **sources = one_more(list->sources, list->nsources, sizeof *sources);
    if (!sources)
        return fail(error, "no memory for %zu files", list->nsources + 1);
    sources[list->nsources++] = source;
    list->sources = sources;
    return true;
}

void tensor_list_disown_source(struct tensor_list *list, const struct source *source)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->nsources; i++)
        if (list->sources[i] != source)
            list->sources[kept++] = list->sources[i];
    list->nsources = kept;
}

bool tensor_list_own_synth(struct tensor_list *list, struct synth *synth, struct error *error)
{
    struct synth **synths = one_more(list->synths, list->nsynths, sizeof *synths);
    if (!synths)
        return fail(error, "no memory for %zu synthetic tensors", list->nsynths + 1);
    synths[list->nsynths++] = synth;
    list->synths = synths;
    return true;
}

bool tensor_list_note(struct tensor_list *list, const char *format, ...)
{
    char text[sizeof((struct error *)NULL)->text];
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    char *copy = written < 0 ? NULL : strdup(text);
    char **notes = copy ? one_more(list->notes, list->nnotes, sizeof *notes) : NULL;
    if (!notes) {
        free(copy);
        return false;
    }
    notes[list->nnotes++] = copy;
    list->notes = notes;
    return true;
}

struct tensor_list_mark tensor_list_mark(const struct tensor_list *list)
{
    return (struct tensor_list_mark){list->count, list->nnotes};
}

bool tensor_list_settle(struct tensor_list *list, struct tensor_list_mark mark, bool good,
                        struct source *source, struct error *error)
{
    if (good && tensor_list_own_source(list, source, error))
        return true;
    tensor_list_cut(list, mark.count, mark.nnotes);
    return fail_in(error, "%s", source->name);
}

void tensor_list_free(struct tensor_list *list)
{
    tensor_list_cut(list, 0, 0);
    free(list->tensors);
    free(list->notes);
    for (size_t i = 0; i < list->nsources; i++) {
        source_close(list->sources[i]);
        free(list->sources[i]);
    }
    free(list->sources);
    for (size_t i = 0; i < list->nsynths; i++)
        synth_free(list->synths[i]);
    free(list->synths);
    *list = (struct tensor_list){0};
}
