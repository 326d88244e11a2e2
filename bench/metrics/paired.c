#include "paired.h"
#include <math.h>

void paired_add(struct paired_sums *sums, const double *candidate, const double *baseline,
                size_t nblocks)
{
    for (size_t b = 0; b < nblocks; b++) {
        const double t = baseline[b];
        const double u = candidate[b] - t;

        if (!isfinite(u)) {
            sums->non_finite++;
            continue;
        }
        sums->better += u < 0.0;
        sums->equal += u == 0.0;
        sums->worse += u > 0.0;
        sums->u += u;
        sums->t += t;
        sums->uu += u * u;
        sums->ut += u * t;
        sums->tt += t * t;
    }
}

void paired_merge(struct paired_sums *into, const struct paired_sums *from)
{
    into->better += from->better;
    into->equal += from->equal;
    into->worse += from->worse;
    into->non_finite += from->non_finite;
    into->u += from->u;
    into->t += from->t;
    into->uu += from->uu;
    into->ut += from->ut;
    into->tt += from->tt;
}

/* Sum of d^2, d = s - (1 + r) t = u - r t. Rounding may push a sum that is nearly 0 below it. */
static double residual_sum(const struct paired_sums *sums, double r)
{
    const double sum = sums->uu - 2.0 * r * sums->ut + r * r * sums->tt;

    return sum > 0.0 ? sum : 0.0;
}

struct paired_result paired_evaluate(const struct paired_sums *sums)
{
    const double normal_995 = 2.5758293035489; /* quantile of 99.5 %: two-sided 99 % */
    const double n = (double)(sums->better + sums->equal + sums->worse);
    struct paired_result result = {
        NAN, NAN, NAN, sums->better / n, sums->equal / n, sums->worse / n};

    if (!(sums->t > 0.0))
        return result;
    result.change = sums->u / sums->t;
    if (n < 2.0)
        return result;

    const double variance = n / (n - 1.0) * residual_sum(sums, result.change);
    const double half_width = normal_995 * sqrt(variance) / sums->t;

    result.low = result.change - half_width;
    result.high = result.change + half_width;
    return result;
}
