#include "map_pages.h"

#include "map_image.h"
#include "suite.h"
#include "temp_dir.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Texts: the linker puts __wrap_cairo_show_text in the place of cairo's function
 */
struct text_box text_boxes[MAP_PAGES_TEXTS];
size_t text_count;

void __real_cairo_show_text(cairo_t *cairo, const char *text);
void __wrap_cairo_show_text(cairo_t *cairo, const char *text);

static void include_corner(cairo_t *cairo, struct text_box *box, double x, double y)
{
    cairo_user_to_device(cairo, &x, &y);
    box->left = fmin(box->left, x);
    box->right = fmax(box->right, x);
    box->top = fmin(box->top, y);
    box->bottom = fmax(box->bottom, y);
}

void __wrap_cairo_show_text(cairo_t *cairo, const char *text)
{
    cairo_text_extents_t extents;
    double x, y;
    cairo_text_extents(cairo, text, &extents);
    cairo_get_current_point(cairo, &x, &y);
    if (text[0] &&
        cairo_surface_get_type(cairo_get_target(cairo)) != CAIRO_SURFACE_TYPE_RECORDING) {
        ck_assert_uint_lt(text_count, MAP_PAGES_TEXTS);
        struct text_box *box = &text_boxes[text_count++];
        *box = (struct text_box){INFINITY, INFINITY, -INFINITY, -INFINITY, ""};
        snprintf(box->text, sizeof box->text, "%s", text);
        x += extents.x_bearing;
        y += extents.y_bearing;
        include_corner(cairo, box, x, y);
        include_corner(cairo, box, x + extents.width, y + extents.height);
    }
    __real_cairo_show_text(cairo, text);
}

const struct text_box *find_text(const char *text, size_t n)
{
    for (size_t i = 0; i < text_count; i++)
        if (strcmp(text_boxes[i].text, text) == 0 && n-- == 0)
            return &text_boxes[i];
    return NULL;
}

const struct text_box *get_text(const char *text, size_t n)
{
    const struct text_box *box = find_text(text, n);
    ck_assert_msg(box != NULL, "no text '%s'", text);
    return box;
}

double middle_x(const char *text, size_t n)
{
    const struct text_box *box = get_text(text, n);
    return (box->left + box->right) / 2;
}

double middle_y(const char *text, size_t n)
{
    const struct text_box *box = get_text(text, n);
    return (box->top + box->bottom) / 2;
}

/* ------------------------------------------------------------------------------------------------
 * Sheets
 */

double map_values[MAP_COUNT][MAP_WIDTH * MAP_HEIGHT];
struct map map_list[MAP_COUNT];

void map_pages_setup(void)
{
    temp_dir_make();
    for (int i = 0; i < MAP_COUNT; i++) {
        for (int p = 0; p < MAP_WIDTH * MAP_HEIGHT; p++)
            map_values[i][p] = i + p / 128.0;
        map_list[i] = (struct map){
            .title = "iq4_nl nearest",
            .across = {"longitude", "°", 0, 360},
            .down = {"polar angle", "°", 0, 180},
            .raster =
                {MAP_WIDTH,
                 MAP_HEIGHT,
                 map_values[i],
                 {.min = i, .max = i + 127 / 128.0, .mean = i + 0.49609375, .area_mean = i + 0.5}},
        };
    }
}

void map_pages_teardown(void)
{
    figure_release_caches();
    temp_dir_remove();
}

struct map_sheet map_pages_sheet(size_t rows, size_t columns)
{
    static const char *const row_names[] = {"uniform", "importance"};
    static const char *const column_names[] = {"nearest", "nl", "exact"};
    return (struct map_sheet){
        .maps = map_list,
        .rows = rows,
        .columns = columns,
        .row_names = rows > 1 ? row_names : NULL,
        .column_names = rows > 1 ? column_names : NULL,
        .colouring =
            {.palette = PALETTE_VIRIDIS, .low = 0, .high = 6, .title = "cosine", .unit = ""},
        .title = "Maps of a sheet with a title that takes more than one line of a narrow page",
        .caption = "Each pixel is a direction; its colour is the cosine of the angle between the "
                   "vector and its reconstruction. roundel 0.1.0",
        .means = true,
    };
}

const char *map_pages_path(const char *name)
{
    return temp_path(name);
}

const char *map_pages_draw(const char *name, double width, const struct map_sheet *sheet)
{
    struct error error;
    struct figure figure;
    const char *path = map_pages_path(name);
    ck_assert_msg(figure_open(&figure, path, &error), "%s", error.text);
    text_count = 0;
    ck_assert_msg(figure_write(&figure, width, map_figure_draw, sheet, &error), "%s", error.text);
    return path;
}

cairo_surface_t *map_pages_png(double width, const struct map_sheet *sheet)
{
    cairo_surface_t *image =
        cairo_image_surface_create_from_png(map_pages_draw("f.png", width, sheet));
    ck_assert_int_eq(cairo_surface_status(image), CAIRO_STATUS_SUCCESS);
    return image;
}

unsigned map_pages_colour(cairo_surface_t *image, double x, double y)
{
    const int column = (int)floor(x * 300 / 72), row = (int)floor(y * 300 / 72);
    const unsigned char *p = cairo_image_surface_get_data(image) +
                             row * cairo_image_surface_get_stride(image) + 4 * column;
    return p[0] | (unsigned)p[1] << 8 | (unsigned)p[2] << 16;
}

unsigned map_pages_pack(struct rgb colour)
{
    return (unsigned)lround(255 * colour.red) << 16 | (unsigned)lround(255 * colour.green) << 8 |
           (unsigned)lround(255 * colour.blue);
}
