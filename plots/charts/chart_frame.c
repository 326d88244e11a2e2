#include "chart_frame.h"

#include "text.h"

#include <stdio.h>

enum {
    LEADING = 10,
    CAPTION_LEADING = 8
};

void chart_grey(cairo_t *cairo, double level)
{
    cairo_set_source_rgb(cairo, level, level, level);
}

double chart_title(cairo_t *cairo, double width, const char *title, const char *below)
{
    chart_grey(cairo, 0);
    text_font(cairo, TEXT_BOLD, 9);
    text_show(cairo, CHART_MARGIN, CHART_MARGIN + 9, 0, title);
    text_font(cairo, TEXT_NORMAL, 7);
    return text_wrap(cairo, CHART_MARGIN, CHART_MARGIN + 20, width - 2 * CHART_MARGIN, LEADING,
                     below);
}

void chart_legend_font(cairo_t *cairo)
{
    text_font(cairo, TEXT_NORMAL, 7.5);
}

double chart_caption(cairo_t *cairo, double width, double y, const char *text)
{
    chart_grey(cairo, 0.35);
    text_font(cairo, TEXT_NORMAL, 6);
    return text_wrap(cairo, CHART_MARGIN, y, width - 2 * CHART_MARGIN, CAPTION_LEADING, text);
}

double chart_origin(cairo_t *cairo, double width, double y, const char *remark,
                    const struct report_origin *origin)
{
    char text[2048];
    snprintf(text, sizeof text, "%s%sroundel %s %s; %s; %s; commit %s", remark, *remark ? " " : "",
             origin->version, origin->command, origin->compiler, origin->flags, origin->commit);
    return chart_caption(cairo, width, y, text);
}
