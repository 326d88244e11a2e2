/*
 * What solvers need of a block beside values and errors: nearest codes, and the closed forms
 * of the best scale and offset of given codes. All in binary64; sums run over i in order.
 */
#ifndef RDL_REF_BLOCK_H
#define RDL_REF_BLOCK_H

#include "solver.h"

static inline bool rdl_block_has_offset(const struct rdl_block_grid *grid)
{
    return grid->kind == RDL_BLOCK_AFFINE || grid->kind == RDL_BLOCK_FREE;
}

struct rdl_range {
    double min, max;
};

/* The extremes of n weights, those of positive factor (NULL: all of them); at least one takes part.
 */
struct rdl_range rdl_range_of(size_t n, const float *x, const float *weights);

/* The nearest code on a grid of integers from `first` on: its ends beyond them, the first for NaN.
 */
static inline double rdl_nearest_integer(const struct rdl_block_grid *grid, double v)
{
    const double shift = 6755399441055744.0; /* 1.5 * 2^52: the last place of a sum is 1 */
    const double code = v - (double)grid->first, last = (double)(grid->count - 1);
    const double clamped = code > 0.0 ? code < last ? code : last : 0.0;
    return (clamped + shift) - shift;
}

/* The code of the value nearest to v. Ties: integers to even, entries to the larger one. */
int rdl_block_nearest(const struct rdl_block_grid *grid, double v);

/* Nearest codes at a scale and offset; at scale 0 those of the value 0. */
void rdl_block_codes(const struct rdl_block *block, double scale, double offset, uint8_t *codes);

/* The same for the weights of factor 0 only: they take no part in a search. */
void rdl_block_idle_codes(const struct rdl_block *block, double scale, double offset,
                          uint8_t *codes);

/*
 * The scale and offset of least error for given codes, as the kind of grid allows them; false, and
 * scale 0 (with an offset: the constant that fits best), if no positive, or for RDL_BLOCK_SIGNED no
 * other than zero, scale is better than scale 0.
 */
bool rdl_block_refit(const struct rdl_block *block, const uint8_t *codes, double *scale,
                     double *offset);

#endif
