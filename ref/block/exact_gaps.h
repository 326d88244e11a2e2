/*
 * The axis of inverse scales: points on it, and the gaps between what these exclude. Gaps are
 * intervals in ascending order, on both sides of 0, none across.
 */
#ifndef RDL_REF_EXACT_GAPS_H
#define RDL_REF_EXACT_GAPS_H

#include "block/exact_block.h"
#include "block/exact_grid.h"

/* Fills g; there is at least one. */
void rdl_exact_probes_evaluate(struct rdl_exact_probes *probes,
                               const struct rdl_exact_weights *weights,
                               const struct rdl_exact_grid *grid, const struct rdl_exact_ops *ops);

/* Clears gaps of what probes exclude: inverse scales of codes with less than an error. A gap stays
 * whole if there is no room to divide it. */
void rdl_exact_gaps_clear(struct rdl_exact_gaps *gaps, const struct rdl_exact_probes *probes,
                          const struct rdl_exact_block *block, double error,
                          const struct rdl_exact_ops *ops);

double rdl_exact_gaps_length(const struct rdl_exact_gaps *gaps);

/* The middle of every gap, or of the first ones if there are more than probes. */
void rdl_exact_gaps_middles(const struct rdl_exact_gaps *gaps, struct rdl_exact_probes *probes);

/* Probes at equal distances along the gaps. */
void rdl_exact_gaps_spread(const struct rdl_exact_gaps *gaps, int count,
                           struct rdl_exact_probes *probes);

#endif
