#include "histogram.h"
#include <float.h>
#include <math.h>
#include <string.h>

void histogram_add(struct error_histogram *histogram, double size)
{
    const float rounded = size < (double)FLT_MAX ? (float)size : FLT_MAX;
    uint32_t pattern;

    memcpy(&pattern, &rounded, sizeof(pattern));
    histogram->count[pattern >> HISTOGRAM_SHIFT]++;
}

void histogram_merge(struct error_histogram *into, const struct error_histogram *from)
{
    for (uint32_t bin = 0; bin < HISTOGRAM_BINS; bin++)
        into->count[bin] += from->count[bin];
}

/* 2^128 is what binary32 calls infinite. */
double histogram_edge(uint32_t bin)
{
    const uint32_t pattern = bin << HISTOGRAM_SHIFT;
    float edge;

    if (bin == HISTOGRAM_BINS)
        return 0x1p128;
    memcpy(&edge, &pattern, sizeof(edge));
    return edge;
}

double histogram_percentile(const struct error_histogram *histogram, unsigned per_mille)
{
    uint64_t n = 0, below = 0;
    uint32_t bin = 0;

    for (uint32_t i = 0; i < HISTOGRAM_BINS; i++)
        n += histogram->count[i];
    if (n == 0)
        return NAN;

    /* ceil(n * per_mille / 1000) without overflow. */
    const uint64_t rank = n / 1000 * per_mille + (n % 1000 * per_mille + 999) / 1000;

    while (below + histogram->count[bin] < rank)
        below += histogram->count[bin++];
    if (bin == 0)
        return 0.0;

    const double low = histogram_edge(bin), high = histogram_edge(bin + 1);
    const double share = ((double)(rank - below) - 0.5) / (double)histogram->count[bin];

    return low + (high - low) * share;
}
