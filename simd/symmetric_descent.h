/*
 * Lane-generic body of rdl_symmetric_descent(): coordinate descent under weights x^2 from the scale
 * that sends the largest magnitude to -N. Specification: Q3.
 */
#ifndef RDL_SIMD_SYMMETRIC_DESCENT_H
#define RDL_SIMD_SYMMETRIC_DESCENT_H

#include "symmetric_search.h"

#include <stdbool.h>

enum {
    DESCENT_PASSES = 5,
    DESCENT_LENGTH = 16
};

/* Lanes in descent: tiles of the weights, of their levels, and of the terms of these in the sums
 * xl and l2. */
struct descent {
    float x[DESCENT_LENGTH * RDL_LANES], levels[DESCENT_LENGTH * RDL_LANES];
    float xl_terms[DESCENT_LENGTH * RDL_LANES], l2_terms[DESCENT_LENGTH * RDL_LANES];
    float xl[RDL_LANES], l2[RDL_LANES], xl_squared[RDL_LANES];
    vf sign; /* what the scale is to be multiplied by: 1 or -1 */
};

/*
 * The descent keeps scales positive. The reference does not see to it that they are: where the
 * largest magnitude is that of a positive element, nothing improves. Otherwise such lanes change
 * the sign of all their weights, which changes nothing but the sign of the scale.
 */
RDL_INLINE void descent_make_positive(struct descent *descent, vf *extreme)
{
    descent->sign = v_select(v_lt(v_set(0.0f), *extreme), v_set(-1.0f), v_set(1.0f));
    *extreme = v_mul(*extreme, descent->sign);
    for (size_t i = 0; i < DESCENT_LENGTH; i++) {
        float *x = descent->x + i * RDL_LANES;
        v_store(x, v_mul(v_load(x), descent->sign));
    }
}

/* Levels for the first scale. Lanes that are zero to the search get levels 0, and keep them: their
 * sums are zeros. Returns these lanes. */
RDL_INLINE vm descent_begin(struct descent *descent, int half_range, bool as_reference)
{
    vf extreme, xl = v_set(0.0f), l2 = xl;
    const vf largest = symmetric_absmax(DESCENT_LENGTH, descent->x, &extreme);
    const vm empty = v_lt(largest, v_set(SYMMETRIC_EPSILON));
    descent->sign = v_set(1.0f);
    if (!as_reference)
        descent_make_positive(descent, &extreme);
    const vf inverse = v_select(empty, v_set(0.0f), v_div(v_set(-(float)half_range), extreme));
    for (size_t i = 0; i < DESCENT_LENGTH; i++) {
        const vf x = v_load(descent->x + i * RDL_LANES), w = v_mul(x, x);
        const vf level =
            symmetric_round(v_mul(inverse, x), symmetric_half_range(half_range), REACH_ABOVE);
        const vf xl_term = v_mul(v_mul(w, x), level), l2_term = v_mul(v_mul(w, level), level);
        v_store(descent->levels + i * RDL_LANES, level);
        v_store(descent->xl_terms + i * RDL_LANES, xl_term);
        v_store(descent->l2_terms + i * RDL_LANES, l2_term);
        xl = v_add(xl, xl_term);
        l2 = v_add(l2, l2_term);
    }
    v_store(descent->xl, xl);
    v_store(descent->l2, l2);
    v_store(descent->xl_squared, v_mul(xl, xl));
    return empty;
}

/* The lanes in which an element has another level for the scale of the rest than its own. In other
 * lanes, no pass changes anything. No element waits for another here: far quicker than a pass. */
RDL_INLINE vm descent_unsettled(const struct descent *descent, int half_range)
{
    const vf zero = v_set(0.0f), xl = v_load(descent->xl), l2 = v_load(descent->l2);
    vm unsettled = v_lt(zero, zero);
    for (size_t i = 0; i < DESCENT_LENGTH; i++) {
        const vf x = v_load(descent->x + i * RDL_LANES);
        const vf rest_xl = v_sub(xl, v_load(descent->xl_terms + i * RDL_LANES));
        const vf rest_l2 = v_sub(l2, v_load(descent->l2_terms + i * RDL_LANES));
        const vf level =
            v_symmetric_level(v_div(v_mul(x, rest_l2), rest_xl), symmetric_half_range(half_range));
        const vm same = v_eq(level, v_load(descent->levels + i * RDL_LANES));
        unsettled = v_mor(unsettled, v_mandnot(v_lt(zero, rest_xl), same));
    }
    return unsettled;
}

/* Takes element i out, finds its best level for the scale of the rest and puts it back there if
 * that improves the fit, xl^2 / l2. One register, lanes k, k + 1, ...; returns those that improve.
 */
RDL_INLINE rm descent_step(struct descent *descent, int half_range, size_t i, size_t k)
{
    const size_t at = i * RDL_LANES + k;
    const rf xl = r_load(descent->xl + k), l2 = r_load(descent->l2 + k);
    const rf xl_squared = r_load(descent->xl_squared + k), old = r_load(descent->levels + at);
    const rf old_xl_term = r_load(descent->xl_terms + at);
    const rf old_l2_term = r_load(descent->l2_terms + at);

    const rf x = r_load(descent->x + at), w = r_mul(x, x), wx = r_mul(w, x);
    const rf rest_xl = r_sub(xl, old_xl_term), rest_l2 = r_sub(l2, old_l2_term);
    const rf level =
        symmetric_level(r_div(r_mul(x, rest_l2), rest_xl), symmetric_half_range(half_range));
    const rf xl_term = r_mul(wx, level), l2_term = r_mul(r_mul(w, level), level);
    const rf new_xl = r_add(rest_xl, xl_term), new_l2 = r_add(rest_l2, l2_term);
    const rf new_xl_squared = r_mul(new_xl, new_xl);
    const rm moves = r_mandnot(r_lt(r_set(0.0f), r_min(rest_xl, new_l2)), r_eq(level, old));
    const rm take = r_mand(moves, r_lt(r_mul(xl_squared, new_l2), r_mul(new_xl_squared, l2)));

    r_store(descent->levels + at, r_select(take, level, old));
    r_store(descent->xl_terms + at, r_select(take, xl_term, old_xl_term));
    r_store(descent->l2_terms + at, r_select(take, l2_term, old_l2_term));
    r_store(descent->xl + k, r_select(take, new_xl, xl));
    r_store(descent->l2 + k, r_select(take, new_l2, l2));
    r_store(descent->xl_squared + k, r_select(take, new_xl_squared, xl_squared));
    return take;
}

/* At most so many passes over the elements, until none improves a lane. A lane that a pass leaves
 * as it is stays so: more passes for others do not change it. */
RDL_INLINE void descend(struct descent *descent, int half_range, int passes)
{
    const rm none = r_lt(r_set(0.0f), r_set(0.0f));
    for (rm improved = r_eq(r_set(0.0f), r_set(0.0f)); passes > 0 && r_any(improved); passes--) {
        improved = none;
        for (size_t i = 0; i < DESCENT_LENGTH; i++)
            for (size_t k = 0; k < RDL_LANES; k += RDL_WIDTH)
                improved = r_mor(improved, descent_step(descent, half_range, i, k));
    }
}

RDL_INLINE vf descent_scale(const struct descent *descent)
{
    const vf zero = v_set(0.0f), xl = v_load(descent->xl), l2 = v_load(descent->l2);
    return v_select(v_lt(zero, l2), v_mul(v_div(xl, l2), descent->sign), zero);
}

#endif
