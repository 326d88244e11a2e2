#include "imatrix.h"

#include <stdlib.h>
#include <string.h>

/* Moves name and values; the values become means. */
static void take_entry(struct imatrix_entry *to, struct imatrix_sums_entry *from,
                       enum imatrix_format format)
{
    imatrix_means(format, from, from->squares);
    *to = (struct imatrix_entry){
        .name = from->name,
        .name_length = from->name_length,
        .values = from->squares,
        .nvalues = from->nvalues,
        .nmatrices = from->nmatrices,
        .calls = from->counts[0],
    };
    for (size_t m = 1; m < from->nmatrices; m++)
        to->calls = from->counts[m] > to->calls ? from->counts[m] : to->calls;
    from->name = NULL;
    from->squares = NULL;
}

static bool take(struct imatrix *imatrix, struct imatrix_sums *sums, struct error *error)
{
    imatrix->format = imatrix_format_name(sums->format);
    imatrix->chunks = sums->chunks;
    imatrix->chunk_size = sums->chunk_size;
    imatrix->dataset = imatrix_datasets_text(sums);
    imatrix->entries = calloc(sums->count + 1, sizeof *imatrix->entries);
    imatrix->by_name = calloc(sums->count + 1, sizeof *imatrix->by_name);
    if (!imatrix->dataset || !imatrix->entries || !imatrix->by_name)
        return fail(error, "no memory for %zu entries", sums->count);
    for (size_t i = 0; i < sums->count; i++) {
        take_entry(&imatrix->entries[i], &sums->entries[i], sums->format);
        imatrix->by_name[i] = (struct named){imatrix->entries[i].name, &imatrix->entries[i]};
        imatrix->count++;
    }
    return named_sort(imatrix->by_name, imatrix->count, "entry", error);
}

bool imatrix_open(struct imatrix *imatrix, const struct source *source, struct error *error)
{
    struct imatrix_sums sums;
    *imatrix = (struct imatrix){0};
    if (!imatrix_sums_open(&sums, source, false, error))
        return false;
    const bool good = take(imatrix, &sums, error) || fail_in(error, "%s", source->name);
    imatrix_sums_free(&sums);
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
