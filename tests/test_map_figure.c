/* Figures of maps (plots/maps/map_figure.c): where maps are, their colours, axes, and texts. */
#include "map_figure.h"
#include "map_image.h"
#include "map_pages.h"
#include "suite.h"

#include <cairo.h>
#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned colour_of(const struct map_sheet *sheet, double value)
{
    return map_pages_pack(map_colour(&sheet->colouring, value));
}

/* ------------------------------------------------------------------------------------------------
 * Maps
 */

/* Where values of the axes of a map are, from labels; those left of the rows come first. */
static double place_x(const struct map_sheet *sheet, size_t column, double degrees)
{
    const double a = middle_x("90°", sheet->rows + column), b = middle_x("270°", column);
    return a + (b - a) * (degrees - 90) / 180;
}

static double place_y(size_t row, double degrees)
{
    const double a = middle_y("0°", row), b = middle_y("180°", row);
    return a + (b - a) * degrees / 180;
}

static unsigned colour_of_pixel(cairo_surface_t *image, const struct map_sheet *sheet, size_t map,
                                int x, int y)
{
    return map_pages_colour(image,
                            place_x(sheet, map % sheet->columns, (x + 0.5) / MAP_WIDTH * 360),
                            place_y(map / sheet->columns, (y + 0.5) / MAP_HEIGHT * 180));
}

/* The middle of every pixel of every map. */
static void expect_colours(cairo_surface_t *image, const struct map_sheet *sheet)
{
    for (size_t i = 0; i < sheet->rows * sheet->columns; i++)
        for (int p = 0; p < MAP_WIDTH * MAP_HEIGHT; p++)
            ck_assert_uint_eq(colour_of_pixel(image, sheet, i, p % MAP_WIDTH, p / MAP_WIDTH),
                              colour_of(sheet, map_values[i][p]));
}

START_TEST(pixels_have_the_colours_of_their_values)
{
    struct map_sheet sheet = map_pages_sheet(1, 1);
    sheet.colouring.high = 1;
    cairo_surface_t *image = map_pages_png(252, &sheet);
    ck_assert_int_eq(cairo_image_surface_get_width(image), 1050);
    expect_colours(image, &sheet);
    cairo_surface_destroy(image);
}
END_TEST

START_TEST(maps_of_a_sheet_have_their_places)
{
    const struct map_sheet sheet = map_pages_sheet(2, 3);
    cairo_surface_t *image = map_pages_png(504, &sheet);
    expect_colours(image, &sheet);
    ck_assert_ptr_nonnull(get_text("uniform", 0));
    ck_assert_double_eq_tol(middle_y("importance", 0), place_y(1, 90), 2);
    ck_assert_double_eq_tol(middle_x("exact", 0), place_x(&sheet, 2, 180), 1);
    ck_assert_ptr_nonnull(get_text("mean 5.496, by area 5.500", 0));
    cairo_surface_destroy(image);
}
END_TEST

/* Labels of the left axis stand once in each row, those below once in each column. */
START_TEST(only_outer_maps_have_axes)
{
    const struct map_sheet sheet = map_pages_sheet(2, 3);
    map_pages_draw("f.png", 504, &sheet);
    ck_assert_ptr_nonnull(find_text("135°", 1));
    ck_assert_ptr_null(find_text("135°", 2));
    ck_assert_ptr_nonnull(find_text("270°", 2));
    ck_assert_ptr_null(find_text("270°", 3));
    ck_assert_ptr_nonnull(find_text("longitude", 0));
    ck_assert_ptr_null(find_text("longitude", 1));
    ck_assert_ptr_null(find_text("polar angle", 1));
}
END_TEST

START_TEST(blank_pixels_are_grey)
{
    struct map_sheet sheet = map_pages_sheet(1, 1);
    map_values[0][3 * MAP_WIDTH + 5] = NAN;
    map_list[0].raster.statistics.blanks = 1;
    cairo_surface_t *image = map_pages_png(252, &sheet);
    ck_assert_uint_eq(colour_of_pixel(image, &sheet, 0, 5, 3), GREY);
    expect_colours(image, &sheet);
    ck_assert_uint_eq(
        map_pages_colour(image, get_text("no value", 0)->left - 5, middle_y("no value", 0)), GREY);
    cairo_surface_destroy(image);
    map_list[0].raster.statistics.blanks = 0;
    map_pages_draw("f.png", 252, &sheet);
    ck_assert_ptr_null(find_text("no value", 0));
}
END_TEST

