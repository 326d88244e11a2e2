/* Between what the numbers of .dat files and those of GGUF files mean. */
#ifndef ROUNDEL_BENCH_IMATRIX_CONVERT_H
#define ROUNDEL_BENCH_IMATRIX_CONVERT_H

#include "imatrix_sums.h"
#include "notes.h"

enum {
    IMATRIX_CHUNK_SIZE = 512 /* tokens, where nobody says: the habit of the tools */
};

/*
 * How many tokens a chunk of the matrix has: what its file says, which `given`, where it is not 0,
 * must not contradict; else `given`; else the habit, for .dat files, which a note then says.
 */
bool imatrix_chunk_size(const struct imatrix_sums *sums, uint64_t given, uint64_t *chunk_size,
                        struct notes *notes, struct error *error);

/*
 * Makes the matrix what a file of `format` holds; nothing to do where it is that already.
 *
 *     .dat to GGUF:  sums of squares = value * chunk_size, counts = ncall * chunk_size
 *     GGUF to .dat:  ncall = ceil(max(counts) / chunk_size), value = sum of squares / count * ncall
 *
 * with 1 for the mean of an expert without counts. Each result is rounded to binary32 once, so that
 * .dat to GGUF and back gives the same values where the chunk size is a power of two.
 *
 * `chunk_size` is `given` to imatrix_chunk_size(). The notes say what was assumed and what `format`
 * cannot hold.
 */
bool imatrix_convert(struct imatrix_sums *sums, enum imatrix_format format, uint64_t chunk_size,
                     struct notes *notes, struct error *error);

#endif
