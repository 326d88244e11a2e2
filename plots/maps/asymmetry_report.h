/* What `roundel project --asymmetry` says. */
#ifndef ROUNDEL_PLOTS_ASYMMETRY_REPORT_H
#define ROUNDEL_PLOTS_ASYMMETRY_REPORT_H

#include "asymmetry.h"
#include <jansson.h>
#include <stdio.h>

/* Sizes of blocks whose profiles are made. */
enum {
    ASYMMETRY_PROFILES = 3
};

struct asymmetry_law {
    double means[ASYMMETRY_MOST + 1];
    double profiles[ASYMMETRY_PROFILES][ASYMMETRY_MOST];
};

struct asymmetry_report {
    uint64_t seed, blocks; /* of the profiles */
    struct asymmetry_law laws[LAW_COUNT];
};

/* Fills the laws. */
bool asymmetry_report_make(struct asymmetry_report *report, struct error *error);

/* False without memory. */
bool asymmetry_report_print(const struct asymmetry_report *report, FILE *out);

/*
 * NULL without memory. "kind": "asymmetry", "seed", "blocks", "laws": for each, "law", "n" and
 * "value" (the mean of the other extremum for each n), and "profile": objects of "n" and "value"
 * (the mean of each rank).
 */
json_t *asymmetry_report_json(const struct asymmetry_report *report);

#endif
