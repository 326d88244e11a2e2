/*
 * Paired comparison of a candidate with a baseline: the same blocks, two squared errors each.
 *
 * The figure is r = S / T - 1, with S and T the sums of the candidate's and the baseline's squared
 * errors: the relative change of the total squared error (-0.1: a tenth less).
 *
 * Its interval is that of the linearised ratio estimator (delta method; W. G. Cochran, Sampling
 * Techniques, chapter 6): with residuals d_b = s_b - (1 + r) t_b over n blocks,
 *     variance of r = n / (n - 1) * sum d_b^2 / T^2,
 * and r -+ 2.5758 standard errors for 99 %. It takes the blocks as an independent sample from a
 * large population and r as normally distributed. Blocks of one tensor are neither quite
 * independent nor of one distribution, and where a few blocks carry most of the error the normal
 * approximation is poor: it says how firmly these blocks support the difference, nothing about
 * other models.
 */
#ifndef ROUNDEL_BENCH_PAIRED_H
#define ROUNDEL_BENCH_PAIRED_H

#include <stddef.h>
#include <stdint.h>

/*
 * Sums over blocks, in terms of u_b = s_b - t_b: where both sides agree they are exactly 0, while
 * sums of s^2, s t and t^2 would leave their rounding errors in sum d^2. Rounding still leaves an
 * interval of about 1e-8 |r| where all blocks have the same ratio.
 */
struct paired_sums {
    uint64_t better, equal, worse; /* blocks where s < t, s = t, s > t; none of the next line */
    uint64_t non_finite;           /* blocks left out because s or t is NaN or infinite */
    double u, t, uu, ut, tt;
};

/* Adds `nblocks` pairs in order; start with a zeroed struct. */
void paired_add(struct paired_sums *sums, const double *candidate, const double *baseline,
                size_t nblocks);

/* Adds the sums of `from` to `into`. */
void paired_merge(struct paired_sums *into, const struct paired_sums *from);

/*
 * `change` is NaN if the baseline's errors are all 0 (or there are no blocks); `low` and `high`
 * also with fewer than two blocks. The shares add up to 1; NaN without blocks.
 */
struct paired_result {
    double change, low, high;
    double better, equal, worse;
};

struct paired_result paired_evaluate(const struct paired_sums *sums);

#endif
