/* NumPy .npy files: magic, version, length of the header, header, data. */
#include "npy.h"
#include "npy_header.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t magic[6] = {0x93, 'N', 'U', 'M', 'P', 'Y'};

enum {
    MAX_HEADER = 65535 /* the longest of version 1.0; NumPy itself stops at 10 000 */
};

struct element {
    const char *code; /* kind and size as in descr */
    const char *type;
    enum element_kind kind;
    unsigned size;
};

static const struct element elements[] = {
    {"f2", "F16", ELEMENT_F16, 2},   {"f4", "F32", ELEMENT_F32, 4},
    {"f8", "F64", ELEMENT_F64, 8},   {"i1", "I8", ELEMENT_OTHER, 1},
    {"i2", "I16", ELEMENT_OTHER, 2}, {"i4", "I32", ELEMENT_OTHER, 4},
    {"i8", "I64", ELEMENT_OTHER, 8}, {"u1", "U8", ELEMENT_OTHER, 1},
    {"u2", "U16", ELEMENT_OTHER, 2}, {"u4", "U32", ELEMENT_OTHER, 4},
    {"u8", "U64", ELEMENT_OTHER, 8}, {"b1", "BOOL", ELEMENT_OTHER, 1},
};

static const struct element bf16_element = {"V2", "BF16", ELEMENT_BF16, 2};

static const char *why_refused(char kind)
{
    switch (kind) {
    case 'O':
        return "pickled Python objects are never loaded";
    case 'S':
    case 'a':
    case 'U':
        return "text";
    case 'M':
    case 'm':
        return "dates and times";
    case 'c':
        return "complex numbers";
    case 'V':
        return "raw bytes";
    default:
        return "unknown";
    }
}

static bool find_element(const char *descr, const struct npy_options *options,
                         struct element *element, bool *swapped, struct error *error)
{
    bool ordered = descr[0] != '\0' && strchr("<>=|", descr[0]);
    const char *code = ordered ? descr + 1 : descr;
    *swapped = descr[0] == '>';
    if (strcmp(code, "V2") == 0 && (descr[0] == '|' || descr[0] == '<')) {
        *element = bf16_element;
        return options->as_bf16 || fail(error,
                                        "element type '%s': raw bytes; --as bf16 reads them "
                                        "as bfloat16",
                                        descr);
    }
    for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++) {
        *element = elements[i];
        if (strcmp(code, element->code) == 0) {
            if (!ordered || (descr[0] == '|' && element->size > 1))
                return fail(error, "element type '%s' lacks its byte order", descr);
            return true;
        }
    }
    char printable[64];
    return fail(error, "element type '%s' (%s) cannot be read; weights are f2, f4 or f8",
                escape(printable, sizeof printable, descr, strlen(descr)), why_refused(code[0]));
}

/* True if C and Fortran order put the elements in the same places. */
static bool order_is_one(const struct npy_header *header)
{
    unsigned extended = 0;
    for (unsigned i = 0; i < header->ndims; i++) {
        if (header->shape[i] == 0)
            return true;
        extended += header->shape[i] > 1;
    }
    return extended <= 1;
}

static bool describe(struct tensor *tensor, const struct npy_header *header,
                     const struct npy_options *options, struct error *error)
{
    struct element element;
    if (!find_element(header->descr, options, &element, &tensor->swapped, error))
        return false;
    if (header->fortran_order && !order_is_one(header))
        return fail(error, "Fortran order: save it again in C order, with "
                           "numpy.save(path, numpy.ascontiguousarray(array))");
    uint64_t dims[TENSOR_MAX_DIMS];
    for (unsigned i = 0; i < header->ndims; i++)
        dims[i] = header->shape[header->ndims - 1 - i];
    tensor->kind = element.kind;
    tensor->type = element.type;
    return tensor_set_dims(tensor, header->ndims, dims, error) &&
           (!__builtin_mul_overflow(tensor_numel(tensor), (uint64_t)element.size,
                                    &tensor->nbytes) ||
            fail(error, "the size of the data overflows 64 bits"));
}

/* Version and length of the header; `*offset` moves to the header's text. */
static bool read_prefix(const struct source *source, uint64_t *offset, uint64_t *length,
                        struct error *error)
{
    uint8_t bytes[12] = {0};
    size_t available = source->size < sizeof bytes ? (size_t)source->size : sizeof bytes;
    if (!source_read(source, 0, bytes, available, error))
        return false;
    if (available < 10 || memcmp(bytes, magic, sizeof magic) != 0)
        return fail(error, "no .npy file: the magic bytes or the version are missing");
    unsigned major = bytes[6];
    unsigned minor = bytes[7];
    if (major < 1 || major > 3 || minor != 0)
        return fail(error, ".npy version %u.%u; 1.0, 2.0 and 3.0 can be read", major, minor);
    *offset = major == 1 ? 10 : 12;
    *length = bytes[8] | (uint64_t)bytes[9] << 8;
    if (major > 1)
        *length |= (uint64_t)bytes[10] << 16 | (uint64_t)bytes[11] << 24;
    if (*offset > source->size || *length > source->size - *offset)
        return fail(error, "header of %" PRIu64 " bytes: longer than the file", *length);
    return *length <= MAX_HEADER ||
           fail(error, "header of %" PRIu64 " bytes, the limit is %d", *length, MAX_HEADER);
}

static bool read_header(const struct source *source, struct npy_header *header, uint64_t *end,
                        struct error *error)
{
    uint64_t offset = 0;
    uint64_t length = 0;
    if (!read_prefix(source, &offset, &length, error))
        return false;
    *end = offset + length;
    char *text = malloc(length + 1);
    if (!text)
        return fail(error, "out of memory");
    bool good = source_read(source, offset, text, length, error) &&
                (npy_header_parse(header, text, length, error) || fail_in(error, "header"));
    free(text);
    return good;
}

static bool check_data(const struct tensor *tensor, const struct npy_options *options,
                       struct tensor_list *list, struct error *error)
{
    uint64_t available = tensor->source->size - tensor->offset;
    if (tensor->nbytes > available)
        return fail(error, "the array has %" PRIu64 " bytes, the file only %" PRIu64,
                    tensor->nbytes, available);
    uint64_t behind = available - tensor->nbytes;
    if (behind == 0)
        return true;
    if (options->strict)
        return fail(error, "%" PRIu64 " bytes behind the array", behind);
    return tensor_list_note(list, "%s: %" PRIu64 " bytes behind the array", tensor->source->name,
                            behind) ||
           fail(error, "out of memory");
}

bool npy_recognised(const struct source *source)
{
    struct error ignored;
    uint8_t bytes[sizeof magic];
    return source_read(source, 0, bytes, sizeof bytes, &ignored) &&
           memcmp(bytes, magic, sizeof magic) == 0;
}

bool npy_open(struct source *source, const char *name, const struct npy_options *options,
              struct tensor_list *list, struct error *error)
{
    const struct tensor_list_mark mark = tensor_list_mark(list);
    struct npy_header header;
    struct tensor tensor = {.source = source};
    const bool good = read_header(source, &header, &tensor.offset, error) &&
                      describe(&tensor, &header, options, error) &&
                      check_data(&tensor, options, list, error) &&
                      tensor_list_add(list, &tensor, name, strlen(name), error);
    return tensor_list_settle(list, mark, good, source, error);
}
