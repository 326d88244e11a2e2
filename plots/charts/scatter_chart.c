#include "scatter_chart.h"

bool scatter_chart_choose(struct scatter_chart *chart, axis_name_fn *statistic_name,
                          const struct plot_request *request, struct error *error)
{
    return plot_choose_name("statistic", request->options[PLOT_STATISTIC], statistic_name,
                            &chart->statistic, error) &&
           selection_choose(&chart->selection, request, error);
}

double scatter_chart_draw(cairo_t *cairo, double width, const void *chart)
{
    return scatter_draw(cairo, width, &((const struct scatter_chart *)chart)->scatter);
}

void scatter_chart_release(void *chart)
{
    scatter_free(&((struct scatter_chart *)chart)->scatter);
}
