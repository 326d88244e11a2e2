/* What `roundel project --sweep` says besides its map. */
#ifndef ROUNDEL_PLOTS_SWEEP_REPORT_H
#define ROUNDEL_PLOTS_SWEEP_REPORT_H

#include "sweep.h"
#include <jansson.h>
#include <stdio.h>

struct sweep_report {
    const struct sweep *sweep;
    struct raster_statistics statistics;
    struct sweep_vector *vectors;
    size_t count;
    struct sweep_vector optimum;
};

bool sweep_report_print(const struct sweep_report *report, FILE *out);

/* "kind": "sweep"; NULL without memory. */
json_t *sweep_report_json(const struct sweep_report *report, const char *command);

#endif
