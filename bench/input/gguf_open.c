/* From a parsed GGUF file to the tensors of a report. */
#include "gguf_parse.h"
#include "gguf_split.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Remarks
 */

struct remarks {
    const struct gguf *gguf;
    bool strict;
    struct tensor_list *list;
    struct error *error;
};

/* A note, or an error where the caller is strict. The text does not name the file. */
static bool remark(const struct remarks *to, const char *text)
{
    if (to->strict)
        return fail(to->error, "%s", text);
    return tensor_list_note(to->list, "%s: %s", to->gguf->source->name, text) ||
           fail(to->error, "no memory for a note");
}

static uint64_t end_of_data(const struct gguf *gguf)
{
    uint64_t end = gguf->ntensors > 0 ? gguf->data_offset : gguf->metadata_end;
    for (size_t i = 0; i < gguf->ntensors; i++) {
        const struct gguf_tensor *tensor = &gguf->tensors[i];
        uint64_t tensor_end = tensor->offset + tensor->nbytes;
        end = tensor_end > end ? tensor_end : end;
    }
    return end;
}

/* The first tensor that does not lie where ggml's loader insists it does: in the order of the
 * table, each right after the padding of the one before. */
static const struct gguf_tensor *first_out_of_place(const struct gguf *gguf)
{
    uint64_t expected = gguf->data_offset;
    for (size_t i = 0; i < gguf->ntensors; i++) {
        const struct gguf_tensor *tensor = &gguf->tensors[i];
        if (tensor->offset != expected)
            return tensor;
        expected += gguf_pad(tensor->nbytes, gguf->alignment);
    }
    return NULL;
}

static const struct gguf_tensor *first_long_name(const struct gguf *gguf)
{
    const size_t ggml_limit = 63;
    for (size_t i = 0; i < gguf->ntensors; i++)
        if (strlen(gguf->tensors[i].name) > ggml_limit)
            return &gguf->tensors[i];
    return NULL;
}

static bool remark_tensor(const struct remarks *to, const struct gguf_tensor *tensor,
                          const char *what)
{
    if (!tensor)
        return true;
    struct error text;
    (void)fail(&text, "%s, so ggml does not load the file", what);
    (void)fail_in_named(&text, "tensor", tensor->name);
    return remark(to, text.text);
}

static bool remark_end(const struct remarks *to)
{
    const struct gguf *gguf = to->gguf;
    uint64_t size = gguf->source->size;
    uint64_t end = end_of_data(gguf);
    uint64_t padded_end = gguf_pad(end, gguf->alignment);
    struct error text;
    if (size > padded_end) {
        (void)fail(&text, "%" PRIu64 " bytes follow the last tensor", size - padded_end);
        return remark(to, text.text);
    }
    if (size < padded_end && gguf->ntensors > 0) {
        (void)fail(&text,
                   "the last %" PRIu64 " bytes of padding are missing, which ggml's loader wants",
                   padded_end - size);
        return remark(to, text.text);
    }
    return true;
}

/* Fails unless bytes [begin, end) are zeros. */
static bool check_zeros(const struct gguf *gguf, uint64_t begin, uint64_t end, struct error *error)
{
    struct cursor cursor;
    cursor_init(&cursor, gguf->source, begin);
    while (cursor.position < end) {
        uint8_t bytes[4096];
        uint64_t left = end - cursor.position;
        size_t count = left < sizeof bytes ? (size_t)left : sizeof bytes;
        if (!cursor_bytes(&cursor, bytes, count, "padding", error))
            return false;
        for (size_t i = 0; i < count; i++)
            if (bytes[i] != 0)
                return fail(error, "byte %" PRIu64 ", which is padding, is not zero",
                            cursor.position - count + i);
    }
    return true;
}

static bool check_padding(const struct gguf *gguf, struct error *error)
{
    struct gguf_tensor **sorted = gguf_tensors_by_offset(gguf);
    if (!sorted)
        return fail(error, "no memory to sort %zu tensors", gguf->ntensors);
    uint64_t size = gguf->source->size;
    uint64_t data_offset = gguf->data_offset < size ? gguf->data_offset : size;
    bool good = check_zeros(gguf, gguf->metadata_end, data_offset, error);
    uint64_t end = data_offset;
    for (size_t i = 0; i < gguf->ntensors && good; i++) {
        if (sorted[i]->nbytes > 0) {
            good = check_zeros(gguf, end, sorted[i]->offset, error);
            end = sorted[i]->offset + sorted[i]->nbytes;
        }
    }
    free(sorted);
    return good && check_zeros(gguf, end, size, error);
}

