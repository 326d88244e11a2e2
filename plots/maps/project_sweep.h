/* `roundel project --sweep`. */
#ifndef ROUNDEL_PLOTS_PROJECT_SWEEP_H
#define ROUNDEL_PLOTS_PROJECT_SWEEP_H

#include "project_maps.h"
#include "sweep.h"

/* The sweep that the settings ask for; sets their palette too. */
bool project_sweep_set(struct sweep *sweep, struct project_settings *settings, struct error *error);

/* One map, still without its raster. */
bool project_sweep_map(struct project_maps *maps, const struct sweep *sweep, struct error *error);

#endif
