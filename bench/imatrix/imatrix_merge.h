/* One importance matrix of several. */
#ifndef ROUNDEL_BENCH_IMATRIX_MERGE_H
#define ROUNDEL_BENCH_IMATRIX_MERGE_H

#include "imatrix_sums.h"
#include "notes.h"

/*
 * Adds the sums and counts of all inputs, which are of one format, in binary64, and rounds each
 * total once. Entries that not all inputs have are of those that have them; all come in the order
 * of their first appearance. `names` are those of the inputs. Fails, naming file and entry, where
 * numbers of values or experts differ, or where a .dat entry has no calls, and so no weight. On
 * false there is nothing to free.
 */
bool imatrix_merge(struct imatrix_sums *merged, const struct imatrix_sums *inputs,
                   const char *const *names, size_t ninputs, struct notes *notes,
                   struct error *error);

#endif
