/* The weights of a weighted error. */
#ifndef ROUNDEL_BENCH_WEIGHTING_H
#define ROUNDEL_BENCH_WEIGHTING_H

#include "roundel.h"

/*
 * Fills w for n weights x. `importance` has one factor for each x (NULL where the weighting has no
 * use for it). sigma2, where it occurs, is the mean of x^2 over each run of 256 weights from the
 * start. RDL_NATIVE is no error weighting and must not be asked for. Where a weight is not finite
 * the result is not either.
 */
void error_weights(enum rdl_weighting weighting, const float *x, const float *importance, size_t n,
                   float *w);

/* True if error_weights() reads the importance. */
bool weighting_needs_importance(enum rdl_weighting weighting);

#endif
