#include "mark.h"

#include <math.h>

#define RADIUS 2.6 /* points */

typedef void shape_fn(cairo_t *cairo, double x, double y, double radius);

static void circle(cairo_t *cairo, double x, double y, double radius)
{
    cairo_arc(cairo, x, y, radius, 0, 8 * atan(1));
}

static void polygon(cairo_t *cairo, double x, double y, double radius, unsigned corners,
                    double turn)
{
    for (unsigned i = 0; i < corners; i++) {
        const double angle = (i + turn) * 8 * atan(1) / corners;
        cairo_line_to(cairo, x + radius * sin(angle), y - radius * cos(angle));
    }
    cairo_close_path(cairo);
}

/* Radii make the areas about the same. */
static void square(cairo_t *cairo, double x, double y, double radius)
{
    polygon(cairo, x, y, 1.25 * radius, 4, 0.5);
}

static void diamond(cairo_t *cairo, double x, double y, double radius)
{
    polygon(cairo, x, y, 1.35 * radius, 4, 0);
}

static void triangle(cairo_t *cairo, double x, double y, double radius)
{
    polygon(cairo, x, y + 0.2 * radius, 1.5 * radius, 3, 0);
}

/* Colours of Okabe and Ito, which the colour-blind tell apart; shapes for those who print in grey.
 */
static const struct style {
    const char *name;
    double red, green, blue;
    shape_fn *shape;
} styles[RDL_TARGET_COUNT] = {
    [RDL_SCALAR] = {"scalar", 0, 0, 0, circle},
    [RDL_AVX2] = {"AVX2", 0, 0.447, 0.698, square},
    [RDL_AVX512] = {"AVX-512", 0.835, 0.369, 0, diamond},
    [RDL_NEON] = {"NEON", 0, 0.62, 0.451, triangle},
};

const char *mark_name(enum rdl_target target)
{
    return styles[target].name;
}

void mark_draw(cairo_t *cairo, double x, double y, enum rdl_target target, bool open)
{
    const struct style *style = &styles[target];
    cairo_new_path(cairo);
    style->shape(cairo, x, y, RADIUS);
    cairo_set_source_rgb(cairo, 1, 1, 1); /* a rim between marks that overlap */
    cairo_set_line_width(cairo, 2.1);
    cairo_stroke_preserve(cairo);
    if (open)
        cairo_set_source_rgb(cairo, 1, 1, 1);
    else
        cairo_set_source_rgb(cairo, style->red, style->green, style->blue);
    cairo_fill_preserve(cairo);
    cairo_set_source_rgb(cairo, style->red, style->green, style->blue);
    cairo_set_line_width(cairo, 0.9);
    cairo_stroke(cairo);
}
