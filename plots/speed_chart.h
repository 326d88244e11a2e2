/*
 * The chart of speed by format and target: a row for each format, more bits per weight above; a
 * mark for each target, filled without importance and open with it.
 */
#ifndef ROUNDEL_PLOTS_SPEED_CHART_H
#define ROUNDEL_PLOTS_SPEED_CHART_H

#include "figure.h"

/* The subject is a struct speed_report. */
figure_draw_fn speed_chart_draw;

#endif
