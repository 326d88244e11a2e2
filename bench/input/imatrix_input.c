#include "imatrix_input.h"

#include "builtin.h"
#include <string.h>

static const char prefix[] = "builtin:";

static bool is_builtin(const char *spec)
{
    return strncmp(spec, prefix, strlen(prefix)) == 0;
}

static bool find(const char *spec, const void **bytes, uint64_t *size, struct error *error)
{
    return builtin_find(spec + strlen(prefix), BUILTIN_IMATRIX, bytes, size) ||
           fail(error, "unknown built-in importance matrix '%s'; there is builtin:%s", spec,
                builtin_name(0));
}

bool imatrix_input_check(const char *spec, struct error *error)
{
    const void *bytes;
    uint64_t size;
    return !is_builtin(spec) || find(spec, &bytes, &size, error);
}

bool imatrix_input_source(struct source *source, const char *spec, struct error *error)
{
    const void *bytes;
    uint64_t size;
    if (!is_builtin(spec))
        return source_open_file(source, spec, error);
    return find(spec, &bytes, &size, error) && source_open_memory(source, spec, bytes, size, error);
}

bool imatrix_input_open(const char *spec, struct imatrix *imatrix, struct error *error)
{
    struct source source;
    if (!imatrix_input_source(&source, spec, error))
        return false;
    const bool opened = imatrix_open(imatrix, &source, error);
    source_close(&source);
    return opened;
}
