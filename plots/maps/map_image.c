#include "map_image.h"

#include <math.h>

#define PAPER_DOTS (600 / 72.0) /* a point */

/* A raster that has not so many times the pixels of the page stays as it is. */
#define FAR_MORE 1.5

/* The widest and highest image of cairo's. */
#define CAIRO_MOST 32767.0

struct rgb map_colour(const struct colouring *colouring, double value)
{
    if (isnan(value))
        return (struct rgb){MAP_BLANK, MAP_BLANK, MAP_BLANK};
    return palette_colour(colouring->palette, colouring_place(colouring, value));
}

/* ------------------------------------------------------------------------------------------------
 * Pixels
 */

/* What part of the raster's pixels, first .. last, is in the i-th of n equal parts of their size.
 */
struct part {
    double from, to;
    size_t first, last;
};

static struct part part_of(size_t i, size_t n, size_t size)
{
    const double scale = (double)size / (double)n;
    struct part part = {.from = (double)i * scale, .to = (double)(i + 1) * scale};
    part.first = (size_t)part.from;
    part.last = (size_t)ceil(part.to) - 1;
    if (part.last > size - 1)
        part.last = size - 1;
    return part;
}

static double overlap(const struct part *part, size_t pixel)
{
    return fmin(part->to, (double)pixel + 1) - fmax(part->from, (double)pixel);
}

/* Mean colour of a rectangle: an average of values would be a number that is nowhere, if they are
 * numbers of cells. */
static struct rgb mean_colour(const struct raster *raster, const struct colouring *colouring,
                              const struct part *across, const struct part *down)
{
    struct rgb sum = {0};
    double area = 0;
    for (size_t y = down->first; y <= down->last; y++)
        for (size_t x = across->first; x <= across->last; x++) {
            const double weight = overlap(across, x) * overlap(down, y);
            const struct rgb colour = map_colour(colouring, raster->values[y * raster->width + x]);
            area += weight;
            sum.red += weight * colour.red;
            sum.green += weight * colour.green;
            sum.blue += weight * colour.blue;
        }
    return (struct rgb){sum.red / area, sum.green / area, sum.blue / area};
}

static uint32_t pack(struct rgb colour)
{
    return (uint32_t)lround(255 * colour.red) << 16 | (uint32_t)lround(255 * colour.green) << 8 |
           (uint32_t)lround(255 * colour.blue);
}

cairo_surface_t *map_image(const struct raster *raster, const struct colouring *colouring,
                           size_t width, size_t height)
{
    cairo_surface_t *image =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)width, (int)height);
    if (cairo_surface_status(image) != CAIRO_STATUS_SUCCESS)
        return image;
    const size_t stride = (size_t)cairo_image_surface_get_stride(image) / sizeof(uint32_t);
    uint32_t *pixels = (uint32_t *)(void *)cairo_image_surface_get_data(image);
    for (size_t y = 0; y < height; y++) {
        const struct part down = part_of(y, height, raster->height);
        for (size_t x = 0; x < width; x++) {
            const struct part across = part_of(x, width, raster->width);
            pixels[y * stride + x] = pack(mean_colour(raster, colouring, &across, &down));
        }
    }
    cairo_surface_mark_dirty(image);
    return image;
}

/* ------------------------------------------------------------------------------------------------
 * On a page
 */

/* How many pixels of the page, or of a good printer, a point takes. */
static double dots(cairo_surface_t *page)
{
    double across = PAPER_DOTS, down = PAPER_DOTS;
    if (cairo_surface_get_type(page) == CAIRO_SURFACE_TYPE_IMAGE)
        cairo_surface_get_device_scale(page, &across, &down);
    return across;
}

/* Of a page that is made of pixels, to the edge of one. */
static double snap(cairo_surface_t *page, double length)
{
    if (cairo_surface_get_type(page) != CAIRO_SURFACE_TYPE_IMAGE)
        return length;
    return round(length * dots(page)) / dots(page);
}

/* How many pixels an image of this length has. SVG viewers blur pixels when they magnify them, and
 * cairo 1.16 does not tell them otherwise: so they get small ones. */
static size_t pixels(cairo_surface_t *page, double length, size_t raster)
{
    const double most = fmin(fmax(round(length * dots(page)), 1), CAIRO_MOST);
    const double count = (double)raster;
    const cairo_surface_type_t type = cairo_surface_get_type(page);
    if (type == CAIRO_SURFACE_TYPE_IMAGE)
        return (size_t)fmin(count, most);
    if (type == CAIRO_SURFACE_TYPE_SVG && count < most)
        return raster * (size_t)fmin(ceil(most / count), floor(CAIRO_MOST / count));
    return count < fmin(FAR_MORE * most, CAIRO_MOST) ? raster : (size_t)most;
}

void map_image_draw(cairo_t *cairo, const struct raster *raster, const struct colouring *colouring,
                    double left, double top, double width, double height)
{
    cairo_surface_t *page = cairo_get_target(cairo);
    if (cairo_surface_get_type(page) == CAIRO_SURFACE_TYPE_RECORDING)
        return; /* only lengths are asked for */
    width = snap(page, left + width) - snap(page, left);
    height = snap(page, top + height) - snap(page, top);
    cairo_surface_t *image = map_image(raster, colouring, pixels(page, width, raster->width),
                                       pixels(page, height, raster->height));
    cairo_save(cairo);
    cairo_translate(cairo, snap(page, left), snap(page, top));
    if (cairo_surface_status(image) == CAIRO_STATUS_SUCCESS)
        cairo_scale(cairo, width / cairo_image_surface_get_width(image),
                    height / cairo_image_surface_get_height(image));
    cairo_set_source_surface(cairo, image, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cairo), CAIRO_FILTER_NEAREST);
    cairo_paint(cairo);
    cairo_restore(cairo);
    cairo_surface_destroy(image);
}
