#include "npy_header.h"
#include <string.h>

struct parser {
    const char *text;
    size_t length, position;
    struct error *error;
};

/* The byte at the position, or NUL behind the end. */
static char peek(const struct parser *parser)
{
    return parser->position < parser->length ? parser->text[parser->position] : '\0';
}

static void skip_blanks(struct parser *parser)
{
    while (peek(parser) != '\0' && strchr(" \t\r\n", peek(parser)))
        parser->position++;
}

static bool expected(const struct parser *parser, const char *what)
{
    if (parser->position >= parser->length)
        return fail(parser->error, "ends where %s is expected", what);
    char found[16];
    escape(found, sizeof found, parser->text + parser->position, 1);
    return fail(parser->error, "found '%s' at byte %zu where %s is expected", found,
                parser->position, what);
}

/* Skips blanks, and the wanted byte if it is there. */
static bool take(struct parser *parser, char wanted)
{
    skip_blanks(parser);
    if (peek(parser) != wanted)
        return false;
    parser->position++;
    return true;
}

static bool take_word(struct parser *parser, const char *word)
{
    size_t length = strlen(word);
    skip_blanks(parser);
    if (length > parser->length - parser->position ||
        memcmp(parser->text + parser->position, word, length) != 0)
        return false;
    parser->position += length;
    return true;
}

/* A string of printable ASCII without escapes, in either kind of quotes. */
static bool parse_string(struct parser *parser, char *out, size_t size)
{
    skip_blanks(parser);
    char quote = peek(parser);
    if (quote != '\'' && quote != '"')
        return expected(parser, "a string");
    parser->position++;
    size_t used = 0;
    for (char c; (c = peek(parser)) != quote; parser->position++) {
        if (c < 0x20 || c > 0x7E || c == '\\')
            return expected(parser, "plain text and a closing quote");
        if (used + 1 == size)
            return fail(parser->error, "a string of more than %zu bytes", size - 1);
        out[used++] = c;
    }
    parser->position++;
    out[used] = '\0';
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool parse_integer(struct parser *parser, uint64_t *out)
{
    skip_blanks(parser);
    if (!is_digit(peek(parser)))
        return expected(parser, "an integer >= 0");
    bool leading_zero = peek(parser) == '0';
    uint64_t value = 0;
    size_t ndigits = 0;
    for (; is_digit(peek(parser)); parser->position++, ndigits++) {
        uint64_t digit = (uint64_t)(peek(parser) - '0');
        if (__builtin_mul_overflow(value, 10u, &value) ||
            __builtin_add_overflow(value, digit, &value))
            return fail(parser->error, "an integer above 2^64 - 1");
    }
    if (leading_zero && ndigits > 1)
        return fail(parser->error, "an integer with leading zeros");
    if (peek(parser) == 'L')
        parser->position++;
    *out = value;
    return true;
}

/* () or (n,) or (n, m) or (n, m,): a single number needs its comma, or it would be no tuple. */
static bool parse_shape(struct parser *parser, struct npy_header *header)
{
    if (!take(parser, '('))
        return expected(parser, "'(' of a shape");
    header->ndims = 0;
    bool comma = true;
    while (!take(parser, ')')) {
        if (!comma)
            return expected(parser, "',' or ')'");
        if (header->ndims == TENSOR_MAX_DIMS)
            return fail(parser->error, "shape: more than %d dimensions", TENSOR_MAX_DIMS);
        if (!parse_integer(parser, &header->shape[header->ndims]))
            return fail_in(parser->error, "shape");
        header->ndims++;
        comma = take(parser, ',');
    }
    return header->ndims != 1 || comma || fail(parser->error, "shape: (n) is no tuple, (n,) is");
}

static bool parse_fortran_order(struct parser *parser, struct npy_header *header)
{
    header->fortran_order = take_word(parser, "True");
    return header->fortran_order || take_word(parser, "False") ||
           expected(parser, "True or False of fortran_order");
}

static bool parse_descr(struct parser *parser, struct npy_header *header)
{
    skip_blanks(parser);
    if (peek(parser) == '[')
        return fail(parser->error, "descr: a structured element type, which cannot be read");
    return parse_string(parser, header->descr, sizeof header->descr) ||
           fail_in(parser->error, "descr");
}

static const struct key {
    const char *name;
    bool (*parse)(struct parser *parser, struct npy_header *header);
} keys[] = {
    {"descr", parse_descr},
    {"fortran_order", parse_fortran_order},
    {"shape", parse_shape},
};

enum {
    NKEYS = sizeof keys / sizeof keys[0]
};

static bool parse_member(struct parser *parser, struct npy_header *header, bool seen[NKEYS])
{
    char name[32];
    if (!parse_string(parser, name, sizeof name))
        return fail_in(parser->error, "a key");
    for (size_t i = 0; i < NKEYS; i++) {
        if (strcmp(name, keys[i].name) != 0)
            continue;
        if (seen[i])
            return fail(parser->error, "two keys %s", name);
        seen[i] = true;
        return (take(parser, ':') || expected(parser, "':'")) && keys[i].parse(parser, header);
    }
    char printable[64];
    return fail(parser->error, "unknown key '%s'",
                escape(printable, sizeof printable, name, strlen(name)));
}

static bool parse_dictionary(struct parser *parser, struct npy_header *header)
{
    bool seen[NKEYS] = {false};
    bool comma = true;
    if (!take(parser, '{'))
        return expected(parser, "'{'");
    while (!take(parser, '}')) {
        if (!comma)
            return expected(parser, "',' or '}'");
        if (!parse_member(parser, header, seen))
            return false;
        comma = take(parser, ',');
    }
    for (size_t i = 0; i < NKEYS; i++)
        if (!seen[i])
            return fail(parser->error, "the key %s is missing", keys[i].name);
    return true;
}

bool npy_header_parse(struct npy_header *header, const char *text, size_t length,
                      struct error *error)
{
    struct parser parser = {text, length, 0, error};
    if (length == 0 || text[length - 1] != '\n')
        return fail(error, "does not end with a newline");
    if (!parse_dictionary(&parser, header))
        return false;
    skip_blanks(&parser);
    return parser.position == length || expected(&parser, "only blanks");
}
