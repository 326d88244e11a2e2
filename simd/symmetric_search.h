/*
 * Lane-generic body of rdl_symmetric_search(): scale search of x_i ~ scale * level_i with levels of
 * a range about 0, over 19 scales about the one that sends the largest magnitude to its end.
 * Specification: QX.
 */
#ifndef RDL_SIMD_SYMMETRIC_SEARCH_H
#define RDL_SIMD_SYMMETRIC_SEARCH_H

#include "lanes.h"

#include <stdbool.h>

/* Below this largest magnitude a block is zero to the searches: scale 0, first levels. */
#define SYMMETRIC_EPSILON 1e-15f

enum {
    SYMMETRIC_TRIES = 9
};

struct symmetric_levels {
    int first, last; /* first <= 0 <= last, and they differ */
};

/* -N .. N - 1. */
RDL_INLINE struct symmetric_levels symmetric_half_range(int half_range)
{
    return (struct symmetric_levels){-half_range, half_range - 1};
}

/* The level to which the largest magnitude goes. */
RDL_INLINE int symmetric_end(struct symmetric_levels levels)
{
    return levels.first < 0 ? levels.first : levels.last;
}

/* The best fit. Its levels are those of inverse * x; in empty lanes the scale is 0, and levels are
 * the first one. */
struct symmetric_fit {
    vf scale, inverse;
    vm empty;
};

/* The largest magnitude (returned) and the first element that has it, with its sign; both 0 for
 * zeros. Magnitudes are ordered as their bits are. */
RDL_INLINE vf symmetric_absmax(size_t n, const float *x, vf *extreme)
{
    vi largest = v_iset(0);
    *extreme = v_set(0.0f);
    for (size_t i = 0; i < n; i++) {
        const vf value = v_load(x + i * RDL_LANES);
        const vi magnitude = v_bits(v_abs(value));
        *extreme = v_select(v_ilt(largest, magnitude), value, *extreme);
        largest = v_imax(largest, magnitude);
    }
    return v_float_of_bits(largest);
}

/* clamp(NI(v), first, last) for every v: the low bits of the sum are the integer + 2^22, and with
 * the exponent of 2^23 again the float that subtraction takes back. */
RDL_INLINE rf symmetric_level(rf v, struct symmetric_levels levels)
{
    const int middle = 0x4B400000; /* 12582912 */
    const ri sum = r_and(r_bits(r_add(v, r_set(12582912.0f))), r_iset(0x007FFFFF));
    const ri level = r_or(sum, r_iset(0x4B000000));
    return r_sub(r_float_of_bits(r_clamp(level, middle + levels.first, middle + levels.last)),
                 r_set(12582912.0f));
}

RDL_LANES_OP(vf, v_symmetric_level(vf v, struct symmetric_levels levels),
             RDL_MAP_WITH(symmetric_level, v, levels))

/*
 * Beyond which ends the rounding of x / extreme * (magnitude + s / 10) can go. As |x| <= |extreme|,
 * the magnitude is at most that of the factor but for some units in the last place, and reaches an
 * end's next level at the end + 1/2; on -N .. N - 1 the last from s = -5 on, the first from 5 on.
 */
enum symmetric_reach {
    REACH_WITHIN,
    REACH_ABOVE, /* the last level */
    REACH_BOTH
};

RDL_INLINE enum symmetric_reach symmetric_reach(struct symmetric_levels levels, int magnitude,
                                                int tenths)
{
    const int signed_most = 10 * magnitude + tenths;
    const int most = signed_most < 0 ? -signed_most : signed_most; /* towards a last level of 0 */
    if (most >= 5 - 10 * levels.first)
        return REACH_BOTH;
    return most >= 5 + 10 * levels.last ? REACH_ABOVE : REACH_WITHIN;
}

/* A negative zero in place of a zero makes no difference to sums that begin with zero. The bits of
 * floats above zero are ordered as integers, which minimum has more ports; those of floats below
 * are negative integers. */
RDL_INLINE vf symmetric_round(vf v, struct symmetric_levels levels, enum symmetric_reach reach)
{
    vf level = v_round(v);
    if (reach != REACH_WITHIN)
        level = v_float_of_bits(v_imin(v_bits(level), v_bits(v_set((float)levels.last))));
    return reach == REACH_BOTH ? v_max(level, v_set((float)levels.first)) : level;
}

/* The sums of a coding: scale = xl / l2, explained part xl^2 / l2. */
struct symmetric_sums {
    vf xl, l2;
};

