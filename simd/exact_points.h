/*
 * g of a batch of points (exact_ops.h): lanes are points, weights are broadcast. Each lane takes
 * the operations of ref/block/exact_points.c in the same order. Rounding before clipping is the
 * same as after it, as the ends are integers. Two batches at once would be no faster: the sums are
 * chains of additions, but CPUs look far enough ahead to begin the next batch.
 */
#ifndef RDL_SIMD_EXACT_POINTS_H
#define RDL_SIMD_EXACT_POINTS_H

#include "simd.h"

#include "exact_ops.h"

#include <stdbool.h>

enum {
    BATCH = RDL_EXACT_LANES / RDL_WIDTH /* registers */
};

RDL_INLINE rf clip(rf value, float first, float last)
{
    return r_min(r_max(value, r_set(first)), r_set(last));
}

/* The same from 0 up, on the bits: floats of one sign are ordered as integers are, and all those
 * below 0 are negative. CPUs that have two units for floats and more for integers take a tenth less
 * time for a point. */
RDL_INLINE rf clip_from_0(rf value, float last)
{
    return r_float_of_bits(r_imin(r_imax(r_bits(value), r_iset(0)), r_bits(r_set(last))));
}

/* The sums of one batch, in BATCH registers; values are the integers first .. last. */
RDL_INLINE void integer_batch(const struct rdl_exact_weights *weights, float first, float last,
                              const bool from_0, const float *t, const float *u, rf *sum)
{
    rf t_of[BATCH], u_of[BATCH];
    for (int k = 0; k < BATCH; k++) {
        t_of[k] = r_load(t + k * RDL_WIDTH);
        u_of[k] = r_load(u + k * RDL_WIDTH);
        sum[k] = r_set(0.0f);
    }
    for (int i = 0; i < weights->n; i++) {
        const rf x = r_set(weights->x[i]), w = r_set(weights->w[i]);
        for (int k = 0; k < BATCH; k++) {
            const rf y = r_add(r_mul(t_of[k], x), u_of[k]);
            const rf whole = r_round(y);
            const rf r = r_sub(y, from_0 ? clip_from_0(whole, last) : clip(whole, first, last));
            sum[k] = r_add(sum[k], r_mul(r_mul(w, r), r));
        }
    }
}

#endif
