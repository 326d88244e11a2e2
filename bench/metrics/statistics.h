/* What the weights of a tensor look like, in one pass over it. */
#ifndef ROUNDEL_BENCH_STATISTICS_H
#define ROUNDEL_BENCH_STATISTICS_H

#include "tensor.h"

struct bad_weight {
    uint64_t row, column;
    float value; /* NaN or infinite */
};

/*
 * Of the weights as binary32. Minimum to kurtosis speak of the finite weights; with none they are
 * NaN.
 */
struct statistics {
    uint64_t count, finite, zeros, subnormals, nans, infinities;
    double min, max, mean, rms;
    double kurtosis;       /* m4 / m2^2, 3 for a Gaussian; NaN where all weights are the same */
    struct bad_weight bad; /* the first in storage order, if nans + infinities > 0 */
};

/*
 * Reads the whole tensor, a few pieces at a time, on as many threads as OpenMP gives. Sums are
 * taken in double over pieces whose size depends on the shape alone and merged in order: the digits
 * are the same for every number of threads.
 */
bool statistics_of(const struct tensor *tensor, struct statistics *statistics, struct error *error);

#endif
