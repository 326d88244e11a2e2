#include "eval_text.h"

#include "array.h"
#include "builtin.h"
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char prefix[] = "builtin:";

/* ------------------------------------------------------------------------------------------------
 * Bytes
 */

static bool is_builtin(const char *spec)
{
    return strncmp(spec, prefix, strlen(prefix)) == 0;
}

static bool find_builtin(const char *spec, const void **bytes, uint64_t *size, struct error *error)
{
    return builtin_find(spec + strlen(prefix), BUILTIN_TEXT, bytes, size) ||
           fail(error, "%s: no such built-in text; there is " EVAL_DEFAULT_TEXT, spec);
}

bool eval_text_check(const char *spec, struct error *error)
{
    const void *bytes;
    uint64_t size;
    return !is_builtin(spec) || find_builtin(spec, &bytes, &size, error);
}

/* All of a file, from malloc, with a NUL behind it. */
static char *read_file(const char *path, size_t *size, struct error *error)
{
    struct source source;
    if (!source_open_file(&source, path, error))
        return NULL;
    char *bytes = source.size < SIZE_MAX ? malloc((size_t)source.size + 1) : NULL;
    *size = (size_t)source.size;
    if (!bytes)
        (void)fail(error, "%s: no memory for %" PRIu64 " bytes", path, source.size);
    else if (!source_read(&source, 0, bytes, *size, error)) {
        (void)fail_in(error, "%s", path);
        free(bytes);
        bytes = NULL;
    } else {
        bytes[*size] = '\0';
    }
    source_close(&source);
    return bytes;
}

/* ------------------------------------------------------------------------------------------------
 * Chunks
 */

static bool may_grow(const struct eval_text *text, const struct eval_part *part)
{
    return text->cut.chunks == 0 || part->chunks < text->cut.chunks;
}

static bool add_chunk(struct eval_text *text, struct eval_part *part, const int32_t *ids,
                      struct error *error)
{
    for (uint32_t i = 0; i < text->cut.context; i++)
        if (!token_list_add(&text->tokens, ids[i], error))
            return false;
    text->chunks++;
    part->chunks++;
    return true;
}

/* All whole chunks of a list, or, where texts are split, the first alone. */
static bool add_list(struct eval_text *text, struct eval_part *part, const struct token_list *list,
                     struct error *error)
{
    const size_t context = text->cut.context;
    part->tokens += list->count;
    part->too_short += list->count < context;
    for (size_t at = 0; list->count - at >= context && may_grow(text, part); at += context) {
        if (!add_chunk(text, part, list->ids + at, error))
            return false;
        if (text->cut.split)
            break;
    }
    return true;
}

static bool add_tokenized(struct eval_text *text, struct eval_part *part,
                          const struct tokenizer *tokenizer, const char *bytes, size_t length,
                          struct error *error)
{
    struct token_list list = {0};
    const bool good =
        tokenizer_run(tokenizer, bytes, length, &list, error) && add_list(text, part, &list, error);
    token_list_free(&list);
    return good;
}

static bool add_stripped(struct eval_text *text, struct eval_part *part,
                         const struct tokenizer *tokenizer, const char *begin, const char *end,
                         struct error *error)
{
    while (begin < end && isspace((unsigned char)*begin))
        begin++;
    while (begin < end && isspace((unsigned char)end[-1]))
        end--;
    return begin == end ||
           add_tokenized(text, part, tokenizer, begin, (size_t)(end - begin), error);
}

static const char *find(const char *begin, const char *end, const char *what)
{
    const size_t length = strlen(what);
    for (; (size_t)(end - begin) >= length; begin++)
        if (memcmp(begin, what, length) == 0)
            return begin;
    return NULL;
}

