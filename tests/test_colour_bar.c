/* Colour bars (plots/drawing/colour_bar.c) below maps. */
#include "map_pages.h"
#include "suite.h"

#include <cairo.h>
#include <check.h>
#include <math.h>

/* A column of the bar, above the labels of a page without other "0" and "6". */
static double bar_y(void)
{
    return get_text("0", 0)->top - 5 - 3.5;
}

START_TEST(the_bar_has_the_colours_between_its_ends)
{
    const struct map_sheet sheet = map_pages_sheet(1, 1);
    cairo_surface_t *image = map_pages_png(252, &sheet);
    const double left = middle_x("0", 0), right = middle_x("6", 0);
    ck_assert_double_gt(right - left, 150);
    ck_assert_uint_eq(map_pages_colour(image, left + 0.6, bar_y()),
                      map_pages_pack(palette_colour(PALETTE_VIRIDIS, 0.5 / 256)));
    ck_assert_uint_eq(map_pages_colour(image, right - 0.6, bar_y()),
                      map_pages_pack(palette_colour(PALETTE_VIRIDIS, 255.5 / 256)));
    const double x = left + 100.5 / 256 * (right - left);
    ck_assert_uint_eq(map_pages_colour(image, x, bar_y()),
                      map_pages_pack(palette_colour(PALETTE_VIRIDIS, 100.5 / 256)));
    ck_assert_double_eq_tol(middle_x("cosine", 0), (left + right) / 2, 1);
    cairo_surface_destroy(image);
}
END_TEST

static const struct {
    double min, max;
} ends[] = {{0, 6}, {-0.1, 6}, {0, 6.1}, {-1e300, INFINITY}};

/* Pointed ends have the colour of the end; there is nothing where no value is beyond. */
START_TEST(values_beyond_the_ends_are_marked)
{
    const struct map_sheet sheet = map_pages_sheet(1, 1);
    map_list[0].raster.statistics.min = ends[_i].min;
    map_list[0].raster.statistics.max = ends[_i].max;
    cairo_surface_t *image = map_pages_png(252, &sheet);
    ck_assert_uint_eq(map_pages_colour(image, middle_x("0", 0) - 3, bar_y()),
                      ends[_i].min < 0 ? map_pages_pack(palette_colour(PALETTE_VIRIDIS, 0))
                                       : WHITE);
    ck_assert_uint_eq(map_pages_colour(image, middle_x("6", 0) + 3, bar_y()),
                      ends[_i].max > 6 ? map_pages_pack(palette_colour(PALETTE_VIRIDIS, 1))
                                       : WHITE);
    cairo_surface_destroy(image);
}
END_TEST

static struct map_sheet logarithmic_sheet(void)
{
    struct map_sheet sheet = map_pages_sheet(1, 1);
    sheet.colouring = (struct colouring){.palette = PALETTE_MAGMA,
                                         .low = 0.01,
                                         .high = 10,
                                         .logarithmic = true,
                                         .title = "angle",
                                         .unit = "°"};
    return sheet;
}

START_TEST(logarithmic_bars_have_powers)
{
    const struct map_sheet sheet = logarithmic_sheet();
    map_values[0][0] = 0.1;
    cairo_surface_t *image = map_pages_png(252, &sheet);
    const double a = middle_x("0.1°", 0), b = middle_x("1°", 0), c = middle_x("10°", 0);
    ck_assert_double_eq_tol(c - b, b - a, 1);
    cairo_surface_destroy(image);
}
END_TEST

START_TEST(a_bar_without_title_is_left_out)
{
    struct map_sheet sheet = map_pages_sheet(1, 1);
    sheet.colouring.title = NULL;
    map_pages_draw("f.png", 252, &sheet);
    ck_assert_ptr_null(find_text("6", 0));
}
END_TEST

int main(void)
{
    TCase *bar = tcase_create("bar");
    tcase_set_timeout(bar, 0);
    tcase_add_checked_fixture(bar, map_pages_setup, map_pages_teardown);
    tcase_add_test(bar, the_bar_has_the_colours_between_its_ends);
    tcase_add_loop_test(bar, values_beyond_the_ends_are_marked, 0,
                        (int)(sizeof ends / sizeof *ends));
    tcase_add_test(bar, logarithmic_bars_have_powers);
    tcase_add_test(bar, a_bar_without_title_is_left_out);

    Suite *suite = suite_create("colour bar");
    suite_add_tcase(suite, bar);
    return suite_run(suite);
}
