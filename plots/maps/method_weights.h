/* Weights of the errors of bare blocks. */
#ifndef ROUNDEL_PLOTS_METHOD_WEIGHTS_H
#define ROUNDEL_PLOTS_METHOD_WEIGHTS_H

#include "projection_grid.h"

/* Of `count` blocks of n weights that follow each other; RDL_NATIVE is what ggml's formats with
 * such a grid use: sqrt(2 * mean of x^2 + x^2) for tables, rms + |x| with an offset, x^2 else. */
void method_weights(enum rdl_weighting weighting, const struct projection_grid *grid, size_t n,
                    size_t count, const float *x, float *weights);

#endif
