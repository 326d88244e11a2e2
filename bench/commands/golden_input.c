#include "golden_input.h"

#include "synth.h"

#include <math.h>

enum {
    SEED = 0x601d,
    COLUMNS = GOLDEN_INPUT_COLUMNS,
    SUPER_BLOCK = 256,
    BLOCK = 32
};

/* ------------------------------------------------------------------------------------------------
 * Random weights
 */

struct sample {
    enum synth_distribution distribution;
    unsigned degrees_of_freedom;
    double zero_probability;
    double sigma;
    unsigned nrows;
};

/*
 * The magnitudes run from subnormal weights over scales around the smallest binary16 number (2^-24)
 * to weights near its largest (65504), where the scale of one format is normal and that of another
 * overflows.
 */
static const struct sample samples[] = {
    {SYNTH_GAUSSIAN, 0, 0.0, 0.02, 8},     {SYNTH_LAPLACE, 0, 0.0, 0.02, 8},
    {SYNTH_STUDENT_T, 3, 0.0, 0.02, 8},    {SYNTH_UNIFORM, 0, 0.0, 0.02, 4},
    {SYNTH_SPARSE, 0, 0.5, 0.02, 4},       {SYNTH_SPARSE, 0, 0.97, 0.02, 4},
    {SYNTH_OUTLIER_COLUMNS, 0, 0, .02, 8}, {SYNTH_GAUSSIAN, 0, 0.0, 1e-40, 1},
    {SYNTH_GAUSSIAN, 0, 0.0, 1e-30, 1},    {SYNTH_GAUSSIAN, 0, 0.0, 1e-15, 2},
    {SYNTH_GAUSSIAN, 0, 0.0, 1e-7, 4},     {SYNTH_GAUSSIAN, 0, 0.0, 1e-6, 4},
    {SYNTH_LAPLACE, 0, 0.0, 1e-5, 4},      {SYNTH_LAPLACE, 0, 0.0, 1e-4, 4},
    {SYNTH_GAUSSIAN, 0, 0.0, 1.0, 4},      {SYNTH_GAUSSIAN, 0, 0.0, 100.0, 2},
    {SYNTH_GAUSSIAN, 0, 0.0, 1e4, 4},      {SYNTH_GAUSSIAN, 0, 0.0, 1e6, 1},
};

enum {
    NSAMPLES = sizeof samples / sizeof samples[0]
};

/* Sample `tensor` of all: the number makes it independent of the others. */
static float *fill_sample(const struct sample *sample, unsigned tensor, float *x)
{
    const struct synth synth = {
        .distribution = sample->distribution,
        .degrees_of_freedom = sample->degrees_of_freedom,
        .zero_probability = sample->zero_probability,
        .sigma = sample->sigma,
        .nrows = sample->nrows,
        .ncols = COLUMNS,
        .seed = SEED,
        .tensor = tensor,
    };
    const size_t count = (size_t)sample->nrows * COLUMNS;
    synth_fill(&synth, 0, count, x);
    return x + count;
}

/* ------------------------------------------------------------------------------------------------
 * Shapes
 */

enum shape {
    ZEROS,
    SIGNED_ZEROS,
    POSITIVE_SPIKE,
    NEGATIVE_SPIKE,
    CONSTANT,
    NEGATIVE_CONSTANT,
    ALTERNATING,
    RAMP,
    CENTRED_RAMP,
    HALF_INTEGERS, /* halves from -7.5 to 7.5, wholes from -15 to 15: ties on grids of 15 steps */
    POWERS_OF_TWO,
    OUTLIER,
    ONE_DIFFERENT,
    ZERO_OR_CONSTANT,
    FALLING, /* magnitudes in pairs of both signs, the largest, positive one first */
    ALL_POSITIVE,
    SHAPE_COUNT
};

/* Weight i of n of a block of that shape; c is a magnitude, all arithmetic is exact or a single
 * rounding. */
