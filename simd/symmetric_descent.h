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
    vf xl, l2;
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

/* Levels for the first scale; they cannot be less than -N: symmetric_reach_of(0). Lanes that are
 * zero to the search get levels 0, and keep them: their sums are zeros. Returns these lanes. */
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
        const vf level = symmetric_round(v_mul(inverse, x), half_range, REACH_ABOVE);
        const vf xl_term = v_mul(v_mul(w, x), level), l2_term = v_mul(v_mul(w, level), level);
        v_store(descent->levels + i * RDL_LANES, level);
        v_store(descent->xl_terms + i * RDL_LANES, xl_term);
        v_store(descent->l2_terms + i * RDL_LANES, l2_term);
        xl = v_add(xl, xl_term);
        l2 = v_add(l2, l2_term);
    }
    descent->xl = xl;
    descent->l2 = l2;
    return empty;
}

/* The lanes in which an element has another level for the scale of the rest than its own. In other
 * lanes, no pass changes anything. No element waits for another here: far quicker than a pass. */
RDL_INLINE vm descent_unsettled(const struct descent *descent, int half_range)
{
    const vf zero = v_set(0.0f);
    vm unsettled = v_lt(zero, zero);
    for (size_t i = 0; i < DESCENT_LENGTH; i++) {
        const vf x = v_load(descent->x + i * RDL_LANES);
        const vf rest_xl = v_sub(descent->xl, v_load(descent->xl_terms + i * RDL_LANES));
        const vf rest_l2 = v_sub(descent->l2, v_load(descent->l2_terms + i * RDL_LANES));
        const vf level = symmetric_level(v_div(v_mul(x, rest_l2), rest_xl), half_range);
        const vm same = v_eq(level, v_load(descent->levels + i * RDL_LANES));
        unsettled = v_mor(unsettled, v_mandnot(v_lt(zero, rest_xl), same));
    }
    return unsettled;
}

/* Takes each element out in turn, finds its best level for the scale of the rest and puts it back
 * there if that improves the fit, xl^2 / l2. Says whether any lane has improved. */
RDL_INLINE int descent_pass(struct descent *descent, int half_range)
{
    const vf zero = v_set(0.0f);
    vf xl = descent->xl, l2 = descent->l2, squared = v_mul(xl, xl);
    vm improved = v_lt(zero, zero);
    for (size_t i = 0; i < DESCENT_LENGTH; i++) {
        float *levels = descent->levels + i * RDL_LANES;
        float *xl_terms = descent->xl_terms + i * RDL_LANES;
        float *l2_terms = descent->l2_terms + i * RDL_LANES;
        const vf x = v_load(descent->x + i * RDL_LANES), w = v_mul(x, x), wx = v_mul(w, x);
        const vf rest_xl = v_sub(xl, v_load(xl_terms)), rest_l2 = v_sub(l2, v_load(l2_terms));
        const vf level = symmetric_level(v_div(v_mul(x, rest_l2), rest_xl), half_range);
        const vf xl_term = v_mul(wx, level), l2_term = v_mul(v_mul(w, level), level);
        const vf new_xl = v_add(rest_xl, xl_term), new_l2 = v_add(rest_l2, l2_term);
        const vf new_squared = v_mul(new_xl, new_xl);
        vm take = v_mandnot(v_lt(zero, v_min(rest_xl, new_l2)), v_eq(level, v_load(levels)));
        take = v_mand(take, v_lt(v_mul(squared, new_l2), v_mul(new_squared, l2)));
        v_store(levels, v_select(take, level, v_load(levels)));
        v_store(xl_terms, v_select(take, xl_term, v_load(xl_terms)));
        v_store(l2_terms, v_select(take, l2_term, v_load(l2_terms)));
        xl = v_select(take, new_xl, xl);
        l2 = v_select(take, new_l2, l2);
        squared = v_select(take, new_squared, squared);
        improved = v_mor(improved, take);
    }
    descent->xl = xl;
    descent->l2 = l2;
    return v_any(improved);
}

/* At most so many passes, until none improves a lane. A lane that a pass leaves as it is stays so:
 * more passes for others do not change it. */
RDL_INLINE void descend(struct descent *descent, int half_range, int passes)
{
    while (passes-- > 0 && descent_pass(descent, half_range))
        continue;
}

RDL_INLINE vf descent_scale(const struct descent *descent)
{
    const vf zero = v_set(0.0f), scale = v_div(descent->xl, descent->l2);
    return v_select(v_lt(zero, descent->l2), v_mul(scale, descent->sign), zero);
}

#endif
