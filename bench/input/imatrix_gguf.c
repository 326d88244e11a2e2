/*
 * The GGUF importance matrix. Per weight W, in F32:
 *
 *     W.in_sum2   [dim0, nmatrices]   sum of x_j^2
 *     W.counts    [1, nmatrices]      tokens summed, as a float
 *     W.in_sum    [dim0, nmatrices]   sum of x_j; optional
 *
 * Keys: imatrix.datasets, imatrix.chunk_count, imatrix.chunk_size. An early variant wrote one
 * string imatrix.dataset, and W.sums for W.in_sum2. Unknown keys and tensors are only counted.
 */
#include "imatrix_parse.h"

#include "gguf.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Keys
 */

static bool check_general_type(const struct gguf *gguf, struct error *error)
{
    if (!gguf_find(gguf, "general.type"))
        return true;
    char *type;
    size_t length;
    if (!gguf_get_string(gguf, "general.type", &type, &length, error))
        return false;
    char shown[64];
    bool good = strcmp(type, "imatrix") == 0 ||
                fail(error, "%s: no importance matrix: general.type is \"%s\"", gguf->source->name,
                     escape(shown, sizeof shown, type, length));
    free(type);
    return good;
}

static bool read_dataset(const struct gguf *gguf, struct imatrix_sums *sums, struct error *error)
{
    char *name;
    size_t length;
    return gguf_get_string(gguf, "imatrix.dataset", &name, &length, error) &&
           imatrix_take_dataset(sums, name, length, error);
}

static bool read_datasets(const struct gguf *gguf, struct imatrix_sums *sums, struct error *error)
{
    if (gguf_find(gguf, "imatrix.dataset"))
        return read_dataset(gguf, sums, error);
    struct gguf_strings strings;
    if (!gguf_strings_begin(gguf, "imatrix.datasets", &strings, error))
        return false;
    bool good = true;
    for (uint64_t i = 0; good && i < strings.count; i++) {
        good = gguf_strings_next(&strings, error);
        char *copy = good ? strndup(strings.text, strings.length) : NULL;
        if (good)
            good = copy ? imatrix_take_dataset(sums, copy, strings.length, error)
                        : fail(error, "no memory for imatrix.datasets");
    }
    gguf_strings_end(&strings);
    return good;
}

static bool is_known_key(const char *key)
{
    static const char *const known[] = {"general.type",        "general.alignment",
                                        "imatrix.dataset",     "imatrix.datasets",
                                        "imatrix.chunk_count", "imatrix.chunk_size"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(key, known[i]) == 0)
            return true;
    return false;
}

static bool count_unknown(struct imatrix_sums *sums, const char *name, struct error *error)
{
    if (sums->nunknown++ == 0)
        sums->unknown = strdup(name);
    return sums->unknown || fail(error, "no memory for a name");
}

static bool read_keys(const struct gguf *gguf, struct imatrix_sums *sums, struct error *error)
{
    sums->has_chunks = true;
    if (!check_general_type(gguf, error) || !read_datasets(gguf, sums, error) ||
        !gguf_get_count(gguf, "imatrix.chunk_count", &sums->chunks, error) ||
        !gguf_get_count(gguf, "imatrix.chunk_size", &sums->chunk_size, error))
        return false;
    for (size_t i = 0; i < gguf->nvalues; i++)
        if (!is_known_key(gguf->values[i].key) && !count_unknown(sums, gguf->values[i].key, error))
            return false;
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Tensors
 */

enum role {
    ROLE_SQUARES,
    ROLE_COUNTS,
    ROLE_SUMS,
    ROLE_NONE
};

static const struct suffix {
    const char *text;
    enum role role;
} suffixes[] = {
    {".in_sum2", ROLE_SQUARES},
    {".sums", ROLE_SQUARES},
    {".counts", ROLE_COUNTS},
    {".in_sum", ROLE_SUMS},
};

/* What a tensor is for, and how much of its name is the weight's. */
static enum role role_of(const char *name, size_t *stem_length)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        size_t suffix_length = strlen(suffixes[i].text);
        if (length >= suffix_length &&
            strcmp(name + length - suffix_length, suffixes[i].text) == 0) {
            *stem_length = length - suffix_length;
            return suffixes[i].role;
        }
    }
    return ROLE_NONE;
}

/* The tensor STEM + suffix, or NULL. `scratch` has room for the longest name. */
static const struct gguf_tensor *sibling(const struct gguf *gguf, const char *name,
                                         size_t stem_length, const char *suffix, char *scratch)
{
    memcpy(scratch, name, stem_length);
    memcpy(scratch + stem_length, suffix, strlen(suffix) + 1);
    return gguf_find_tensor(gguf, scratch);
}

static uint64_t numel(const struct gguf_tensor *tensor)
{
    return tensor->ncols * tensor->nrows;
}

static bool check_f32(const struct gguf_tensor *tensor, struct error *error)
{
    if (tensor->type->id != GGUF_F32)
        return fail(error, "is %s, must be F32", tensor->type->name);
    return numel(tensor) > 0 || fail(error, "is empty");
}

/* Reads a tensor of binary32. The file holds it, so its bytes are no more than the file's size. */
static bool load(const struct gguf *gguf, const struct gguf_tensor *tensor, float **out,
                 struct error *error)
{
    if (!check_f32(tensor, error))
        return false;
    *out = tensor->nbytes <= SIZE_MAX ? malloc((size_t)tensor->nbytes) : NULL;
    if (!*out)
        return fail(error, "no memory for %" PRIu64 " bytes", tensor->nbytes);
    return source_read(gguf->source, tensor->offset, *out, (size_t)tensor->nbytes, error);
}

