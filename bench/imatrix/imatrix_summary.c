#include "imatrix_summary.h"

#include <stdlib.h>
#include <string.h>

static int compare_floats(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void summarise_means(float *means, size_t n, struct imatrix_summary *summary)
{
    qsort(means, n, sizeof *means, compare_floats);
    summary->min = means[0];
    summary->max = means[n - 1];
    summary->median = ((double)means[(n - 1) / 2] + (double)means[n / 2]) / 2.0;
    for (size_t j = 0; j < n; j++) {
        summary->zeros += means[j] == 0.0f;
        summary->ones += means[j] == 1.0f;
    }
}

static void summarise_counts(double *counts, size_t n, struct imatrix_summary *summary)
{
    qsort(counts, n, sizeof *counts, compare_doubles);
    summary->least_count = counts[0];
    summary->largest_count = counts[n - 1];
    summary->median_count = (counts[(n - 1) / 2] + counts[n / 2]) / 2.0;
}

bool imatrix_summarise(enum imatrix_format format, const struct imatrix_sums_entry *entry,
                       double limit, struct imatrix_summary *summary, struct error *error)
{
    *summary = (struct imatrix_summary){0};
    float *means = malloc(entry->nvalues * sizeof *means);
    double *counts = malloc(entry->nmatrices * sizeof *counts);
    if (means && counts) {
        imatrix_means(format, entry, means);
        memcpy(counts, entry->counts, entry->nmatrices * sizeof *counts);
        summarise_means(means, entry->nvalues, summary);
        summarise_counts(counts, entry->nmatrices, summary);
        for (size_t m = imatrix_next_scarce(entry, 0, limit); m < entry->nmatrices;
             m = imatrix_next_scarce(entry, m + 1, limit))
            summary->scarce++;
    }
    const bool good = (means && counts) || fail(error, "no memory for %zu values", entry->nvalues);
    free(means);
    free(counts);
    return good;
}

size_t imatrix_next_scarce(const struct imatrix_sums_entry *entry, size_t matrix, double limit)
{
    while (matrix < entry->nmatrices && entry->counts[matrix] >= limit)
        matrix++;
    return matrix;
}
