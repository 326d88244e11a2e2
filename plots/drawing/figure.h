/*
 * Figures: a drawing on one page, as PNG, PDF or SVG by the ending of its path. The file appears
 * whole or not at all. A program that draws the same writes the same bytes at every run.
 */
#ifndef ROUNDEL_PLOTS_FIGURE_H
#define ROUNDEL_PLOTS_FIGURE_H

#include "output.h"
#include <cairo.h>

enum figure_kind {
    FIGURE_PNG, /* 300 pixels an inch */
    FIGURE_PDF,
    FIGURE_SVG,
    FIGURE_KIND_COUNT
};

struct figure {
    enum figure_kind kind;
    struct output output;
};

/* Opens the file, before anything is drawn, so that a path that cannot be written is noticed first.
 * `path` must outlive the figure. On false there is nothing to abandon. */
bool figure_open(struct figure *figure, const char *path, struct error *error);

/*
 * Draws `subject` on a white page of this width and returns the height that it took. Lengths are
 * points, 72 an inch; the origin is the upper left corner. Called twice, first on a page that is
 * thrown away, to learn the height: both calls must draw the same.
 */
typedef double figure_draw_fn(cairo_t *cairo, double width, const void *subject);

/* Draws the figure and puts the file in its place; on false nothing is there. */
bool figure_write(struct figure *figure, double width, figure_draw_fn *draw, const void *subject,
                  struct error *error);

/* Leaves what was at the path; does nothing after figure_write(). */
void figure_abandon(struct figure *figure);

/* Frees the fonts that cairo and fontconfig keep for later figures; at the end of a program, so
 * that leak checkers see none. Nothing of cairo's may be in use. */
void figure_release_caches(void);

#endif
