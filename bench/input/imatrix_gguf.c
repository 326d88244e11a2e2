/*
 * The GGUF importance matrix. Per weight W, in F32:
 *
 *     W.in_sum2   [dim0, nmatrices]   sum of x_j^2
 *     W.counts    [1, nmatrices]      tokens summed, as a float
 *     W.in_sum    [dim0, nmatrices]   sum of x_j; optional, not used here
 *
 * Keys: imatrix.datasets, imatrix.chunk_count, imatrix.chunk_size. An early variant wrote one
 * string imatrix.dataset, and W.sums for W.in_sum2. Unknown keys and tensors are ignored.
 */
#include "imatrix_parse.h"

#include "gguf.h"
#include <inttypes.h>
#include <math.h>
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

/* Appends to a string, with ", " between the parts. */
static bool join(char **text, size_t *length, const struct gguf_strings *part, bool first)
{
    size_t separator = first ? 0 : 2;
    char *longer = realloc(*text, *length + separator + part->length + 1);
    if (!longer)
        return false;
    memcpy(longer + *length, ", ", separator);
    memcpy(longer + *length + separator, part->text, part->length + 1);
    *text = longer;
    *length += separator + part->length;
    return true;
}

static bool read_datasets(const struct gguf *gguf, char **text, struct error *error)
{
    size_t length = 0;
    if (gguf_find(gguf, "imatrix.dataset"))
        return gguf_get_string(gguf, "imatrix.dataset", text, &length, error);
    struct gguf_strings strings;
    if (!gguf_strings_begin(gguf, "imatrix.datasets", &strings, error))
        return false;
    *text = calloc(1, 1);
    bool good = *text || fail(error, "no memory for imatrix.datasets");
    for (uint64_t i = 0; good && i < strings.count; i++)
        good =
            gguf_strings_next(&strings, error) && (join(text, &length, &strings, i == 0) ||
                                                   fail(error, "no memory for imatrix.datasets"));
    gguf_strings_end(&strings);
    return good;
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

/* Sums of x_j are not used, but a file in which they are wrong is not trusted. */
static bool check_sums(const struct gguf_tensor *sums, const struct gguf_tensor *squares,
                       struct error *error)
{
    return check_f32(sums, error) &&
           (numel(sums) == numel(squares) ||
            fail(error, "has %" PRIu64 " elements, but .in_sum2 has %" PRIu64, numel(sums),
                 numel(squares)));
}

/* The file holds the tensor, so its bytes are no more than the file's size. */
static bool load(const struct gguf *gguf, const struct gguf_tensor *tensor, float **out,
                 struct error *error)
{
    if (!check_f32(tensor, error))
        return false;
    *out = tensor->nbytes <= SIZE_MAX ? malloc((size_t)tensor->nbytes) : NULL;
    if (!*out)
        return fail(error, "no memory for %" PRIu64 " bytes", tensor->nbytes);
    return source_read(gguf->source, tensor->offset, *out, (size_t)tensor->nbytes, error) &&
           imatrix_check_values(*out, (size_t)numel(tensor), error);
}

static bool check_counts(const float *counts, size_t n, struct error *error)
{
    /* Counts are sums of whole numbers in binary32; merging tools may leave a little dust. */
    const float dust = 1e-3f;
    for (size_t i = 0; i < n; i++)
        if (fabsf(counts[i] - rintf(counts[i])) > dust)
            return fail(error, "count %zu is %g, no whole number of tokens", i, (double)counts[i]);
    return true;
}

/* Sums to means; 1 for a matrix without counts, as ggml's quantizer has it. */
static void normalise(struct imatrix_entry *entry, const float *counts)
{
    size_t ncols = entry->nvalues / entry->nmatrices;
    for (size_t m = 0; m < entry->nmatrices; m++) {
        float *values = entry->values + m * ncols;
        for (size_t j = 0; j < ncols; j++)
            values[j] = counts[m] > 0.0f ? values[j] / counts[m] : 1.0f;
        entry->calls = counts[m] > entry->calls ? counts[m] : entry->calls;
    }
}

static bool fill_entry(const struct gguf *gguf, const struct gguf_tensor *squares,
                       const struct gguf_tensor *counts, struct imatrix_entry *entry,
                       float **count_values, struct error *error)
{
    entry->nvalues = (size_t)numel(squares);
    entry->nmatrices = (size_t)numel(counts);
    if (!load(gguf, squares, &entry->values, error))
        return fail_in_named(error, "tensor", squares->name);
    if (!load(gguf, counts, count_values, error) ||
        !check_counts(*count_values, entry->nmatrices, error))
        return fail_in_named(error, "tensor", counts->name);
    if (entry->nvalues % entry->nmatrices != 0) {
        (void)fail(error, "its %zu sums are no multiple of the %zu counts", entry->nvalues,
                   entry->nmatrices);
        return fail_in_named(error, "tensor", squares->name);
    }
    normalise(entry, *count_values);
    return imatrix_check_values(entry->values, entry->nvalues, error) ||
           fail_in_named(error, "mean of", squares->name);
}

static bool add_entry(const struct gguf *gguf, const struct gguf_tensor *squares,
                      size_t stem_length, const struct gguf_tensor *counts, struct imatrix *imatrix,
                      size_t *capacity, struct error *error)
{
    struct imatrix_entry *entry = imatrix_append(imatrix, capacity, error);
    if (!entry)
        return false;
    entry->name = strndup(squares->name, stem_length);
    if (!entry->name)
        return fail(error, "no memory for a name");
    entry->name_length = stem_length;
    float *count_values = NULL;
    bool good = fill_entry(gguf, squares, counts, entry, &count_values, error);
    free(count_values);
    return good;
}

/* Checks the tensor against its siblings; the sums of squares become an entry. */
static bool take_tensor(const struct gguf *gguf, const struct gguf_tensor *tensor, char *scratch,
                        struct imatrix *imatrix, size_t *capacity, struct error *error)
{
    size_t stem_length = 0;
    enum role role = role_of(tensor->name, &stem_length);
    if (role == ROLE_NONE)
        return true;
    if (stem_length == 0) {
        (void)fail(error, "no name of a weight before the suffix");
        return fail_in_named(error, "tensor", tensor->name);
    }
    const struct gguf_tensor *squares =
        sibling(gguf, tensor->name, stem_length, ".in_sum2", scratch);
    if (!squares)
        squares = sibling(gguf, tensor->name, stem_length, ".sums", scratch);
    const struct gguf_tensor *counts = sibling(gguf, tensor->name, stem_length, ".counts", scratch);
    if (!squares || !counts) {
        (void)fail(error, "the %s of the same weight are missing",
                   squares ? "counts (.counts)" : "sums (.in_sum2)");
        return fail_in_named(error, "tensor", tensor->name);
    }
    if (role == ROLE_SUMS && !check_sums(tensor, squares, error))
        return fail_in_named(error, "tensor", tensor->name);
    return role != ROLE_SQUARES ||
           add_entry(gguf, tensor, stem_length, counts, imatrix, capacity, error);
}

static bool take_tensors(const struct gguf *gguf, struct imatrix *imatrix, struct error *error)
{
    size_t longest = 0;
    for (size_t i = 0; i < gguf->ntensors; i++) {
        size_t length = strlen(gguf->tensors[i].name);
        longest = length > longest ? length : longest;
    }
    char *scratch = malloc(longest + sizeof ".in_sum2");
    bool good = scratch || fail(error, "no memory for a name");
    size_t capacity = 0;
    for (size_t i = 0; good && i < gguf->ntensors; i++)
        good = take_tensor(gguf, &gguf->tensors[i], scratch, imatrix, &capacity, error);
    free(scratch);
    if (good && imatrix->count == 0)
        good = fail(error, "no tensor's name ends in .in_sum2");
    return good || fail_in(error, "%s", gguf->source->name);
}

bool imatrix_parse_gguf(struct imatrix *imatrix, const struct source *source, struct error *error)
{
    struct gguf gguf;
    if (!gguf_parse(source, &gguf, error))
        return false;
    bool good = check_general_type(&gguf, error) &&
                read_datasets(&gguf, &imatrix->dataset, error) &&
                gguf_get_count(&gguf, "imatrix.chunk_count", &imatrix->chunks, error) &&
                gguf_get_count(&gguf, "imatrix.chunk_size", &imatrix->chunk_size, error) &&
                take_tensors(&gguf, imatrix, error);
    gguf_free(&gguf);
    return good;
}
