/* The maps of one call: each rounding of each grid or format. */
#ifndef ROUNDEL_PLOTS_PROJECT_MAPS_H
#define ROUNDEL_PLOTS_PROJECT_MAPS_H

#include "project_settings.h"

struct project_map {
    bool exists;         /* of several grids and several roundings, not every pair need */
    struct error reason; /* why not */
    struct projection_method method, against;
    struct projection projection;
};

/* A table: roundings down, grids or formats across. */
struct project_maps {
    const char *value, *bar, *unit; /* what pixels are; bar NULL: no bar of colours */
    size_t rows, columns;
    struct project_map *items;              /* rows * columns, row after row */
    struct map *maps;                       /* the same; without values where there is none */
    const char **row_names, **column_names; /* NULL: none */
};

/* Finds every method; false if there is none of a grid and a rounding that must have one. */
bool project_maps_make(struct project_maps *maps, const struct project_settings *settings,
                       struct error *error);
void project_maps_free(struct project_maps *maps);

/* Makes the rasters. `sinks`: one for each map, then values are not kept; NULL: they are where
 * there is an output. */
bool project_maps_run(struct project_maps *maps, const struct project_settings *settings,
                      const struct raster_sink *sinks, struct error *error);

/* One scale for all of them. */
struct colouring project_maps_colouring(const struct project_maps *maps,
                                        const struct project_settings *settings);

#endif
