/*
 * Cells of the plane of scales and offsets (exact_line.h has its coordinates): rectangles of one
 * size, which a search divides, and the part of the plane where an optimum must be.
 *
 * Half their sides are powers of two, and their centres odd multiples of these: exact in binary32,
 * so that nothing is between cells.
 */
#ifndef RDL_REF_EXACT_CELLS_H
#define RDL_REF_EXACT_CELLS_H

#include "block/exact_line.h"

/* The domain: where an optimum must be, with some slack. */
struct rdl_exact_domain {
    bool is_free;
    double z_min, z_max, mean;
    double tau_min, tau_max;
    double top;    /* the largest weight is at least here, */
    double bottom; /* the smallest one at most, */
    double middle; /* or u = v - tau mean is less than this, where the offset is bounded */
    double slack;
};

/* For codes of less error than a bound. */
void rdl_exact_domain_start(struct rdl_exact_domain *domain, const struct rdl_exact_line *line);

/* The cells of the first level; false if there are too many. */
bool rdl_exact_cells_start(struct rdl_exact_cells *cells, const struct rdl_exact_domain *domain,
                           int last, const struct rdl_exact_ops *ops);

/* Starts a next level, without any cells yet; false if centres would not be exact there. */
bool rdl_exact_cells_next(const struct rdl_exact_cells *cells, struct rdl_exact_cells *quarters,
                          const struct rdl_exact_domain *domain, int last);

/* Appends the quarters of a cell that meet the domain; false if they do not fit in. */
bool rdl_exact_cells_divide(struct rdl_exact_cells *quarters, float tau, float v,
                            const struct rdl_exact_domain *domain);

/* The same of all cells, in the order of exact_ops.h. */
bool rdl_exact_cells_divide_all(const struct rdl_exact_cells *cells,
                                struct rdl_exact_cells *quarters,
                                const struct rdl_exact_domain *domain,
                                const struct rdl_exact_ops *ops);

/* Fills up the last batch, if there is any. */
void rdl_exact_cells_pad(struct rdl_exact_cells *cells);

/* Keeps those in which codes of less error than the bound may be best. */
void rdl_exact_cells_exclude(struct rdl_exact_cells *cells, const struct rdl_exact_line *line,
                             const struct rdl_exact_domain *domain);

#endif
