/* How far two orders of the same things agree. */
#ifndef ROUNDEL_PLOTS_RANK_CORRELATION_H
#define ROUNDEL_PLOTS_RANK_CORRELATION_H

#include <stddef.h>

/* Spearman's: Pearson's of the ranks, equal values having the mean of theirs. NaN for fewer than
 * two things, and where all of one are equal. O(n^2). */
double rank_correlation(const double *x, const double *y, size_t count);

#endif
