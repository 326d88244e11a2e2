/* The weights of the error that the searches minimise, in lanes of a tile. */
#ifndef RDL_SIMD_WEIGHTS_H
#define RDL_SIMD_WEIGHTS_H

#include "lanes.h"

RDL_INLINE vf importance_weight(vf importance, vf x, vf sigma2)
{
    return v_mul(importance, v_sqrt(v_add(sigma2, v_mul(x, x))));
}

/* n rows of the tile x. w is the importance before, and importance * sqrt(sigma2 + x^2) after.
 * Returns the sums of the weights. */
RDL_INLINE vf weigh_by_importance(size_t n, const float *x, vf sigma2, float *w)
{
    vf sum = v_set(0.0f);
    for (size_t i = 0; i < n; i++) {
        const vf weight =
            importance_weight(v_load(w + i * RDL_LANES), v_load(x + i * RDL_LANES), sigma2);
        v_store(w + i * RDL_LANES, weight);
        sum = v_add(sum, weight);
    }
    return sum;
}

RDL_INLINE void weigh_by_squares(size_t n, const float *x, float *w)
{
    for (size_t i = 0; i < n; i++) {
        const vf value = v_load(x + i * RDL_LANES);
        v_store(w + i * RDL_LANES, v_mul(value, value));
    }
}

#endif
