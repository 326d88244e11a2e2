/*
 * Scale search of x_i ~ scale * V[code_i] on a table V: weighted least squares over 16 codings, or
 * 31 with both ends of the table; what the searches of IQ4 and those of any table have in common.
 * The way to find the nearest entry is a constant argument: these are functions to be inlined.
 * Specification: quantizers, section 6, step 2.
 */
#ifndef RDL_REF_TABLE_SEARCH_H
#define RDL_REF_TABLE_SEARCH_H

#include "block_stats.h"

#include <stdbool.h>

#define RDL_WITH_NEAREST static inline __attribute__((always_inline))

enum {
    RDL_TABLE_MAX_LENGTH = 64,
    RDL_TABLE_TRIES = 7
};

/* The value nearest to v in a table. */
typedef float rdl_nearest_value_fn(const void *table, float v);

/* Where a search sends the weight of largest magnitude. */
struct rdl_table_ends {
    float end, last; /* the value of the first code, or of the last if no value is negative; the
                        last value */
    float unit;      /* between candidates */
};

/* A block of n weights x with factors w. */
struct rdl_table_search {
    rdl_nearest_value_fn *nearest;
    const void *table;
    struct rdl_table_ends ends;
    int n;
    const float *x, *w;
};

struct rdl_table_fit {
    float inverse;   /* its codes are those of the entries nearest to inverse * x */
    float xv, vv;    /* sum w x v and sum w v^2 */
    float scale;     /* xv / vv, 0 where vv is not positive */
    float explained; /* scale * xv */
};

/* The fit of the codes for an inverse scale. */
RDL_WITH_NEAREST struct rdl_table_fit rdl_table_fit(const struct rdl_table_search *search,
                                                    float inverse)
{
    float values[RDL_TABLE_MAX_LENGTH];
    for (int i = 0; i < search->n; i++)
        values[i] = search->nearest(search->table, inverse * search->x[i]);
    struct rdl_table_fit fit = {.inverse = inverse};
    for (int i = 0; i < search->n; i++) {
        const float weighted = search->w[i] * values[i];
        fit.xv += weighted * search->x[i];
        fit.vv += weighted * values[i];
    }
    fit.scale = fit.vv > 0.0f ? fit.xv / fit.vv : 0.0f;
    fit.explained = fit.scale * fit.xv;
    return fit;
}

RDL_WITH_NEAREST void rdl_table_try(const struct rdl_table_search *search, float inverse,
                                    struct rdl_table_fit *best)
{
    const struct rdl_table_fit fit = rdl_table_fit(search, inverse);
    if (fit.vv > 0.0f && fit.xv * fit.xv > best->explained * fit.vv)
        *best = fit;
}

/* The first coding sends the extreme element to minus the end, which may lie beyond the table; the
 * scan sends it to the end and its surroundings. */
RDL_WITH_NEAREST struct rdl_table_fit rdl_table_scan(const struct rdl_table_search *search,
                                                     float extreme, bool both_ends)
{
    const struct rdl_table_ends *ends = &search->ends;
    struct rdl_table_fit best = rdl_table_fit(search, 1.0f / (-extreme / ends->end));
    for (int t = -RDL_TABLE_TRIES; t <= RDL_TABLE_TRIES; t++) {
        const float step = (float)t * ends->unit;
        rdl_table_try(search, (step + ends->end) / extreme, &best);
        if (both_ends)
            rdl_table_try(search, (step + ends->last) / extreme, &best);
    }
    return best;
}

#endif
