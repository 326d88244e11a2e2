/*
 * The chart of time and quality: a mark for each rounding and target, time to the right and the
 * excess over the optimum upwards; filled on the Pareto front, which a line joins.
 */
#ifndef ROUNDEL_PLOTS_GAP_CHART_H
#define ROUNDEL_PLOTS_GAP_CHART_H

#include "figure.h"

/* The subject is a struct gap_report. */
figure_draw_fn gap_chart_draw;

#endif
