/*
 * Lane-generic body of rdl_nonnegative_search(): scale search of x_i ~ scale * code_i with codes
 * from 0 up. Nine scales compared by error, then coordinate descent. Specification: QP.
 */
#ifndef RDL_SIMD_NONNEGATIVE_SEARCH_H
#define RDL_SIMD_NONNEGATIVE_SEARCH_H

#include "lanes.h"

#include <stdbool.h>

#define NONNEGATIVE_EPSILON 1e-15f

enum {
    NONNEGATIVE_PASSES = 5
};

/* Negative values have code 0; as in the reference, negative codes, which wrap around as bytes. */
enum nonnegative_kind {
    NONNEGATIVE_CLAMPED,
    NONNEGATIVE_AS_REFERENCE
};

RDL_INLINE vi nonnegative_code(vf v, int code_max, enum nonnegative_kind kind)
{
    if (kind == NONNEGATIVE_CLAMPED)
        return v_clamp(v_nearest_int(v_max(v_set(0.0f), v)), 0, code_max);
    return v_imin(v_nearest_int(v), v_iset(code_max));
}

/* The codes of a candidate as floats. Of (code_max + s / 10) / largest, s <= 4, none rounds to more
 * than the maximum. The reference cuts the first one's to a byte in place of a limit. */
RDL_INLINE vf nonnegative_level(vf v, int code_max, enum nonnegative_kind kind, bool first)
{
    if (kind == NONNEGATIVE_CLAMPED)
        return v_round(v_max(v_set(0.0f), v));
    if (first)
        return v_to_float(v_and(v_nearest_int(v), v_iset(255)));
    return v_to_float(nonnegative_code(v, code_max, kind));
}

RDL_INLINE vf nonnegative_error(size_t n, const float *x, const float *w, vf inverse, int code_max,
                                enum nonnegative_kind kind, bool first)
{
    const vf scale = v_div(v_set(1.0f), inverse);
    vf error = v_set(0.0f);
    for (size_t i = 0; i < n; i++) {
        const vf value = v_load(x + i * RDL_LANES);
        const vf level = nonnegative_level(v_mul(inverse, value), code_max, kind, first);
        const vf difference = v_sub(value, v_mul(scale, level));
        error = v_add(error, v_mul(v_mul(v_load(w + i * RDL_LANES), difference), difference));
    }
    return error;
}

/* The inverse scale of least weighted error among (code_max + s / 10) / largest, s = -4 .. 4. */
RDL_INLINE vf nonnegative_best_inverse(size_t n, int code_max, const float *x, const float *w,
                                       vf largest, enum nonnegative_kind kind)
{
    vf best_inverse = v_div(v_set((float)code_max), largest);
    vf best = nonnegative_error(n, x, w, best_inverse, code_max, kind, true);
    for (int s = -4; s <= 4; s++) {
        if (s == 0)
            continue;
        const vf inverse = v_div(v_set(0.1f * (float)s + (float)code_max), largest);
        const vf error = nonnegative_error(n, x, w, inverse, code_max, kind, false);
        const vm better = v_lt(error, best);
        best = v_select(better, error, best);
        best_inverse = v_select(better, inverse, best_inverse);
    }
    return best_inverse;
}

/* Lanes of a tile x with factors w, n rows of each; fills codes (bytes in 32-bit lanes). Returns
 * the scales. */
RDL_INLINE vf nonnegative_search(size_t n, int code_max, const float *x, const float *w,
                                 enum nonnegative_kind kind, int32_t *codes)
{
    vf largest = v_set(0.0f);
    for (size_t i = 0; i < n; i++)
        largest = v_max(largest, v_load(x + i * RDL_LANES));
    const vm empty = v_lt(largest, v_set(NONNEGATIVE_EPSILON));
    const vf inverse = nonnegative_best_inverse(n, code_max, x, w, largest, kind);

    vf xl = v_set(0.0f), l2 = v_set(0.0f);
    for (size_t i = 0; i < n; i++) {
        const vf value = v_load(x + i * RDL_LANES), weight = v_load(w + i * RDL_LANES);
        const vi code = nonnegative_code(v_mul(inverse, value), code_max, kind);
        const vf level = v_to_float(code);
        v_istore(codes + i * RDL_LANES, v_iselect(empty, v_iset(0), v_and(code, v_iset(255))));
        xl = v_add(xl, v_mul(v_mul(weight, value), level));
        l2 = v_add(l2, v_mul(v_mul(weight, level), level));
    }
    /* A lane that a pass leaves as it is stays so: more passes for the others do not change it. */
    for (int pass = 0, improved = 1; pass < NONNEGATIVE_PASSES && improved; pass++) {
        improved = 0;
        for (size_t i = 0; i < n; i++) {
            const vf value = v_load(x + i * RDL_LANES), weight = v_load(w + i * RDL_LANES);
            const vi code = v_iload(codes + i * RDL_LANES);
            const vf level = v_to_float(code), wx = v_mul(weight, value);
            vf rest_xl = v_sub(xl, v_mul(wx, level));
            vf rest_l2 = v_sub(l2, v_mul(v_mul(weight, level), level));
            vm take = v_mand(v_lt(v_set(0.0f), rest_xl), v_lt(v_set(0.0f), rest_l2));
            const vi other =
                nonnegative_code(v_div(v_mul(value, rest_l2), rest_xl), code_max, kind);
            const vf other_level = v_to_float(other);
            take = v_mandnot(v_mandnot(take, empty), v_ieq(other, code));
            rest_xl = v_add(rest_xl, v_mul(wx, other_level));
            rest_l2 = v_add(rest_l2, v_mul(v_mul(weight, other_level), other_level));
            take = v_mand(take,
                          v_lt(v_mul(v_mul(xl, xl), rest_l2), v_mul(v_mul(rest_xl, rest_xl), l2)));
            xl = v_select(take, rest_xl, xl);
            l2 = v_select(take, rest_l2, l2);
            v_istore(codes + i * RDL_LANES, v_iselect(take, v_and(other, v_iset(255)), code));
            improved |= v_any(take);
        }
    }
    const vm positive = v_mandnot(v_lt(v_set(0.0f), l2), empty);
    return v_select(positive, v_div(xl, l2), v_set(0.0f));
}

#endif
