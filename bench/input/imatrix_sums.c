#include "imatrix_sums.h"

#include "array.h"
#include "gguf.h"
#include "imatrix_parse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *imatrix_format_name(enum imatrix_format format)
{
    return format == IMATRIX_GGUF ? "gguf" : "dat";
}

/* ------------------------------------------------------------------------------------------------
 * Making one
 */

struct imatrix_sums_entry *imatrix_append(struct imatrix_sums *sums, struct error *error)
{
    struct imatrix_sums_entry *entries =
        array_grow(sums->entries, sums->count, &sums->capacity, sizeof *entries);
    if (!entries) {
        (void)fail(error, "no memory for %zu entries", sums->count + 1);
        return NULL;
    }
    sums->entries = entries;
    entries[sums->count] = (struct imatrix_sums_entry){0};
    return &entries[sums->count++];
}

struct imatrix_sums_entry *imatrix_sums_add(struct imatrix_sums *sums, const char *name,
                                            size_t nvalues, size_t nmatrices, bool with_sums,
                                            struct error *error)
{
    struct imatrix_sums_entry *entry = imatrix_append(sums, error);
    if (!entry)
        return NULL;
    entry->name = strdup(name);
    entry->name_length = strlen(name);
    entry->nvalues = nvalues;
    entry->nmatrices = nmatrices;
    entry->squares = calloc(nvalues, sizeof *entry->squares);
    entry->counts = calloc(nmatrices, sizeof *entry->counts);
    entry->sums = with_sums ? calloc(nvalues, sizeof *entry->sums) : NULL;
    if (entry->name && entry->squares && entry->counts && (entry->sums || !with_sums))
        return entry;
    (void)fail(error, "no memory for %zu values", nvalues);
    return NULL;
}

bool imatrix_take_dataset(struct imatrix_sums *sums, char *name, size_t length, struct error *error)
{
    char **longer = realloc(sums->datasets, (sums->ndatasets + 1) * sizeof *longer);
    const bool whole = strlen(name) == length;
    if (longer)
        sums->datasets = longer;
    if (longer && whole) {
        longer[sums->ndatasets++] = name;
        return true;
    }
    free(name);
    return fail(error, whole ? "no memory for the name of a data set"
                             : "the name of a data set holds a NUL byte");
}

bool imatrix_sums_add_dataset(struct imatrix_sums *sums, const char *name, struct error *error)
{
    char *copy = strdup(name);
    if (!copy)
        return fail(error, "no memory for the name of a data set");
    return imatrix_take_dataset(sums, copy, strlen(copy), error);
}

bool imatrix_sums_index(struct imatrix_sums *sums, struct error *error)
{
    free(sums->by_name);
    sums->by_name = calloc(sums->count + 1, sizeof *sums->by_name);
    if (!sums->by_name)
        return fail(error, "no memory to sort %zu entries", sums->count);
    for (size_t i = 0; i < sums->count; i++)
        sums->by_name[i] = (struct named){sums->entries[i].name, &sums->entries[i]};
    return named_sort(sums->by_name, sums->count, "entry", error);
}

/* ------------------------------------------------------------------------------------------------
 * Numbers
 */

/* Counts of tokens are sums of whole numbers in binary32; merging tools may leave a little dust. */
static bool check_count(double count, struct error *error)
{
    const double dust = 1e-3;
    if (!isfinite(count) || count < 0.0)
        return fail(error, "the count is %g; counts are finite and not negative", count);
    return fabs(count - rint(count)) <= dust ||
           fail(error, "the count is %g, no whole number of tokens", count);
}

static bool check_square(float square, double count, size_t column, struct error *error)
{
    if (!isfinite(square) || square < 0.0f)
        return fail(error, "value %zu is %g; importance is finite and not negative", column,
                    (double)square);
    return count <= 0.0 || isfinite(square / (float)count) ||
           fail(error, "the mean of value %zu is infinite: %g / %g", column, (double)square, count);
}

