/*
 * Scale search of x_i ~ scale * V[code_i] on the 16-value IQ4_NL table: table_search.h for blocks
 * of 32 weights. Used by IQ4_NL and IQ4_XS.
 */
#ifndef RDL_REF_IQ4_SEARCH_H
#define RDL_REF_IQ4_SEARCH_H

#include "codebooks.h"
#include "table_search.h"

enum {
    RDL_IQ4_SUB_BLOCK = 32
};

/* 32 weights x with factors w; returns the scale. Codes follow from it: nearest entry to x / scale.
 */
float rdl_iq4_search(const float *x, const float *w);

/* The least-squares scale of the codes for the given inverse scale. */
float rdl_iq4_fit_scale(const float *x, const float *w, float inverse_scale);

/* The scale that sends the element of largest magnitude to the table's largest magnitude, V[0]; 0
 * for a zero block. No search. */
float rdl_iq4_extreme_scale(const float *x);

/* 32 weights from the 16 bytes of their nibbles. */
void rdl_iq4_decode(float scale, const uint8_t *nibbles, float *x);

/* The problem, with the way to find the nearest value. */
RDL_WITH_NEAREST struct rdl_table_search rdl_iq4_problem(rdl_nearest_value_fn *nearest,
                                                         const float *x, const float *w)
{
    const float first = (float)rdl_codebook_iq4_nl[0], last = (float)rdl_codebook_iq4_nl[15];
    return (struct rdl_table_search){
        .nearest = nearest,
        .ends = {.end = first, .last = last, .unit = 1.0f},
        .n = RDL_IQ4_SUB_BLOCK,
        .x = x,
        .w = w,
    };
}

/* The search with it. */
RDL_WITH_NEAREST float rdl_iq4_search_with(rdl_nearest_value_fn *nearest, const float *x,
                                           const float *w)
{
    float extreme;
    if (rdl_signed_absmax(RDL_IQ4_SUB_BLOCK, x, &extreme) < RDL_SEARCH_EPSILON)
        return 0.0f;
    const struct rdl_table_search problem = rdl_iq4_problem(nearest, x, w);
    return rdl_table_scan(&problem, extreme, false).scale;
}

#endif
