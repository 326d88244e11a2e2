/* What stands around every chart: a title, and where its figures come from. */
#ifndef ROUNDEL_PLOTS_CHART_FRAME_H
#define ROUNDEL_PLOTS_CHART_FRAME_H

#include "report_file.h"
#include <cairo.h>

enum {
    CHART_MARGIN = 8,   /* points to the edges of the page */
    CHART_MARK_KEY = 9, /* from a legend's mark to its text */
    CHART_LINE_KEY = 22 /* from a legend's line to its text */
};

void chart_grey(cairo_t *cairo, double level);

/* Shows the title and what is below it, in as many lines as it takes; returns the last baseline.
 * `below` is fit for printing. */
double chart_title(cairo_t *cairo, double width, const char *title, const char *below);

/* The font of legends. */
void chart_legend_font(cairo_t *cairo);

/* Shows the caption in small grey letters from baseline y on; returns the last baseline. `text` is
 * fit for printing. */
double chart_caption(cairo_t *cairo, double width, double y, const char *text);

/* The caption of a chart of reports of roundel: a remark (may be empty), and where they are from.
 */
double chart_origin(cairo_t *cairo, double width, double y, const char *remark,
                    const struct report_origin *origin);

#endif
