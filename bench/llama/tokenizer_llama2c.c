/*
 * Vocabularies of llama2.c (tokenizer.bin): u32 longest piece, then for each piece f32 score, i32
 * length, bytes. Pieces 0 to 2 are <unk>, <s> and </s>; 3 + b stands for byte b.
 */
#include "tokenizer.h"

#include "cursor.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    BEGIN = 1,
    FIRST_BYTE = 3,
    RECORD_BYTES = 8 /* at least */
};

static bool read_piece(struct tokenizer *tokenizer, struct cursor *cursor, uint32_t longest,
                       struct error *error)
{
    uint32_t bits;
    int32_t length;
    float score;
    char *text;
    if (!cursor_u32(cursor, &bits, "score", error) || !cursor_i32(cursor, &length, "length", error))
        return false;
    memcpy(&score, &bits, sizeof score);
    if (isnan(score))
        return fail(error, "its score is NaN");
    if (length < 0 || (uint32_t)length > longest)
        return fail(error, "its length is %" PRId32 ", the longest shall have %" PRIu32, length,
                    longest);
    if (!cursor_text(cursor, (uint64_t)length, &text, "text", error))
        return false;
    const bool good = tokenizer_add(tokenizer, text, (size_t)length, score, true, error);
    free(text);
    return good;
}

bool tokenizer_read_llama2c(struct tokenizer *tokenizer, const struct source *source,
                            uint32_t vocabulary, struct error *error)
{
    struct cursor cursor;
    uint32_t longest;
    cursor_init(&cursor, source, 0);
    if (vocabulary < FIRST_BYTE + 256)
        return fail(error, "a vocabulary of %" PRIu32 " has no tokens for all bytes", vocabulary);
    if (!cursor_u32(&cursor, &longest, "length of the longest piece", error) ||
        !cursor_expect(&cursor, vocabulary, RECORD_BYTES, "pieces", error))
        return false;
    tokenizer->pieces = calloc(vocabulary, sizeof *tokenizer->pieces);
    if (!tokenizer->pieces)
        return fail(error, "no memory for %" PRIu32 " pieces", vocabulary);
    for (uint32_t i = 0; i < vocabulary; i++)
        if (!read_piece(tokenizer, &cursor, longest, error))
            return fail_in(error, "piece %" PRIu32, i);
    if (cursor_remaining(&cursor) > 0)
        return fail(error, "%" PRIu64 " bytes follow the %" PRIu32 " pieces of the model",
                    cursor_remaining(&cursor), vocabulary);
    for (int b = 0; b < 256; b++)
        tokenizer->byte_ids[b] = FIRST_BYTE + b;
    tokenizer->begins = true;
    tokenizer->begin = BEGIN;
    tokenizer->space_prefix = true;
    tokenizer->space = " ";
    tokenizer->unknown_stays_single = true;
    return tokenizer_sort(tokenizer, error);
}
