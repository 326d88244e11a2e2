/* Curves in one pair of axes, each with a colour and dashes of its own. */
#ifndef ROUNDEL_PLOTS_CURVES_H
#define ROUNDEL_PLOTS_CURVES_H

#include "axis.h"
#include "mark.h"
#include "report_file.h"

enum {
    CURVES_TEXT = 96
};

struct curve {
    char label[CURVES_TEXT]; /* fit for printing */
    double *x, *y;           /* `count` each; owned. x ascending. */
    size_t count;
};

struct curves {
    const char *title, *x_title, *y_title, *remark;
    char below[512]; /* fit for printing */
    enum axis_kind x_kind, y_kind;
    double floor; /* of a logarithmic y axis: lower values are at its end. 0: all are on it */
    bool marks;   /* at points, as many as have room; of AXIS_LOG2 at its ticks */
    struct curve list[LINE_STYLES];
    size_t count;
    struct report_origin origin;
};

/* A new curve with room for `points` points; its count is 0. NULL, with an error, where there are
 * too many curves to tell apart. */
struct curve *curves_add(struct curves *curves, const char *label, size_t points,
                         struct error *error);

/* Draws them, at least one with points, with title and caption; returns the height. */
double curves_draw(cairo_t *cairo, double width, const struct curves *curves);

void curves_free(struct curves *curves);

#endif
