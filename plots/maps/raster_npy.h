/* Rasters as .npy files: the values, binary64, height x width, blanks as NaN. */
#ifndef ROUNDEL_PLOTS_RASTER_NPY_H
#define ROUNDEL_PLOTS_RASTER_NPY_H

#include "output.h"
#include "raster.h"

/* Writes the array to an open output, which it commits, or abandons on false. */
bool raster_npy_write(struct output *output, const struct raster *raster, struct error *error);

#endif
