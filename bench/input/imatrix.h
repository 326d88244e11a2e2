/* Importance matrices, .dat files and GGUF, as the quantizers use them: means. */
#ifndef ROUNDEL_BENCH_IMATRIX_H
#define ROUNDEL_BENCH_IMATRIX_H

#include "error.h"
#include "imatrix_sums.h"
#include "named.h"
#include "source.h"
#include "tensor.h"

struct imatrix_entry {
    char *name; /* of the weight tensor; foreign bytes: print through escape() */
    size_t name_length;
    float *values;    /* mean of x_j^2: nmatrices * (nvalues / nmatrices), expert after expert */
    size_t nvalues;   /* at least 1 */
    size_t nmatrices; /* experts; 1 where the file does not say (.dat never says) */
    double calls;     /* .dat: ncall; GGUF: largest count, in tokens */
};

struct imatrix {
    const char *format;            /* "dat" or "gguf" */
    struct imatrix_entry *entries; /* in file order */
    size_t count;
    struct named *by_name; /* the entries, sorted */
    char *dataset;         /* "" where the file does not say; several are joined by ", " */
    uint64_t chunks;       /* 0 where the file does not say */
    uint64_t chunk_size;   /* tokens; 0 where the file does not say */
};

/*
 * Parses a whole matrix (these files are small: one float per column). Values are finite and >= 0,
 * and the same numbers that ggml's quantizer uses: .dat values divided by ncall where that is
 * positive, GGUF sums divided by the count of their expert, and 1 for an expert without counts. On
 * false there is nothing to free. Messages name the file.
 */
bool imatrix_open(struct imatrix *imatrix, const struct source *source, struct error *error);

/* The entry of a tensor, or NULL. O(log n). */
const struct imatrix_entry *imatrix_find(const struct imatrix *imatrix, const char *name);

/* How many stacked matrices of the tensor have factors of their own in the entry; 1 for NULL, 0 if
 * the factors do not fit the tensor. */
uint64_t imatrix_matrices(const struct imatrix_entry *entry, const struct tensor *tensor,
                          struct error *error);

void imatrix_free(struct imatrix *imatrix);

#endif
