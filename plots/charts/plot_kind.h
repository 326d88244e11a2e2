/* The kinds of charts that `roundel plot` draws. A new one is a file and a row of
 * plot_kinds.def. */
#ifndef ROUNDEL_PLOTS_PLOT_KIND_H
#define ROUNDEL_PLOTS_PLOT_KIND_H

#include "error.h"
#include "figure.h"
#include "options.h"

/* Options that choose what a chart shows; each kind takes some of them. */
enum plot_option {
    PLOT_FORMAT,
    PLOT_ROUNDING,
    PLOT_WEIGHTING,
    PLOT_STATISTIC,
    PLOT_SETTING,
    PLOT_OPERATION,
    PLOT_LEVEL,
    PLOT_LAW,
    PLOT_OPTION_COUNT
};

/* What the user asked for. */
struct plot_request {
    const char *const *paths; /* of reports, at least one */
    size_t npaths;
    const char *options[PLOT_OPTION_COUNT]; /* NULL where not given */
};

struct plot_kind {
    const char *name;
    const char *help;    /* what it shows, of which reports; lines of at most 80 columns */
    const char *example; /* commands that make a report and the chart; lines */
    unsigned options;    /* those it takes: bits 1u << PLOT_... */
    bool several;        /* it takes several reports */
    size_t subject_size;
    /* Fills in the subject, all zeros, what the options say; false: a mistake in them. May be NULL.
     */
    bool (*choose)(void *subject, const struct plot_request *request, struct error *error);
    /* Reads the reports; false, with an error that names the file: bad input. What is in the
     * subject is then the caller's to release as after success. */
    bool (*read)(void *subject, const struct plot_request *request, struct error *error);
    figure_draw_fn *draw;
    void (*release)(void *subject); /* may be NULL */
};

/*
 * Leaves *index where there is no value; else it becomes the value's place among the names. `what`
 * is for the message: "level".
 */
bool plot_choose_name(const char *what, const char *value, axis_name_fn *name, unsigned *index,
                      struct error *error);

#define PLOT_KIND(kind) extern const struct plot_kind kind;
#include "plot_kinds.def"
#undef PLOT_KIND

#endif
