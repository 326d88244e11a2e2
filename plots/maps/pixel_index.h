/* Numbers of code vectors. */
#ifndef ROUNDEL_PLOTS_PIXEL_INDEX_H
#define ROUNDEL_PLOTS_PIXEL_INDEX_H

#include "projection_grid.h"

/* False, and why, where the vectors of n codes of a grid have too many numbers for binary64. */
bool pixel_index_exists(const struct projection_grid *grid, size_t n, struct error *error);

/*
 * The number of the direction that the codes stand for with a scale of this sign: (2, 0, 0) has
 * that of (1, 0, 0), and that of (-1, 0, 0) where the scale is negative. With an offset, levels
 * count from the least of the vector. Whole, >= 0.
 */
double pixel_index(const struct projection_grid *grid, const double *levels, size_t n,
                   const uint8_t *codes, double scale);

#endif
