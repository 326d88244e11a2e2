/* The figures of `roundel compare`, once for all forms of its reports. */
#ifndef ROUNDEL_BENCH_COMPARE_FIGURES_H
#define ROUNDEL_BENCH_COMPARE_FIGURES_H

#include "compare.h"

enum compare_figure_kind {
    FIGURE_REAL,
    FIGURE_COUNT
};

/* One figure of an outcome, with the name it has in JSON and CSV. */
struct compare_figure {
    const char *name;
    enum compare_figure_kind kind;
    double value; /* of a real one, NaN where there is none */
};

enum {
    MAX_FIGURES = 40
};

/* Fills the figures of an outcome in the order in which reports list them; returns how many. */
size_t compare_figures(const struct comparison *comparison, const struct outcome *outcome,
                       struct compare_figure figures[MAX_FIGURES]);

/* How contestant `c` fits, in a word or two. */
const char *compare_fit_name(const struct comparison *comparison, size_t c, enum fit fit);

#endif
