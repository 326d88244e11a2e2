/* Files of importance matrices. */
#ifndef ROUNDEL_BENCH_IMATRIX_WRITE_H
#define ROUNDEL_BENCH_IMATRIX_WRITE_H

#include "imatrix_sums.h"
#include <stdio.h>

/* The format that the ending of a path asks for: .dat or .gguf. */
bool imatrix_format_of_path(const char *path, enum imatrix_format *format, struct error *error);

/*
 * Writes a file of sums->format. Fails, naming the entry, where the format cannot hold it: numbers
 * above 2^31 - 1 in .dat, names above 63 bytes, with the longest suffix, in GGUF. Errors of writing
 * are left in the stream.
 */
bool imatrix_write(const struct imatrix_sums *sums, FILE *file, struct error *error);

/* Its parts. */
bool imatrix_write_dat(const struct imatrix_sums *sums, FILE *file, struct error *error);
bool imatrix_write_gguf(const struct imatrix_sums *sums, FILE *file, struct error *error);

#endif
