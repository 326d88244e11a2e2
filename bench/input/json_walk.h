/*
 * The members of a JSON object, one at a time. A tree of a whole hostile file can take forty times
 * the memory of its text, so the text is cut into members here, and only small values are handed to
 * Jansson, which checks and decodes them.
 */
#ifndef ROUNDEL_BENCH_JSON_WALK_H
#define ROUNDEL_BENCH_JSON_WALK_H

#include "error.h"
#include <jansson.h>

/* A piece of text that somebody else owns. */
struct json_span {
    const char *text;
    size_t length;
};

struct json_walk {
    struct json_span text;
    size_t position; /* behind what was read; behind the closing brace at the end */
    bool first;
};

enum json_step {
    JSON_STEP_MEMBER,
    JSON_STEP_END,
    JSON_STEP_FAILED /* the error is filled */
};

/* Starts at the opening brace, which must be the first byte of the text. */
bool json_walk_begin(struct json_walk *walk, struct json_span text, struct error *error);

/*
 * Finds the next member. `key` is a string with its quotes, `value` any value without the blanks
 * around it; neither is decoded, and only their ends are certain: json_decode() must see both.
 * Values nested deeper than arrays in objects are refused.
 */
enum json_step json_walk_next(struct json_walk *walk, struct json_span *key,
                              struct json_span *value, struct error *error);

/*
 * Decodes one value, which may be a scalar; refuses duplicate keys, invalid UTF-8, NUL in strings
 * and texts longer than `limit` bytes. A new reference, or NULL with the error filled. A tree takes
 * at most 40 bytes for each byte of text; a string takes at most 3.
 */
json_t *json_decode(struct json_span span, size_t limit, struct error *error);

/* json_decode() of a string. */
json_t *json_decode_string(struct json_span span, size_t limit, struct error *error);

#endif
