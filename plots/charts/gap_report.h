/* Time and quality of roundings, out of reports of `compare --gap` and `gap-table`. */
#ifndef ROUNDEL_PLOTS_GAP_REPORT_H
#define ROUNDEL_PLOTS_GAP_REPORT_H

#include "report_file.h"
#include "roundel.h"
#include <stddef.h>

enum gap_statistic {
    GAP_MEAN,
    GAP_MEDIAN,
    GAP_P99,
    GAP_SUMS,
    GAP_STATISTIC_COUNT
};

/* As the command line spells it; NULL for a value out of range. */
const char *gap_statistic_name(unsigned statistic);

struct gap_choice {
    /* What the points have in common: "FORMAT/WEIGHTING" of compare, the name of a column of
     * gap-table. NULL: the only one there is. */
    const char *setting;
    enum gap_statistic statistic;
};

enum {
    GAP_TEXT = 128,
    GAP_MAX_POINTS = 512
};

/* One rounding on one target. */
struct gap_point {
    char label[GAP_TEXT]; /* fit for printing */
    enum rdl_target target;
    double nanoseconds; /* a weight, GAP_LEAST_NS .. GAP_MOST_NS */
    double excess;      /* over the optimum, 0 .. GAP_MOST_EXCESS; 1 is twice the error */
    bool pareto;        /* no other point is as fast and better, or as good and faster */
};

#define GAP_LEAST_NS    0.01
#define GAP_MOST_NS     1e9
#define GAP_MOST_EXCESS 1e6

struct gap_report {
    struct gap_choice choice;
    char setting[GAP_TEXT]; /* fit for printing */
    struct gap_point points[GAP_MAX_POINTS];
    size_t count;
    struct report_origin origin; /* of the first report */
};

/*
 * Reads the reports at `paths`. Fails, naming the file or the settings that there are, if one is no
 * such report, if the setting is not there, or if there are several and none is chosen. Points by
 * time, the fastest first.
 */
bool gap_report_read(struct gap_report *report, const char *const *paths, size_t npaths,
                     const struct gap_choice *choice, struct error *error);

#endif
