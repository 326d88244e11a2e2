/* Order statistics: sorted numbers and their quantiles. */
#ifndef ROUNDEL_BENCH_ORDER_H
#define ROUNDEL_BENCH_ORDER_H

#include <stddef.h>

/* No NaN among them. O(n log n). */
void sort_ascending(double *values, size_t n);

/* Between the two nearest of n > 0 sorted numbers, linearly (type 7 of Hyndman and Fan, R's
 * default); p = 0 .. 1. */
double quantile_of_sorted(const double *sorted, size_t n, double p);

#endif
