/*
 * Lane-generic body of rdl_affine_search(): weighted least squares of x_i ~ scale * code_i - min
 * over a grid of scales. Specification: AFFINE.
 *
 * A step is a chain: scale, codes, sums, fit, error, choice, next scale. Its passes over the
 * weights are separate loops of five or six operations each, whose short chains the out-of-order
 * window holds many of. Four registers are searched at once: as one vector, or where registers are
 * few as AFFINE_GROUPS vectors in turns, so that the divisions of one hide behind the passes of the
 * other. notes/performance/affine.md has the figures.
 */
#ifndef RDL_SIMD_AFFINE_SEARCH_H
#define RDL_SIMD_AFFINE_SEARCH_H

#include "tile.h"

#include <stdbool.h>

enum {
    AFFINE_REGISTERS = 4, /* searched at once: tiles of 24 KiB on AVX-512 stay in the L1 cache */
    AFFINE_GROUPS = AFFINE_REGISTERS / RDL_REGISTERS,
    AFFINE_LANES = AFFINE_GROUPS * RDL_LANES
};

/* The scales tried: (first + step * s + code_max) / (max - min) is the inverse scale for s = 0, 1,
 * ..., last. */
struct affine_grid {
    int code_max;
    float first, step;
    int last;
    bool absolute; /* minimise sum w |error| in place of sum w error^2 */
};

/* A fit. Its codes are those of inverse * (x - from). */
struct affine_fit {
    vf scale;
    vf offset; /* what is added, <= 0 */
    vf inverse, from;
};

/* Sums over the weights alone (w, x) and over weights and codes (l, l2, xl). */
struct affine_sums {
    vf w, x, l, l2, xl;
};

/* One of the vectors that are searched together. */
struct affine_group {
    const float *x, *w; /* tiles of weights and factors */
    float *codes;       /* a tile, for those of a candidate */
    vm empty;           /* the range is a point: there is nothing to search */
    vf min, max;        /* the range; not a point where it is empty */
    struct affine_sums sums;
    struct affine_fit candidate;
    vm solved;             /* the candidate exists */
    struct affine_fit fit; /* the best so far */
    vf error;              /* its error */
};

/* ------------------------------------------------------------------------------------------------
 * Passes over the weights
 */

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

RDL_INLINE void affine_sum_weights(size_t n, struct affine_group *g)
{
    vf sum_w = v_load(g->w), sum_x = v_mul(sum_w, v_load(g->x));
    for (size_t i = 1; i < n; i++) {
        const vf weight = v_load(g->w + i * RDL_LANES);
        sum_w = v_add(sum_w, weight);
        sum_x = v_add(sum_x, v_mul(weight, v_load(g->x + i * RDL_LANES)));
    }
    g->sums.w = sum_w;
    g->sums.x = sum_x;
}

/* How v = inverse * (x - from) becomes a code: by NI, limited to 0 .. code_max. */
enum affine_rounding {
    AFFINE_WRAP,  /* some |v| is so large that NI may wrap around */
    AFFINE_LIMIT, /* NI is the nearest integer */
    AFFINE_BELOW  /* and none is above code_max */
};

/* Floats >= 0 are ordered like their bits, and those with a sign, -0 among them, are negative
 * integers: limits that leave the units of float arithmetic to the rest. */
RDL_INLINE vf affine_code(vf v, int code_max, enum affine_rounding rounding)
{
    if (rounding == AFFINE_WRAP)
        return v_to_float(v_clamp(v_nearest_int(v), 0, code_max));
    const vi code = v_imax(v_bits(v_round(v)), v_iset(0));
    if (rounding == AFFINE_BELOW)
        return v_float_of_bits(code);
    return v_float_of_bits(v_imin(code, v_bits(v_set((float)code_max))));
}

/* The cheapest that is right for all lanes. Both operations in v are monotonic, so that the ends of
 * the range speak for what lies between them; an infinite inverse shows at the end that is not
 * `from`. As integers, the bits of infinity and NaN are above those of any bound. */
RDL_INLINE enum affine_rounding affine_rounding(const struct affine_group *g, vf inverse, vf from,
                                                int code_max)
{
    const vf at_min = v_mul(inverse, v_sub(g->min, from));
    const vf at_max = v_mul(inverse, v_sub(g->max, from));
    const vi largest = v_imax(v_bits(v_abs(at_min)), v_bits(v_abs(at_max)));
    if (v_any(v_ilt(v_bits(v_set(4194303.0f)), largest)))
        return AFFINE_WRAP;
    const vf above = v_set((float)code_max + 0.5f);
    return v_any(v_mor(v_le(above, at_min), v_le(above, at_max))) ? AFFINE_LIMIT : AFFINE_BELOW;
}

RDL_INLINE void affine_round_as(size_t n, struct affine_group *g, vf inverse, vf from, int code_max,
                                enum affine_rounding rounding)
{
#pragma GCC unroll 4
    for (size_t i = 0; i < n; i++) {
        const vf v = v_mul(inverse, v_sub(v_load(g->x + i * RDL_LANES), from));
        v_store(g->codes + i * RDL_LANES, affine_code(v, code_max, rounding));
    }
}

