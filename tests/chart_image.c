#include "chart_image.h"

#include <check.h>

cairo_surface_t *chart_image_open(const char *path)
{
    cairo_surface_t *image = cairo_image_surface_create_from_png(path);
    ck_assert_int_eq(cairo_surface_status(image), CAIRO_STATUS_SUCCESS);
    ck_assert_int_eq(cairo_image_surface_get_format(image), CAIRO_FORMAT_RGB24);
    return image;
}

struct chart_area chart_image_area(cairo_surface_t *image)
{
    return (struct chart_area){0, 0, cairo_image_surface_get_width(image),
                               cairo_image_surface_get_height(image)};
}

unsigned chart_pixel(cairo_surface_t *image, int x, int y)
{
    const unsigned char *bytes =
        cairo_image_surface_get_data(image) + y * cairo_image_surface_get_stride(image) + 4 * x;
    return bytes[0] | (unsigned)bytes[1] << 8 | (unsigned)bytes[2] << 16;
}

struct chart_spot chart_find(cairo_surface_t *image, unsigned colour, struct chart_area area)
{
    struct chart_spot spot = {.left = area.right, .top = area.bottom};
    for (int y = area.top; y < area.bottom; y++)
        for (int x = area.left; x < area.right; x++) {
            if (chart_pixel(image, x, y) != colour)
                continue;
            spot.pixels++;
            spot.left = x < spot.left ? x : spot.left;
            spot.right = x > spot.right ? x : spot.right;
            spot.top = y < spot.top ? y : spot.top;
            spot.bottom = y > spot.bottom ? y : spot.bottom;
            spot.x += x;
            spot.y += y;
        }
    spot.x /= spot.pixels ? spot.pixels : 1;
    spot.y /= spot.pixels ? spot.pixels : 1;
    return spot;
}