static float shaped(enum shape shape, int i, int n, float c)
{
    const float sign = i % 2 ? -1.0f : 1.0f;
    switch (shape) {
    case SIGNED_ZEROS:
        return 0.0f * sign;
    case POSITIVE_SPIKE:
        return i == n / 3 ? c : 0.0f;
    case NEGATIVE_SPIKE:
        return i == n - 1 ? -c : 0.0f;
    case CONSTANT:
        return c;
    case NEGATIVE_CONSTANT:
        return -c;
    case ALTERNATING:
        return c * sign;
    case RAMP:
        return c * (float)i;
    case CENTRED_RAMP:
        return c * (float)(2 * i - n);
    case HALF_INTEGERS:
        return (float)(i % 31 - 15) * 0.5f * (i / 32 % 2 ? 2.0f : 1.0f);
    case POWERS_OF_TWO:
        return c * sign / (float)(1u << i % 24);
    case OUTLIER:
        return i == n / 2 ? 1024.0f * c : c * sign * (float)(i % 5);
    case ONE_DIFFERENT:
        return i == 7 ? c * 0.75f : c;
    case ZERO_OR_CONSTANT:
        return i % 3 ? 0.0f : c;
    case FALLING:
        return c * sign * (float)(n - i / 2 * 2);
    case ALL_POSITIVE:
        return c * (float)(i * 29 % 32 + 1);
    case ZEROS:
    case SHAPE_COUNT:
        break;
    }
    return 0.0f;
}

/* Fills `count` weights with blocks of length n. Each time that all shapes were used, they follow
 * in another order, so that a shape has other neighbours (11 is prime to the number of shapes). */
static float *fill_shapes(int n, int count, float *x)
{
    for (int b = 0; b < count / n; b++) {
        const int round = b / SHAPE_COUNT, place = b % SHAPE_COUNT;
        const enum shape shape = (enum shape)((round % 2 ? 11 * place + 5 : place) % SHAPE_COUNT);
        const float c = (float)(3 * b + 1) / 1000.0f;
        for (int i = 0; i < n; i++)
            *x++ = shaped(shape, i, n, c);
    }
    return x;
}

/* A normal row, but for a bad weight in every second super-block. */
static float *fill_bad_row(float *x)
{
    static const struct sample normal = {SYNTH_GAUSSIAN, 0, 0.0, 0.02, 1};
    float *end = fill_sample(&normal, NSAMPLES, x);
    x[5] = NAN;
    x[100] = INFINITY;
    x[2 * SUPER_BLOCK + 31] = -INFINITY;
    x[2 * SUPER_BLOCK + 200] = 1e30f;
    x[2 * SUPER_BLOCK + 201] = -1e30f;
    return end;
}

/* ------------------------------------------------------------------------------------------------
 * Importance
 */

/* Squares of normal numbers, as sums of squared activations are; zeros: single ones, a sub-block of
 * 16 and one of 32, and a whole super-block. */
static void fill_importance(float *importance)
{
    static const struct sample normal = {SYNTH_GAUSSIAN, 0, 0.0, 1.0, 1};
    fill_sample(&normal, NSAMPLES + 1, importance);
    for (int i = 0; i < COLUMNS; i++) {
        const int at = i % SUPER_BLOCK;
        const bool zero =
            (i / SUPER_BLOCK == 1 && (at % 13 == 0 || at / 16 == 4 || at / 32 == 5)) ||
            i / SUPER_BLOCK == 3;
        importance[i] = zero ? 0.0f : importance[i] * importance[i];
    }
}

void golden_input(float *x, float *importance)
{
    for (unsigned s = 0; s < NSAMPLES; s++)
        x = fill_sample(&samples[s], s, x);
    x = fill_shapes(SUPER_BLOCK, 16 * COLUMNS, x);
    x = fill_shapes(BLOCK, 4 * COLUMNS, x);
    fill_bad_row(x);
    fill_importance(importance);
}
