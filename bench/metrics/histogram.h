/*
 * Percentiles of error sizes from integer counts: merging is exact, so the order in which threads
 * deliver does not matter.
 */
#ifndef ROUNDEL_BENCH_HISTOGRAM_H
#define ROUNDEL_BENCH_HISTOGRAM_H

#include <stdint.h>

/*
 * Bin b counts the sizes whose binary32 pattern, shifted right by 15, is b: the exponent and the
 * top 8 bits of the mantissa, so 256 bins an octave, each at most 2^-8 as wide as its lower edge.
 * All patterns below that of infinity lie in the first 0x7f80 * 2 bins.
 */
enum {
    HISTOGRAM_SHIFT = 15,
    HISTOGRAM_BINS = 0x7f800000 >> HISTOGRAM_SHIFT
};

struct error_histogram {
    uint64_t count[HISTOGRAM_BINS]; /* half a megabyte: not for the stack */
};

/* Counts one finite size >= 0; one beyond the largest binary32 counts as that. */
void histogram_add(struct error_histogram *histogram, double size);

/* The least size of bin 0 .. HISTOGRAM_BINS - 1; of HISTOGRAM_BINS, 2^128: behind the last. */
double histogram_edge(uint32_t bin);

/* Adds the counts of `from` to `into`. */
void histogram_merge(struct error_histogram *into, const struct error_histogram *from);

/*
 * The size of rank ceil(n * per_mille / 1000) of the n counted ones in ascending order (the least
 * size that is no smaller than that share of them), per_mille = 1..1000. Sizes of one bin are taken
 * as spread evenly over it.
 *
 * Relative error below 1/255: estimate and truth lie in one bin, and rounding the size to binary32
 * moved it by at most 2^-24. Exact for 0. Two ends differ: sizes below 2^-134 (the first bin) count
 * as 0, among the other subnormal ones (below 2^-126) the error is up to 2^-134, and sizes beyond
 * the largest binary32 count as that. NaN if nothing was counted.
 */
double histogram_percentile(const struct error_histogram *histogram, unsigned per_mille);

#endif
