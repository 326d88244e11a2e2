/*
 * How far rounding `nearest` may lie from the weights it encodes: derived from the format's grid
 * and the block alone, without a look at its bytes.
 */
#ifndef ROUNDEL_TESTS_NEAREST_BOUND_H
#define ROUNDEL_TESTS_NEAREST_BOUND_H

#include "codebooks.h"
#include "roundel.h"

/*
 * True if no weight of the block x (or no group of weights that share a codebook row) is farther
 * from the decoded y than the bound. Else *at is the first weight that is, or the first of its
 * group, and *error and *bound the two distances. Stored scales must be normal in binary16.
 */
bool nearest_within_bound(const struct rdl_format_info *info, enum rdl_format format,
                          const float *x, const float *y, size_t *at, double *error, double *bound);

/* The codebook of an IQ2 or IQ3 format, NULL for others; its largest entry. */
const struct rdl_codebook *codebook_of(enum rdl_format format);
int codebook_top(const struct rdl_codebook *codebook);

#endif
