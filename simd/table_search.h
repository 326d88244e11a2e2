/*
 * Lane-generic body of ref/table_search.h: scale search of x_i ~ scale * V[code_i] on a table V,
 * weighted least squares over 16 codings, or 31 with both ends of the table. How the nearest value
 * is found is a constant argument.
 */
#ifndef RDL_SIMD_TABLE_SEARCH_H
#define RDL_SIMD_TABLE_SEARCH_H

#include "lanes.h"

#include <stdbool.h>

/* Blocks whose largest magnitude is below this are zero to the searches. */
#define TABLE_EPSILON 1e-15f

enum {
    TABLE_TRIES = 7
};

/* The value nearest to v in a table. */
typedef vf table_nearest_fn(const void *table, vf v);

/* Where the largest magnitude goes: the value of the first code, or of the last if no value is
 * negative; the last value; and the unit between candidates. */
struct table_ends {
    float end, last, unit;
};

/* Tiles x with factors w, n rows of each. */
struct table_search {
    table_nearest_fn *nearest;
    const void *table;
    struct table_ends ends;
    size_t n;
    const float *x, *w;
};

struct table_fit {
    vf inverse;   /* its codes are those of the values nearest to inverse * x */
    vf xv, vv;    /* sum w x v and sum w v^2 */
    vf scale;     /* xv / vv, 0 where vv is not positive */
    vf explained; /* scale * xv */
};

/* The first element of largest magnitude, with its sign; the lanes that are zero to the searches.
 */
RDL_INLINE vf table_extreme(size_t n, const float *x, vm *empty)
{
    vf largest = v_set(0.0f), extreme = largest;
    for (size_t i = 0; i < n; i++) {
        const vf value = v_load(x + i * RDL_LANES), magnitude = v_abs(value);
        extreme = v_select(v_lt(largest, magnitude), value, extreme);
        largest = v_max(largest, magnitude);
    }
    *empty = v_lt(largest, v_set(TABLE_EPSILON));
    return extreme;
}

/* The fit of the codes for an inverse scale. */
RDL_INLINE struct table_fit table_fit(const struct table_search *search, vf inverse)
{
    const vf zero = v_set(0.0f);
    struct table_fit fit = {.inverse = inverse, .xv = zero, .vv = zero};
    for (size_t i = 0; i < search->n; i++) {
        const vf x = v_load(search->x + i * RDL_LANES);
        const vf value = search->nearest(search->table, v_mul(inverse, x));
        const vf weighted = v_mul(v_load(search->w + i * RDL_LANES), value);
        fit.xv = v_add(fit.xv, v_mul(weighted, x));
        fit.vv = v_add(fit.vv, v_mul(weighted, value));
    }
    fit.scale = v_select(v_lt(zero, fit.vv), v_div(fit.xv, fit.vv), zero);
    fit.explained = v_mul(fit.scale, fit.xv);
    return fit;
}

RDL_INLINE void table_try(const struct table_search *search, vf inverse, struct table_fit *best)
{
    const struct table_fit fit = table_fit(search, inverse);
    const vm better = v_mand(v_lt(v_set(0.0f), fit.vv),
                             v_lt(v_mul(best->explained, fit.vv), v_mul(fit.xv, fit.xv)));
    best->inverse = v_select(better, fit.inverse, best->inverse);
    best->xv = v_select(better, fit.xv, best->xv);
    best->vv = v_select(better, fit.vv, best->vv);
    best->scale = v_select(better, fit.scale, best->scale);
    best->explained = v_select(better, fit.explained, best->explained);
}

/* From the elements of largest magnitude. The first coding sends them to minus the end. */
RDL_INLINE struct table_fit table_scan(const struct table_search *search, vf extreme,
                                       bool both_ends)
{
    const struct table_ends *ends = &search->ends;
    const vf down = v_div(v_sub(v_set(-0.0f), extreme), v_set(ends->end));
    struct table_fit best = table_fit(search, v_div(v_set(1.0f), down));
    for (int t = -TABLE_TRIES; t <= TABLE_TRIES; t++) {
        const float step = (float)t * ends->unit;
        table_try(search, v_div(v_set(step + ends->end), extreme), &best);
        if (both_ends)
            table_try(search, v_div(v_set(step + ends->last), extreme), &best);
    }
    return best;
}

#endif
