/*
 * Logarithm, exponential and normal quantile with the same bits on every machine: only + - * / and
 * sqrt, which IEEE 754 rounds correctly, on a target built without contraction. libm's log and exp
 * do not promise that: glibc picks others where the CPU has FMA.
 */
#ifndef ROUNDEL_BENCH_QUANTILE_H
#define ROUNDEL_BENCH_QUANTILE_H

/* ln x for a normal positive x (not subnormal, infinite or NaN), within one ulp. */
double natural_log(double x);

/*
 * e^x for any x but NaN, within two ulp; 0 where that is below the normal numbers (x < -708), and
 * infinite above the largest (x > 709.78).
 */
double natural_exp(double x);

/*
 * The z with P(Z <= z) = 1/2 + q for a standard normal Z, relative error about 1e-15. |q| < 1/2;
 * the centred argument keeps small |z| accurate. Odd in q, bit for bit.
 */
double normal_quantile(double q);

#endif
