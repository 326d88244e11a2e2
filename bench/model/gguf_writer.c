#include "gguf_writer.h"

#include "gguf_parse.h"
#include <stdlib.h>
#include <string.h>

static const char magic[4] = {'G', 'G', 'U', 'F'};

enum {
    VERSION = 3,
    MAX_ALIGNMENT = 1 << 20 /* padding is built in memory, and who needs more? */
};

bool gguf_writer_open(struct gguf_writer *writer, uint64_t alignment, struct error *error)
{
    *writer = (struct gguf_writer){.alignment = alignment};
    if (alignment > MAX_ALIGNMENT)
        return fail(error, "an alignment of %llu bytes; the most that is written is %d",
                    (unsigned long long)alignment, MAX_ALIGNMENT);
    writer->values = open_memstream(&writer->value_bytes, &writer->value_size);
    writer->table = open_memstream(&writer->table_bytes, &writer->table_size);
    if (writer->values && writer->table)
        return true;
    gguf_writer_close(writer);
    return fail(error, "out of memory");
}

void gguf_writer_close(struct gguf_writer *writer)
{
    if (writer->values)
        fclose(writer->values);
    if (writer->table)
        fclose(writer->table);
    free(writer->value_bytes);
    free(writer->table_bytes);
    *writer = (struct gguf_writer){0};
}

/* ------------------------------------------------------------------------------------------------
 * Records; the host is little-endian, as the file is
 */

static void put(FILE *to, const void *bytes, size_t size)
{
    (void)fwrite(bytes, 1, size, to);
}

static void put_u32(FILE *to, uint32_t value)
{
    put(to, &value, sizeof value);
}

static void put_u64(FILE *to, uint64_t value)
{
    put(to, &value, sizeof value);
}

static void put_string(FILE *to, const char *text)
{
    const size_t length = strlen(text);
    put_u64(to, length);
    put(to, text, length);
}

static void put_key(struct gguf_writer *writer, const char *key, enum gguf_value_type type)
{
    writer->nvalues++;
    put_string(writer->values, key);
    put_u32(writer->values, (uint32_t)type);
}

void gguf_writer_u32(struct gguf_writer *writer, const char *key, uint32_t value)
{
    put_key(writer, key, GGUF_VALUE_U32);
    put_u32(writer->values, value);
}

void gguf_writer_string(struct gguf_writer *writer, const char *key, const char *text)
{
    put_key(writer, key, GGUF_VALUE_STRING);
    put_string(writer->values, text);
}

void gguf_writer_strings(struct gguf_writer *writer, const char *key, char *const *texts,
                         size_t count)
{
    put_key(writer, key, GGUF_VALUE_ARRAY);
    put_u32(writer->values, GGUF_VALUE_STRING);
    put_u64(writer->values, count);
    for (size_t i = 0; i < count; i++)
        put_string(writer->values, texts[i]);
}

bool gguf_writer_copy(struct gguf_writer *writer, const struct gguf *from,
                      const struct gguf_value *value, struct error *error)
{
    uint8_t piece[4096];
    for (uint64_t at = value->record; at < value->record_end;) {
        const uint64_t left = value->record_end - at;
        const size_t size = left < sizeof piece ? (size_t)left : sizeof piece;
        if (!source_read(from->source, at, piece, size, error))
            return fail_in(error, "%s", from->source->name);
        put(writer->values, piece, size);
        at += size;
    }
    writer->nvalues++;
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Tensors
 */

static bool check_tensor(const struct tensor *tensor, const struct gguf_type *type,
                         struct error *error)
{
    const size_t length = strlen(tensor->name);
    if (length == 0 || length > GGUF_MAX_WRITTEN_NAME)
        return fail(error, "its name has %zu bytes; ggml reads names of 1 to %d", length,
                    GGUF_MAX_WRITTEN_NAME);
    if (tensor->ndims > 4)
        return fail(error, "%u dimensions; GGUF has at most 4", tensor->ndims);
    if (tensor->ncols % type->block_length != 0 || (tensor->ncols == 0 && type->block_length > 1))
        return fail(error, "rows of %llu are no whole blocks of %u (%s)",
                    (unsigned long long)tensor->ncols, type->block_length, type->name);
    return true;
}

/* Bytes of the tensor, and where the next one begins; false where they do not fit a file. */
static bool measure(const struct gguf_writer *writer, const struct tensor *tensor,
                    const struct gguf_type *type, uint64_t *nbytes, uint64_t *end)
{
    return gguf_type_bytes(type, tensor->ncols, tensor->nrows, nbytes) &&
           *nbytes <= INT64_MAX - writer->alignment &&
           !__builtin_add_overflow(writer->data_bytes, gguf_pad(*nbytes, writer->alignment), end) &&
           *end <= INT64_MAX;
}

bool gguf_writer_tensor(struct gguf_writer *writer, const struct tensor *tensor,
                        const struct gguf_type *type, uint64_t *offset, uint64_t *nbytes,
                        struct error *error)
{
    uint64_t end;
    if (!check_tensor(tensor, type, error))
        return tensor_fail(tensor, error);
    if (!measure(writer, tensor, type, nbytes, &end)) {
        fail(error, "the tensors up to this one have more bytes than a file can");
        return tensor_fail(tensor, error);
    }
    *offset = writer->data_bytes;
    put_string(writer->table, tensor->name);
    put_u32(writer->table, tensor->ndims);
    for (unsigned i = 0; i < tensor->ndims; i++)
        put_u64(writer->table, tensor->dims[i]);
    put_u32(writer->table, type->id);
    put_u64(writer->table, *offset);
    writer->ntensors++;
    writer->data_bytes = end;
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * The head
 */

static void put_head(const struct gguf_writer *writer, FILE *to)
{
    put(to, magic, sizeof magic);
    put_u32(to, VERSION);
    put_u64(to, writer->ntensors);
    put_u64(to, writer->nvalues);
    put(to, writer->value_bytes, writer->value_size);
    put(to, writer->table_bytes, writer->table_size);
    const uint64_t end = sizeof magic + 4 + 8 + 8 + writer->value_size + writer->table_size;
    for (uint64_t i = end; i < gguf_pad(end, writer->alignment); i++)
        putc(0, to);
}

bool gguf_writer_finish(struct gguf_writer *writer, uint8_t **head, size_t *size,
                        struct error *error)
{
    bool good = fflush(writer->values) == 0 && fflush(writer->table) == 0 &&
                !ferror(writer->values) && !ferror(writer->table);
    char *bytes = NULL;
    FILE *to = good ? open_memstream(&bytes, size) : NULL;
    if (to) {
        put_head(writer, to);
        good = !ferror(to);
        good = fclose(to) == 0 && good;
    }
    if (to && good) {
        *head = (uint8_t *)bytes;
        return true;
    }
    free(bytes);
    return fail(error, "no memory for the head of a GGUF file");
}
