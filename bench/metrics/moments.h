/* Mean and variance of a stream of numbers, in one pass and without cancellation. */
#ifndef ROUNDEL_BENCH_MOMENTS_H
#define ROUNDEL_BENCH_MOMENTS_H

#include <stdint.h>

/* `squares` is the sum of squared deviations from the mean. Start with a zeroed struct. */
struct moments {
    uint64_t count;
    double mean, squares;
};

/* B. P. Welford, Note on a method for calculating corrected sums of squares and products,
 * Technometrics 4 (1962). */
void moments_add(struct moments *moments, double value);

/* Of the numbers as a sample: divided by count - 1. NaN with fewer than two. */
double moments_variance(const struct moments *moments);

/* Standard error of the mean of independent numbers. NaN with fewer than two. */
double moments_standard_error(const struct moments *moments);

#endif
