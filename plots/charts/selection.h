/* Which results of a report a chart takes: those of some formats, roundings and weightings. */
#ifndef ROUNDEL_PLOTS_SELECTION_H
#define ROUNDEL_PLOTS_SELECTION_H

#include "plot_kind.h"

enum selection_axis {
    SELECTION_FORMAT,
    SELECTION_ROUNDING,
    SELECTION_WEIGHTING,
    SELECTION_AXES
};

struct selection {
    /* Indices of the names that are taken; none: all. */
    unsigned wanted[SELECTION_AXES][AXIS_MAX];
    size_t count[SELECTION_AXES];
};

/* The options of a kind that takes all three. */
#define SELECTION_OPTIONS (1u << PLOT_FORMAT | 1u << PLOT_ROUNDING | 1u << PLOT_WEIGHTING)

/* Reads --format, --rounding and --weighting. */
bool selection_choose(struct selection *selection, const struct plot_request *request,
                      struct error *error);

/* Says whether a result with these names is taken. */
bool selection_takes(const struct selection *selection, const char *const names[SELECTION_AXES]);

#endif
