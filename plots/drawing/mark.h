/* Marks and lines that tell series of a chart apart, by colour and by shape. */
#ifndef ROUNDEL_PLOTS_MARK_H
#define ROUNDEL_PLOTS_MARK_H

#include "roundel.h"
#include <cairo.h>

enum {
    MARK_STYLES = 8, /* each has a colour and a shape of its own, and a way to dash lines */
    LINE_STYLES = 3 * MARK_STYLES
};

/* Of a target, as legends spell it; its style in every chart is its number. */
const char *mark_name(enum rdl_target target);

/* Styles from MARK_STYLES on are those from 0 on. An open mark is white inside. */
void mark_draw(cairo_t *cairo, double x, double y, unsigned style, bool open);

/* Sets colour and dashes of the lines of one of LINE_STYLES styles; the same colour comes with
 * other dashes. Ended by mark_line_end(). */
void mark_line(cairo_t *cairo, unsigned style, double thickness);
void mark_line_end(cairo_t *cairo);

#endif
