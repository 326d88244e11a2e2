/* Points of the exact searches on integers: exact_points.h. */
#include "exact_points.h"

RDL_INLINE void integer_points(const struct rdl_exact_weights *weights, float first, float last,
                               const bool from_0, int count, const float *t, const float *u,
                               float *g)
{
    for (int p = 0; p < count; p += RDL_EXACT_LANES) {
        rf sum[BATCH];
        integer_batch(weights, first, last, from_0, t + p, u + p, sum);
        for (int k = 0; k < BATCH; k++)
            r_store(g + p + k * RDL_WIDTH, sum[k]);
    }
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
