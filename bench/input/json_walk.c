/* The members of a JSON object: see json_walk.h. */
#include "json_walk.h"
#include <string.h>

/* Brackets inside a member's value: an object that holds arrays. */
enum {
    MAX_NESTING = 2
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blanks(struct json_walk *walk)
{
    while (walk->position < walk->text.length && is_blank(walk->text.text[walk->position]))
        walk->position++;
}

/* The byte at the position, or NUL behind the end; a NUL in the text is no JSON either. */
static char peek(const struct json_walk *walk)
{
    return walk->position < walk->text.length ? walk->text.text[walk->position] : '\0';
}

static bool unexpected(const struct json_walk *walk, const char *wanted, struct error *error)
{
    if (walk->position >= walk->text.length)
        return fail(error, "the JSON text ends where %s is expected", wanted);
    char found[16];
    escape(found, sizeof found, walk->text.text + walk->position, 1);
    return fail(error, "JSON: found '%s' at byte %zu where %s is expected", found, walk->position,
                wanted);
}

static bool skip_string(struct json_walk *walk, struct error *error)
{
    for (walk->position++; walk->position < walk->text.length; walk->position++) {
        char c = walk->text.text[walk->position];
        if (c == '\\') {
            walk->position++;
        } else if (c == '"') {
            walk->position++;
            return true;
        }
    }
    return fail(error, "the JSON text ends inside a string");
}

static bool skip_brackets(struct json_walk *walk, struct error *error)
{
    int depth = 0;
    do {
        switch (peek(walk)) {
        case '\0':
            return unexpected(walk, "a closing bracket", error);
        case '"':
            if (!skip_string(walk, error))
                return false;
            continue;
        case '{':
        case '[':
            if (++depth > MAX_NESTING)
                return fail(error, "JSON nested too deeply at byte %zu", walk->position);
            break;
        case '}':
        case ']':
            depth--;
            break;
        default:
            break;
        }
        walk->position++;
    } while (depth > 0);
    return true;
}

static bool ends_scalar(char c)
{
    return c == '\0' || c == ',' || c == '}' || c == ']' || is_blank(c);
}

static bool skip_value(struct json_walk *walk, struct error *error)
{
    char c = peek(walk);
    if (c == '"')
        return skip_string(walk, error);
    if (c == '{' || c == '[')
        return skip_brackets(walk, error);
    if (ends_scalar(c))
        return unexpected(walk, "a value", error);
    while (!ends_scalar(peek(walk)))
        walk->position++;
    return true;
}

static struct json_span span_from(const struct json_walk *walk, size_t start)
{
    return (struct json_span){walk->text.text + start, walk->position - start};
}

bool json_walk_begin(struct json_walk *walk, struct json_span text, struct error *error)
{
    *walk = (struct json_walk){.text = text, .first = true};
    if (peek(walk) != '{')
        return unexpected(walk, "'{'", error);
    walk->position++;
    return true;
}

enum json_step json_walk_next(struct json_walk *walk, struct json_span *key,
                              struct json_span *value, struct error *error)
{
    skip_blanks(walk);
    if (peek(walk) == '}') {
        walk->position++;
        return JSON_STEP_END;
    }
    if (!walk->first) {
        if (peek(walk) != ',') {
            unexpected(walk, "',' or '}'", error);
            return JSON_STEP_FAILED;
        }
        walk->position++;
        skip_blanks(walk);
    }
    walk->first = false;

    size_t start = walk->position;
    if (peek(walk) != '"') {
        unexpected(walk, "a name in quotes", error);
        return JSON_STEP_FAILED;
    }
    if (!skip_string(walk, error))
        return JSON_STEP_FAILED;
    *key = span_from(walk, start);

    skip_blanks(walk);
    if (peek(walk) != ':') {
        unexpected(walk, "':'", error);
        return JSON_STEP_FAILED;
    }
    walk->position++;
    skip_blanks(walk);
    start = walk->position;
    if (!skip_value(walk, error))
        return JSON_STEP_FAILED;
    *value = span_from(walk, start);
    return JSON_STEP_MEMBER;
}

/* Jansson's own words, which are ASCII; what it quotes of the text after them is not. */
static void fail_decode(const json_error_t *problem, struct error *error)
{
    const char *quoted = strstr(problem->text, " near ");
    int length = quoted ? (int)(quoted - problem->text) : (int)strlen(problem->text);
    if (length == 0)
        fail(error, "JSON: out of memory");
    else
        fail(error, "JSON: %.*s", length, problem->text);
}

json_t *json_decode(struct json_span span, size_t limit, struct error *error)
{
    if (span.length > limit) {
        fail(error, "a JSON value of %zu bytes, the limit is %zu", span.length, limit);
        return NULL;
    }
    json_error_t problem;
    json_t *value =
        json_loadb(span.text, span.length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &problem);
    if (!value)
        fail_decode(&problem, error);
    return value;
}

/* Jansson 2.14 loses characters where it finds no memory for them. A string without escapes shows
 * that. */
static bool is_whole(const json_t *string, struct json_span span)
{
    return memchr(span.text, '\\', span.length) ||
           (json_string_length(string) == span.length - 2 &&
            memcmp(json_string_value(string), span.text + 1, span.length - 2) == 0);
}

json_t *json_decode_string(struct json_span span, size_t limit, struct error *error)
{
    if (span.length == 0 || span.text[0] != '"') {
        fail(error, "JSON: a string is expected");
        return NULL;
    }
    json_t *string = json_decode(span, limit, error);
    if (string && !is_whole(string, span)) {
        fail(error, "JSON: out of memory");
        json_decref(string);
        return NULL;
    }
    return string;
}
