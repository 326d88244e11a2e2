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

static void triangle_down(cairo_t *cairo, double x, double y, double radius)
{
    polygon(cairo, x, y - 0.2 * radius, 1.5 * radius, 3, 0.5);
}

static void hexagon(cairo_t *cairo, double x, double y, double radius)
{
    polygon(cairo, x, y, 1.1 * radius, 6, 0.5);
}

/* Like a "+" and an "x" with thick strokes; of crosses the angle is that of the first arm. */
static void cross(cairo_t *cairo, double x, double y, double radius, double turn)
{
    const double half = 0.45 * radius, arm = 1.35 * radius;
    const double corners[12][2] = {{half, -arm}, {half, -half}, {arm, -half},   {arm, half},
                                   {half, half}, {half, arm},   {-half, arm},   {-half, half},
                                   {-arm, half}, {-arm, -half}, {-half, -half}, {-half, -arm}};
    const double c = cos(turn), s = sin(turn);
    for (unsigned i = 0; i < 12; i++)
        cairo_line_to(cairo, x + c * corners[i][0] - s * corners[i][1],
                      y + s * corners[i][0] + c * corners[i][1]);
    cairo_close_path(cairo);
}

static void plus(cairo_t *cairo, double x, double y, double radius)
{
    cross(cairo, x, y, radius, 0);
}

static void saltire(cairo_t *cairo, double x, double y, double radius)
{
    cross(cairo, x, y, radius, atan(1));
}

/* Colours of Okabe and Ito, which the colour-blind tell apart (without the yellow, which white
 * paper swallows); shapes for those who print in grey. The first ones are those of the targets. */
static const struct style {
    double red, green, blue;
    shape_fn *shape;
} styles[MARK_STYLES] = {
    {0, 0, 0, circle},
    {0, 0.447, 0.698, square},
    {0.835, 0.369, 0, diamond},
    {0, 0.62, 0.451, triangle},
    {0.8, 0.475, 0.655, triangle_down},
    {0.902, 0.624, 0, plus},
    {0.337, 0.706, 0.914, saltire},
    {0.45, 0.45, 0.45, hexagon},
};

static const char *const target_names[RDL_TARGET_COUNT] = {
    [RDL_SCALAR] = "scalar",
    [RDL_AVX2] = "AVX2",
    [RDL_AVX512] = "AVX-512",
    [RDL_NEON] = "NEON",
};
_Static_assert((int)RDL_TARGET_COUNT <= (int)MARK_STYLES, "every target has a style of its own");

const char *mark_name(enum rdl_target target)
{
    return target_names[target];
}

static void set_colour(cairo_t *cairo, const struct style *style)
{
    cairo_set_source_rgb(cairo, style->red, style->green, style->blue);
}

void mark_draw(cairo_t *cairo, double x, double y, unsigned number, bool open)
{
    const struct style *style = &styles[number % MARK_STYLES];
    cairo_new_path(cairo);
    style->shape(cairo, x, y, RADIUS);
    cairo_set_source_rgb(cairo, 1, 1, 1); /* a rim between marks that overlap */
    cairo_set_line_width(cairo, 2.1);
    cairo_stroke_preserve(cairo);
    if (open)
        cairo_set_source_rgb(cairo, 1, 1, 1);
    else
        set_colour(cairo, style);
    cairo_fill_preserve(cairo);
    set_colour(cairo, style);
    cairo_set_line_width(cairo, 0.9);
    cairo_stroke(cairo);
}

void mark_line(cairo_t *cairo, unsigned style, double thickness)
{
    static const double dashes[][4] = {{5, 1.5}, {1.2, 1.2}, {6, 1.5, 1.2, 1.5}, {3, 1.5}};
    static const int lengths[] = {2, 2, 4, 2};
    const unsigned dash = (style % MARK_STYLES + style / MARK_STYLES) % 5;
    set_colour(cairo, &styles[style % MARK_STYLES]);
    cairo_set_line_width(cairo, thickness);
    if (dash > 0)
        cairo_set_dash(cairo, dashes[dash - 1], lengths[dash - 1], 0);
    else
        cairo_set_dash(cairo, NULL, 0, 0);
}

void mark_line_end(cairo_t *cairo)
{
    cairo_stroke(cairo);
    cairo_set_dash(cairo, NULL, 0, 0);
}
