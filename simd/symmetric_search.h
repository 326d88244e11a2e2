/*
 * Lane-generic body of rdl_symmetric_search(): scale search of x_i ~ scale * level_i with levels
 * -N .. N - 1, over 19 scales about the one that sends the largest magnitude to -N. Specification:
 * QX.
 */
#ifndef RDL_SIMD_SYMMETRIC_SEARCH_H
#define RDL_SIMD_SYMMETRIC_SEARCH_H

#include "lanes.h"

/* Below this largest magnitude a block is zero to the searches: scale 0, levels -N. */
#define SYMMETRIC_EPSILON 1e-15f

enum {
    SYMMETRIC_TRIES = 9
};

/* The best fit. Its levels are those of inverse * x; in empty lanes the scale is 0, and levels are
 * -N. */
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

/* clamp(NI(v), -N, N - 1) for every v: the low bits of the sum are the integer + 2^22, and with the
 * exponent of 2^23 again the float that subtraction takes back. */
RDL_INLINE rf symmetric_level(rf v, int half_range)
{
    const int middle = 0x4B400000; /* 12582912 */
    const ri sum = r_and(r_bits(r_add(v, r_set(12582912.0f))), r_iset(0x007FFFFF));
    const ri level = r_or(sum, r_iset(0x4B000000));
    return r_sub(r_float_of_bits(r_clamp(level, middle - half_range, middle + half_range - 1)),
                 r_set(12582912.0f));
}

RDL_LANES_OP(vf, v_symmetric_level(vf v, int half_range),
             RDL_MAP_WITH(symmetric_level, v, half_range))

/*
 * Which levels the rounding of x / extreme * (N + s / 10) can give beyond -N .. N - 1. As |x| <=
 * |extreme|, the magnitude is at most N + s / 10 but for some units in the last place: less than
 * N - 1/2 for s < -5, and less than N + 1/2 for s < 5.
 */
enum symmetric_reach {
    REACH_WITHIN, /* s < -5: none */
    REACH_ABOVE,  /* s < 5: N */
    REACH_BOTH    /* s <= 9: -N - 1, N, N + 1 */
};

/* A negative zero in place of a zero makes no difference to sums that begin with zero. The bits of
 * floats above zero are ordered as integers, which minimum has more ports; those of floats below
 * are negative integers. */
RDL_INLINE vf symmetric_round(vf v, int half_range, enum symmetric_reach reach)
{
    vf level = v_round(v);
    if (reach != REACH_WITHIN)
        level = v_float_of_bits(v_imin(v_bits(level), v_bits(v_set((float)(half_range - 1)))));
    return reach == REACH_BOTH ? v_max(level, v_set(-(float)half_range)) : level;
}

/* The sums of a coding: scale = xl / l2, explained part xl^2 / l2. */
struct symmetric_sums {
    vf xl, l2;
};

RDL_INLINE struct symmetric_sums symmetric_sum(size_t n, int half_range, const float *x,
                                               const float *wx, const float *w, vf inverse,
                                               enum symmetric_reach reach)
{
    vf xl = v_set(0.0f), l2 = xl;
    for (size_t i = 0; i < n; i++) {
        const vf v = v_mul(inverse, v_load(x + i * RDL_LANES));
        const vf level = symmetric_round(v, half_range, reach);
        const vf weighted = v_mul(v_load(w + i * RDL_LANES), level);
        xl = v_add(xl, v_mul(v_load(wx + i * RDL_LANES), level));
        l2 = v_add(l2, v_mul(weighted, level));
    }
    return (struct symmetric_sums){xl, l2};
}

/* A search under way: the tiles, and the best fit so far. */
struct symmetric_state {
    size_t n;
    int half_range;
    const float *x, *wx, *w;
    vf extreme;
    vf scale, inverse, explained;
};

/* Tries (N + s / 10) / -extreme as the inverse scale, s = first .. last but 0. */
RDL_INLINE void symmetric_try(struct symmetric_state *state, int first, int last,
                              enum symmetric_reach reach)
{
    for (int s = first; s <= last; s++) {
        if (s == 0)
            continue;
        const vf numerator = v_set(-((float)state->half_range + 0.1f * (float)s));
        const vf inverse = v_div(numerator, state->extreme);
        const struct symmetric_sums sums = symmetric_sum(state->n, state->half_range, state->x,
                                                         state->wx, state->w, inverse, reach);
        const vm better = v_mand(v_lt(v_set(0.0f), sums.l2),
                                 v_lt(v_mul(state->explained, sums.l2), v_mul(sums.xl, sums.xl)));
        const vf scale = v_div(sums.xl, sums.l2);
        state->scale = v_select(better, scale, state->scale);
        state->inverse = v_select(better, inverse, state->inverse);
        state->explained = v_select(better, v_mul(scale, sums.xl), state->explained);
    }
}

/* Lanes of a tile x, finite, with factors w; `wx` is a tile for intermediate results. */
RDL_INLINE struct symmetric_fit symmetric_search(size_t n, int half_range, const float *x,
                                                 const float *w, float *wx)
{
    struct symmetric_state state = {.n = n, .half_range = half_range, .x = x, .wx = wx, .w = w};
    const vf zero = v_set(0.0f);
    const vm empty = v_lt(symmetric_absmax(n, x, &state.extreme), v_set(SYMMETRIC_EPSILON));
    for (size_t i = 0; i < n; i++)
        v_store(wx + i * RDL_LANES, v_mul(v_load(w + i * RDL_LANES), v_load(x + i * RDL_LANES)));

    state.inverse = v_div(v_set(-(float)half_range), state.extreme);
    const struct symmetric_sums sums =
        symmetric_sum(n, half_range, x, wx, w, state.inverse, REACH_ABOVE);
    state.scale = v_select(v_eq(sums.l2, zero), zero, v_div(sums.xl, sums.l2));
    state.explained = v_mul(state.scale, sums.xl);
    symmetric_try(&state, -SYMMETRIC_TRIES, -6, REACH_WITHIN);
    symmetric_try(&state, -5, 4, REACH_ABOVE);
    symmetric_try(&state, 5, SYMMETRIC_TRIES, REACH_BOTH);
    return (struct symmetric_fit){v_select(empty, zero, state.scale), state.inverse, empty};
}

#endif
