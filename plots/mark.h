/* The marks that stand for targets in every chart. */
#ifndef ROUNDEL_PLOTS_MARK_H
#define ROUNDEL_PLOTS_MARK_H

#include "roundel.h"
#include <cairo.h>

/* As legends spell it. */
const char *mark_name(enum rdl_target target);

/* Each target has a colour and a shape of its own. An open mark is white inside. */
void mark_draw(cairo_t *cairo, double x, double y, enum rdl_target target, bool open);

#endif