static bool add_bytes(struct eval_text *text, struct eval_part *part,
                      const struct tokenizer *tokenizer, const char *bytes, size_t length,
                      struct error *error)
{
    if (!text->cut.split)
        return add_tokenized(text, part, tokenizer, bytes, length, error);
    const char *begin = bytes, *const end = bytes + length;
    while (may_grow(text, part)) {
        const char *next = find(begin, end, text->cut.split);
        if (!add_stripped(text, part, tokenizer, begin, next ? next : end, error))
            return false;
        if (!next)
            break;
        begin = next + strlen(text->cut.split);
    }
    return true;
}

static bool open_part(struct eval_text *text, const char *name, struct error *error)
{
    struct eval_part *parts = array_grow(text->parts, text->nparts, &text->capacity, sizeof *parts);
    if (!parts)
        return fail(error, "no memory for %zu texts", text->nparts + 1);
    text->parts = parts;
    parts[text->nparts++] = (struct eval_part){.name = name};
    return true;
}

static bool check_part(const struct eval_text *text, const struct eval_part *part,
                       struct error *error)
{
    return part->chunks > 0 ||
           fail(error, "%s: %zu tokens, where a chunk has %" PRIu32 " (--context)", part->name,
                part->tokens, text->cut.context);
}

bool eval_text_add(struct eval_text *text, const char *spec, const struct tokenizer *tokenizer,
                   struct error *error)
{
    const void *bytes = NULL;
    uint64_t size = 0;
    size_t length = 0;
    char *read = NULL;
    if (is_builtin(spec) ? !find_builtin(spec, &bytes, &size, error)
                         : !(read = read_file(spec, &length, error)))
        return false;
    text->begins = tokenizer->begins;
    text->begin = tokenizer->begin;
    bool good = open_part(text, spec, error);
    if (good) {
        struct eval_part *part = &text->parts[text->nparts - 1];
        good = add_bytes(text, part, tokenizer, read ? read : bytes, read ? length : (size_t)size,
                         error) &&
               check_part(text, part, error);
    }
    free(read);
    return good;
}

/* ------------------------------------------------------------------------------------------------
 * Numbers
 */

static bool parse_ids(const char *text, uint32_t vocabulary, struct token_list *list,
                      struct error *error)
{
    for (;;) {
        char *end, shown[32];
        while (isspace((unsigned char)*text))
            text++;
        if (!*text)
            return true;
        const unsigned long long id = strtoull(text, &end, 10);
        if (!isdigit((unsigned char)*text) || (*end && !isspace((unsigned char)*end)))
            return fail(error, "'%s' is no number of a token",
                        escape(shown, sizeof shown, text, strcspn(text, " \t\r\n")));
        if (id >= vocabulary)
            return fail(error, "token %llu is none of a vocabulary of %" PRIu32, id, vocabulary);
        if (!token_list_add(list, (int32_t)id, error))
            return false;
        text = end;
    }
}

bool eval_text_add_ids(struct eval_text *text, const char *path, uint32_t vocabulary,
                       struct error *error)
{
    struct token_list list = {0};
    size_t length;
    char *read = read_file(path, &length, error);
    if (!read)
        return false;
    bool good = strlen(read) == length || fail(error, "a NUL byte, which is in no list of numbers");
    good = (good && parse_ids(read, vocabulary, &list, error)) || fail_in(error, "%s", path);
    free(read);
    good = good && open_part(text, path, error);
    if (good) {
        struct eval_part *part = &text->parts[text->nparts - 1];
        good = add_list(text, part, &list, error) && check_part(text, part, error);
    }
    token_list_free(&list);
    return good;
}

void eval_text_chunk(const struct eval_text *text, size_t chunk, int32_t *tokens)
{
    const size_t context = text->cut.context;
    memcpy(tokens, text->tokens.ids + chunk * context, context * sizeof *tokens);
    if (text->begins)
        tokens[0] = text->begin;
}

void eval_text_free(struct eval_text *text)
{
    token_list_free(&text->tokens);
    free(text->parts);
    *text = (struct eval_text){0};
}
