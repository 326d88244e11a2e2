#include "confidence.h"

#include "quantile.h"
#include <math.h>
#include <stdbool.h>

/* ------------------------------------------------------------------------------------------------
 * Student's t
 */

/*
 * For x >= 0, with the same bits everywhere, as quantile.h has its functions. Three times half the
 * angle, atan x = 2 atan(x / (1 + sqrt(1 + x^2))), leaves x <= tan(pi / 16) < 0.2, where the series
 * that ends with x^23 lacks less than 0.2^24 / 25 < 2^-60 of its value.
 */
static double arctangent(double x)
{
    for (int i = 0; i < 3; i++)
        x /= 1.0 + sqrt(1.0 + x * x);
    double sum = 0.0;
    for (int i = 23; i >= 1; i -= 2)
        sum = 1.0 / (double)i - x * x * sum;
    return 8.0 * x * sum;
}

/*
 * P(|T| <= t) for few degrees of freedom, as a finite sum in cos^2 = v / (v + t^2), with
 * tan(angle) = t / sqrt v. M. Abramowitz, I. A. Stegun, Handbook of Mathematical Functions, 26.7.3
 * and 26.7.4.
 */
static double coverage_of(double t, unsigned freedom)
{
    const double v = freedom, cos2 = v / (v + t * t), sine = t / sqrt(v + t * t);
    const bool odd = freedom % 2 == 1;
    double term = odd ? sqrt(cos2) : 1.0, sum = 0.0;
    for (unsigned i = odd ? 3 : 2; i <= freedom; i += 2) {
        sum += term;
        term *= cos2 * (double)(i - 1) / (double)i;
    }
    const double half_pi = 0x1.921fb54442d18p0;
    return odd ? (arctangent(t / sqrt(v)) + sine * sum) / half_pi : sine * sum;
}

static double quantile_by_bisection(double coverage, unsigned freedom)
{
    double low = 0.0, high = 1.0;
    while (coverage_of(high, freedom) < coverage && high < 0x1p200)
        high *= 2.0;
    for (int i = 0; i < 60; i++) {
        const double middle = 0.5 * (low + high);
        if (coverage_of(middle, freedom) < coverage)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* In powers of 1 / v from the normal quantile: Abramowitz and Stegun, 26.7.5. */
static double quantile_by_expansion(double coverage, double v)
{
    const double z = normal_quantile(0.5 * coverage), y = z * z;
    const double g1 = (y + 1.0) * z / 4.0;
    const double g2 = ((5.0 * y + 16.0) * y + 3.0) * z / 96.0;
    const double g3 = (((3.0 * y + 19.0) * y + 17.0) * y - 15.0) * z / 384.0;
    const double g4 = ((((79.0 * y + 776.0) * y + 1482.0) * y - 1920.0) * y - 945.0) * z / 92160.0;
    return z + (g1 + (g2 + (g3 + g4 / v) / v) / v) / v;
}

double student_quantile(double coverage, uint64_t freedom)
{
    const uint64_t many = 100;
    if (freedom == 0)
        return (double)NAN;
    return freedom < many ? quantile_by_bisection(coverage, (unsigned)freedom)
                          : quantile_by_expansion(coverage, (double)freedom);
}

struct share_interval wilson_interval(double coverage, uint64_t count, uint64_t n)
{
    const double z = normal_quantile(0.5 * coverage), z2 = z * z;
    const double total = (double)n, k = (double)count;
    const double centre = k + 0.5 * z2, half = z * sqrt(k * (total - k) / total + 0.25 * z2);
    const double low = (centre - half) / (total + z2), high = (centre + half) / (total + z2);
    return (struct share_interval){
        .low = low > 0.0 ? low : 0.0, /* rounding */
        .high = high < 1.0 ? high : 1.0,
    };
}

/* ------------------------------------------------------------------------------------------------
 * Ranks
 *
 * How many of the draws lie below the quantile is binomial, B(n, p). The interval covers unless
 * fewer than `low` or at least `high` do; each may happen in half of 1 - coverage.
 */

/* Probabilities of B(n, p) relative to that of its mode, so that nothing overflows; what underflows
 * is nothing. */
struct binomial {
    double n, odds;
};

static double step_up(const struct binomial *b, double k)
{
    return (b->n - k) / (k + 1.0) * b->odds;
}

static double sum_down(const struct binomial *b, double k)
{
    double sum = 0.0;
    for (double weight = 1.0; k > 0.0 && weight > 0.0; k--) {
        weight /= step_up(b, k - 1.0);
        sum += weight;
    }
    return sum;
}

static double sum_up(const struct binomial *b, double k)
{
    double sum = 0.0;
    for (double weight = 1.0; k < b->n && weight > 0.0; k++) {
        weight *= step_up(b, k);
        sum += weight;
    }
    return sum;
}

struct rank_interval quantile_ranks(double coverage, double p, uint64_t n)
{
    const struct binomial b = {.n = (double)n, .odds = p / (1.0 - p)};
    const double mode = floor((b.n + 1.0) * p);
    const double below = sum_down(&b, mode), above = sum_up(&b, mode);
    const double total = below + 1.0 + above, tail = 0.5 * (1.0 - coverage) * total;
    struct rank_interval ranks = {(uint64_t)mode, (uint64_t)mode};
    /* Weight of fewer than `low`. */
    double weight = 1.0, left = below;
    while (ranks.low > 0 && left > tail) {
        weight /= step_up(&b, (double)ranks.low - 1.0);
        left -= weight;
        ranks.low--;
    }
    /* Weight of at least `high`. */
    weight = 1.0;
    left = above + 1.0;
    while (ranks.high <= n && left > tail) {
        left -= weight;
        weight *= step_up(&b, (double)ranks.high);
        ranks.high++;
    }
    return ranks;
}
