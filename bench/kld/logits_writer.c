/* Writes logits files. */
#include "logits_layout.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

static bool write_bytes(struct logits_writer *writer, const void *bytes, size_t size,
                        struct error *error)
{
    return fwrite(bytes, 1, size, writer->output.file) == size ||
           fail(error, "cannot write '%s'", writer->output.path);
}

static bool write_head(struct logits_writer *writer, const int32_t *tokens, struct error *error)
{
    const struct logits_shape *shape = &writer->shape;
    const uint32_t numbers[3] = {shape->context, shape->vocabulary, shape->chunks};
    const size_t count = (size_t)shape->chunks * shape->context;
    return write_bytes(writer, LOGITS_MAGIC, LOGITS_MAGIC_BYTES, error) &&
           write_bytes(writer, numbers, sizeof numbers, error) &&
           write_bytes(writer, tokens, count * sizeof *tokens, error);
}

bool logits_writer_open(struct logits_writer *writer, const char *path,
                        const struct logits_shape *shape, const int32_t *tokens, float range,
                        struct error *error)
{
    uint64_t size;
    *writer = (struct logits_writer){.shape = *shape, .range = range};
    if (!logits_file_size(shape, &size, error) || !logits_check_tokens(shape, tokens, error))
        return fail_in(error, "%s", path);
    if (!output_open(&writer->output, path, error))
        return false;
    writer->row = malloc(logits_row_bytes(shape->vocabulary));
    const bool good = writer->row ? write_head(writer, tokens, error)
                                  : fail(error, "no memory for a row of '%s'", path);
    if (!good)
        logits_writer_close(writer);
    return good;
}

bool logits_writer_add(struct logits_writer *writer, const float *logits, struct error *error)
{
    const uint32_t n = writer->shape.vocabulary;
    if (writer->written == logits_rows(&writer->shape))
        return fail(error, "'%s' has all its rows", writer->output.path);
    for (uint32_t i = 0; i < n; i++)
        if (!isfinite(logits[i]))
            return fail(error, "the logit of token %" PRIu32 " in row %" PRIu64 " is %g", i,
                        writer->written, (double)logits[i]);
    logits_row_encode(logits, n, writer->range, writer->row);
    writer->written++;
    return write_bytes(writer, writer->row, logits_row_bytes(n), error);
}

bool logits_writer_commit(struct logits_writer *writer, struct error *error)
{
    if (writer->written < logits_rows(&writer->shape))
        return fail(error, "'%s' has %" PRIu64 " of %" PRIu64 " rows", writer->output.path,
                    writer->written, logits_rows(&writer->shape));
    return output_commit(&writer->output, error);
}

void logits_writer_close(struct logits_writer *writer)
{
    output_abandon(&writer->output);
    free(writer->row);
    writer->row = NULL;
}
