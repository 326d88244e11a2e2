/*
 * Importance matrices as their files hold them: sums and counts, before means are taken.
 *
 * A .dat file holds for each entry `ncall`, the number of evaluation calls (chunks), and means of
 * x_j^2 times ncall. A GGUF file holds the sums of x_j^2 and, for each stacked matrix (expert), the
 * number of tokens that were summed.
 */
#ifndef ROUNDEL_BENCH_IMATRIX_SUMS_H
#define ROUNDEL_BENCH_IMATRIX_SUMS_H

#include "error.h"
#include "named.h"
#include "source.h"

enum imatrix_format {
    IMATRIX_DAT,
    IMATRIX_GGUF
};

struct imatrix_sums_entry {
    char *name; /* of the weight tensor; foreign bytes: print through escape() */
    size_t name_length;
    size_t nvalues;   /* at least 1 */
    size_t nmatrices; /* experts; 1 where the file does not say (.dat never says) */
    float *squares; /* nvalues, expert after expert: .dat: means times ncall; GGUF: sums of x_j^2 */
    double *counts; /* nmatrices: .dat: ncall; GGUF: tokens */
    float *sums;    /* nvalues: sums of x_j; NULL where the file has none */
};

struct imatrix_sums {
    enum imatrix_format format; /* says what the numbers mean */
    struct imatrix_sums_entry *entries;
    size_t count, capacity;
    struct named *by_name; /* the entries, sorted */
    char **datasets;
    size_t ndatasets;
    bool has_chunks; /* the oldest .dat files do not say */
    uint64_t chunks;
    uint64_t chunk_size; /* tokens; 0 where the file does not say */
    char *unknown;       /* first key or tensor of a GGUF file that is not read, or NULL */
    size_t nunknown;     /* how many there are */
};

/* "dat" or "gguf" */
const char *imatrix_format_name(enum imatrix_format format);

/*
 * Reads a whole file (they are small: one float per column). `tolerant` accepts numbers that
 * imatrix_check_matrix() refuses. On false there is nothing to free. Messages name the file.
 */
bool imatrix_sums_open(struct imatrix_sums *sums, const struct source *source, bool tolerant,
                       struct error *error);

/* The entry of a tensor, or NULL. O(log n). */
const struct imatrix_sums_entry *imatrix_sums_find(const struct imatrix_sums *sums,
                                                   const char *name);

/* Fails unless the numbers of one matrix of the entry are finite, sums of squares and counts not
 * negative, and counts of tokens whole. The message names the place in the entry, not the entry. */
bool imatrix_check_matrix(enum imatrix_format format, const struct imatrix_sums_entry *entry,
                          size_t matrix, struct error *error);

/*
 * The numbers that ggml's quantizer uses, nvalues of them: .dat values divided by ncall where that
 * is positive, GGUF sums divided by the count of their expert, and 1 for an expert without counts.
 * `means` may be entry->squares.
 */
void imatrix_means(enum imatrix_format format, const struct imatrix_sums_entry *entry,
                   float *means);

/* The names of the data sets with ", " between them, which the caller frees; NULL without memory.
 */
char *imatrix_datasets_text(const struct imatrix_sums *sums);

/* For those who make one. Appends an entry of zeros with a name and room for its values and counts,
 * and for sums where `with_sums`; NULL without memory. */
struct imatrix_sums_entry *imatrix_sums_add(struct imatrix_sums *sums, const char *name,
                                            size_t nvalues, size_t nmatrices, bool with_sums,
                                            struct error *error);
bool imatrix_sums_add_dataset(struct imatrix_sums *sums, const char *name, struct error *error);
/* After the last entry: makes them found by name; fails if a name occurs twice. */
bool imatrix_sums_index(struct imatrix_sums *sums, struct error *error);

/* Frees what the entry owns. */
void imatrix_entry_free(struct imatrix_sums_entry *entry);
void imatrix_sums_free(struct imatrix_sums *sums);

#endif