static bool check_numbers(const struct imatrix_sums_entry *entry, size_t matrix, bool is_tokens,
                          struct error *error)
{
    const size_t ncols = entry->nvalues / entry->nmatrices;
    const double count = entry->counts[matrix];
    if (is_tokens && !check_count(count, error))
        return false;
    for (size_t j = 0; j < ncols; j++)
        if (!check_square(entry->squares[matrix * ncols + j], count, j, error))
            return false;
    for (size_t j = 0; entry->sums && j < ncols; j++)
        if (!isfinite(entry->sums[matrix * ncols + j]))
            return fail(error, "sum %zu is %g; sums are finite", j,
                        (double)entry->sums[matrix * ncols + j]);
    return true;
}

bool imatrix_check_matrix(enum imatrix_format format, const struct imatrix_sums_entry *entry,
                          size_t matrix, struct error *error)
{
    if (check_numbers(entry, matrix, format == IMATRIX_GGUF, error))
        return true;
    return entry->nmatrices > 1 ? fail_in(error, "expert %zu", matrix) : false;
}

void imatrix_means(enum imatrix_format format, const struct imatrix_sums_entry *entry, float *means)
{
    const size_t ncols = entry->nvalues / entry->nmatrices;
    for (size_t m = 0; m < entry->nmatrices; m++) {
        const float count = (float)entry->counts[m];
        for (size_t j = m * ncols; j < (m + 1) * ncols; j++)
            means[j] = count > 0.0f             ? entry->squares[j] / count
                       : format == IMATRIX_GGUF ? 1.0f
                                                : entry->squares[j];
    }
}

/* ------------------------------------------------------------------------------------------------
 * Reading
 */

static bool check_all(const struct imatrix_sums *sums, struct error *error)
{
    for (size_t i = 0; i < sums->count; i++)
        for (size_t m = 0; m < sums->entries[i].nmatrices; m++)
            if (!imatrix_check_matrix(sums->format, &sums->entries[i], m, error))
                return fail_in_named(error, "entry", sums->entries[i].name);
    return true;
}

bool imatrix_sums_open(struct imatrix_sums *sums, const struct source *source, bool tolerant,
                       struct error *error)
{
    *sums = (struct imatrix_sums){.format = gguf_recognised(source) ? IMATRIX_GGUF : IMATRIX_DAT};
    bool good = sums->format == IMATRIX_GGUF
                    ? imatrix_parse_gguf(sums, source, error)
                    : imatrix_parse_dat(sums, source, error) ||
                          fail_in(error, "%s: importance matrix (.dat)", source->name);
    if (good && (!imatrix_sums_index(sums, error) || (!tolerant && !check_all(sums, error))))
        good = fail_in(error, "%s", source->name);
    if (!good)
        imatrix_sums_free(sums);
    return good;
}

const struct imatrix_sums_entry *imatrix_sums_find(const struct imatrix_sums *sums,
                                                   const char *name)
{
    return named_find(sums->by_name, sums->count, name);
}

char *imatrix_datasets_text(const struct imatrix_sums *sums)
{
    size_t size = 1;
    for (size_t i = 0; i < sums->ndatasets; i++)
        size += strlen(sums->datasets[i]) + 2;
    char *text = malloc(size);
    char *end = text;
    for (size_t i = 0; text && i < sums->ndatasets; i++)
        end = stpcpy(stpcpy(end, i == 0 ? "" : ", "), sums->datasets[i]);
    if (text)
        *end = '\0';
    return text;
}

void imatrix_entry_free(struct imatrix_sums_entry *entry)
{
    free(entry->name);
    free(entry->squares);
    free(entry->counts);
    free(entry->sums);
}

void imatrix_sums_free(struct imatrix_sums *sums)
{
    for (size_t i = 0; i < sums->count; i++)
        imatrix_entry_free(&sums->entries[i]);
    for (size_t i = 0; i < sums->ndatasets; i++)
        free(sums->datasets[i]);
    free(sums->entries);
    free(sums->by_name);
    free(sums->datasets);
    free(sums->unknown);
    *sums = (struct imatrix_sums){0};
}
