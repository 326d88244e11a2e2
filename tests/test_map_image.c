/* Maps as images (plots/maps/map_image.c). */
#include "map_image.h"
#include "suite.h"

#include <cairo.h>
#include <check.h>
#include <math.h>

enum {
    WHITE = 0xffffff,
    GREY = 0xb3b3b3
};

static unsigned pack(struct rgb colour)
{
    return (unsigned)lround(255 * colour.red) << 16 | (unsigned)lround(255 * colour.green) << 8 |
           (unsigned)lround(255 * colour.blue);
}

static unsigned image_pixel(cairo_surface_t *image, int x, int y)
{
    const unsigned char *p =
        cairo_image_surface_get_data(image) + y * cairo_image_surface_get_stride(image) + 4 * x;
    return p[0] | (unsigned)p[1] << 8 | (unsigned)p[2] << 16;
}

/* Three pixels become two each way, one and a half by area, of white and dark blue; or 300. */
START_TEST(colours_are_averaged_by_area)
{
    static const double six[] = {0, 0.5, 0.5, /**/ 0, 0.5, 0.5, /**/ 0.5, 0.5, NAN};
    const struct raster raster = {.width = 3, .height = 3, .values = six};
    const struct colouring colouring = {.palette = PALETTE_DIVERGING, .low = 0, .high = 1};
    cairo_surface_t *image = map_image(&raster, &colouring, 2, 2);
    ck_assert_int_eq(cairo_image_surface_get_width(image), 2);
    ck_assert_int_eq(cairo_image_surface_get_height(image), 2);
    const struct rgb dark = palette_colour(PALETTE_DIVERGING, 0);
    const double a = 2.0 / 3, b = 4.0 / 9; /* dark parts: 1 x 1.5 of 1.5 x 1.5; 1 of 1.5 x 1.5 */
    ck_assert_uint_eq(
        image_pixel(image, 0, 0),
        pack((struct rgb){1 - a + a * dark.red, 1 - a + a * dark.green, 1 - a + a * dark.blue}));
    ck_assert_uint_eq(image_pixel(image, 1, 0), WHITE);
    ck_assert_uint_eq(image_pixel(image, 0, 1) & 0xff,
                      lround(255 * (1 - a / 3 + a / 3 * dark.blue)));
    ck_assert_uint_eq(image_pixel(image, 1, 1) & 0xff, lround(255 * (1 - b + b * MAP_BLANK)));
    cairo_surface_destroy(image);
    image = map_image(&raster, &colouring, 300, 3);
    ck_assert_uint_eq(image_pixel(image, 200, 1), WHITE);
    ck_assert_uint_eq(image_pixel(image, 199, 2), WHITE);
    ck_assert_uint_eq(image_pixel(image, 200, 2), GREY);
    cairo_surface_destroy(image);
}
END_TEST

/* On a page of pixels an image begins and ends at an edge of one: dark and bright columns in turn,
 * as many as there is room for, stay whole. */
START_TEST(pixels_of_a_page_stay_whole)
{
    enum {
        LEFT = 42, /* of 42.3; the right end is at 947.75 */
        COLUMNS = 906
    };
    static double values[COLUMNS];
    for (int i = 0; i < COLUMNS; i++)
        values[i] = i % 2;
    const struct raster raster = {.width = COLUMNS, .height = 1, .values = values};
    const struct colouring colouring = {.palette = PALETTE_CIVIDIS, .low = 0, .high = 1};
    cairo_surface_t *page = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 1000, 10);
    cairo_surface_set_device_scale(page, 300 / 72.0, 300 / 72.0);
    cairo_t *cairo = cairo_create(page);
    map_image_draw(cairo, &raster, &colouring, 10.152, 0, 217.308, 2);
    cairo_surface_flush(page);
    ck_assert_uint_eq(image_pixel(page, LEFT - 1, 5), 0);
    for (int i = 0; i < COLUMNS; i++)
        ck_assert_uint_eq(image_pixel(page, LEFT + i, 5), pack(map_colour(&colouring, i % 2)));
    ck_assert_uint_eq(image_pixel(page, LEFT + COLUMNS, 5), 0);
    cairo_destroy(cairo);
    cairo_surface_destroy(page);
}
END_TEST

int main(void)
{
    TCase *image = tcase_create("image");
    tcase_set_timeout(image, 0);
    tcase_add_test(image, colours_are_averaged_by_area);
    tcase_add_test(image, pixels_of_a_page_stay_whole);

    Suite *suite = suite_create("map image");
    suite_add_tcase(suite, image);
    return suite_run(suite);
}
