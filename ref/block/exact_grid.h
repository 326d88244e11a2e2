/*
 * The values of codes for the exact search of a scale: integers as they are; entries of a table
 * times a power of two that brings them to where binary32 is exact enough.
 */
#ifndef RDL_REF_EXACT_GRID_H
#define RDL_REF_EXACT_GRID_H

#include "block/exact_points.h"

struct rdl_exact_grid {
    int count;
    bool is_table;
    bool is_uneven;     /* a table whose points cannot be evaluated */
    double first, last; /* values of the first and the last code */
    /* Of a table. Between entries k and k + 1 there is midpoint k; as many midpoints as the power
     * of two says, less 1, those beyond the last one infinite. */
    int power;
    double entries[RDL_BLOCK_MAX_CODES], midpoints[RDL_BLOCK_MAX_CODES];
    struct rdl_exact_table table;
};

void rdl_exact_grid_start(struct rdl_exact_grid *exact, const struct rdl_block_grid *grid);

static inline double rdl_exact_value(const struct rdl_exact_grid *grid, int code)
{
    return grid->is_table ? grid->entries[code] : grid->first + (double)code;
}

static inline double rdl_exact_midpoint(const struct rdl_exact_grid *grid, int k)
{
    return grid->is_table ? grid->midpoints[k] : grid->first + (double)k + 0.5;
}

/* The codes of values nearest to t x; none decreases as its t x grows. */
void rdl_exact_nearest(const struct rdl_exact_grid *grid, int n, const double *x, double t,
                       uint8_t *codes);

#endif
