/*
 * The factors of a tensor's squared errors, its importance: none, one a column (an importance
 * matrix), or one a weight (a tensor of the same shape).
 */
#ifndef ROUNDEL_BENCH_FACTORS_H
#define ROUNDEL_BENCH_FACTORS_H

#include "imatrix.h"
#include "pieces.h"

struct factors {
    const struct imatrix_entry *columns; /* NULL, or */
    const struct tensor *weights;        /* NULL */
};

static inline bool factors_exist(const struct factors *factors)
{
    return factors->columns || factors->weights;
}

/* Fills one factor for each weight of a piece. Thread-safe, with a buffer for each thread. On false
 * the error names the element, and the file if it has one of its own. */
bool factors_read(const struct factors *factors, const struct pieces *pieces,
                  const struct piece *piece, float *out, struct buffer *buffer,
                  struct error *error);

/* rdl_quantize() with a factor for each weight of the job: row by row where rows differ. */
enum rdl_status factors_quantize(const struct factors *factors, const struct rdl_job *job,
                                 const float *x, const float *importance, uint8_t *blocks,
                                 struct rdl_report *report);

#endif
