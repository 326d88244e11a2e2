/*
 * Error statistics of a reconstruction y of x, with e = y - x.
 *
 * The digits do not depend on the number of threads: a tensor is cut into fixed pieces, one thread
 * sums a piece in order, and the pieces' sums are added in a tree whose shape depends only on how
 * many they are. Everything is binary64.
 */
#ifndef ROUNDEL_BENCH_METRICS_H
#define ROUNDEL_BENCH_METRICS_H

#include "histogram.h"
#include "paired.h"
#include <stddef.h>
#include <stdint.h>

/*
 * Sums over one or several pieces. Zeroed: over none. A weight whose e is NaN or infinite (because
 * x or y is) is counted in `non_finite` and enters no sum, so a report must show that count.
 */
struct error_sums {
    uint64_t n;          /* weights with a finite e */
    uint64_t non_finite; /* the others */
    double ee;           /* e^2 */
    double wee, w;       /* w e^2 and w; as with w = 1 where no w were given */
    double xx, yy, xy;
    double max_error;   /* largest |e|, 0 if n = 0 */
    uint64_t max_index; /* of the first weight that has it, counted as `first` is; 0 if n = 0 */
    struct paired_sums paired, paired_weighted; /* filled by the caller with paired_add() */
};

/* One piece, or part of one. */
struct metrics_input {
    const float *x, *y;
    const float *w;      /* importance of each weight, finite and >= 0; NULL: all 1 */
    size_t n;            /* weights; the last block may be short */
    size_t block_length; /* >= 1 */
    uint64_t first;      /* index of x[0] in the tensor */
};

/*
 * Sums one piece, in index order within blocks and then over blocks. `sums` is overwritten, its
 * paired sums zeroed. Every |e| is added to `histogram`, which may be shared by pieces of one
 * thread.
 *
 * block_ee and block_wee receive sum e^2 and sum w e^2 of each block, ceil(n / block_length) of
 * them; NaN for a block with a non-finite e, so that the paired comparison counts it as such.
 */
void metrics_piece(const struct metrics_input *input, struct error_sums *sums,
                   struct error_histogram *histogram, double *block_ee, double *block_wee);

/*
 * The sum of `count` pieces in index order, as a balanced binary tree (left half rounded up). Merge
 * tensors in the same way; `max_index` then belongs to the first tensor that has the maximum.
 */
struct error_sums metrics_merge(const struct error_sums *pieces, size_t count);

/*
 * What a report prints. NaN stands for "not defined":
 *   everything if n = 0; relative_rmse, sqnr_db and cosine also if x is all zero, cosine also if y
 *   is, weighted_rmse also if the w are. sqnr_db is +infinity for a perfect y of an x that is not
 * 0.
 */
struct error_metrics {
    double rmse;                /* sqrt(sum e^2 / n), in units of x */
    double relative_rmse;       /* rmse / sqrt(sum x^2 / n) */
    double weighted_rmse;       /* sqrt(sum w e^2 / sum w), in units of x */
    double sqnr_db;             /* 10 log10(sum x^2 / sum e^2) */
    double cosine;              /* sum x y / sqrt(sum x^2 sum y^2), -1..1 */
    double max_error;           /* largest |e|, in units of x */
    double p50, p95, p99, p999; /* percentiles of |e|: see histogram.h; at most max_error */
};

/* The histogram must hold the same weights as the sums. */
struct error_metrics metrics_evaluate(const struct error_sums *sums,
                                      const struct error_histogram *histogram);

#endif
