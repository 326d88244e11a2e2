/* A sharded safetensors model: an index with a "weight_map" from tensor names to file names. */
#include "json_walk.h"
#include "named.h"
#include "safetensors.h"
#include "source_heap.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_TEXT = 100 * 1000 * 1000,
    MAX_NAME_TEXT = 6 * 65535 + 2, /* as in safetensors.c */
    MAX_FILE_TEXT = 4096,          /* a file name has at most 255 bytes on usual systems */
    MAX_IGNORED_TEXT = 64 * 1024,  /* members other than weight_map: total size and the like */
    MAX_SHARDS = 10000
};

/* File names, sorted. */
struct shards {
    char **names;
    size_t count;
};

/* Called for every member of the weight map, decoded. */
typedef bool map_function(void *context, const char *tensor, const char *file, struct error *error);

static bool map_member(struct json_span key, struct json_span value, map_function *function,
                       void *context, struct error *error)
{
    json_t *tensor = json_decode_string(key, MAX_NAME_TEXT, error);
    json_t *file = tensor ? json_decode_string(value, MAX_FILE_TEXT, error) : NULL;
    bool good =
        file && function(context, json_string_value(tensor), json_string_value(file), error);
    json_decref(file);
    json_decref(tensor);
    return good;
}

static bool for_each_member(struct json_span map, map_function *function, void *context,
                            struct error *error)
{
    struct json_walk walk;
    struct json_span key;
    struct json_span value;
    enum json_step step;
    if (!json_walk_begin(&walk, map, error))
        return fail_in(error, "weight_map");
    while ((step = json_walk_next(&walk, &key, &value, error)) == JSON_STEP_MEMBER)
        if (!map_member(key, value, function, context, error))
            return fail_in(error, "weight_map");
    return step == JSON_STEP_END || fail_in(error, "weight_map");
}

/* ------------------------------------------------------------------------------------------------
 * The index
 */

static bool find_map_here(struct json_span key, struct json_span value, struct json_span *map,
                          struct error *error)
{
    json_t *name = json_decode_string(key, MAX_NAME_TEXT, error);
    if (!name)
        return false;
    bool is_map = strcmp(json_string_value(name), "weight_map") == 0;
    json_decref(name);
    if (is_map) {
        bool again = map->text != NULL;
        *map = value;
        return !again || fail(error, "two members weight_map");
    }
    json_t *ignored = json_decode(value, MAX_IGNORED_TEXT, error);
    json_decref(ignored);
    return ignored != NULL;
}

static bool find_map(struct json_span text, struct json_span *map, struct error *error)
{
    struct json_walk walk;
    struct json_span key;
    struct json_span value;
    enum json_step step;
    *map = (struct json_span){0};
    if (!json_walk_begin(&walk, text, error))
        return false;
    while ((step = json_walk_next(&walk, &key, &value, error)) == JSON_STEP_MEMBER)
        if (!find_map_here(key, value, map, error))
            return false;
    if (step != JSON_STEP_END)
        return false;
    if (strspn(text.text + walk.position, " \t\r\n") != text.length - walk.position)
        return fail(error, "text behind the closing brace");
    return map->text || fail(error, "weight_map is missing");
}

/* ------------------------------------------------------------------------------------------------
 * The shards
 */

/* A shard lies beside its index: no path, nothing that could upset a message or a terminal. */
static bool check_file_name(const char *file, struct error *error)
{
    char printable[256];
    escape(printable, sizeof printable, file, strlen(file));
    bool bad = strcmp(printable, file) != 0 || strchr(file, '/') || file[0] == '\0' ||
               strcmp(file, ".") == 0 || strcmp(file, "..") == 0;
    return !bad || fail(error, "'%s' is no plain file name", printable);
}

