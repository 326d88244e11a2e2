#include "report_file.h"

#include "json_walk.h"
#include "source.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_BYTES = 64 << 20 /* numbers of every token of 30 models, on a text of 16384 */
};

static json_t *read_json(const struct source *source, struct error *error)
{
    if (source->size > MAX_BYTES) {
        fail(error, "larger than %d MiB", MAX_BYTES >> 20);
        return NULL;
    }
    char *text = malloc((size_t)source->size + 1);
    json_t *tree = NULL;
    if (!text)
        fail(error, "out of memory");
    else if (source_read(source, 0, text, (size_t)source->size, error))
        tree = json_decode((struct json_span){text, (size_t)source->size}, MAX_BYTES, error);
    free(text);
    return tree;
}

json_t *report_file_read(const char *path, struct error *error)
{
    struct source source;
    if (!source_open_file(&source, path, error))
        return NULL;
    json_t *tree = read_json(&source, error);
    if (!tree)
        fail_in(error, "%s", path);
    source_close(&source);
    return tree;
}

const char *report_get_string(const json_t *object, const char *key, struct error *error)
{
    const char *text = json_string_value(json_object_get(object, key));
    if (!text)
        fail(error, "no string \"%s\"", key);
    return text;
}

bool report_get_number(const json_t *object, const char *key, double low, double high,
                       double *value, struct error *error)
{
    const json_t *number = json_object_get(object, key);
    *value = json_number_value(number);
    return (json_is_number(number) && *value >= low && *value <= high) ||
           fail(error, "\"%s\" is no number from %g to %g", key, low, high);
}

bool report_get_origin(const json_t *tree, struct report_origin *origin, struct error *error)
{
    const json_t *object = json_object_get(tree, "roundel");
    const struct {
        const char *key;
        char *out;
        size_t size;
    } texts[] = {
        {"command", origin->command, sizeof origin->command},
        {"version", origin->version, sizeof origin->version},
        {"compiler", origin->compiler, sizeof origin->compiler},
        {"flags", origin->flags, sizeof origin->flags},
        {"commit", origin->commit, sizeof origin->commit},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *text = report_get_string(object, texts[i].key, error);
        if (!text)
            return fail_in(error, "no report of roundel: \"roundel\"");
        escape(texts[i].out, texts[i].size, text, strlen(text));
    }
    return true;
}

/* Is the word among those of the list? */
static bool is_among(const char *word, const char *list)
{
    const size_t length = strlen(word);
    for (const char *at = list; (at = strstr(at, word)) != NULL; at++)
        if ((at == list || at[-1] == ' ') && (at[length] == '\0' || at[length] == ' '))
            return length > 0;
    return false;
}

json_t *report_open(const char *path, const char *commands, struct report_origin *origin,
                    struct error *error)
{
    json_t *tree = report_file_read(path, error);
    if (!tree)
        return NULL;
    bool good = report_get_origin(tree, origin, error);
    if (!good)
        fail_in(error, "no report of roundel %s --json", commands);
    else if (!is_among(origin->command, commands))
        good =
            fail(error, "a report of roundel %s, but this chart is of reports of roundel %s --json",
                 origin->command, commands);
    if (good)
        return tree;
    json_decref(tree);
    fail_in(error, "%s", path);
    return NULL;
}
