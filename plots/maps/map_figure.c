#include "map_figure.h"

#include "colour_bar.h"
#include "edge_axis.h"
#include "map_image.h"
#include "text.h"

#include <math.h>
#include <stdio.h>

/* Lengths in points. */
enum {
    MARGIN = 4,
    BETWEEN = 10, /* columns, or rows */
    OVERHANG = 2, /* of labels, beyond the ends of an axis */
    TITLE_SIZE = 9,
    TITLE_LEADING = 11,
    NAME_SIZE = 8, /* of rows, columns and maps */
    NAME_LINE = 11,
    SMALL_SIZE = 7,
    SMALL_LINE = 9,
    ABOVE_MAP = 3, /* from a baseline to the map below */
    AXIS_TITLE = 10,
    ACROSS_HEIGHT = 20, /* labels and title of the horizontal axis */
    BAR_GAP = 9
};

/* Maps that are extremely wide or high are drawn out of proportion. */
#define LEAST_HEIGHT 0.1 /* of a map's width */
#define MOST_HEIGHT  2.0

struct page {
    const struct map_sheet *sheet;
    const struct map *model; /* one of the maps that has values */
    double left, right;      /* of all maps */
    double width, height;    /* of a map */
    double heading;          /* from a row's top to its maps */
};

static bool is_set(const char *text)
{
    return text && text[0];
}

static const struct map *map_at(const struct map_sheet *sheet, size_t row, size_t column)
{
    return &sheet->maps[row * sheet->columns + column];
}

static void black(cairo_t *cairo, enum text_weight weight, double size)
{
    cairo_set_source_rgb(cairo, 0, 0, 0);
    text_font(cairo, weight, size);
}

/* ------------------------------------------------------------------------------------------------
 * Lengths
 */

static const struct map *find_model(const struct map_sheet *sheet)
{
    for (size_t i = 0; i < sheet->rows * sheet->columns; i++)
        if (sheet->maps[i].raster.values)
            return &sheet->maps[i];
    return &sheet->maps[0];
}

static bool has_titles(const struct map_sheet *sheet)
{
    for (size_t i = 0; i < sheet->rows * sheet->columns; i++)
        if (is_set(sheet->maps[i].title))
            return true;
    return false;
}

/* Numbers of things have none. */
static bool has_means(const struct map_sheet *sheet)
{
    return sheet->means && !sheet->colouring.shuffled;
}

static double map_height(const struct raster *raster, double width)
{
    const double ratio =
        raster->width > 0 ? (double)raster->height / (double)raster->width : LEAST_HEIGHT;
    return width * fmin(fmax(ratio, LEAST_HEIGHT), MOST_HEIGHT);
}

static struct edge_axis axis_of(const struct map_axis *axis, double from, double to)
{
    return (struct edge_axis){
        .first = axis->first,
        .last = axis->last,
        .from = from,
        .to = to,
        .unit = axis->unit,
        .overhang = OVERHANG,
    };
}

/* Left of the maps: names of rows, title, labels and ticks. The labels depend on the height of the
 * maps, which depends on the width of the labels: the most that it can be is near enough. */
static double edge_width(cairo_t *cairo, const struct page *page, double width)
{
    const struct map_axis *down = &page->model->down;
    const double most = map_height(&page->model->raster, width / (double)page->sheet->columns);
    const struct edge_axis axis = axis_of(down, 0, most);
    return edge_axis_width(&axis, cairo) + (is_set(down->title) ? AXIS_TITLE : 0) +
           (page->sheet->row_names ? NAME_LINE : 0);
}

static struct page lay_out(cairo_t *cairo, double width, const struct map_sheet *sheet)
{
    struct page page = {.sheet = sheet, .model = find_model(sheet)};
    page.left = MARGIN + edge_width(cairo, &page, width);
    page.right = width - MARGIN;
    const double columns = (double)sheet->columns;
    page.width = fmax((page.right - page.left - (columns - 1) * BETWEEN) / columns, 1);
    page.height = fmax(map_height(&page.model->raster, page.width), 1);
    page.heading = (has_titles(sheet) ? NAME_LINE : 0) + (has_means(sheet) ? SMALL_LINE : 0);
    page.heading += page.heading > 0 ? ABOVE_MAP : 0;
    return page;
}

static double column_left(const struct page *page, size_t column)
{
    return page->left + (double)column * (page->width + BETWEEN);
}

/* ------------------------------------------------------------------------------------------------
 * A map
 */

/* Decimals that tell values of the scale apart. */
static void write_value(char text[32], const struct colouring *colouring, double value)
{
    if (colouring->logarithmic)
        snprintf(text, 32, "%.4g%s", value, colouring->unit);
    else
        snprintf(text, 32, "%.*f%s",
                 (int)fmin(fmax(3 - floor(log10(colouring->high - colouring->low)), 0), 12), value,
                 colouring->unit);
}

/* As many of the means as fit. */
static void draw_means(cairo_t *cairo, const struct page *page, const struct raster *raster,
                       double left, double baseline)
{
    char mean[32], area_mean[32], text[128];
    write_value(mean, &page->sheet->colouring, raster->statistics.mean);
    write_value(area_mean, &page->sheet->colouring, raster->statistics.area_mean);
    black(cairo, TEXT_NORMAL, SMALL_SIZE);
    snprintf(text, sizeof text, "mean %s, by area %s", mean, area_mean);
    if (text_width(cairo, text) > page->width)
        snprintf(text, sizeof text, "mean %s", mean);
    text_show_cut(cairo, left, baseline, 0, page->width, text);
}

static void draw_frame(cairo_t *cairo, double left, double top, double width, double height)
{
    cairo_rectangle(cairo, left, top, width, height);
    cairo_set_source_rgb(cairo, 0, 0, 0);
    cairo_set_line_width(cairo, 0.5);
    cairo_stroke(cairo);
}

