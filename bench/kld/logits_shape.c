/* The sizes of a logits file. */
#include "logits_file.h"

#include "logits_layout.h"
#include <inttypes.h>

uint32_t logits_rows_per_chunk(const struct logits_shape *shape)
{
    return shape->context - 1 - shape->context / 2;
}

uint64_t logits_rows(const struct logits_shape *shape)
{
    return (uint64_t)shape->chunks * logits_rows_per_chunk(shape);
}

uint64_t logits_first_row_offset(const struct logits_shape *shape)
{
    return LOGITS_HEADER_BYTES + sizeof(int32_t) * (uint64_t)shape->chunks * shape->context;
}

static bool check_number(const char *what, uint32_t number, uint32_t least, struct error *error)
{
    return (number >= least && number <= INT32_MAX) ||
           fail(error, "the %s is %" PRId32 ", must be at least %" PRIu32, what, (int32_t)number,
                least);
}

bool logits_file_size(const struct logits_shape *shape, uint64_t *size, struct error *error)
{
    /* With a context of 1 or 2 no position is scored. */
    if (!check_number("context", shape->context, 3, error) ||
        !check_number("vocabulary", shape->vocabulary, 1, error) ||
        !check_number("number of chunks", shape->chunks, 1, error))
        return false;
    /* Each number is below 2^31: only the last product can be too large. */
    const uint64_t head = logits_first_row_offset(shape), rows = logits_rows(shape);
    const uint64_t row_bytes = logits_row_bytes(shape->vocabulary);
    if (head > INT64_MAX || rows > (INT64_MAX - head) / row_bytes)
        return fail(error,
                    "%" PRIu32 " chunks of %" PRIu32 " tokens over a vocabulary of %" PRIu32
                    " are no file",
                    shape->chunks, shape->context, shape->vocabulary);
    *size = head + rows * row_bytes;
    return true;
}

uint32_t logits_target(const struct logits_shape *shape, const int32_t *tokens, uint64_t row)
{
    const uint32_t per_chunk = logits_rows_per_chunk(shape);
    const uint64_t chunk = row / per_chunk, position = shape->context / 2 + row % per_chunk;
    return (uint32_t)tokens[chunk * shape->context + position + 1];
}

bool logits_check_tokens(const struct logits_shape *shape, const int32_t *tokens,
                         struct error *error)
{
    const uint64_t count = (uint64_t)shape->chunks * shape->context;
    for (uint64_t i = 0; i < count; i++)
        if (tokens[i] < 0 || (uint32_t)tokens[i] >= shape->vocabulary)
            return fail(error,
                        "token %" PRIu64 " of chunk %" PRIu64 " is %" PRId32
                        ", outside the vocabulary of %" PRIu32,
                        i % shape->context, i / shape->context, tokens[i], shape->vocabulary);
    return true;
}
