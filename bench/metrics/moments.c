#include "moments.h"

#include <math.h>

void moments_add(struct moments *moments, double value)
{
    const double from_old_mean = value - moments->mean;
    moments->count++;
    moments->mean += from_old_mean / (double)moments->count;
    moments->squares += from_old_mean * (value - moments->mean);
}

double moments_variance(const struct moments *moments)
{
    return moments->count < 2 ? (double)NAN : moments->squares / (double)(moments->count - 1);
}

double moments_standard_error(const struct moments *moments)
{
    return sqrt(moments_variance(moments) / (double)moments->count);
}
