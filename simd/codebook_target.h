/*
 * What the searches of the vector codebook formats work on: magnitudes, weights and signs of 16
 * sub-blocks in lanes.
 */
#ifndef RDL_SIMD_CODEBOOK_TARGET_H
#define RDL_SIMD_CODEBOOK_TARGET_H

#include "sign_parity.h"
#include "tile.h"
#include "weights.h"

#include <stdbool.h>

/* The weights are importance * sqrt(sigma2 + x^2). Without importance they are share * sigma2 +
 * x^2, or the root of that. */
struct codebook_weighing {
    float share;
    bool root;
};

struct codebook_target {
    float weights[RDL_TILE];
    float magnitudes[RDL_TILE];
    float products[RDL_TILE]; /* weight * magnitude */
    /* In the order of the weights: */
    float natural_magnitudes[RDL_TILE];
    float natural_roots[RDL_TILE]; /* of the weights: they weigh the choice of a row */
};

RDL_INLINE vf codebook_plain_weight(struct codebook_weighing weighing, vf x, vf sigma2)
{
    const vf weight = v_add(v_mul(v_set(weighing.share), sigma2), v_mul(x, x));
    return weighing.root ? v_sqrt(weight) : weight;
}

/* From lanes to the order of the weights. */
RDL_INLINE void codebook_to_natural(size_t n, const float *tile, float *natural)
{
    for (size_t i = 0; i < n; i += RDL_WIDTH)
        for (size_t k = 0; k < RDL_LANES; k += RDL_WIDTH)
            r_transpose(tile + i * RDL_LANES + k, RDL_LANES, natural + k * n + i, n);
}

/* From sub-blocks of n weights in the tile x; importance is NULL or a tile. Fills a mask of signs
 * for every 8 weights; even_signs: the number of negative ones is made even. */
RDL_INLINE void codebook_fill_target(size_t n, struct codebook_weighing weighing, bool even_signs,
                                     const float *x, const float *importance, vf sigma2,
                                     struct codebook_target *target, vi *signs)
{
    float roots[RDL_TILE];
    for (size_t i = 0; i < n; i++) {
        const vf value = v_load(x + i * RDL_LANES);
        const vf weight = importance
                              ? importance_weight(v_load(importance + i * RDL_LANES), value, sigma2)
                              : codebook_plain_weight(weighing, value, sigma2);
        v_store(target->weights + i * RDL_LANES, weight);
        v_store(roots + i * RDL_LANES, v_sqrt(weight));
    }
    for (size_t h = 0; h < n / SIGN_GROUP; h++) {
        const size_t row = SIGN_GROUP * h * RDL_LANES;
        signs[h] = split_signs(x + row, target->magnitudes + row);
        if (even_signs)
            signs[h] =
                make_signs_even(x + row, target->weights + row, target->magnitudes + row, signs[h]);
    }
    for (size_t i = 0; i < n; i++)
        v_store(target->products + i * RDL_LANES,
                v_mul(v_load(target->weights + i * RDL_LANES),
                      v_load(target->magnitudes + i * RDL_LANES)));
    codebook_to_natural(n, target->magnitudes, target->natural_magnitudes);
    codebook_to_natural(n, roots, target->natural_roots);
}

#endif
