#include "method_weights.h"

#include <math.h>

/* 1, x^2, |x|, rms + |x| and sqrt(2 * mean of x^2 + x^2) are all of the form
 * square * x^2 + magnitude * |x| + constant, or its root. */
struct recipe {
    bool root;
    double square, magnitude;
    double one, mean, rms; /* parts of the constant: of 1, the mean square, its root */
};

static const struct recipe recipes[RDL_WEIGHTING_COUNT] = {
    [RDL_UNIFORM] = {.one = 1.0},
    [RDL_X2] = {.square = 1.0},
    [RDL_ABS] = {.magnitude = 1.0},
    [RDL_RMS_ABS] = {.magnitude = 1.0, .rms = 1.0},
};

static struct recipe native_recipe(const struct projection_grid *grid)
{
    if (grid->table)
        return (struct recipe){.root = true, .square = 1.0, .mean = 2.0};
    const bool has_offset = grid->kind == RDL_BLOCK_AFFINE || grid->kind == RDL_BLOCK_FREE;
    return recipes[has_offset ? RDL_RMS_ABS : RDL_X2];
}

static double mean_square(const float *x, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    return sum / (double)n;
}

void method_weights(enum rdl_weighting weighting, const struct projection_grid *grid, size_t n,
                    size_t count, const float *x, float *weights)
{
    const struct recipe r = weighting == RDL_NATIVE ? native_recipe(grid) : recipes[weighting];
    for (size_t b = 0; b < count; b++) {
        const double mean = mean_square(x + b * n, n);
        const double constant = r.one + r.mean * mean + r.rms * sqrt(mean);
        for (size_t i = b * n; i < (b + 1) * n; i++) {
            const double xi = (double)x[i];
            const double w = r.square * (xi * xi) + r.magnitude * fabs(xi) + constant;
            weights[i] = (float)(r.root ? sqrt(w) : w);
        }
    }
}
