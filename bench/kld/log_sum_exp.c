#include "log_sum_exp.h"

#include "quantile.h"

uint32_t index_of_largest(const float *x, uint32_t n)
{
    uint32_t top = 0;
    for (uint32_t i = 1; i < n; i++)
        top = x[i] > x[top] ? i : top;
    return top;
}

float exp_f32(float x)
{
    return (float)natural_exp((double)x);
}

float log_sum_exp_above(const float *x, uint32_t n, float max)
{
    double sum = 0.0;
    for (uint32_t i = 0; i < n; i++)
        sum += (double)exp_f32(x[i] - max);
    return (float)natural_log(sum);
}
