/*
 * Points of the exact searches (exact_ops.h): lanes are points, weights are broadcast. Each lane
 * takes the operations of ref/block/exact_points.c in the same order. Rounding before clipping is
 * the same as after it, as the ends are integers. Two batches at once where there are two: the sums
 * are chains of additions.
 */
#include "simd.h"

#include "exact_ops.h"
#include "lanes.h"

enum {
    BATCH = RDL_EXACT_LANES / RDL_WIDTH /* registers */
};

/* ------------------------------------------------------------------------------------------------
 * Integers
 */

RDL_INLINE rf clip(rf value, float first, float last)
{
    return r_min(r_max(value, r_set(first)), r_set(last));
}

/* The same from 0 up, on the bits: floats of one sign are ordered as integers are, and all those
 * below 0 are negative. CPUs that have two units for floats and more for integers take a quarter
 * less time for a point. */
RDL_INLINE rf clip_from_0(rf value, float last)
{
    return r_float_of_bits(r_imin(r_imax(r_bits(value), r_iset(0)), r_bits(r_set(last))));
}

RDL_INLINE void integer_registers(const struct rdl_exact_weights *weights, float first, float last,
                                  const bool from_0, const int count, const float *t,
                                  const float *u, float *g)
{
    rf t_of[2 * BATCH], u_of[2 * BATCH], sum[2 * BATCH];
    for (int k = 0; k < count; k++) {
        t_of[k] = r_load(t + k * RDL_WIDTH);
        u_of[k] = r_load(u + k * RDL_WIDTH);
        sum[k] = r_set(0.0f);
    }
    for (int i = 0; i < weights->n; i++) {
        const rf x = r_set(weights->x[i]), w = r_set(weights->w[i]);
        for (int k = 0; k < count; k++) {
            const rf y = r_add(r_mul(t_of[k], x), u_of[k]);
            const rf whole = r_round(y);
            const rf r = r_sub(y, from_0 ? clip_from_0(whole, last) : clip(whole, first, last));
            sum[k] = r_add(sum[k], r_mul(r_mul(w, r), r));
        }
    }
    for (int k = 0; k < count; k++)
        r_store(g + k * RDL_WIDTH, sum[k]);
}

RDL_INLINE void integer_points(const struct rdl_exact_weights *weights, float first, float last,
                               const bool from_0, int count, const float *t, const float *u,
                               float *g)
{
    int p = 0;
    for (; p + RDL_EXACT_LANES < count; p += 2 * RDL_EXACT_LANES)
        integer_registers(weights, first, last, from_0, 2 * BATCH, t + p, u + p, g + p);
    if (p < count)
        integer_registers(weights, first, last, from_0, BATCH, t + p, u + p, g + p);
}

void RDL_TARGET_NAME(rdl_exact_points)(const struct rdl_exact_weights *weights, float first,
                                       float last, int count, const float *t, const float *u,
                                       float *g)
{
    if (first == 0.0f)
        integer_points(weights, first, last, true, count, t, u, g);
    else
        integer_points(weights, first, last, false, count, t, u, g);
}
