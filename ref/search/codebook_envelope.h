/*
 * The least error of a sub-block at every scale: the rows of its groups are lines (row_lines.h),
 * the best of them at all points t = 2 / s a convex function of few pieces, and so is their sum
 * over the groups. Cell k of it,
 *
 *     sum w x^2 - error = s^2 (t a - b) = 2 s a - s^2 b,
 *
 * reaches from t = begin to the next one's. It is found in a window of points, which the scales of
 * a sub-block leave seldom; beyond, its cells are those of the ends, whose errors can be reached
 * there too, but are not least.
 */
#ifndef RDL_REF_SEARCH_CODEBOOK_ENVELOPE_H
#define RDL_REF_SEARCH_CODEBOOK_ENVELOPE_H

#include "search/codebook_group.h"

enum {
    RDL_UNIT_CELLS = 64 /* at most, of eight weights: with more, the last ones are missing */
};

struct rdl_cell {
    double begin, a, b;
};

struct rdl_envelope {
    int count;
    struct rdl_cell *cells;
};

/* No error in this cell or an earlier one, in this or a later one, is less. */
struct rdl_least {
    double before, after;
};

/* From the first to the last of four points, all looked at. */
struct rdl_window {
    double points[4];
};

/* Of the unit whose lines are filled, in RDL_UNIT_CELLS cells. */
struct rdl_envelope rdl_unit_envelope(const struct rdl_code_rows *rows, const struct rdl_unit *unit,
                                      const struct rdl_window *window, struct rdl_cell *cells);

/* The sum of two, in at most `capacity` cells. */
struct rdl_envelope rdl_add_envelopes(const struct rdl_envelope *first,
                                      const struct rdl_envelope *second, int capacity,
                                      struct rdl_cell *cells);

/* The least errors of a sub-block with this sum w x^2, for every cell; returns the best real scale,
 * 0 if there is none above. */
double rdl_least_errors(const struct rdl_envelope *envelope, double sum_squares,
                        struct rdl_least *least);

#endif
