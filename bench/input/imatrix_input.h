/* From a command-line argument to an importance matrix. */
#ifndef ROUNDEL_BENCH_IMATRIX_INPUT_H
#define ROUNDEL_BENCH_IMATRIX_INPUT_H

#include "imatrix.h"

/* Opens the bytes of a file, or of builtin:NAME. On false there is nothing to close. */
bool imatrix_input_source(struct source *source, const char *spec, struct error *error);

/* Opens a file of either format, or builtin:NAME. On false there is nothing to free. */
bool imatrix_input_open(const char *spec, struct imatrix *imatrix, struct error *error);

/* Whether the text of a builtin: matrix is right; true for files. The command line is wrong where
 * it is not, rather than an input. */
bool imatrix_input_check(const char *spec, struct error *error);

#endif