/* A search under way: the tiles, and the best fit so far. */
struct symmetric_state {
    size_t n;
    struct symmetric_levels levels;
    const float *x, *wx, *w;
    vf extreme;
    vf scale, inverse, xl, l2, explained;
};

RDL_INLINE struct symmetric_sums symmetric_sum_as(const struct symmetric_state *state, vf inverse,
                                                  enum symmetric_reach reach)
{
    vf xl = v_set(0.0f), l2 = xl;
    for (size_t i = 0; i < state->n; i++) {
        const vf v = v_mul(inverse, v_load(state->x + i * RDL_LANES));
        const vf level = symmetric_round(v, state->levels, reach);
        const vf weighted = v_mul(v_load(state->w + i * RDL_LANES), level);
        xl = v_add(xl, v_mul(v_load(state->wx + i * RDL_LANES), level));
        l2 = v_add(l2, v_mul(weighted, level));
    }
    return (struct symmetric_sums){xl, l2};
}

RDL_INLINE struct symmetric_sums symmetric_sum(const struct symmetric_state *state, vf inverse,
                                               enum symmetric_reach reach)
{
    switch (reach) {
    case REACH_WITHIN:
        return symmetric_sum_as(state, inverse, REACH_WITHIN);
    case REACH_ABOVE:
        return symmetric_sum_as(state, inverse, REACH_ABOVE);
    case REACH_BOTH:
        break;
    }
    return symmetric_sum_as(state, inverse, REACH_BOTH);
}

/* Tries +-(magnitude + tenths / 10) / extreme as the inverse scale. */
RDL_INLINE void symmetric_try(struct symmetric_state *state, int magnitude, int tenths,
                              bool negative)
{
    const float size = (float)magnitude + 0.1f * (float)tenths;
    const vf inverse = v_div(v_set(negative ? -size : size), state->extreme);
    const struct symmetric_sums sums =
        symmetric_sum(state, inverse, symmetric_reach(state->levels, magnitude, tenths));
    const vm better = v_mand(v_lt(v_set(0.0f), sums.l2),
                             v_lt(v_mul(state->explained, sums.l2), v_mul(sums.xl, sums.xl)));
    const vf scale = v_div(sums.xl, sums.l2);
    state->scale = v_select(better, scale, state->scale);
    state->inverse = v_select(better, inverse, state->inverse);
    state->xl = v_select(better, sums.xl, state->xl);
    state->l2 = v_select(better, sums.l2, state->l2);
    state->explained = v_select(better, v_mul(scale, sums.xl), state->explained);
}

/* All candidates, with those towards the last level if `both_ends`; wx is filled. Returns the empty
 * lanes. */
RDL_INLINE vm symmetric_scan(struct symmetric_state *state, bool both_ends, float *wx)
{
    const vf zero = v_set(0.0f);
    const vm empty =
        v_lt(symmetric_absmax(state->n, state->x, &state->extreme), v_set(SYMMETRIC_EPSILON));
    for (size_t i = 0; i < state->n; i++)
        v_store(wx + i * RDL_LANES,
                v_mul(v_load(state->w + i * RDL_LANES), v_load(state->x + i * RDL_LANES)));
    state->wx = wx;

    const int end = symmetric_end(state->levels), magnitude = end < 0 ? -end : end;
    state->inverse = v_div(v_set((float)end), state->extreme);
    const struct symmetric_sums sums =
        symmetric_sum(state, state->inverse, symmetric_reach(state->levels, magnitude, 0));
    state->xl = sums.xl;
    state->l2 = sums.l2;
    state->scale = v_select(v_eq(sums.l2, zero), zero, v_div(sums.xl, sums.l2));
    state->explained = v_mul(state->scale, sums.xl);
    for (int s = -SYMMETRIC_TRIES; s <= SYMMETRIC_TRIES; s++) {
        if (s != 0)
            symmetric_try(state, magnitude, s, end < 0);
        if (both_ends)
            symmetric_try(state, state->levels.last, s, false);
    }
    return empty;
}

/* Lanes of a tile x, finite, with factors w; `wx` is a tile for intermediate results. */
RDL_INLINE struct symmetric_fit symmetric_search(size_t n, struct symmetric_levels levels,
                                                 const float *x, const float *w, float *wx)
{
    struct symmetric_state state = {.n = n, .levels = levels, .x = x, .w = w};
    const vm empty = symmetric_scan(&state, false, wx);
    return (struct symmetric_fit){v_select(empty, v_set(0.0f), state.scale), state.inverse, empty};
}

#endif