static bool load_counts(const struct gguf *gguf, const struct gguf_tensor *tensor,
                        struct imatrix_sums_entry *entry, struct error *error)
{
    float *counts = NULL;
    entry->nmatrices = (size_t)numel(tensor);
    bool good = load(gguf, tensor, &counts, error);
    if (good) {
        entry->counts = malloc(entry->nmatrices * sizeof *entry->counts);
        good = entry->counts || fail(error, "no memory for %zu counts", entry->nmatrices);
    }
    for (size_t m = 0; good && m < entry->nmatrices; m++)
        entry->counts[m] = (double)counts[m];
    free(counts);
    return good;
}

static bool load_sums(const struct gguf *gguf, const struct gguf_tensor *tensor,
                      struct imatrix_sums_entry *entry, struct error *error)
{
    if (numel(tensor) != entry->nvalues)
        return check_f32(tensor, error) &&
               fail(error, "has %" PRIu64 " elements, but .in_sum2 has %zu", numel(tensor),
                    entry->nvalues);
    return load(gguf, tensor, &entry->sums, error);
}

/* The tensors of one weight; `sums` may be NULL. */
struct family {
    const struct gguf_tensor *squares, *counts, *sums;
};

static struct family find_family(const struct gguf *gguf, const char *name, size_t stem_length,
                                 char *scratch)
{
    struct family family = {
        .squares = sibling(gguf, name, stem_length, ".in_sum2", scratch),
        .counts = sibling(gguf, name, stem_length, ".counts", scratch),
        .sums = sibling(gguf, name, stem_length, ".in_sum", scratch),
    };
    if (!family.squares)
        family.squares = sibling(gguf, name, stem_length, ".sums", scratch);
    return family;
}

static bool fill_entry(const struct gguf *gguf, const struct family *family,
                       struct imatrix_sums_entry *entry, struct error *error)
{
    entry->nvalues = (size_t)numel(family->squares);
    if (!load(gguf, family->squares, &entry->squares, error))
        return fail_in_named(error, "tensor", family->squares->name);
    if (!load_counts(gguf, family->counts, entry, error))
        return fail_in_named(error, "tensor", family->counts->name);
    if (entry->nvalues % entry->nmatrices != 0) {
        (void)fail(error, "its %zu sums are no multiple of the %zu counts", entry->nvalues,
                   entry->nmatrices);
        return fail_in_named(error, "tensor", family->squares->name);
    }
    return !family->sums || load_sums(gguf, family->sums, entry, error) ||
           fail_in_named(error, "tensor", family->sums->name);
}

static bool add_entry(const struct gguf *gguf, const struct family *family, size_t stem_length,
                      struct imatrix_sums *sums, struct error *error)
{
    struct imatrix_sums_entry *entry = imatrix_append(sums, error);
    if (!entry)
        return false;
    entry->nmatrices = 1;
    entry->name = strndup(family->squares->name, stem_length);
    if (!entry->name)
        return fail(error, "no memory for a name");
    entry->name_length = stem_length;
    return fill_entry(gguf, family, entry, error);
}

/* Checks the tensor against its siblings; the sums of squares become an entry. */
static bool take_tensor(const struct gguf *gguf, const struct gguf_tensor *tensor, char *scratch,
                        struct imatrix_sums *sums, struct error *error)
{
    size_t stem_length = 0;
    enum role role = role_of(tensor->name, &stem_length);
    if (role == ROLE_NONE)
        return count_unknown(sums, tensor->name, error);
    if (stem_length == 0) {
        (void)fail(error, "no name of a weight before the suffix");
        return fail_in_named(error, "tensor", tensor->name);
    }
    const struct family family = find_family(gguf, tensor->name, stem_length, scratch);
    if (!family.squares || !family.counts) {
        (void)fail(error, "the %s of the same weight are missing",
                   family.squares ? "counts (.counts)" : "sums (.in_sum2)");
        return fail_in_named(error, "tensor", tensor->name);
    }
    return role != ROLE_SQUARES || add_entry(gguf, &family, stem_length, sums, error);
}

static bool take_tensors(const struct gguf *gguf, struct imatrix_sums *sums, struct error *error)
{
    size_t longest = 0;
    for (size_t i = 0; i < gguf->ntensors; i++) {
        size_t length = strlen(gguf->tensors[i].name);
        longest = length > longest ? length : longest;
    }
    char *scratch = malloc(longest + sizeof ".in_sum2");
    bool good = scratch || fail(error, "no memory for a name");
    for (size_t i = 0; good && i < gguf->ntensors; i++)
        good = take_tensor(gguf, &gguf->tensors[i], scratch, sums, error);
    free(scratch);
    if (good && sums->count == 0)
        good = fail(error, "no tensor's name ends in .in_sum2");
    return good || fail_in(error, "%s", gguf->source->name);
}

bool imatrix_parse_gguf(struct imatrix_sums *sums, const struct source *source, struct error *error)
{
    struct gguf gguf;
    if (!gguf_parse(source, &gguf, error))
        return false;
    bool good = read_keys(&gguf, sums, error) && take_tensors(&gguf, sums, error);
    gguf_free(&gguf);
    return good;
}
