/* Points with labels, in series that have a mark each. */
#ifndef ROUNDEL_PLOTS_SCATTER_H
#define ROUNDEL_PLOTS_SCATTER_H

#include "axis.h"
#include "mark.h"
#include "report_file.h"

enum {
    SCATTER_TEXT = 96,
    SCATTER_POINTS = 1000 /* beyond that no page has room for marks */
};

struct scatter_point {
    double x, y;
    double low, high; /* of an interval of y; both y where there is none */
    char label[SCATTER_TEXT];
    unsigned series;
    double cost; /* what should be small, as x should */
    bool front;  /* no other point has as little x and less cost, or the same cost and less x */
};

enum scatter_lines {
    SCATTER_FRONTS, /* a line joins the points of each series that others of it do not beat */
    SCATTER_LABELS  /* a grey line joins the points with the same label */
};

struct scatter {
    const char *title, *x_title, *y_title, *remark;
    char below[512]; /* fit for printing */
    enum axis_kind x_kind, y_kind;
    enum scatter_lines lines;
    char series[MARK_STYLES][SCATTER_TEXT];
    size_t nseries;
    struct scatter_point *points;
    size_t count, capacity;
    struct report_origin origin;
};

/* Adds a point to the series of that name; x, y, low and high are values of the axes, and `front`
 * is not yet known. Names are fit for printing. */
bool scatter_add(struct scatter *scatter, const char *series, const struct scatter_point *point,
                 struct error *error);

/* Once all points are there, at least one: puts them in the order of x, and finds the front. */
void scatter_finish(struct scatter *scatter);

/* Draws it, with its title and its caption; returns the height. */
double scatter_draw(cairo_t *cairo, double width, const struct scatter *scatter);

void scatter_free(struct scatter *scatter);

#endif
