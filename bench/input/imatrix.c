#include "imatrix.h"

#include "array.h"
#include "gguf.h"
#include "imatrix_parse.h"
#include <math.h>
#include <stdlib.h>

struct imatrix_entry *imatrix_append(struct imatrix *imatrix, size_t *capacity, struct error *error)
{
    struct imatrix_entry *entries =
        array_grow(imatrix->entries, imatrix->count, capacity, sizeof *entries);
    if (!entries) {
        (void)fail(error, "no memory for %zu entries", imatrix->count + 1);
        return NULL;
    }
    imatrix->entries = entries;
    entries[imatrix->count] = (struct imatrix_entry){.nmatrices = 1};
    return &entries[imatrix->count++];
}

bool imatrix_check_values(const float *values, size_t count, struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(values[i]) || values[i] < 0.0f)
            return fail(error, "value %zu is %g; importance is finite and not negative", i,
                        (double)values[i]);
    }
    return true;
}

static bool sort_entries(struct imatrix *imatrix, struct error *error)
{
    imatrix->by_name = calloc(imatrix->count + 1, sizeof *imatrix->by_name);
    if (!imatrix->by_name)
        return fail(error, "no memory to sort %zu entries", imatrix->count);
    for (size_t i = 0; i < imatrix->count; i++)
        imatrix->by_name[i] = (struct named){imatrix->entries[i].name, &imatrix->entries[i]};
    return named_sort(imatrix->by_name, imatrix->count, "entry", error);
}

bool imatrix_open(struct imatrix *imatrix, const struct source *source, struct error *error)
{
    *imatrix = (struct imatrix){0};
    bool is_gguf = gguf_recognised(source);
    imatrix->format = is_gguf ? "gguf" : "dat";
    bool good = is_gguf ? imatrix_parse_gguf(imatrix, source, error)
                        : imatrix_parse_dat(imatrix, source, error) ||
                              fail_in(error, "%s: importance matrix (.dat)", source->name);
    if (good && !sort_entries(imatrix, error))
        good = fail_in(error, "%s", source->name);
    if (!good)
        imatrix_free(imatrix);
    return good;
}

const struct imatrix_entry *imatrix_find(const struct imatrix *imatrix, const char *name)
{
    return named_find(imatrix->by_name, imatrix->count, name);
}

uint64_t imatrix_matrices(const struct imatrix_entry *entry, const struct tensor *tensor,
                          struct error *error)
{
    if (!entry || entry->nvalues == tensor->ncols)
        return 1;
    const uint64_t matrices = tensor->ndims >= 3 ? tensor->dims[2] : 1;
    if (matrices > 1 && entry->nvalues / matrices == tensor->ncols &&
        entry->nvalues % matrices == 0)
        return matrices;
    fail(error, "the importance matrix has %zu values for rows of %llu weights", entry->nvalues,
         (unsigned long long)tensor->ncols);
    return 0;
}

void imatrix_free(struct imatrix *imatrix)
{
    for (size_t i = 0; i < imatrix->count; i++) {
        free(imatrix->entries[i].name);
        free(imatrix->entries[i].values);
    }
    free(imatrix->entries);
    free(imatrix->by_name);
    free(imatrix->dataset);
    *imatrix = (struct imatrix){0};
}
