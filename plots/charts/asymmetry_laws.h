/* How one-sided scaled blocks are, out of a report of `roundel project --asymmetry`. */
#ifndef ROUNDEL_PLOTS_ASYMMETRY_LAWS_H
#define ROUNDEL_PLOTS_ASYMMETRY_LAWS_H

#include "curves.h"
#include "plot_kind.h"

enum {
    ASYMMETRY_MOST_LENGTH = 4096 /* of blocks */
};

/* Adds the curves of one law, of the report's tree, to those of the chart; `law` is fit for
 * printing. */
typedef bool asymmetry_law_fn(struct curves *curves, const json_t *json, const char *law,
                              const struct plot_request *request, struct error *error);

/* Reads the report and calls `add` with every law that --law takes, at least one. False, with an
 * error that names the file, if it is no such report or `add` says so. */
bool asymmetry_laws_read(struct curves *curves, const struct plot_request *request,
                         asymmetry_law_fn *add, struct error *error);

/* Is `name` among the names of a list, separated by commas? Every name is in no list (NULL). */
bool asymmetry_takes(const char *list, const char *name);

#endif
