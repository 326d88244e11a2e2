/* Files of importance matrices. */
#ifndef ROUNDEL_BENCH_IMATRIX_WRITE_H
#define ROUNDEL_BENCH_IMATRIX_WRITE_H

#include "imatrix_sums.h"
#include "output.h"

/* The format that the ending of a path asks for: .dat or .gguf. */
bool imatrix_format_of_path(const char *path, enum imatrix_format *format, struct error *error);

/* Writes a file of sums->format to an open output, which it commits, or abandons on false. */
bool imatrix_write(const struct imatrix_sums *sums, struct output *output, struct error *error);

/* Parts of it, which leave the output open. */
bool imatrix_write_dat(const struct imatrix_sums *sums, FILE *file, struct error *error);

#endif