/* `top` is that of the heading. */
static void draw_map(cairo_t *cairo, const struct page *page, const struct map *map, double left,
                     double top)
{
    if (!map->raster.values)
        return;
    double baseline = top;
    if (has_titles(page->sheet)) {
        baseline += NAME_LINE;
        black(cairo, TEXT_NORMAL, NAME_SIZE);
        text_show_cut(cairo, left, baseline, 0, page->width, map->title ? map->title : "");
    }
    if (has_means(page->sheet))
        draw_means(cairo, page, &map->raster, left, baseline + SMALL_LINE);
    top += page->heading;
    map_image_draw(cairo, &map->raster, &page->sheet->colouring, left, top, page->width,
                   page->height);
    draw_frame(cairo, left, top, page->width, page->height);
}

/* ------------------------------------------------------------------------------------------------
 * All maps
 */

static void draw_row(cairo_t *cairo, const struct page *page, size_t row, double top)
{
    const double middle = top + page->heading + page->height / 2;
    const struct edge_axis axis =
        axis_of(&page->model->down, top + page->heading, top + page->heading + page->height);
    edge_axis_draw_left(&axis, cairo, page->left);
    if (page->sheet->row_names) {
        black(cairo, TEXT_BOLD, NAME_SIZE);
        text_show_upwards(cairo, MARGIN + NAME_SIZE, middle, 0.5, page->height,
                          page->sheet->row_names[row]);
    }
    for (size_t column = 0; column < page->sheet->columns; column++)
        draw_map(cairo, page, map_at(page->sheet, row, column), column_left(page, column), top);
}

static double draw_column_names(cairo_t *cairo, const struct page *page, double top)
{
    if (!page->sheet->column_names)
        return top;
    black(cairo, TEXT_BOLD, NAME_SIZE);
    for (size_t column = 0; column < page->sheet->columns; column++)
        text_show_cut(cairo, column_left(page, column) + page->width / 2, top + NAME_SIZE, 0.5,
                      page->width, page->sheet->column_names[column]);
    return top + NAME_SIZE + (page->heading > 0 ? 0 : ABOVE_MAP);
}

/* Left of the labels of all rows; beside headings and labels below there is room as well. */
static void draw_down_title(cairo_t *cairo, const struct page *page, double top, double bottom)
{
    const double x = MARGIN + SMALL_SIZE + (page->sheet->row_names ? NAME_LINE : 0);
    const double room = bottom - top + 2 * fmin(page->heading, ACROSS_HEIGHT);
    black(cairo, TEXT_NORMAL, SMALL_SIZE);
    if (is_set(page->model->down.title))
        text_show_upwards(cairo, x, (top + bottom) / 2, 0.5, room, page->model->down.title);
}

/* Below the last row. */
static double draw_across(cairo_t *cairo, const struct page *page, double y)
{
    double baseline = y;
    for (size_t column = 0; column < page->sheet->columns; column++) {
        const double left = column_left(page, column);
        const struct edge_axis axis = axis_of(&page->model->across, left, left + page->width);
        baseline = edge_axis_draw_below(&axis, cairo, y);
    }
    if (!is_set(page->model->across.title))
        return baseline;
    black(cairo, TEXT_NORMAL, SMALL_SIZE);
    text_show_cut(cairo, (page->left + page->right) / 2, baseline + AXIS_TITLE, 0.5,
                  page->right - page->left, page->model->across.title);
    return baseline + AXIS_TITLE;
}

static double draw_maps(cairo_t *cairo, const struct page *page, double top)
{
    top = draw_column_names(cairo, page, top);
    double y = top;
    for (size_t row = 0; row < page->sheet->rows; row++) {
        y += row > 0 ? BETWEEN : 0;
        draw_row(cairo, page, row, y);
        y += page->heading + page->height;
    }
    draw_down_title(cairo, page, top + page->heading, y);
    return draw_across(cairo, page, y);
}

/* ------------------------------------------------------------------------------------------------
 * The whole
 */

static struct colour_bar bar_of(const struct map_sheet *sheet)
{
    struct colour_bar bar = {.colouring = sheet->colouring};
    for (size_t i = 0; i < sheet->rows * sheet->columns; i++) {
        if (!sheet->maps[i].raster.values)
            continue;
        const struct raster_statistics *statistics = &sheet->maps[i].raster.statistics;
        bar.below |= statistics->min < sheet->colouring.low;
        bar.above |= statistics->max > sheet->colouring.high;
        bar.blanks |= statistics->blanks > 0;
    }
    return bar;
}

double map_figure_draw(cairo_t *cairo, double width, const void *subject)
{
    const struct map_sheet *sheet = subject;
    const struct page page = lay_out(cairo, width, sheet);
    const struct colour_bar bar = bar_of(sheet);
    double y = MARGIN;
    if (is_set(sheet->title)) {
        black(cairo, TEXT_BOLD, TITLE_SIZE);
        y = 4 + text_wrap(cairo, MARGIN, y + TITLE_SIZE, width - 2 * MARGIN, TITLE_LEADING,
                          sheet->title);
    }
    y = draw_maps(cairo, &page, y);
    if (is_set(sheet->colouring.title) && !sheet->colouring.shuffled)
        y = colour_bar_draw(&bar, cairo, page.left, page.right, y + BAR_GAP);
    black(cairo, TEXT_NORMAL, SMALL_SIZE);
    if (is_set(sheet->caption))
        y = text_wrap(cairo, MARGIN, y + 14, width - 2 * MARGIN, SMALL_LINE, sheet->caption);
    return y + MARGIN;
}
