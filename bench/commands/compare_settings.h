/* What the user of `roundel compare` asked for. */
#ifndef ROUNDEL_BENCH_COMPARE_SETTINGS_H
#define ROUNDEL_BENCH_COMPARE_SETTINGS_H

#include "contest.h"
#include "input.h"
#include "name_filter.h"
#include "options.h"

struct compare_settings {
    const char **inputs; /* with room for every word of the command line */
    size_t ninputs;
    /* Indices of the axes in the order given; one more for a baseline outside the list. */
    unsigned formats[RDL_FORMAT_COUNT], roundings[RDL_ROUNDING_COUNT + 1];
    size_t nformats, nroundings;
    unsigned weighting, error_weights, misfit;
    bool vectors, go_on, per_tensor, throughput;
    const char *target, *importance, *baseline, *include, *exclude, *json, *csv;
    struct name_filter filter;
    uint64_t threads, seed; /* threads 0: all cores */
    struct input_options input;
};

extern const struct option_spec compare_options[];

/* An option_fn: `context` is a struct compare_settings. */
bool compare_take_option(void *context, int id, const char *value, struct error *error);

enum {
    MAX_CONTESTANTS = RDL_FORMAT_COUNT * (RDL_ROUNDING_COUNT + 1)
};

/*
 * Every format with every rounding, by bits per weight, the baseline of each format first; those
 * that do not exist stay, marked. Fills in the defaults of the settings, the baseline's name among
 * them.
 */
bool compare_contestants(struct compare_settings *settings,
                         struct contestant contestants[MAX_CONTESTANTS], size_t *count,
                         struct error *error);

/* Prints the table of what exists, for --help. */
void compare_print_combinations(void);

#endif
