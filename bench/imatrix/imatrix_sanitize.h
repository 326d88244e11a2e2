/* Importance without bad numbers, and without zeros. */
#ifndef ROUNDEL_BENCH_IMATRIX_SANITIZE_H
#define ROUNDEL_BENCH_IMATRIX_SANITIZE_H

#include "imatrix_sums.h"
#include "notes.h"

/*
 * Takes the data of every matrix with a number that imatrix_check_matrix() refuses, as if it had
 * never been activated; entries without any data left are removed. A note names each. Fails where
 * nothing would be left.
 */
bool imatrix_drop_bad(struct imatrix_sums *sums, struct notes *notes, struct error *error);

/*
 * Adds `tokens` tokens whose inputs have squares of 1 and a sum of 0: means become
 * (sum of squares + tokens) / (count + tokens), with chunks of `chunk_size` tokens as the counts of
 * a .dat file, whose numbers of calls stay. Fails where a sum would leave binary32.
 */
bool imatrix_add_prior(struct imatrix_sums *sums, uint64_t tokens, uint64_t chunk_size,
                       struct notes *notes, struct error *error);

#endif
