#include "gap_stats.h"

#include <math.h>
#include <stdlib.h>

/* Errors that differ by less are one optimum, found with sums of another order. */
static const double optimal_excess = 1e-5;

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Between the two nearest of n sorted numbers, linearly. */
static double quantile(const double *sorted, size_t n, double p)
{
    const double place = p * (double)(n - 1);
    const size_t low = (size_t)place, high = low + 1 < n ? low + 1 : low;
    return sorted[low] + (place - (double)low) * (sorted[high] - sorted[low]);
}

struct gap_stats gap_stats(size_t n, const double *errors, const double *optima, double *excess)
{
    struct gap_stats stats = {.blocks = n};
    double error = 0.0, optimum = 0.0, sum = 0.0;
    size_t count = 0, optimal = 0;
    for (size_t i = 0; i < n; i++) {
        error += errors[i];
        optimum += optima[i];
        if (optima[i] <= 0.0 && errors[i] > 0.0) {
            stats.unbounded++;
            continue;
        }
        const double e = optima[i] > 0.0 ? errors[i] / optima[i] - 1.0 : 0.0;
        sum += e;
        optimal += e < optimal_excess;
        excess[count++] = e;
    }
    stats.sums = optimum > 0.0 ? error / optimum - 1.0 : NAN;
    stats.mean = stats.median = stats.p99 = stats.max = stats.optimal = NAN;
    if (n > 0)
        stats.optimal = (double)optimal / (double)n;
    if (count == 0)
        return stats;
    qsort(excess, count, sizeof *excess, ascending);
    stats.mean = sum / (double)count;
    stats.median = quantile(excess, count, 0.5);
    stats.p99 = quantile(excess, count, 0.99);
    stats.max = excess[count - 1];
    return stats;
}
