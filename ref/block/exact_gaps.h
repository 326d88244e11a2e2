/*
 * The axis of inverse scales: points on it, and the gaps between what these exclude. Gaps are
 * intervals in ascending order, on both sides of 0, none across.
 */
#ifndef RDL_REF_EXACT_GAPS_H
#define RDL_REF_EXACT_GAPS_H

#include "block/exact_block.h"
#include "block/exact_grid.h"

enum {
    RDL_EXACT_MAX_POINTS = 128,
    RDL_EXACT_MAX_GAPS = 144
};

/* In ascending order; g as in exact_points.h, with u = 0. */
struct rdl_exact_probes {
    int count;
    float t[RDL_EXACT_MAX_POINTS], g[RDL_EXACT_MAX_POINTS];
};

struct rdl_exact_gap {
    double from, to;
};

struct rdl_exact_gaps {
    int count;
    struct rdl_exact_gap at[RDL_EXACT_MAX_GAPS];
};

/* Fills g; there is at least one. */
void rdl_exact_probes_evaluate(struct rdl_exact_probes *probes,
                               const struct rdl_exact_weights *weights,
                               const struct rdl_exact_grid *grid, const struct rdl_exact_ops *ops);

/* The first probe of least error g / t^2. */
int rdl_exact_probes_least(const struct rdl_exact_probes *probes);

/* Clears gaps of what probes exclude: inverse scales of codes with less than an error. A gap stays
 * whole if there is no room to divide it. */
void rdl_exact_gaps_clear(struct rdl_exact_gaps *gaps, const struct rdl_exact_probes *probes,
                          const struct rdl_exact_block *block, double error);

double rdl_exact_gaps_length(const struct rdl_exact_gaps *gaps);

/* The middle of every gap, or of the first ones if there are more than probes. */
void rdl_exact_gaps_middles(const struct rdl_exact_gaps *gaps, struct rdl_exact_probes *probes);

/* Probes at equal distances along the gaps. */
void rdl_exact_gaps_spread(const struct rdl_exact_gaps *gaps, int count,
                           struct rdl_exact_probes *probes);

#endif
