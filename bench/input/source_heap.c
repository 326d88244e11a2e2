#include "source_heap.h"
#include <stdlib.h>

static struct source *allocate(struct error *error)
{
    struct source *source = malloc(sizeof *source);
    if (!source)
        (void)fail(error, "out of memory");
    return source;
}

struct source *source_new_file(const char *path, struct error *error)
{
    struct source *source = allocate(error);
    if (source && !source_open_file(source, path, error)) {
        free(source);
        return NULL;
    }
    return source;
}

struct source *source_new_memory(const char *name, const void *bytes, uint64_t size,
                                 struct error *error)
{
    struct source *source = allocate(error);
    if (source && !source_open_memory(source, name, bytes, size, error)) {
        free(source);
        return NULL;
    }
    return source;
}

void source_delete(struct source *source)
{
    if (source) {
        source_close(source);
        free(source);
    }
}
