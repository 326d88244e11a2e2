/* Where the maps of `roundel project` go. */
#ifndef ROUNDEL_PLOTS_PROJECT_OUTPUTS_H
#define ROUNDEL_PLOTS_PROJECT_OUTPUTS_H

#include "figure.h"
#include "project_maps.h"
#include "raster_png.h"

/* A file of pixels or values, of one map. */
struct map_output {
    enum place_kind kind;
    char *path; /* owned */
    size_t map;
    struct output output;
    struct raster_png *png; /* NULL until it begins */
};

struct project_outputs {
    struct map_output *files;
    size_t nfiles;
    struct figure figures[PROJECT_MOST_PLACES];
    size_t nfigures;
};

/* Opens every file, before there are maps, so that one that cannot be written is noticed first.
 * Images and arrays of several maps are FILE-GRID-ROUNDING.png. */
bool project_outputs_open(struct project_outputs *outputs, const struct project_settings *settings,
                          const struct project_maps *maps, struct error *error);

/* True if all that is wanted are images, one of each map, whose colours do not depend on values. */
bool project_outputs_stream(const struct project_settings *settings);

/* Begins those images: fills a sink for each map. `outputs` and `colouring` must outlive them. */
bool project_outputs_begin(struct project_outputs *outputs, const struct project_settings *settings,
                           const struct colouring *colouring, struct raster_sink *sinks,
                           struct error *error);

/* Writes all that is not written yet; `command` is what was asked for, without what changes no
 * pixel. */
bool project_outputs_write(struct project_outputs *outputs, const struct project_settings *settings,
                           const struct project_maps *maps, const struct colouring *colouring,
                           const char *command, struct error *error);

/* Leaves what was at the paths of those that are not written. */
void project_outputs_free(struct project_outputs *outputs);

#endif