RDL_INLINE void affine_round(size_t n, struct affine_group *g, vf inverse, vf from, int code_max)
{
    switch (affine_rounding(g, inverse, from, code_max)) {
    case AFFINE_WRAP:
        affine_round_as(n, g, inverse, from, code_max, AFFINE_WRAP);
        break;
    case AFFINE_LIMIT:
        affine_round_as(n, g, inverse, from, code_max, AFFINE_LIMIT);
        break;
    case AFFINE_BELOW:
        affine_round_as(n, g, inverse, from, code_max, AFFINE_BELOW);
        break;
    }
}

RDL_INLINE void affine_sum_codes(size_t n, struct affine_group *g)
{
    vf l = v_set(0.0f), l2 = l, xl = l;
#pragma GCC unroll 4
    for (size_t i = 0; i < n; i++) {
        const vf code = v_load(g->codes + i * RDL_LANES);
        const vf weighted = v_mul(v_load(g->w + i * RDL_LANES), code);
        l = v_add(l, weighted);
        l2 = v_add(l2, v_mul(weighted, code));
        xl = v_add(xl, v_mul(weighted, v_load(g->x + i * RDL_LANES)));
    }
    g->sums.l = l;
    g->sums.l2 = l2;
    g->sums.xl = xl;
}

RDL_INLINE vf affine_error(size_t n, const struct affine_group *g, vf scale, vf offset,
                           bool absolute)
{
    vf error = v_set(0.0f);
#pragma GCC unroll 4
    for (size_t i = 0; i < n; i++) {
        const vf fitted = v_add(v_mul(scale, v_load(g->codes + i * RDL_LANES)), offset);
        const vf difference = v_sub(fitted, v_load(g->x + i * RDL_LANES));
        const vf distance = absolute ? v_abs(difference) : v_mul(difference, difference);
        error = v_add(error, v_mul(v_load(g->w + i * RDL_LANES), distance));
    }
    return error;
}

/* ------------------------------------------------------------------------------------------------
 * Steps
 */

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

/* The fit that spreads the codes over the range. */
RDL_INLINE void affine_start(size_t n, struct affine_grid grid, struct affine_group *g)
{
    vf min, max;
    affine_range(n, g->x, &min, &max);
    g->empty = v_eq(max, min);
    g->min = min;
    g->max = v_select(g->empty, v_set(1.0f), max);
    affine_sum_weights(n, g);
    const vf inverse = v_div(v_set((float)grid.code_max), v_sub(g->max, min));
    const vf scale = v_div(v_set(1.0f), inverse);
    affine_round(n, g, inverse, min, grid.code_max);
    g->error = affine_error(n, g, scale, min, grid.absolute);
    g->fit = (struct affine_fit){scale, min, inverse, min};
}

/* The offset is the current best's: an accepted candidate moves those that follow. */
RDL_INLINE void affine_propose(size_t n, struct affine_grid grid, int s, struct affine_group *g)
{
    const float numerator = grid.first + grid.step * (float)s + (float)grid.code_max;
    const vf from = g->fit.offset;
    const vf inverse = v_div(v_set(numerator), v_sub(g->max, from));
    affine_round(n, g, inverse, from, grid.code_max);
    affine_sum_codes(n, g);
    g->solved = affine_solve(&g->sums, &g->candidate.scale, &g->candidate.offset);
    g->candidate.inverse = inverse;
    g->candidate.from = from;
}

RDL_INLINE void affine_judge(size_t n, struct affine_grid grid, struct affine_group *g)
{
    const struct affine_fit *candidate = &g->candidate;
    const vf error = affine_error(n, g, candidate->scale, candidate->offset, grid.absolute);
    const vm better = v_mand(g->solved, v_lt(error, g->error));
    g->error = v_select(better, error, g->error);
    g->fit.scale = v_select(better, candidate->scale, g->fit.scale);
    g->fit.offset = v_select(better, candidate->offset, g->fit.offset);
    g->fit.inverse = v_select(better, candidate->inverse, g->fit.inverse);
    g->fit.from = v_select(better, candidate->from, g->fit.from);
}

RDL_INLINE void affine_finish(struct affine_group *g)
{
    g->fit.scale = v_select(g->empty, v_set(0.0f), g->fit.scale);
    g->fit.offset = v_select(g->empty, g->min, g->fit.offset);
    g->fit.inverse = v_select(g->empty, v_set(0.0f), g->fit.inverse);
    g->fit.from = v_select(g->empty, g->min, g->fit.from);
}

/* Searches `count` groups; their member `fit` is the result. */
RDL_INLINE void affine_search(size_t n, struct affine_grid grid, struct affine_group *groups,
                              size_t count)
{
    for (size_t g = 0; g < count; g++)
        affine_start(n, grid, &groups[g]);
    for (int s = 0; s <= grid.last; s++) {
        for (size_t g = 0; g < count; g++)
            affine_propose(n, grid, s, &groups[g]);
        for (size_t g = 0; g < count; g++)
            affine_judge(n, grid, &groups[g]);
    }
    for (size_t g = 0; g < count; g++)
        affine_finish(&groups[g]);
}

#endif
