/* Vocabularies of GGUF files: tokenizer.ggml.model "llama", which is SentencePiece with scores. */
#include "tokenizer.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* tokenizer.ggml.token_type */
enum piece_type {
    PIECE_NORMAL = 1,
    PIECE_UNKNOWN,
    PIECE_CONTROL,
    PIECE_USER_DEFINED,
    PIECE_UNUSED,
    PIECE_BYTE
};

/* U+2581, which stands for a space. */
static const char space_sign[] = "\xe2\x96\x81";

#define TOKENS "tokenizer.ggml.tokens"
#define SCORES "tokenizer.ggml.scores"
#define TYPES  "tokenizer.ggml.token_type"

static bool check_kind(const struct gguf *gguf, struct error *error)
{
    char *kind, shown[64];
    size_t length;
    if (!gguf_get_string(gguf, "tokenizer.ggml.model", &kind, &length, error))
        return false;
    const bool good = length == 5 && memcmp(kind, "llama", 5) == 0;
    if (!good)
        (void)fail(error,
                   "%s: a vocabulary of the kind '%s'; only 'llama' (SentencePiece) can be used, "
                   "others with ids from a file (--tokens)",
                   gguf->source->name, escape(shown, sizeof shown, kind, length));
    free(kind);
    return good;
}

/* ------------------------------------------------------------------------------------------------
 * Arrays beside the tokens
 */

/* Numbers of four bytes, one for each token; from malloc. */
static void *read_array(const struct gguf *gguf, const char *key, enum gguf_value_type type,
                        uint64_t count, struct error *error)
{
    const struct gguf_value *value = gguf_find(gguf, key);
    void *out = NULL;
    if (!value || value->type != GGUF_VALUE_ARRAY || value->element != type)
        (void)fail(error, "%s: there is no array of %s \"%s\"", gguf->source->name,
                   gguf_value_type_name(type), key);
    else if (value->count != count)
        (void)fail(error, "%s: \"%s\" has %" PRIu64 " elements, but there are %" PRIu64 " tokens",
                   gguf->source->name, key, value->count, count);
    else if (!(out = malloc((size_t)count * 4 + 1)))
        (void)fail(error, "no memory for %" PRIu64 " tokens", count);
    else if (!source_read(gguf->source, value->offset, out, (size_t)count * 4, error)) {
        (void)fail_in(error, "%s", gguf->source->name);
        free(out);
        out = NULL;
    }
    return out;
}

static bool get_flag(const struct gguf *gguf, const char *key, bool otherwise, bool *out,
                     struct error *error)
{
    const struct gguf_value *value = gguf_find(gguf, key);
    *out = value ? value->scalar != 0 : otherwise;
    return !value || value->type == GGUF_VALUE_BOOL ||
           fail(error, "%s: key \"%s\" is no bool", gguf->source->name, key);
}

/* ------------------------------------------------------------------------------------------------
 * Pieces
 */

/* What one token is for. */
static bool add_piece(struct tokenizer *tokenizer, const struct gguf_strings *strings, float score,
                      int32_t type, struct error *error)
{
    const int32_t id = (int32_t)tokenizer->count;
    const int byte = tokenizer_byte_of(strings->text, strings->length);
    if (isnan(score))
        return fail(error, "the score of token %" PRId32 " is NaN", id);
    if (type == PIECE_USER_DEFINED)
        return fail(error,
                    "token %" PRId32 " is user-defined, which is not supported; ids can come from "
                    "a file (--tokens)",
                    id);
    if (type == PIECE_BYTE && byte < 0)
        return fail(error, "token %" PRId32 " shall be a byte, but is not written <0xNN>", id);
    if (type == PIECE_BYTE && tokenizer->byte_ids[byte] < 0)
        tokenizer->byte_ids[byte] = id;
    return tokenizer_add(tokenizer, strings->text, strings->length, score, type == PIECE_NORMAL,
                         error);
}

static bool add_pieces(struct tokenizer *tokenizer, struct gguf_strings *strings,
                       const float *scores, const int32_t *types, struct error *error)
{
    for (uint64_t i = 0; i < strings->count; i++) {
        if (!gguf_strings_next(strings, error))
            return false;
        if (!add_piece(tokenizer, strings, scores[i], types[i], error))
            return fail_in(error, "%s", strings->cursor.source->name);
    }
    return true;
}

static bool read_pieces(struct tokenizer *tokenizer, const struct gguf *gguf, struct error *error)
{
    struct gguf_strings strings;
    if (!gguf_strings_begin(gguf, TOKENS, &strings, error))
        return false;
    tokenizer->pieces = calloc((size_t)strings.count + 1, sizeof *tokenizer->pieces);
    float *scores = read_array(gguf, SCORES, GGUF_VALUE_F32, strings.count, error);
    int32_t *types = scores ? read_array(gguf, TYPES, GGUF_VALUE_I32, strings.count, error) : NULL;
    bool good = scores && types;
    if (good && !tokenizer->pieces)
        good = fail(error, "no memory for %" PRIu64 " pieces", strings.count);
    good = good && add_pieces(tokenizer, &strings, scores, types, error);
    gguf_strings_end(&strings);
    free(scores);
    free(types);
    return good;
}

/* The number of the only piece that joins, if it is the space; or -1. */
static int32_t only_space(const struct tokenizer *tokenizer)
{
    int32_t found = -1;
    for (size_t i = 0; i < tokenizer->count; i++) {
        const struct vocabulary_piece *piece = &tokenizer->pieces[i];
        if (!piece->joins)
            continue;
        if (found >= 0 || strcmp(piece->text, space_sign) != 0)
            return -1;
        found = (int32_t)i;
    }
    return found;
}

static bool check_bytes(const struct tokenizer *tokenizer, const struct gguf *gguf,
                        struct error *error)
{
    for (int b = 0; b < 256; b++)
        if (tokenizer->byte_ids[b] < 0)
            return fail(error, "%s: the vocabulary has no token for byte %d", gguf->source->name,
                        b);
    return true;
}

static bool read_flags(struct tokenizer *tokenizer, const struct gguf *gguf, struct error *error)
{
    uint64_t begin = 0;
    if (!get_flag(gguf, "tokenizer.ggml.add_bos_token", true, &tokenizer->begins, error) ||
        !get_flag(gguf, "tokenizer.ggml.add_space_prefix", true, &tokenizer->space_prefix, error))
        return false;
    if (!tokenizer->begins)
        return true;
    if (!gguf_get_count(gguf, "tokenizer.ggml.bos_token_id", &begin, error))
        return false;
    tokenizer->begin = (int32_t)begin;
    return begin < tokenizer->count ||
           fail(error, "%s: the token that begins a text, %" PRIu64 ", is none of %zu",
                gguf->source->name, begin, tokenizer->count);
}

bool tokenizer_read_gguf(struct tokenizer *tokenizer, const struct gguf *gguf, struct error *error)
{
    tokenizer->space = space_sign;
    for (int b = 0; b < 256; b++)
        tokenizer->byte_ids[b] = -1;
    if (!check_kind(gguf, error) || !read_pieces(tokenizer, gguf, error) ||
        !check_bytes(tokenizer, gguf, error) || !read_flags(tokenizer, gguf, error))
        return false;
    const int32_t space = only_space(tokenizer);
    tokenizer->bytes_only = space >= 0;
    if (tokenizer->bytes_only)
        tokenizer->byte_ids[' '] = space;
    return tokenizer_sort(tokenizer, error);
}
