/* What the charts that are scatters have in common. */
#ifndef ROUNDEL_PLOTS_SCATTER_CHART_H
#define ROUNDEL_PLOTS_SCATTER_CHART_H

#include "plot_kind.h"
#include "scatter.h"
#include "selection.h"

/* The subject of such a chart begins with it. */
struct scatter_chart {
    struct selection selection;
    unsigned statistic;
    struct scatter scatter;
};

/* Takes the selection and, by one of these names, the statistic: a choose() of struct plot_kind,
 * but for the names. */
bool scatter_chart_choose(struct scatter_chart *chart, axis_name_fn *statistic_name,
                          const struct plot_request *request, struct error *error);

figure_draw_fn scatter_chart_draw;
void scatter_chart_release(void *chart);

#endif
