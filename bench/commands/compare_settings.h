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
    unsigned scales[RDL_SCALES_COUNT], weightings[RDL_WEIGHTING_COUNT];
    size_t nformats, nroundings, nscales, nweightings;
    bool formats_given, roundings_given; /* by the user, as opposed to the default */
    bool all_formats, all_roundings, all_scales, all_weightings; /* by the word "all" */
    unsigned error_weights, misfit;
    bool vectors, go_on, per_tensor, throughput, gap, histograms;
    uint64_t sample; /* blocks; UINT64_MAX: all; 0: not given */
    const char *target, *importance, *factors, *baseline, *include, *exclude, *json, *csv;
    struct name_filter filter;
    uint64_t threads, seed; /* threads 0: all cores */
    struct input_options input;
};

/* Other commands that round share some of them. */
enum compare_option {
    COMPARE_FORMAT = 1,
    COMPARE_ROUNDING,
    COMPARE_SCALES,
    COMPARE_WEIGHTING,
    COMPARE_IMPORTANCE,
    COMPARE_ERROR_WEIGHTS,
    COMPARE_BASELINE,
    COMPARE_FACTORS,
    COMPARE_GAP,
    COMPARE_SAMPLE,
    COMPARE_HISTOGRAMS,
    COMPARE_INCLUDE,
    COMPARE_EXCLUDE,
    COMPARE_VECTORS,
    COMPARE_ON_MISFIT,
    COMPARE_GO_ON,
    COMPARE_TARGET,
    COMPARE_THREADS,
    COMPARE_THROUGHPUT,
    COMPARE_SEED,
    COMPARE_SHAPE,
    COMPARE_AS,
    COMPARE_STRICT,
    COMPARE_PER_TENSOR,
    COMPARE_JSON,
    COMPARE_CSV,
    COMPARE_OPTION_END /* where those of another command may begin */
};

extern const struct option_spec compare_options[];

/* An option_fn: `context` is a struct compare_settings. */
bool compare_take_option(void *context, int id, const char *value, struct error *error);

/*
 * Every format with every rounding, way to store its scales and weighting, as far as they go
 * together: by bits per weight, the baseline of each format first. A format and a rounding that was
 * named but does not exist for it stays, marked. A name of the settings with which nothing goes is
 * refused. Fills in the defaults of the settings, the baseline's name among them. The array is the
 * caller's to free, on false too.
 */
bool compare_contestants(struct compare_settings *settings, struct contestant **contestants,
                         size_t *count, struct error *error);

#endif
