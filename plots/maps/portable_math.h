/*
 * Elementary functions that give the same bits on every machine: sums, products, quotients and
 * square roots in a fixed order. Those of C libraries do not; the same one differs between CPUs
 * with fused multiply-adds and without. Errors are a few units in
 * the last place.
 */
#ifndef ROUNDEL_PLOTS_PORTABLE_MATH_H
#define ROUNDEL_PLOTS_PORTABLE_MATH_H

struct sine_cosine {
    double sine, cosine;
};

/* Of any finite number of degrees; exact at multiples of 90. */
struct sine_cosine portable_sine_cosine(double degrees);

/* Degrees, 0 .. 180; a cosine outside of [-1, 1] counts as the nearer end. */
double portable_arc_cosine(double cosine);

/* The natural logarithm; -INFINITY where quantile.h has none: for 0, below, and for the smallest.
 */
double portable_log(double value);

#endif
