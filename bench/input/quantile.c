#include "quantile.h"
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* ln 2 = high + low. The high part has 32 significant bits, so exponent * high is exact. */
static const double ln2_high = 0x1.62e42feep-1, ln2_low = 0x1.a39ef35793c76p-33;

/*
 * x = 2^e * m with m in [sqrt(1/2), sqrt(2)), f = m - 1 (exact), s = f / (2 + f), z = s^2. Then
 *     ln m = 2 atanh s = 2 s + s r,  r = 2 z / 3 + 2 z^2 / 5 + 2 z^3 / 7 + ...
 * and 2 s = f - s f, so ln m = f - s (f - r), whose leading term f carries no rounding error.
 * z <= (sqrt(2) - 1)^4 = 0.0295, so what is cut after z^9 is below z^10 / 21 < 2^-55 relative to s.
 */
double natural_log(double x)
{
    const uint64_t mantissa_mask = (UINT64_C(1) << 52) - 1;
    const uint64_t bits_of_one = UINT64_C(1023) << 52;
    const double sqrt2 = 0x1.6a09e667f3bcdp0;
    uint64_t bits;
    double m;

    memcpy(&bits, &x, sizeof(bits));
    int exponent = (int)(bits >> 52) - 1023;
    bits = (bits & mantissa_mask) | bits_of_one;
    memcpy(&m, &bits, sizeof(m));
    if (m >= sqrt2) {
        m *= 0.5;
        exponent++;
    }

    const double f = m - 1.0;
    const double s = f / (2.0 + f);
    const double z = s * s;
    double r = 2.0 / 19.0;
    r = r * z + 2.0 / 17.0;
    r = r * z + 2.0 / 15.0;
    r = r * z + 2.0 / 13.0;
    r = r * z + 2.0 / 11.0;
    r = r * z + 2.0 / 9.0;
    r = r * z + 2.0 / 7.0;
    r = r * z + 2.0 / 5.0;
    r = r * z + 2.0 / 3.0;
    r = r * z;
    return exponent * ln2_high - ((s * (f - r) - exponent * ln2_low) - f);
}

/*
 * x = k ln 2 + r with |r| <= ln 2 / 2, up to the rounding of k; k * high is exact. The series is
 * cut after r^13: what follows is below r^14 / 14! * 1.03 < 2^-57 relative to e^r > 0.7.
 */
double natural_exp(double x)
{
    const double log2_e = 0x1.71547652b82fep0, shift = 0x1.8p52; /* the last place of a sum is 1 */
    const double lowest = -708.0, highest = 709.782712893384;
    static const double inverse_factorial[] = {
        1.0,
        1.0,
        1.0 / 2.0,
        1.0 / 6.0,
        1.0 / 24.0,
        1.0 / 120.0,
        1.0 / 720.0,
        1.0 / 5040.0,
        1.0 / 40320.0,
        1.0 / 362880.0,
        1.0 / 3628800.0,
        1.0 / 39916800.0,
        1.0 / 479001600.0,
        1.0 / 6227020800.0,
    };

    if (x < lowest)
        return 0.0;
    if (x > highest)
        return (double)INFINITY;
    const double k = (x * log2_e + shift) - shift;
    const double r = (x - k * ln2_high) - k * ln2_low;
    double y = inverse_factorial[13];
    for (int i = 12; i >= 0; i--)
        y = y * r + inverse_factorial[i];
    /* In two steps: 2^1024 is no number, e^709.7 is. */
    const uint64_t half = (uint64_t)(1023 + (int)k / 2) << 52;
    const uint64_t rest = (uint64_t)(1023 + (int)k - (int)k / 2) << 52;
    double scale_half, scale_rest;
    memcpy(&scale_half, &half, sizeof(half));
    memcpy(&scale_rest, &rest, sizeof(rest));
    return y * scale_half * scale_rest;
}

/* The value at r of a ratio of two polynomials of degree 7; coefficients from r^0 up. */
struct rational {
    double numerator[8], denominator[8];
};

static double rational_at(const struct rational *p, double r)
{
    double numerator = p->numerator[7], denominator = p->denominator[7];

    for (int i = 6; i >= 0; i--) {
        numerator = numerator * r + p->numerator[i];
        denominator = denominator * r + p->denominator[i];
    }
    return numerator / denominator;
}

/*
 * The minimax approximations PPND16 of M. J. Wichura, Algorithm AS 241: The percentage points of
 * the normal distribution, Applied Statistics 37 (1988), 477-484: the centre, as z / q in
 * 0.425^2 - q^2; the tails and the far tails, as |z| in sqrt(-ln(tail probability)).
 */
static const struct rational centre = {
    {3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
     1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
     3.3430575583588128105e4, 2.5090809287301226727e3},
    {1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
     2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4,
     5.2264952788528545610e3},
};
static const struct rational tail = {
    {1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
     3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
     2.27238449892691845833e-2, 7.74545014278341407640e-4},
    {1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
     1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
     1.05075007164441684324e-9},
};
static const struct rational far_tail = {
    {6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
     2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
     2.71155556874348757815e-5, 2.01033439929228813265e-7},
    {1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
     7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
     2.04426310338993978564e-15},
};

double normal_quantile(double q)
{
    const double centre_half_width = 0.425, tail_limit = 5.0;
    const bool negative = q < 0.0;
    const double size = negative ? -q : q;

    if (size <= centre_half_width)
        return q * rational_at(&centre, centre_half_width * centre_half_width - q * q);

    /* 1/2 - |q| is exact here: |q| > 1/4 (Sterbenz). */
    const double r = sqrt(-natural_log(0.5 - size));
    const double z =
        r <= tail_limit ? rational_at(&tail, r - 1.6) : rational_at(&far_tail, r - tail_limit);

    return negative ? -z : z;
}
