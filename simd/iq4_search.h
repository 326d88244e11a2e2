/*
 * Lane-generic body of rdl_iq4_search(): table_search.h on the 16-value IQ4_NL table, for blocks of
 * 32 weights.
 */
#ifndef RDL_SIMD_IQ4_SEARCH_H
#define RDL_SIMD_IQ4_SEARCH_H

#include "nearest_iq4.h"
#include "table_search.h"

enum {
    IQ4_LENGTH = 32 /* weights of a sub-block */
};

RDL_LANES_OP(vf, v_nearest_iq4_in_range(enum rdl_nearest_variant variant, vf v),
             RDL_MAP_IN(r_nearest_iq4_in_range, variant, v))

/* The table is a variant of enum rdl_nearest_variant. No product of a lane that counts leaves the
 * range of r_nearest_iq4_in_range(): |inverse * x| is at most 134 where x is the extreme, and less
 * elsewhere. */
RDL_INLINE vf iq4_nearest(const void *table, vf v)
{
    return v_nearest_iq4_in_range(*(const enum rdl_nearest_variant *)table, v);
}

RDL_INLINE struct table_search iq4_problem(const enum rdl_nearest_variant *variant, const float *x,
                                           const float *w)
{
    return (struct table_search){
        .nearest = iq4_nearest,
        .table = variant,
        .ends = {.end = nearest_values[0], .last = nearest_values[15], .unit = 1.0f},
        .n = IQ4_LENGTH,
        .x = x,
        .w = w,
    };
}

/* Lanes of a tile x with factors w; returns the scales. */
RDL_INLINE vf iq4_search(enum rdl_nearest_variant variant, const float *x, const float *w)
{
    const struct table_search search = iq4_problem(&variant, x, w);
    vm empty;
    const vf extreme = table_extreme(IQ4_LENGTH, x, &empty);
    return v_select(empty, v_set(0.0f), table_scan(&search, extreme, false).scale);
}

/* The least-squares scale of the codes for an inverse scale. */
RDL_INLINE vf iq4_fit_scale(enum rdl_nearest_variant variant, const float *x, const float *w,
                            vf inverse)
{
    const struct table_search search = iq4_problem(&variant, x, w);
    return table_fit(&search, inverse).scale;
}

#endif
