/* Methods against the optimum on generated blocks of one setting. */
#ifndef ROUNDEL_GAP_MEASURE_H
#define ROUNDEL_GAP_MEASURE_H

#include "error.h"
#include "gap_blocks.h"
#include "gap_grids.h"
#include "gap_stats.h"
#include "roundel_block.h"

struct gap_setting {
    const char *name;
    const struct gap_grid *grid;
    enum gap_weights weights;
    size_t blocks;
};

struct gap_method {
    const char *name;
    enum rdl_solver solver;
    bool positive;    /* a signed grid, but for scales >= 0 only */
    bool has_options; /* else the solver's defaults */
    struct rdl_solver_options options;
};

/* Says whether the method works on the grid of the setting. */
bool gap_method_applies(const struct gap_method *method, const struct gap_setting *setting);

struct gap_run {
    enum gap_data data;
    enum rdl_solver judge; /* what finds the optimum */
    enum rdl_target target;
    uint64_t seed;
};

/* Of a method on the blocks of a setting. */
struct gap_result {
    struct gap_stats stats;
    double ns_per_weight; /* CPU time */
};

/*
 * Draws the blocks of a setting and solves each by every method: results[i] is of methods[i], for
 * those that apply; `nmse` is the sum of optima / the sum of w x^2. All threads of OpenMP work on
 * it; but for the times, figures do not depend on their number. False without memory.
 */
bool gap_measure(const struct gap_run *run, const struct gap_setting *setting,
                 const struct gap_method *methods, size_t nmethods, struct gap_result *results,
                 double *nmse, struct error *error);

#endif
