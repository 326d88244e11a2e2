/* What `inspect` and `imatrix info` say about an entry of an importance matrix. */
#ifndef ROUNDEL_BENCH_IMATRIX_SUMMARY_H
#define ROUNDEL_BENCH_IMATRIX_SUMMARY_H

#include "imatrix_sums.h"

struct imatrix_summary {
    /* Of the means, all matrices (experts) together. */
    float min, max;
    double median;
    size_t zeros;
    size_t ones; /* exactly 1, which old tools write where they have no data */
    /* Of the counts: .dat: calls; GGUF: tokens of each matrix. */
    double least_count, median_count, largest_count;
    size_t scarce; /* matrices with a count below the limit */
};

/* The limit is a number of tokens (.dat: calls); a matrix below 1 is one without data. */
bool imatrix_summarise(enum imatrix_format format, const struct imatrix_sums_entry *entry,
                       double limit, struct imatrix_summary *summary, struct error *error);

/* The next matrix from `matrix` on whose count is below the limit, or nmatrices. */
size_t imatrix_next_scarce(const struct imatrix_sums_entry *entry, size_t matrix, double limit);

#endif
