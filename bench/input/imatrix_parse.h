/* Parts of imatrix_sums_open(). Their messages name the entry, not the file, unless they come from
 * GGUF. */
#ifndef ROUNDEL_BENCH_IMATRIX_PARSE_H
#define ROUNDEL_BENCH_IMATRIX_PARSE_H

#include "imatrix_sums.h"

/* Each fills a matrix of zeros and looks at no values; after a failure imatrix_sums_free() takes
 * what is there. */
bool imatrix_parse_dat(struct imatrix_sums *sums, const struct source *source, struct error *error);
bool imatrix_parse_gguf(struct imatrix_sums *sums, const struct source *source,
                        struct error *error);

/* Appends an entry of zeros, without any memory of its own; NULL without memory. */
struct imatrix_sums_entry *imatrix_append(struct imatrix_sums *sums, struct error *error);

/* Appends a name, which it takes over, also when it fails. */
bool imatrix_take_dataset(struct imatrix_sums *sums, char *name, size_t length,
                          struct error *error);

#endif
