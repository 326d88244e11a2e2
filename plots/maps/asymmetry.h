/*
 * How one-sided a block is when it is scaled so that its largest magnitude becomes -1: what the
 * other extremum is in the mean, and every rank of the sorted block.
 */
#ifndef ROUNDEL_PLOTS_ASYMMETRY_H
#define ROUNDEL_PLOTS_ASYMMETRY_H

#include "error.h"
#include <stdint.h>

enum law {
    LAW_GAUSSIAN,
    LAW_LAPLACE,
    LAW_UNIFORM,
    LAW_COUNT
};

/* "gaussian" ..; NULL for a value out of range. */
const char *law_name(unsigned law);

enum {
    ASYMMETRY_MOST = 256 /* values of a block */
};

/* The mean of the other extremum in blocks of n = 2 .. ASYMMETRY_MOST independent values, by
 * quadrature, to about 1e-7: means[n]. The law's scale does not matter. */
void asymmetry_means(enum law law, double means[ASYMMETRY_MOST + 1]);

/*
 * The mean of each rank, ascending: -1 first; blocks whose largest magnitude is positive are
 * negated. By `blocks` random blocks, the same for the same seed on every machine and with any
 * number of threads. False without memory.
 */
bool asymmetry_profile(enum law law, unsigned n, uint64_t blocks, uint64_t seed,
                       double profile[ASYMMETRY_MOST], struct error *error);

#endif
