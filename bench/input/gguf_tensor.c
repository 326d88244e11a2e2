/* The tensor table of GGUF, and where the tensors lie. */
#include "gguf_parse.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t max_name_bytes = 65535;

uint64_t gguf_pad(uint64_t value, uint64_t alignment)
{
    return (value + alignment - 1) & ~(alignment - 1);
}

/* ------------------------------------------------------------------------------------------------
 * One entry
 */

static bool parse_name(struct cursor *cursor, char **name, struct error *error)
{
    uint64_t length;
    if (!cursor_u64(cursor, &length, "length of the name", error))
        return false;
    if (length == 0 || length > max_name_bytes)
        return fail(error, "a name of %" PRIu64 " bytes; names have 1 to %" PRIu64, length,
                    max_name_bytes);
    if (!cursor_text(cursor, length, name, "the name", error))
        return false;
    if (strlen(*name) != length) {
        char shown[128];
        (void)fail(error, "the name \"%s\" holds a NUL byte",
                   escape(shown, sizeof shown, *name, (size_t)length));
        free(*name);
        return false;
    }
    return true;
}

static bool parse_dims(struct cursor *cursor, struct gguf_tensor *tensor, struct error *error)
{
    uint32_t ndims;
    if (!cursor_u32(cursor, &ndims, "number of dimensions", error))
        return false;
    if (ndims > 4)
        return fail(error, "%" PRIu32 " dimensions; GGUF has at most 4", ndims);
    for (uint32_t i = 0; i < ndims; i++) {
        if (!cursor_u64(cursor, &tensor->dims[i], "dimensions", error))
            return false;
        if (tensor->dims[i] > INT64_MAX)
            return fail(error, "dimension %" PRIu32 " is negative or exceeds 2^63 - 1", i);
    }
    struct tensor shape;
    if (!tensor_set_dims(&shape, ndims, tensor->dims, error))
        return false;
    tensor->ndims = ndims;
    tensor->ncols = shape.ncols;
    tensor->nrows = shape.nrows;
    return true;
}

static bool parse_type(struct cursor *cursor, struct gguf_tensor *tensor, struct error *error)
{
    uint32_t id;
    if (!cursor_u32(cursor, &id, "type", error))
        return false;
    const struct gguf_type *type = gguf_type_find(id);
    if (!type)
        return fail(error, "type %" PRIu32 " %s", id, gguf_type_refusal(id));
    tensor->type = type;
    bool whole_blocks = tensor->ncols % type->block_length == 0;
    if (!whole_blocks || (tensor->ncols == 0 && type->block_length > 1))
        return fail(error, "rows of %" PRIu64 " are no whole blocks of %" PRIu32 " (%s)",
                    tensor->ncols, type->block_length, type->name);
    if (!gguf_type_bytes(type, tensor->ncols, tensor->nrows, &tensor->nbytes))
        return fail(error, "its size in bytes exceeds 2^64");
    return true;
}

bool gguf_parse_tensor(struct cursor *cursor, uint64_t index, struct gguf_tensor *tensor,
                       struct error *error)
{
    *tensor = (struct gguf_tensor){0};
    if (!parse_name(cursor, &tensor->name, error))
        return fail_in(error, "tensor %" PRIu64, index);
    if (!parse_dims(cursor, tensor, error) || !parse_type(cursor, tensor, error) ||
        !cursor_u64(cursor, &tensor->offset, "offset", error)) {
        (void)fail_in_named(error, "tensor", tensor->name);
        free(tensor->name);
        return false;
    }
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * All entries together
 */

static bool check_place(const struct gguf *gguf, const struct gguf_tensor *tensor,
                        struct error *error)
{
    uint64_t data_size = gguf->source->size - gguf->data_offset;
    if (tensor->offset > data_size || tensor->nbytes > data_size - tensor->offset)
        return fail(error,
                    "%" PRIu64 " bytes at offset %" PRIu64 " do not fit into the file's %" PRIu64
                    " bytes of data",
                    tensor->nbytes, tensor->offset, data_size);
    return tensor->offset % gguf->alignment == 0 ||
           fail(error, "its offset %" PRIu64 " is no multiple of the alignment %" PRIu64,
                tensor->offset, gguf->alignment);
}

static int compare_offsets(const void *a, const void *b)
{
    const struct gguf_tensor *x = *(struct gguf_tensor *const *)a;
    const struct gguf_tensor *y = *(struct gguf_tensor *const *)b;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return (x->nbytes > y->nbytes) - (x->nbytes < y->nbytes);
}

struct gguf_tensor **gguf_tensors_by_offset(const struct gguf *gguf)
{
    struct gguf_tensor **sorted = malloc((gguf->ntensors + 1) * sizeof *sorted);
    if (!sorted)
        return NULL;
    for (size_t i = 0; i < gguf->ntensors; i++)
        sorted[i] = &gguf->tensors[i];
    qsort(sorted, gguf->ntensors, sizeof *sorted, compare_offsets);
    return sorted;
}

/* Empty tensors take no room and may lie anywhere. */
static bool check_overlap(const struct gguf *gguf, struct error *error)
{
    struct gguf_tensor **sorted = gguf_tensors_by_offset(gguf);
    if (!sorted)
        return fail(error, "no memory to sort %zu tensors", gguf->ntensors);
    const struct gguf_tensor *previous = NULL;
    bool good = true;
    for (size_t i = 0; i < gguf->ntensors && good; i++) {
        const struct gguf_tensor *next = sorted[i];
        if (next->nbytes == 0)
            continue;
        if (previous && previous->offset + previous->nbytes > next->offset) {
            char other[128];
            (void)fail(error, "it overlaps with \"%s\"",
                       escape(other, sizeof other, previous->name, strlen(previous->name)));
            good = fail_in_named(error, "tensor", next->name);
        }
        previous = next;
    }
    free(sorted);
    return good;
}

bool gguf_place_tensors(struct gguf *gguf, struct error *error)
{
    if (gguf->ntensors == 0)
        return true;
    if (gguf->data_offset > gguf->source->size)
        return fail(error,
                    "the data would begin at byte %" PRIu64 ", but the file ends at %" PRIu64,
                    gguf->data_offset, gguf->source->size);
    for (size_t i = 0; i < gguf->ntensors; i++) {
        struct gguf_tensor *tensor = &gguf->tensors[i];
        if (!check_place(gguf, tensor, error))
            return fail_in_named(error, "tensor", tensor->name);
        tensor->offset += gguf->data_offset;
    }
    return check_overlap(gguf, error);
}
