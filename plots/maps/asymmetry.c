#include "asymmetry.h"

#include "philox.h"
#include "quantile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[LAW_COUNT] = {
    [LAW_GAUSSIAN] = "gaussian",
    [LAW_LAPLACE] = "laplace",
    [LAW_UNIFORM] = "uniform",
};

const char *law_name(unsigned law)
{
    return law < LAW_COUNT ? names[law] : NULL;
}

/* ------------------------------------------------------------------------------------------------
 * The other extremum
 *
 * Let p be the density of the law, F its distribution, and a the largest magnitude, say at -a. Its
 * density is 2 n p(a) u^(n-1), u = 2 F(a) - 1. The other n - 1 values are independent in [-a, a],
 * and their largest is below y with probability t^(n-1), t = (F(y) - F(-a)) / u, so that its mean
 * is a - the integral of t^(n-1) over y. The mean of the other extremum, over a, is
 *
 *     1 - integral over a of 2 n p(a) u^(n-1) integral over s in [-1, 1] of t^(n-1), y = a s.
 */

enum {
    POINTS = 400 /* of Simpson's rule, in either direction; even */
};

/* F(x) - 1/2 */
static double centred_distribution(enum law law, double x)
{
    if (law == LAW_GAUSSIAN)
        return 0.5 * erf(x * 0.70710678118654752);
    const double tail = 0.5 * natural_exp(-fabs(x));
    return x < 0.0 ? tail - 0.5 : 0.5 - tail;
}

static double density(enum law law, double x)
{
    return law == LAW_GAUSSIAN ? 0.3989422804014327 * natural_exp(-0.5 * x * x)
                               : 0.5 * natural_exp(-fabs(x));
}

/* Simpson's factor of point i on an interval of this length. */
static double simpson(int i, double length)
{
    const double step = length / POINTS / 3.0;
    return i == 0 || i == POINTS ? step : i % 2 ? 4.0 * step : 2.0 * step;
}

/* inner[n]: the integral over s for this a. */
static void inner_integrals(enum law law, double a, double inner[ASYMMETRY_MOST + 1])
{
    const double half = centred_distribution(law, a);
    memset(inner, 0, (ASYMMETRY_MOST + 1) * sizeof *inner);
    for (int i = 0; i <= POINTS; i++) {
        const double s = -1.0 + 2.0 * i / POINTS;
        const double t = (centred_distribution(law, a * s) + half) / (2.0 * half);
        double power = simpson(i, 2.0); /* times t^(n-1) */
        for (int n = 2; n <= ASYMMETRY_MOST; n++) {
            power *= t;
            inner[n] += power;
        }
    }
}

void asymmetry_means(enum law law, double means[ASYMMETRY_MOST + 1])
{
    const double largest = law == LAW_GAUSSIAN ? 9.0 : 45.0; /* beyond: less than 1e-16 */
    double inner[ASYMMETRY_MOST + 1];
    for (int n = 2; n <= ASYMMETRY_MOST; n++)
        means[n] = law == LAW_UNIFORM ? 1.0 - 2.0 / n : 1.0;
    for (int i = 1; law != LAW_UNIFORM && i <= POINTS; i++) { /* 0 at a = 0 */
        const double a = largest * i / POINTS;
        const double u = 2.0 * centred_distribution(law, a);
        inner_integrals(law, a, inner);
        double factor = simpson(i, largest) * 2.0 * density(law, a);
        for (int n = 2; n <= ASYMMETRY_MOST; n++) {
            factor *= u;
            means[n] -= factor * n * inner[n];
        }
    }
    means[2] = 0.0; /* by symmetry: the quadrature is off by 1e-8 */
}

/* ------------------------------------------------------------------------------------------------
 * Sorted profiles
 */

enum {
    PARTS = 64 /* sums that are added in their order, whoever made them */
};

static double draw(enum law law, uint64_t word)
{
    const double q = ((double)(word >> 11) + 0.5) * 0x1p-53 - 0.5;
    if (law == LAW_GAUSSIAN)
        return normal_quantile(q);
    if (law == LAW_UNIFORM)
        return q;
    return q < 0.0 ? natural_log(1.0 + 2.0 * q) : -natural_log(1.0 - 2.0 * q);
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Adds the ranks of one block. */
static void add_block(enum law law, unsigned n, uint64_t seed, uint64_t block, double *sums)
{
    double x[ASYMMETRY_MOST + 1];
    for (unsigned i = 0; i < n; i += 2) {
        const struct philox_point point = {
            .seed = seed, .element = block, .tensor = (uint32_t)law, .draw = i / 2};
        const struct philox_words words = philox(&point);
        x[i] = draw(law, words.word[0]);
        x[i + 1] = draw(law, words.word[1]);
    }
    qsort(x, n, sizeof x[0], ascending);
    const bool negative = fabs(x[0]) > fabs(x[n - 1]);
    for (unsigned k = 0; k < n; k++)
        sums[k] += negative ? x[k] / -x[0] : x[n - 1 - k] / -x[n - 1];
}

bool asymmetry_profile(enum law law, unsigned n, uint64_t blocks, uint64_t seed,
                       double profile[ASYMMETRY_MOST], struct error *error)
{
    double *sums = calloc((size_t)PARTS * n, sizeof *sums);
    if (!sums)
        return fail(error, "out of memory");
#pragma omp parallel for schedule(dynamic, 1)
    for (unsigned part = 0; part < PARTS; part++)
        for (uint64_t block = part; block < blocks; block += PARTS)
            add_block(law, n, seed, block, sums + (size_t)part * n);
    for (unsigned k = 0; k < n; k++) {
        profile[k] = 0.0;
        for (unsigned part = 0; part < PARTS; part++)
            profile[k] += sums[(size_t)part * n + k];
        profile[k] /= (double)blocks;
    }
    free(sums);
    return true;
}
