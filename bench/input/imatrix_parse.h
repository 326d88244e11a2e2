/* Parts of imatrix_open(). Their messages name the entry, not the file, unless they come from GGUF.
 */
#ifndef ROUNDEL_BENCH_IMATRIX_PARSE_H
#define ROUNDEL_BENCH_IMATRIX_PARSE_H

#include "imatrix.h"

/* Each fills an imatrix of zeros; after a failure imatrix_free() takes what is there. */
bool imatrix_parse_dat(struct imatrix *imatrix, const struct source *source, struct error *error);
bool imatrix_parse_gguf(struct imatrix *imatrix, const struct source *source, struct error *error);

/* Appends an entry of zeros, or returns NULL without memory. */
struct imatrix_entry *imatrix_append(struct imatrix *imatrix, size_t *capacity,
                                     struct error *error);

/* Fails, naming the place, unless all values are finite and not negative. */
bool imatrix_check_values(const float *values, size_t count, struct error *error);

#endif
