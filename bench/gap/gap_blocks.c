#include "gap_blocks.h"

#include <math.h>

static const double two_pi = 6.283185307179586477;

/* splitmix64 (Steele, Lea, Flood 2014). */
uint64_t gap_source_word(struct gap_source *source)
{
    uint64_t z = source->state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

/* In (0, 1). */
static double unit(struct gap_source *source)
{
    return ((double)(gap_source_word(source) >> 11) + 0.5) * 0x1p-53;
}

/* Box-Muller: the cosine of a pair first. */
static double gaussian(struct gap_source *source)
{
    if (source->has_sine) {
        source->has_sine = false;
        return source->sine;
    }
    const double radius = sqrt(-2.0 * log(unit(source)));
    const double angle = two_pi * unit(source);
    source->sine = radius * sin(angle);
    source->has_sine = true;
    return radius * cos(angle);
}

static double laplace(struct gap_source *source)
{
    const double v = unit(source) - 0.5;
    return v < 0.0 ? log(1.0 + 2.0 * v) : -log(1.0 - 2.0 * v);
}

static double mean_square(const float *x, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    return sum / (double)n;
}

static double factor(struct gap_source *source, enum gap_weights weights, double x, double square)
{
    switch (weights) {
    case GAP_X2:
        return x * x;
    case GAP_ABS:
        return fabs(x);
    case GAP_RMS_ABS:
        return sqrt(square) + fabs(x);
    case GAP_IMPORTANCE:
        return exp(gaussian(source)) * sqrt(2.0 * square + x * x);
    case GAP_UNIFORM:
    case GAP_WEIGHTS_COUNT:
        break;
    }
    return 1.0;
}

void gap_source_block(struct gap_source *source, enum gap_data data, enum gap_weights weights,
                      size_t n, float *x, float *w)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (float)(data == GAP_LAPLACE ? laplace(source) : gaussian(source));
    const double square = mean_square(x, n);
    for (size_t i = 0; i < n; i++)
        w[i] = (float)factor(source, weights, (double)x[i], square);
}
