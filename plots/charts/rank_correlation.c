#include "rank_correlation.h"

#include <math.h>

/* From 1; the mean of those that equal values share. */
static double rank(const double *values, size_t count, size_t i)
{
    size_t below = 0, equal = 0;
    for (size_t k = 0; k < count; k++) {
        below += values[k] < values[i];
        equal += values[k] == values[i];
    }
    return (double)below + ((double)equal + 1) / 2;
}

double rank_correlation(const double *x, const double *y, size_t count)
{
    const double mean = ((double)count + 1) / 2;
    double xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < count; i++) {
        const double dx = rank(x, count, i) - mean, dy = rank(y, count, i) - mean;
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : NAN;
}
