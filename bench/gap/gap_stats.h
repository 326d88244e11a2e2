/* How far errors are from the optimum, block by block. */
#ifndef ROUNDEL_GAP_STATS_H
#define ROUNDEL_GAP_STATS_H

#include <stddef.h>

/*
 * The excess of a block is error / optimum - 1. Where the optimum is 0 it is 0 for an error of 0;
 * blocks with another error are counted apart, and left out of the excess, not of the sums.
 */
struct gap_stats {
    size_t blocks, unbounded; /* of these, with an error where the optimum is 0 */
    double mean, median, p99, max;
    double sums;    /* sum of errors / sum of optima - 1 */
    double optimal; /* share of blocks with an excess below 1e-5 */
};

/* errors[i] and optima[i], i < n; `excess` is room for n numbers. NaN where there is no block. */
struct gap_stats gap_stats(size_t n, const double *errors, const double *optima, double *excess);

#endif
