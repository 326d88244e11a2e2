#include "nll_sums.h"

#include <math.h>

void nll_sums_add(struct nll_sums *sums, float nll, float base)
{
    const float nll_nll = nll * nll, base_base = base * base, nll_base = nll * base;
    sums->count++;
    sums->nll += (double)nll;
    sums->base += (double)base;
    sums->nll_nll += (double)nll_nll;
    sums->base_base += (double)base_base;
    sums->nll_base += (double)nll_base;
}

/* Rounding may push a variance that is nearly 0 below it. */
static double root(double variance)
{
    return variance > 0.0 ? sqrt(variance) : 0.0;
}

/* Of the means of a and b. */
static double covariance(double n, double a, double b, double ab)
{
    return (ab / n - (a / n) * (b / n)) / (n - 1.0);
}

struct nll_errors nll_sums_errors(const struct nll_sums *sums, double ppl, double ppl_base)
{
    const double n = (double)sums->count;
    if (sums->count <= 10)
        return (struct nll_errors){.correlation = (double)NAN};
    const double nll = covariance(n, sums->nll, sums->nll, sums->nll_nll);
    const double base = covariance(n, sums->base, sums->base, sums->base_base);
    const double both = covariance(n, sums->nll, sums->base, sums->nll_base);
    return (struct nll_errors){
        .nll = root(nll),
        .base = root(base),
        .difference = root(nll + base - 2.0 * both),
        .ppl_difference =
            root(ppl * ppl * nll + ppl_base * ppl_base * base - 2.0 * ppl * ppl_base * both),
        .correlation = nll > 0.0 && base > 0.0 ? both / (root(nll) * root(base)) : (double)NAN,
    };
}
