#include "gguf_split.h"

#include "gguf_parse.h"
#include "named.h"
#include "source_heap.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The key is a u16, and file names have five digits. */
static const uint64_t max_parts = 65535;

bool gguf_split_of(const struct gguf *gguf, struct gguf_split *split, struct error *error)
{
    *split = (struct gguf_split){.count = 1, .tensors = gguf->ntensors};
    if (!gguf_find(gguf, "split.count"))
        return true;
    uint64_t count;
    if (!gguf_get_count(gguf, "split.count", &count, error))
        return false;
    if (count <= 1) /* 0: parts that were merged */
        return true;
    split->count = count;
    if (count > max_parts)
        return fail(error, "%s: key \"split.count\" is %" PRIu64 "; the most is %" PRIu64,
                    gguf->source->name, count, max_parts);
    if (!gguf_get_count(gguf, "split.no", &split->number, error) ||
        !gguf_get_count(gguf, "split.tensors.count", &split->tensors, error))
        return false;
    return split->number < count ||
           fail(error, "%s: key \"split.no\" is %" PRIu64 ", of %" PRIu64 " parts",
                gguf->source->name, split->number, count);
}

/* ------------------------------------------------------------------------------------------------
 * Names
 */

enum {
    TAIL = sizeof "-00001-of-00005.gguf"
};

static void name_tail(char tail[TAIL], uint64_t number, uint64_t count)
{
    snprintf(tail, TAIL, "-%05u-of-%05u.gguf", (unsigned)(number + 1) % 100000u,
             (unsigned)count % 100000u);
}

/* The path of a part, from malloc, given the first one's. */
static char *path_of(const struct source *first, const struct gguf_split *split, uint64_t number,
                     struct error *error)
{
    char tail[TAIL];
    name_tail(tail, 0, split->count);
    const size_t length = strlen(first->name);
    if (length < TAIL - 1 || strcmp(first->name + length - (TAIL - 1), tail) != 0) {
        (void)fail(error,
                   "the file says it is the first of %" PRIu64 " parts, but its name does not end "
                   "in \"%s\", so that the others cannot be found",
                   split->count, tail);
        return NULL;
    }
    char *path = strdup(first->name);
    if (!path) {
        (void)fail(error, "out of memory");
        return NULL;
    }
    name_tail(path + length - (TAIL - 1), number, split->count);
    return path;
}

/* ------------------------------------------------------------------------------------------------
 * Parts
 */

static bool check_part(const struct source *source, const struct gguf_split *split, uint64_t number,
                       struct error *error)
{
    struct gguf gguf;
    struct gguf_split own;
    if (!gguf_parse(source, &gguf, error))
        return false;
    bool good = gguf_split_of(&gguf, &own, error);
    if (good && (own.number != number || own.count != split->count))
        good = fail(error, "%s: it says that it is part %" PRIu64 " of %" PRIu64, source->name,
                    own.number + 1, own.count);
    if (good && own.tensors != split->tensors)
        good = fail(error,
                    "%s: the parts have %" PRIu64 " tensors by this one, %" PRIu64 " by the first",
                    source->name, own.tensors, split->tensors);
    gguf_free(&gguf);
    return good;
}

static bool open_part(const struct source *first, const struct gguf_split *split, uint64_t number,
                      bool strict, struct tensor_list *list, struct error *error)
{
    char *path = path_of(first, split, number, error);
    struct source *source = path ? source_new_file(path, error) : NULL;
    free(path);
    if (!source)
        return false;
    if (check_part(source, split, number, error) && gguf_open_part(source, strict, list, error))
        return true;
    source_delete(source);
    return false;
}

static bool check_names(const struct tensor *tensors, size_t count, struct error *error)
{
    struct named *names = malloc((count + 1) * sizeof *names);
    if (!names)
        return fail(error, "no memory for %zu tensors", count);
    for (size_t i = 0; i < count; i++)
        names[i] = (struct named){tensors[i].name, &tensors[i]};
    const bool unique = named_sort(names, count, "tensor", error);
    free(names);
    return unique || fail_in(error, "the parts together");
}

bool gguf_split_open_rest(const struct source *first, const struct gguf_split *split, bool strict,
                          struct tensor_list *list, size_t start, struct error *error)
{
    for (uint64_t number = 1; number < split->count; number++)
        if (!open_part(first, split, number, strict, list, error))
            return false;
    const size_t count = list->count - start;
    if (count != split->tensors)
        return fail(error, "the parts have %zu tensors together, and should have %" PRIu64, count,
                    split->tensors);
    return count == 0 || check_names(&list->tensors[start], count, error);
}
