/*
 * Lane-generic body of rdl_affine_search(): weighted least squares of x_i ~ scale * code_i - min
 * over a grid of scales. Specification: AFFINE.
 */
#ifndef RDL_SIMD_AFFINE_SEARCH_H
#define RDL_SIMD_AFFINE_SEARCH_H

#include "lanes.h"

#include <stdbool.h>

/* The scales tried: (first + step * s + code_max) / (max - min) is the inverse scale for
 * s = 0, 1, ..., last. */
struct affine_grid {
    int code_max;
    float first, step;
    int last;
    bool absolute; /* minimise sum w |error| in place of sum w error^2 */
};

/* The best fit. Its codes are those of inverse * (x - from). */
struct affine_fit {
    vf scale;
    vf offset; /* what is added, <= 0 */
    vf inverse, from;
};

RDL_INLINE vf affine_code(vf v, int code_max)
{
    return v_to_float(v_clamp(v_nearest_int(v), 0, code_max));
}

/* Minimum, not above 0, and maximum. */
RDL_INLINE void affine_range(size_t n, const float *x, vf *min, vf *max)
{
    *min = *max = v_load(x);
    for (size_t i = 1; i < n; i++) {
        const vf value = v_load(x + i * RDL_LANES);
        *min = v_min(*min, value);
        *max = v_max(*max, value);
    }
    *min = v_select(v_lt(v_set(0.0f), *min), v_set(0.0f), *min);
}

RDL_INLINE vf affine_error(size_t n, const float *x, const float *w, const float *codes, vf scale,
                           vf offset, bool absolute)
{
    vf error = v_set(0.0f);
    for (size_t i = 0; i < n; i++) {
        const vf value = v_load(x + i * RDL_LANES), weight = v_load(w + i * RDL_LANES);
        const vf fitted = v_add(v_mul(scale, v_load(codes + i * RDL_LANES)), offset);
        const vf difference = v_sub(fitted, value);
        error = v_add(error, absolute ? v_mul(weight, v_abs(difference))
                                      : v_mul(weight, v_mul(difference, difference)));
    }
    return error;
}

/* Sums over the weights alone (w, x) and over weights and codes (l, l2, xl). */
struct affine_sums {
    vf w, x, l, l2, xl;
};

RDL_INLINE void affine_sum_weights(size_t n, const float *x, const float *w,
                                   struct affine_sums *sums)
{
    sums->w = v_load(w);
    sums->x = v_mul(sums->w, v_load(x));
    for (size_t i = 1; i < n; i++) {
        const vf weight = v_load(w + i * RDL_LANES);
        sums->w = v_add(sums->w, weight);
        sums->x = v_add(sums->x, v_mul(weight, v_load(x + i * RDL_LANES)));
    }
}

/* Rounds to codes, keeps them, and sums over them. */
RDL_INLINE void affine_sum_codes(size_t n, const float *x, const float *w, vf inverse, vf offset,
                                 int code_max, float *codes, struct affine_sums *sums)
{
    vf l = v_set(0.0f), l2 = l, xl = l;
    for (size_t i = 0; i < n; i++) {
        const vf value = v_load(x + i * RDL_LANES), weight = v_load(w + i * RDL_LANES);
        const vf code = affine_code(v_mul(inverse, v_sub(value, offset)), code_max);
        v_store(codes + i * RDL_LANES, code);
        const vf weighted = v_mul(weight, code);
        l = v_add(l, weighted);
        l2 = v_add(l2, v_mul(weighted, code));
        xl = v_add(xl, v_mul(weighted, value));
    }
    sums->l = l;
    sums->l2 = l2;
    sums->xl = xl;
}

/* The least-squares scale and offset, the offset kept from being positive; the lanes whose codes
 * are not constant. */
RDL_INLINE vm affine_solve(const struct affine_sums *s, vf *scale, vf *offset)
{
    const vf zero = v_set(0.0f);
    const vf determinant = v_sub(v_mul(s->w, s->l2), v_mul(s->l, s->l));
    *scale = v_div(v_sub(v_mul(s->w, s->xl), v_mul(s->x, s->l)), determinant);
    *offset = v_div(v_sub(v_mul(s->l2, s->x), v_mul(s->l, s->xl)), determinant);
    const vm positive = v_lt(zero, *offset);
    if (v_any(positive)) {
        *scale = v_select(positive, v_div(s->xl, s->l2), *scale);
        *offset = v_select(positive, zero, *offset);
    }
    return v_lt(zero, determinant);
}

/* Lanes of a tile x with factors w; `codes` is a tile for intermediate results. */
RDL_INLINE struct affine_fit affine_search(size_t n, const float *x, const float *w,
                                           struct affine_grid grid, float *codes)
{
    struct affine_fit fit;
    struct affine_sums sums;
    vf max;
    affine_range(n, x, &fit.offset, &max);
    const vm empty = v_eq(max, fit.offset);
    const vf min = fit.offset;
    affine_sum_weights(n, x, w, &sums);

    fit.from = fit.offset;
    fit.inverse = v_div(v_set((float)grid.code_max), v_sub(max, fit.offset));
    fit.scale = v_div(v_set(1.0f), fit.inverse);
    affine_sum_codes(n, x, w, fit.inverse, fit.from, grid.code_max, codes, &sums);
    vf best = affine_error(n, x, w, codes, fit.scale, fit.offset, grid.absolute);

    for (int s = 0; s <= grid.last; s++) {
        /* The offset is the current best's: an accepted candidate moves those that follow. */
        const float numerator = grid.first + grid.step * (float)s + (float)grid.code_max;
        const vf from = fit.offset;
        const vf inverse = v_div(v_set(numerator), v_sub(max, from));
        affine_sum_codes(n, x, w, inverse, from, grid.code_max, codes, &sums);
        vf scale, offset;
        const vm solved = affine_solve(&sums, &scale, &offset);
        const vf error = affine_error(n, x, w, codes, scale, offset, grid.absolute);
        const vm better = v_mand(solved, v_lt(error, best));
        best = v_select(better, error, best);
        fit.scale = v_select(better, scale, fit.scale);
        fit.offset = v_select(better, offset, fit.offset);
        fit.inverse = v_select(better, inverse, fit.inverse);
        fit.from = v_select(better, from, fit.from);
    }
    fit.scale = v_select(empty, v_set(0.0f), fit.scale);
    fit.offset = v_select(empty, min, fit.offset);
    fit.inverse = v_select(empty, v_set(0.0f), fit.inverse);
    fit.from = v_select(empty, min, fit.from);
    return fit;
}

#endif
