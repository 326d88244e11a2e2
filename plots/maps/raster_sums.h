/* Statistics of rasters, row by row, in a fixed order of additions. */
#ifndef ROUNDEL_PLOTS_RASTER_SUMS_H
#define ROUNDEL_PLOTS_RASTER_SUMS_H

#include "raster.h"

struct raster_sums {
    double min, max;
    double sum, weighted, area;
    size_t count, blanks;
};

/* Of one row. */
struct raster_sums raster_row_sums(size_t width, const double *values, const double *areas);

/* Appends the sums of the next row. */
void raster_sums_add(struct raster_sums *all, const struct raster_sums *row);

struct raster_statistics raster_statistics_of(const struct raster_sums *sums, uint64_t hash);

#endif
