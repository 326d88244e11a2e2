#include "tokenizer.h"

#include "array.h"
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Lists
 */

bool token_list_add(struct token_list *list, int32_t id, struct error *error)
{
    int32_t *ids = array_grow(list->ids, list->count, &list->capacity, sizeof *ids);
    if (!ids)
        return fail(error, "no memory for %zu tokens", list->count + 1);
    list->ids = ids;
    ids[list->count++] = id;
    return true;
}

void token_list_free(struct token_list *list)
{
    free(list->ids);
    *list = (struct token_list){0};
}

/* ------------------------------------------------------------------------------------------------
 * Vocabularies
 */

bool tokenizer_add(struct tokenizer *tokenizer, const char *text, size_t length, float score,
                   bool joins, struct error *error)
{
    /* The readers compare the count with the bytes of the file before; memory for it is there. */
    char *copy = malloc(length + 1);
    if (!copy)
        return fail(error, "no memory for a piece of %zu bytes", length);
    memcpy(copy, text, length);
    copy[length] = '\0';
    tokenizer->pieces[tokenizer->count++] =
        (struct vocabulary_piece){copy, length, score, joins && length > 0};
    return true;
}

/* The sorted list for the comparison: qsort() hands nothing on. */
struct sorted_piece {
    const struct vocabulary_piece *piece;
    uint32_t id;
};

static int compare_text(const char *a, size_t na, const char *b, size_t nb)
{
    const int order = memcmp(a, b, na < nb ? na : nb);
    if (order != 0)
        return order;
    return na < nb ? -1 : na > nb;
}

/* The piece with the lower number first among equals. */
static int compare_pieces(const void *a, const void *b)
{
    const struct sorted_piece *x = a, *y = b;
    const int order =
        compare_text(x->piece->text, x->piece->length, y->piece->text, y->piece->length);
    if (order != 0)
        return order;
    return x->id < y->id ? -1 : x->id > y->id;
}

bool tokenizer_sort(struct tokenizer *tokenizer, struct error *error)
{
    struct sorted_piece *list = malloc((tokenizer->count + 1) * sizeof *list);
    tokenizer->sorted = malloc((tokenizer->count + 1) * sizeof *tokenizer->sorted);
    if (!list || !tokenizer->sorted) {
        free(list);
        return fail(error, "no memory for %zu pieces", tokenizer->count);
    }
    size_t n = 0;
    for (size_t i = 0; i < tokenizer->count; i++)
        if (tokenizer->pieces[i].joins)
            list[n++] = (struct sorted_piece){&tokenizer->pieces[i], (uint32_t)i};
    qsort(list, n, sizeof *list, compare_pieces);
    for (size_t i = 0; i < n; i++)
        tokenizer->sorted[i] = list[i].id;
    tokenizer->nsorted = n;
    free(list);
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int tokenizer_byte_of(const char *text, size_t length)
{
    if (length != 6 || memcmp(text, "<0x", 3) != 0 || text[5] != '>')
        return -1;
    const int high = hex_digit(text[3]), low = hex_digit(text[4]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

void tokenizer_free(struct tokenizer *tokenizer)
{
    for (size_t i = 0; i < tokenizer->count; i++)
        free(tokenizer->pieces[i].text);
    free(tokenizer->pieces);
    free(tokenizer->sorted);
    *tokenizer = (struct tokenizer){0};
}

/* ------------------------------------------------------------------------------------------------
 * Opening
 */

static bool read_own(struct tokenizer *tokenizer, const struct source *source, struct error *error)
{
    struct gguf gguf;
    if (!gguf_parse(source, &gguf, error))
        return false;
    const bool good = tokenizer_read_gguf(tokenizer, &gguf, error);
    gguf_free(&gguf);
    return good;
}

static bool read_file(struct tokenizer *tokenizer, const char *path, uint32_t vocabulary,
                      struct error *error)
{
    struct source source;
    if (!source_open_file(&source, path, error))
        return false;
    const bool good =
        tokenizer_read_llama2c(tokenizer, &source, vocabulary, error) || fail_in(error, "%s", path);
    source_close(&source);
    return good;
}

bool tokenizer_open(struct tokenizer *tokenizer, const struct llama_model *model, const char *path,
                    struct error *error)
{
    const struct source *source = model->source;
    const bool is_gguf = gguf_recognised(source);
    *tokenizer = (struct tokenizer){0};
    if (!is_gguf && !path)
        return fail(error,
                    "%s: a llama2.c checkpoint has no vocabulary of its own; name the file "
                    "with --tokenizer",
                    source->name);
    if (is_gguf && path)
        return fail(error, "%s has its own vocabulary; --tokenizer is for llama2.c checkpoints",
                    source->name);
    bool good = is_gguf ? read_own(tokenizer, source, error)
                        : read_file(tokenizer, path, model->shape.vocabulary, error);
    if (good && tokenizer->count != model->shape.vocabulary)
        good = fail(error, "%s: a vocabulary of %zu pieces, where the model has %lu", source->name,
                    tokenizer->count, (unsigned long)model->shape.vocabulary);
    if (!good)
        tokenizer_free(tokenizer);
    return good;
}

/* ------------------------------------------------------------------------------------------------
 * Text
 */

static bool run_bytes(const struct tokenizer *tokenizer, const char *text, size_t length,
                      struct token_list *tokens, struct error *error)
{
    if (tokenizer->space_prefix && length > 0 &&
        !token_list_add(tokens, tokenizer->byte_ids[' '], error))
        return false;
    for (size_t i = 0; i < length; i++)
        if (!token_list_add(tokens, tokenizer->byte_ids[(uint8_t)text[i]], error))
            return false;
    return true;
}

/* The text as the pieces write it. */
static char *with_spaces(const struct tokenizer *tokenizer, const char *text, size_t length,
                         size_t *written)
{
    const size_t nspace = strlen(tokenizer->space);
    char *out = length < SIZE_MAX / 4 ? malloc((length + 1) * nspace) : NULL;
    size_t n = 0;
    if (!out)
        return NULL;
    if (tokenizer->space_prefix && length > 0) {
        memcpy(out, tokenizer->space, nspace);
        n = nspace;
    }
    for (size_t i = 0; i < length; i++)
        if (text[i] == ' ') {
            memcpy(out + n, tokenizer->space, nspace);
            n += nspace;
        } else {
            out[n++] = text[i];
        }
    *written = n;
    return out;
}

bool tokenizer_run(const struct tokenizer *tokenizer, const char *text, size_t length,
                   struct token_list *tokens, struct error *error)
{
    if (tokenizer->begins && !token_list_add(tokens, tokenizer->begin, error))
        return false;
    if (tokenizer->bytes_only)
        return run_bytes(tokenizer, text, length, tokens, error);
    size_t n;
    char *spaced = with_spaces(tokenizer, text, length, &n);
    if (!spaced)
        return fail(error, "no memory for a text of %zu bytes", length);
    const bool good = tokenizer_join(tokenizer, spaced, n, tokens, error);
    free(spaced);
    return good;
}
