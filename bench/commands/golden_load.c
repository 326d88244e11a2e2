/* Golden vectors: the files of one case. */
#include "golden.h"

#include "source.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_FILE_BYTES = 1 << 30, /* real ones have some kilobytes */
    PATH_SIZE = 4096
};

/*
 * The bytes of a source that must consist of `*units` units, or of any number of them (at least 1)
 * if that is 0, which is then filled in.
 */
static void *read_source(const struct source *source, size_t unit, size_t *units,
                         struct error *error)
{
    if (*units ? source->size != (uint64_t)unit * *units : source->size % unit != 0) {
        fail(error, "has %" PRIu64 " bytes; should be %s%zu", source->size,
             *units ? "" : "a multiple of ", *units ? unit * *units : unit);
        return NULL;
    }
    if (source->size == 0 || source->size > MAX_FILE_BYTES) {
        fail(error, "has %" PRIu64 " bytes; should be 1 to %d", source->size, MAX_FILE_BYTES);
        return NULL;
    }
    void *bytes = malloc((size_t)source->size);
    if (!bytes) {
        fail(error, "out of memory for %" PRIu64 " bytes", source->size);
        return NULL;
    }
    if (!source_read(source, 0, bytes, (size_t)source->size, error)) {
        free(bytes);
        return NULL;
    }
    *units = (size_t)source->size / unit;
    return bytes;
}

static void *read_path(const char *path, size_t unit, size_t *units, struct error *error)
{
    struct source source;
    if (!source_open_file(&source, path, error))
        return NULL;
    void *bytes = read_source(&source, unit, units, error);
    if (!bytes)
        fail_in(error, "%s", path);
    source_close(&source);
    return bytes;
}

/* Reads DIRECTORY/FOLDER/NAME, the rest of the name in the way of printf. */
static void *read_file(const char *directory, const char *folder, const char *name,
                       const char *ending, size_t unit, size_t *units, struct error *error)
{
    char path[PATH_SIZE];
    const int length = snprintf(path, sizeof path, "%s/%s/%s%s", directory, folder, name, ending);
    if (length < 0 || length >= PATH_SIZE) {
        fail(error, "%s: the path is too long", directory);
        return NULL;
    }
    return read_path(path, unit, units, error);
}

static void *read_importance(const char *directory, const struct golden_case *golden,
                             struct error *error)
{
    char name[GOLDEN_NAME_SIZE];
    const bool zeros = strcmp(golden->name, "zeroimp") == 0;
    snprintf(name, sizeof name, "imatrix_%s%zu", zeros ? "zero_" : "", golden->ncols);
    size_t ncols = golden->ncols;
    return read_file(directory, "inputs", name, ".f32", sizeof(float), &ncols, error);
}

/* Reads FORMAT/CASE.KIND and the ending: one unit for each row. */
static void *read_expected(const char *directory, const struct golden_case *golden,
                           const char *ending, size_t unit, size_t nrows, struct error *error)
{
    char name[GOLDEN_NAME_SIZE + 16];
    snprintf(name, sizeof name, "%s.%s", golden->name, golden_kind_name(golden->kind));
    return read_file(directory, rdl_format_info(golden->format)->name, name, ending, unit, &nrows,
                     error);
}

static bool load(const char *directory, const struct golden_case *golden, struct golden_data *data,
                 struct error *error)
{
    const size_t row_bytes = golden->ncols * sizeof(float);
    const size_t row_blocks_bytes = rdl_blocks_size(golden->format, 1, golden->ncols);
    data->x = read_file(directory, "inputs", golden->name, ".f32", row_bytes, &data->nrows, error);
    if (!data->x)
        return false;
    if (golden_kind_has_importance(golden->kind)) {
        data->importance = read_importance(directory, golden, error);
        if (!data->importance)
            return false;
    }
    data->blocks = read_expected(directory, golden, ".blk", row_blocks_bytes, data->nrows, error);
    if (!data->blocks)
        return false;
    data->blocks_bytes = row_blocks_bytes * data->nrows;
    data->decoded = read_expected(directory, golden, ".deq.f32", row_bytes, data->nrows, error);
    return data->decoded != NULL;
}

bool golden_load(const char *directory, const struct golden_case *golden, struct golden_data *data,
                 struct error *error)
{
    *data = (struct golden_data){0};
    if (load(directory, golden, data, error))
        return true;
    golden_free(data);
    return false;
}

void golden_free(struct golden_data *data)
{
    free(data->x);
    free(data->importance);
    free(data->blocks);
    free(data->decoded);
    *data = (struct golden_data){0};
}