static bool make_remarks(const struct remarks *to)
{
    return remark_tensor(to, first_long_name(to->gguf), "its name is longer than 63 bytes") &&
           remark_tensor(to, first_out_of_place(to->gguf),
                         "its data is not in the sequence of the tensor table") &&
           remark_end(to) && (!to->strict || check_padding(to->gguf, to->error));
}

/* ------------------------------------------------------------------------------------------------
 * Tensors
 */

static void set_kind(struct tensor *tensor, const struct gguf_type *type)
{
    tensor->type = type->name;
    switch (type->id) {
    case GGUF_F32:
        tensor->kind = ELEMENT_F32;
        return;
    case GGUF_F16:
        tensor->kind = ELEMENT_F16;
        return;
    case GGUF_BF16:
        tensor->kind = ELEMENT_BF16;
        return;
    case GGUF_F64:
        tensor->kind = ELEMENT_F64;
        return;
    default:
        break;
    }
    tensor->kind = ELEMENT_OTHER;
    for (int i = 0; i < RDL_FORMAT_COUNT; i++) {
        enum rdl_format format = (enum rdl_format)i;
        if (rdl_format_info(format)->gguf_type == type->id &&
            rdl_decoder_support(format, RDL_SCALAR)) {
            tensor->kind = ELEMENT_BLOCKS;
            tensor->format = format;
        }
    }
}

static bool add_tensor(struct tensor_list *list, const struct source *source,
                       const struct gguf_tensor *from, struct error *error)
{
    struct tensor tensor = {.source = source, .offset = from->offset, .nbytes = from->nbytes};
    set_kind(&tensor, from->type);
    return tensor_set_dims(&tensor, from->ndims, from->dims, error) &&
           tensor_list_add(list, &tensor, from->name, strlen(from->name), error);
}

static bool add_all(const struct gguf *gguf, bool strict, struct tensor_list *list,
                    struct error *error)
{
    const struct remarks to = {gguf, strict, list, error};
    if (!make_remarks(&to))
        return false;
    for (size_t i = 0; i < gguf->ntensors; i++)
        if (!add_tensor(list, gguf->source, &gguf->tensors[i], error))
            return false;
    return true;
}

/* Fills `split` too, where that is not NULL. */
static bool open_file(struct source *source, bool strict, struct tensor_list *list,
                      struct gguf_split *split, struct error *error)
{
    struct gguf gguf;
    if (!gguf_parse(source, &gguf, error))
        return false;
    const struct tensor_list_mark mark = tensor_list_mark(list);
    const bool known = !split || gguf_split_of(&gguf, split, error);
    const bool good = known && add_all(&gguf, strict, list, error);
    gguf_free(&gguf);
    return known && tensor_list_settle(list, mark, good, source, error);
}

bool gguf_open_part(struct source *source, bool strict, struct tensor_list *list,
                    struct error *error)
{
    return open_file(source, strict, list, NULL, error);
}

static bool open_rest(const struct source *first, const struct gguf_split *split, bool strict,
                      struct tensor_list *list, size_t start, struct error *error)
{
    if (split->count == 1)
        return true;
    if (split->number > 0)
        return tensor_list_note(list, "%s: part %u of %u of a model; the first part stands for all",
                                first->name, (unsigned)split->number + 1, (unsigned)split->count) ||
               fail(error, "no memory for a note");
    return gguf_split_open_rest(first, split, strict, list, start, error) ||
           fail_in(error, "%s", first->name);
}

bool gguf_open(struct source *source, bool strict, struct tensor_list *list, struct error *error)
{
    struct gguf_split split;
    const struct tensor_list_mark mark = tensor_list_mark(list);
    if (!open_file(source, strict, list, &split, error))
        return false;
    if (open_rest(source, &split, strict, list, mark.count, error))
        return true;
    tensor_list_cut(list, mark.count, mark.nnotes);
    tensor_list_disown_source(list, source);
    return false;
}
