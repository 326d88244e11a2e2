#include "portable_math.h"

#include "quantile.h"
#include <float.h>
#include <math.h>

#define DEGREE 0.017453292519943295 /* pi / 180 */

/* sum of (sign x^2)^k / ((first + 1) ... (first + 2 k)), k = 0 .. 9: sine and cosine without their
 * factors x and 1. Up to pi/4 the next term is below 2^-60. */
static double alternating_series(double x, int first)
{
    double sum = 1.0;
    for (int k = 9; k >= 1; k--)
        sum = 1.0 - sum * (x * x) / (double)((first + 2 * k - 1) * (first + 2 * k));
    return sum;
}

struct sine_cosine portable_sine_cosine(double degrees)
{
    const double turned = fmod(degrees, 360.0); /* exact, as is the rest of a quarter turn */
    const int quarter = (int)floor(turned / 90.0 + 0.5);
    const double x = (turned - 90.0 * quarter) * DEGREE;
    const double sine = x * alternating_series(x, 1), cosine = alternating_series(x, 0);
    switch (quarter & 3) {
    case 0:
        return (struct sine_cosine){sine, cosine};
    case 1:
        return (struct sine_cosine){cosine, -sine};
    case 2:
        return (struct sine_cosine){-sine, -cosine};
    default:
        return (struct sine_cosine){-cosine, sine};
    }
}

/* Of t in [0, 1]: twice the arc of half the angle, which is at most pi/16 after two steps, where
 * the next term of the series is below 2^-60. */
static double arc_tangent(double t)
{
    for (int i = 0; i < 2; i++)
        t = t / (1.0 + sqrt(1.0 + t * t));
    double sum = 0.0;
    for (int k = 11; k >= 0; k--)
        sum = 1.0 / (2 * k + 1) - t * t * sum;
    return 4.0 * t * sum;
}

double portable_arc_cosine(double cosine)
{
    const double c = cosine < 1.0 ? (cosine > -1.0 ? cosine : -1.0) : 1.0;
    const double sine = sqrt((1.0 - c) / 2.0), half = sqrt((1.0 + c) / 2.0); /* of half the arc */
    if (sine <= half)
        return 2.0 * arc_tangent(sine / half) / DEGREE;
    return 180.0 - 2.0 * arc_tangent(half / sine) / DEGREE;
}

double portable_log(double value)
{
    return value >= DBL_MIN ? natural_log(value) : -(double)INFINITY;
}
