#include "gap_stats.h"

#include "order.h"
#include <math.h>

/* Errors that differ by less are one optimum, found with sums of another order. */
static const double optimal_excess = 1e-5;

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
    sort_ascending(excess, count);
    stats.mean = sum / (double)count;
    stats.median = quantile_of_sorted(excess, count, 0.5);
    stats.p99 = quantile_of_sorted(excess, count, 0.99);
    stats.max = excess[count - 1];
    return stats;
}