START_TEST(maps_without_values_are_left_out)
{
    struct map_sheet sheet = map_pages_sheet(2, 3);
    map_list[0].raster = (struct raster){0};
    cairo_surface_t *image = map_pages_png(504, &sheet);
    ck_assert_uint_eq(colour_of_pixel(image, &sheet, 0, 5, 3), WHITE);
    ck_assert_uint_eq(colour_of_pixel(image, &sheet, 1, 5, 3),
                      colour_of(&sheet, map_values[1][53]));
    ck_assert_ptr_null(find_text("mean 0.496, by area 0.500", 0));
    cairo_surface_destroy(image);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * The page
 */

static void expect_no_overlap(double width)
{
    for (size_t i = 0; i < text_count; i++) {
        const struct text_box *a = &text_boxes[i];
        ck_assert_msg(a->left >= 0 && a->right <= width && a->top >= 0, "'%s' is outside", a->text);
        for (size_t k = 0; k < i; k++) {
            const struct text_box *b = &text_boxes[k];
            ck_assert_msg(a->right <= b->left || b->right <= a->left || a->bottom <= b->top ||
                              b->bottom <= a->top,
                          "'%s' is over '%s'", a->text, b->text);
        }
    }
}

static const double page_widths[] = {180, 252, 504};

START_TEST(texts_do_not_overlap)
{
    const double width = page_widths[_i];
    for (size_t rows = 1; rows <= 2; rows++)
        for (size_t columns = 1; columns <= 3; columns++) {
            const struct map_sheet sheet = map_pages_sheet(rows, columns);
            map_pages_draw("f.svg", width, &sheet);
            expect_no_overlap(width);
        }
    struct map_sheet sheet = map_pages_sheet(1, 1);
    sheet.colouring.logarithmic = true;
    sheet.colouring.low = 0.001;
    map_pages_draw("f.svg", width, &sheet);
    expect_no_overlap(width);
}
END_TEST

START_TEST(long_texts_are_cut)
{
    struct map_sheet sheet = map_pages_sheet(2, 3);
    char text[3001];
    for (size_t i = 0; i < 3000; i += 2)
        memcpy(text + i, "ä", 2);
    text[3000] = '\0';
    const char *names[] = {text, text, text};
    sheet.row_names = sheet.column_names = names;
    sheet.title = sheet.caption = sheet.colouring.title = map_list[0].title = text;
    map_list[0].across.title = map_list[0].down.title = text;
    map_pages_draw("f.svg", 252, &sheet);
    expect_no_overlap(252);
}
END_TEST

static const char *const names[] = {"f.png", "f.pdf", "f.svg"};

static size_t read_all(const char *path, char bytes[1 << 20])
{
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    const size_t size = fread(bytes, 1, 1 << 20, file);
    ck_assert(feof(file));
    fclose(file);
    return size;
}

/* As another run of the program would: cairo numbers what it writes into SVG files. */
static size_t draw_and_read(const char *name, const struct map_sheet *sheet, char bytes[1 << 20])
{
    const pid_t child = fork();
    if (child == 0) {
        map_pages_draw(name, 252, sheet);
        _exit(0);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    return read_all(map_pages_path(name), bytes);
}

START_TEST(the_same_maps_make_the_same_bytes)
{
    static char first[1 << 20], second[1 << 20];
    const struct map_sheet sheet = map_pages_sheet(2, 3);
    const size_t size = draw_and_read(names[_i], &sheet, first);
    ck_assert_uint_eq(draw_and_read(names[_i], &sheet, second), size);
    ck_assert_mem_eq(first, second, size);
}
END_TEST

static bool contains(const char *bytes, size_t size, const char *text)
{
    for (size_t i = 0; i + strlen(text) <= size; i++)
        if (memcmp(bytes + i, text, strlen(text)) == 0)
            return true;
    return false;
}

/* Sharp pixels, of which there are as many as the raster has, and fonts that papers take. */
START_TEST(pdf_files_are_fit_for_print)
{
    static char bytes[1 << 20];
    const struct map_sheet sheet = map_pages_sheet(1, 1);
    const size_t size = read_all(map_pages_draw("f.pdf", 252, &sheet), bytes);
    ck_assert(contains(bytes, size, "/Width 16"));
    ck_assert(contains(bytes, size, "/Interpolate false"));
    ck_assert(!contains(bytes, size, "/Interpolate true"));
    ck_assert(!contains(bytes, size, "/Type3"));
    ck_assert(!contains(bytes, size, "CreationDate"));
}
END_TEST

/* Viewers blur magnified pixels: those of the file are as small as a printer's. */
START_TEST(svg_files_have_small_pixels)
{
    static char bytes[1 << 20];
    const struct map_sheet sheet = map_pages_sheet(1, 1);
    const size_t size = read_all(map_pages_draw("f.svg", 252, &sheet), bytes);
    int width = 0;
    const char *image = strstr(bytes, "<image ");
    ck_assert(size < sizeof bytes && image != NULL);
    ck_assert_int_eq(sscanf(strstr(image, "width="), "width=\"%d\"", &width), 1);
    ck_assert_int_eq(width % MAP_WIDTH, 0);
    ck_assert_int_gt(width, 1500); /* 3 inches, 600 an inch */
}
END_TEST

int main(void)
{
    TCase *figures = tcase_create("maps");
    tcase_set_timeout(figures, 0);
    tcase_add_checked_fixture(figures, map_pages_setup, map_pages_teardown);
    tcase_add_test(figures, pixels_have_the_colours_of_their_values);
    tcase_add_test(figures, maps_of_a_sheet_have_their_places);
    tcase_add_test(figures, only_outer_maps_have_axes);
    tcase_add_test(figures, blank_pixels_are_grey);
    tcase_add_test(figures, maps_without_values_are_left_out);
    tcase_add_loop_test(figures, texts_do_not_overlap, 0,
                        (int)(sizeof page_widths / sizeof *page_widths));
    tcase_add_test(figures, long_texts_are_cut);
    tcase_add_loop_test(figures, the_same_maps_make_the_same_bytes, 0,
                        (int)(sizeof names / sizeof *names));
    tcase_add_test(figures, svg_files_have_small_pixels);
    tcase_add_test(figures, pdf_files_are_fit_for_print);

    Suite *suite = suite_create("map figure");
    suite_add_tcase(suite, figures);
    return suite_run(suite);
}
