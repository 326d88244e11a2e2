#include "logits_file.h"

#include "logits_layout.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Header
 */

static uint32_t bytes_reversed(uint32_t x)
{
    return x >> 24 | (x >> 8 & 0xFF00u) | (x << 8 & 0xFF0000u) | x << 24;
}

/* The header makes sense, and the size is right, when its numbers are read the other way round. */
static bool is_big_endian(const struct logits_shape *shape, uint64_t size)
{
    const struct logits_shape reversed = {
        .context = bytes_reversed(shape->context),
        .vocabulary = bytes_reversed(shape->vocabulary),
        .chunks = bytes_reversed(shape->chunks),
    };
    struct error ignored;
    uint64_t expected;
    return logits_file_size(&reversed, &expected, &ignored) && expected == size;
}

static bool read_shape(const struct source *source, struct logits_shape *shape, struct error *error)
{
    uint8_t header[LOGITS_HEADER_BYTES];
    if (source->size < sizeof header)
        return fail(error, "it ends after %" PRIu64 " bytes, in a header of %zu", source->size,
                    sizeof header);
    if (!source_read(source, 0, header, sizeof header, error))
        return false;
    if (memcmp(header, LOGITS_MAGIC, LOGITS_MAGIC_BYTES) != 0)
        return fail(error, "it does not begin with '" LOGITS_MAGIC "'");
    uint32_t numbers[3];
    memcpy(numbers, header + LOGITS_MAGIC_BYTES, sizeof numbers);
    *shape = (struct logits_shape){numbers[0], numbers[1], numbers[2]};
    return true;
}

static bool check_size(const struct source *source, const struct logits_shape *shape,
                       struct error *error)
{
    uint64_t expected = 0;
    const bool sound = logits_file_size(shape, &expected, error);
    if (sound && source->size == expected)
        return true;
    if (is_big_endian(shape, source->size))
        return fail(error, "it was written on a big-endian machine; such files are not read");
    return sound && fail(error,
                         "it has %" PRIu64 " bytes, but %" PRIu32 " chunks of %" PRIu32
                         " tokens over a vocabulary of %" PRIu32 " make %" PRIu64,
                         source->size, shape->chunks, shape->context, shape->vocabulary, expected);
}

static bool read_tokens(struct logits_file *file, struct error *error)
{
    const size_t size = logits_first_row_offset(&file->shape) - LOGITS_HEADER_BYTES;
    file->tokens = malloc(size);
    if (!file->tokens)
        return fail(error, "no memory for its tokens");
    return source_read(&file->source, LOGITS_HEADER_BYTES, file->tokens, size, error) &&
           logits_check_tokens(&file->shape, file->tokens, error);
}

/* ------------------------------------------------------------------------------------------------
 * The file
 */

bool logits_open(struct logits_file *file, struct source *source, struct error *error)
{
    *file = (struct logits_file){.source = *source};
    *source = (struct source){.fd = -1};
    if (!read_shape(&file->source, &file->shape, error) ||
        !check_size(&file->source, &file->shape, error) || !read_tokens(file, error)) {
        (void)fail_in(error, "%s: logits file", file->source.name);
        logits_close(file);
        return false;
    }
    file->rows = logits_rows(&file->shape);
    file->row_bytes = logits_row_bytes(file->shape.vocabulary);
    return true;
}

bool logits_open_path(struct logits_file *file, const char *path, struct error *error)
{
    struct source source;
    return source_open_file(&source, path, error) && logits_open(file, &source, error);
}

bool logits_read_rows(const struct logits_file *file, uint64_t first, uint64_t count, uint8_t *rows,
                      struct error *error)
{
    const uint64_t offset = logits_first_row_offset(&file->shape) + first * file->row_bytes;
    return source_read(&file->source, offset, rows, count * file->row_bytes, error) ||
           fail_in(error, "%s", file->source.name);
}

static bool same_number(const char *what, uint32_t base, uint32_t other, struct error *error)
{
    return base == other ||
           fail(error, "its %s is %" PRIu32 ", the base's is %" PRIu32, what, other, base);
}

static bool same_tokens(const struct logits_file *base, const struct logits_file *other,
                        struct error *error)
{
    const uint64_t context = base->shape.context, count = context * base->shape.chunks;
    for (uint64_t i = 0; i < count; i++)
        if (base->tokens[i] != other->tokens[i])
            return fail(error,
                        "it is of another text: token %" PRIu64 " of chunk %" PRIu64 " is %" PRId32
                        ", the base's is %" PRId32,
                        i % context, i / context, other->tokens[i], base->tokens[i]);
    return true;
}

bool logits_same_text(const struct logits_file *base, const struct logits_file *other,
                      struct error *error)
{
    const struct logits_shape *b = &base->shape, *o = &other->shape;
    return (same_number("vocabulary", b->vocabulary, o->vocabulary, error) &&
            same_number("context", b->context, o->context, error) &&
            same_number("number of chunks", b->chunks, o->chunks, error) &&
            same_tokens(base, other, error)) ||
           fail_in(error, "%s", other->source.name);
}

void logits_close(struct logits_file *file)
{
    source_close(&file->source);
    free(file->tokens);
    file->tokens = NULL;
}