/* Where the name is, or belongs. */
static size_t shard_position(const struct shards *shards, const char *file)
{
    size_t low = 0;
    size_t high = shards->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(shards->names[middle], file) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool collect_shard(void *context, const char *tensor, const char *file, struct error *error)
{
    (void)tensor;
    struct shards *shards = context;
    size_t position = shard_position(shards, file);
    if (position < shards->count && strcmp(shards->names[position], file) == 0)
        return true;
    if (!check_file_name(file, error))
        return false;
    if (shards->count == MAX_SHARDS)
        return fail(error, "more than %d files", MAX_SHARDS);
    char **larger = realloc(shards->names, (shards->count + 1) * sizeof *larger);
    if (!larger)
        return fail(error, "out of memory");
    shards->names = larger;
    char *copy = strdup(file);
    if (!copy)
        return fail(error, "out of memory");
    memmove(larger + position + 1, larger + position, (shards->count - position) * sizeof *larger);
    larger[position] = copy;
    shards->count++;
    return true;
}

static void free_shards(struct shards *shards)
{
    for (size_t i = 0; i < shards->count; i++)
        free(shards->names[i]);
    free(shards->names);
}

/* The path of a file beside the index. */
static char *beside(const char *index, const char *file)
{
    const char *slash = strrchr(index, '/');
    size_t directory = slash ? (size_t)(slash - index) + 1 : 0;
    char *path = malloc(directory + strlen(file) + 1);
    if (path) {
        memcpy(path, index, directory);
        strcpy(path + directory, file);
    }
    return path;
}

static bool open_shard(const struct source *index, const char *file, struct tensor_list *list,
                       struct error *error)
{
    char *path = beside(index->name, file);
    if (!path)
        return fail(error, "out of memory");
    struct source *source = source_new_file(path, error);
    free(path);
    if (!source)
        return false;
    if (!safetensors_open(source, list, error)) {
        source_delete(source);
        return false;
    }
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Index and shards together
 */

/* The tensors of the shards by name, and which of them the index has named. */
struct agreement {
    const struct tensor *tensors; /* in the list's order */
    bool *mapped;                 /* beside them */
    struct named *by_name;
    size_t count;
};

static const char *file_of(const struct tensor *tensor)
{
    const char *slash = strrchr(tensor->source->name, '/');
    return slash ? slash + 1 : tensor->source->name;
}

static bool check_mapped(void *context, const char *name, const char *file, struct error *error)
{
    struct agreement *agreement = context;
    const struct tensor *tensor = named_find(agreement->by_name, agreement->count, name);
    if (!tensor || strcmp(file_of(tensor), file) != 0) {
        (void)fail(error, "is not in %s", file);
        return fail_in_named(error, "tensor", name);
    }
    bool *mapped = &agreement->mapped[tensor - agreement->tensors];
    if (*mapped) {
        (void)fail(error, "is mapped twice");
        return fail_in_named(error, "tensor", name);
    }
    *mapped = true;
    return true;
}

static bool check_agreement(struct agreement *agreement, struct json_span map, struct error *error)
{
    for (size_t i = 0; i < agreement->count; i++) {
        const struct tensor *tensor = &agreement->tensors[i];
        agreement->by_name[i] = (struct named){tensor->name, tensor};
    }
    if (!named_sort(agreement->by_name, agreement->count, "tensor", error))
        return fail_in(error, "the shards together");
    if (!for_each_member(map, check_mapped, agreement, error))
        return false;
    for (size_t i = 0; i < agreement->count; i++) {
        if (!agreement->mapped[i]) {
            const struct tensor *tensor = &agreement->tensors[i];
            (void)fail(error, "is in %s, but not in the index", file_of(tensor));
            return fail_in_named(error, "tensor", tensor->name);
        }
    }
    return true;
}

static bool check_shards(const struct tensor_list *list, size_t first, struct json_span map,
                         struct error *error)
{
    size_t count = list->count - first;
    struct agreement agreement = {
        .mapped = calloc(count + 1, sizeof *agreement.mapped),
        .by_name = malloc((count + 1) * sizeof *agreement.by_name),
        .count = count,
    };
    if (count > 0)
        agreement.tensors = &list->tensors[first];
    bool good = agreement.by_name && agreement.mapped
                    ? check_agreement(&agreement, map, error)
                    : fail(error, "no memory for %zu tensors", count);
    free(agreement.by_name);
    free(agreement.mapped);
    return good;
}

static bool open_shards(const struct source *index, struct json_span map, struct tensor_list *list,
                        struct error *error)
{
    size_t first = list->count;
    struct shards shards = {0};
    bool good = for_each_member(map, collect_shard, &shards, error);
    for (size_t i = 0; good && i < shards.count; i++)
        good = open_shard(index, shards.names[i], list, error);
    free_shards(&shards);
    return good && check_shards(list, first, map, error);
}

static bool append_shards(const struct source *source, struct tensor_list *list,
                          struct error *error)
{
    if (source->size > MAX_TEXT)
        return fail(error, "an index of %" PRIu64 " bytes, the limit is %d", source->size,
                    MAX_TEXT);
    size_t length = (size_t)source->size;
    char *text = malloc(length + 1);
    if (!text)
        return fail(error, "no memory for an index of %zu bytes", length);
    text[length] = '\0';
    struct json_span map;
    bool good = source_read(source, 0, text, length, error) &&
                find_map((struct json_span){text, length}, &map, error) &&
                open_shards(source, map, list, error);
    free(text);
    return good;
}

bool safetensors_index_open(struct source *source, struct tensor_list *list, struct error *error)
{
    const struct tensor_list_mark mark = tensor_list_mark(list);
    return tensor_list_settle(list, mark, append_shards(source, list, error), source, error);
}
