/* What `roundel project` says. */
#ifndef ROUNDEL_PLOTS_PROJECT_REPORT_H
#define ROUNDEL_PLOTS_PROJECT_REPORT_H

#include "project_maps.h"
#include <jansson.h>
#include <stdio.h>

/* The statistics of every map as a table; false without memory. */
bool project_report_print(const struct project_maps *maps, const struct project_settings *settings,
                          FILE *out);

/* The report in JSON, NULL without memory. */
json_t *project_report_json(const struct project_maps *maps,
                            const struct project_settings *settings,
                            const struct colouring *colouring, const char *command);

#endif
