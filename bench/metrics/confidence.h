/* What the widths of intervals are made of. */
#ifndef ROUNDEL_BENCH_CONFIDENCE_H
#define ROUNDEL_BENCH_CONFIDENCE_H

#include <stdint.h>

/*
 * The t with P(|T| <= t) = coverage for Student's T with `freedom` >= 1 degrees, 0 < coverage < 1;
 * NaN for 0 degrees. Relative error below 1e-9. O(1), or O(freedom) below 100 degrees.
 */
double student_quantile(double coverage, uint64_t freedom);

/* An interval of a share, from `count` of n: E. B. Wilson, Probable inference, the law of
 * succession, and statistical inference, JASA 22 (1927). It does not leave 0 .. 1, and has a width
 * where all or none were counted. */
struct share_interval {
    double low, high;
};
struct share_interval wilson_interval(double coverage, uint64_t count, uint64_t n);

/*
 * A distribution-free interval of the quantile `p` of a distribution from n sorted independent
 * draws: the draws numbered low and high, counted from 1, enclose it with at least `coverage`.
 * low is 0, and high n + 1, where no draw is far enough out. O(n).
 */
struct rank_interval {
    uint64_t low, high;
};
struct rank_interval quantile_ranks(double coverage, double p, uint64_t n);

#endif
