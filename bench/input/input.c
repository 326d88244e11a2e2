/* From a command-line argument to tensors: see input.h. */
#include "input.h"

#include "builtin.h"
#include "gguf.h"
#include "npy.h"
#include "raw.h"
#include "safetensors.h"
#include "source_heap.h"
#include "synth.h"
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Kinds of files
 */

struct file {
    struct source *source;
    const char *name; /* of a tensor that brings none: the file's name without its ending */
    const struct input_options *options;
    struct tensor_list *list;
};

static bool open_gguf(const struct file *file, struct error *error)
{
    return gguf_open(file->source, file->options->strict, file->list, error);
}

static bool open_npy(const struct file *file, struct error *error)
{
    const struct npy_options options = {file->options->as_bf16, file->options->strict};
    return npy_open(file->source, file->name, &options, file->list, error);
}

static bool open_zip(const struct file *file, struct error *error)
{
    return fail(error,
                "%s: a zip archive (.npz, or a PyTorch file): unpack .npz with unzip, convert "
                "PyTorch files to safetensors",
                file->source->name);
}

static bool open_safetensors(const struct file *file, struct error *error)
{
    return safetensors_open(file->source, file->list, error);
}

static bool open_index(const struct file *file, struct error *error)
{
    return safetensors_index_open(file->source, file->list, error);
}

static bool open_raw(const struct file *file, struct error *error)
{
    return raw_open(file->source, file->name, file->options->shape, file->list, error);
}

static bool zip_recognised(const struct source *source)
{
    static const uint8_t magic[4] = {'P', 'K', 3, 4};
    struct error ignored;
    uint8_t bytes[sizeof magic];
    return source_read(source, 0, bytes, sizeof bytes, &ignored) &&
           memcmp(bytes, magic, sizeof magic) == 0;
}

static bool never_recognised(const struct source *source)
{
    (void)source;
    return false;
}

static const struct reader {
    bool (*recognised)(const struct source *source);
    const char *endings[4];
    bool (*open)(const struct file *file, struct error *error);
} readers[] = {
    {gguf_recognised, {".gguf"}, open_gguf},
    {npy_recognised, {".npy"}, open_npy},
    {zip_recognised, {".npz"}, open_zip},
    {safetensors_recognised, {".safetensors"}, open_safetensors},
    {never_recognised, {".safetensors.index.json", ".index.json"}, open_index},
    {never_recognised, {".f32", ".raw", ".bin"}, open_raw},
};

enum {
    NREADERS = sizeof readers / sizeof readers[0],
    NENDINGS = 4
};

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text);
    size_t tail = strlen(ending);
    return length > tail && strcmp(text + length - tail, ending) == 0;
}

/* The reader's ending that the path has, or NULL. */
static const char *ending_of(const struct reader *reader, const char *path)
{
    for (size_t i = 0; i < NENDINGS && reader->endings[i]; i++)
        if (ends_with(path, reader->endings[i]))
            return reader->endings[i];
    return NULL;
}

static const struct reader *find_reader(const struct source *source)
{
    for (size_t i = 0; i < NREADERS; i++)
        if (readers[i].recognised(source))
            return &readers[i];
    for (size_t i = 0; i < NREADERS; i++)
        if (ending_of(&readers[i], source->name))
            return &readers[i];
    return NULL;
}

/* The last part of the path, without the reader's ending; from malloc. */
static char *base_name(const char *path, const struct reader *reader)
{
    const char *slash = strrchr(path, '/');
    const char *ending = ending_of(reader, path);
    char *name = strdup(slash ? slash + 1 : path);
    if (name && ending && strlen(name) > strlen(ending))
        name[strlen(name) - strlen(ending)] = '\0';
    return name;
}

static bool open_source(struct source *source, const struct input_options *options,
                        struct tensor_list *list, struct error *error)
{
    const struct reader *reader = find_reader(source);
    if (!reader)
        return fail(error,
                    "%s: unknown kind of file; readable are GGUF, safetensors, "
                    ".safetensors.index.json, .npy, and raw binary32 as .f32, .raw or .bin",
                    source->name);
    char *name = base_name(source->name, reader);
    if (!name)
        return fail(error, "out of memory");
    const struct file file = {source, name, options, list};
    bool good = reader->open(&file, error);
    free(name);
    return good;
}

/* ------------------------------------------------------------------------------------------------
 * Kinds of inputs
 */

static const char builtin_prefix[] = "builtin:";
static const char synth_prefix[] = "synth:";

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool unknown_builtin(const char *spec, struct error *error)
{
    char choices[256] = "";
    const char *name;
    for (unsigned i = 0; (name = builtin_name(i)) != NULL; i++) {
        size_t used = strlen(choices);
        if (used + sizeof builtin_prefix + strlen(name) + 1 < sizeof choices) {
            strcat(choices, " ");
            strcat(choices, builtin_prefix);
            strcat(choices, name);
        }
    }
    return fail(error, "%s: no such built-in model; there is:%s", spec, choices);
}

bool input_check(const char *spec, struct error *error)
{
    struct synth synth;
    const void *bytes;
    uint64_t size;
    if (starts_with(spec, synth_prefix))
        return synth_parse(spec, &synth, error);
    return !starts_with(spec, builtin_prefix) ||
           builtin_find(spec + strlen(builtin_prefix), BUILTIN_MODEL, &bytes, &size) ||
           unknown_builtin(spec, error);
}

static struct source *builtin_source(const char *spec, struct error *error)
{
    const void *bytes;
    uint64_t size;
    if (!builtin_find(spec + strlen(builtin_prefix), BUILTIN_MODEL, &bytes, &size)) {
        unknown_builtin(spec, error);
        return NULL;
    }
    return source_new_memory(spec, bytes, size, error);
}

bool input_open(const char *spec, const struct input_options *options, struct tensor_list *list,
                struct error *error)
{
    if (starts_with(spec, synth_prefix))
        return synth_open(spec, list, error);
    struct source *source = starts_with(spec, builtin_prefix) ? builtin_source(spec, error)
                                                              : source_new_file(spec, error);
    if (!source)
        return false;
    if (!open_source(source, options, list, error)) {
        source_delete(source);
        return false;
    }
    return true;
}
