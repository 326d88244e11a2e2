/* How a heat map looks. */
#include "chart_frame.h"
#include "colour_bar.h"
#include "heatmap.h"
#include "map_image.h"
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Lengths in points. */
enum {
    LABEL_SIZE = 7,
    NUMBER_SIZE = 6,
    GAP = 3,          /* between labels and cells */
    MOST_HEIGHT = 13, /* of a cell */
    LEAST_HEIGHT = 3,
    GRID_HEIGHT = 420, /* of all layers, as far as cells are higher than the least */
    LEAST_LINE = 8,    /* from label to label */
    MOST_WIDTH = 72,   /* of a cell */
    LIST_WIDTH = 34,   /* of a cell below the grid */
    LIST_HEIGHT = 12,
    NAME_WIDTH = 110 /* of a kind, which stands upright */
};

struct grid {
    const struct heatmap *heatmap;
    double left, top;
    double width, height; /* of a cell */
};

static void fill(cairo_t *cairo, const struct heatmap *heatmap, const struct heatmap_cell *cell,
                 double x, double y, double width, double height)
{
    const struct colouring *colouring = &heatmap->colouring;
    const struct rgb colour =
        isnan(cell->value)
            ? (struct rgb){MAP_BLANK, MAP_BLANK, MAP_BLANK}
            : palette_colour(colouring->palette, colouring_place(colouring, cell->value));
    cairo_set_source_rgb(cairo, colour.red, colour.green, colour.blue);
    cairo_rectangle(cairo, x, y, width, height);
    cairo_fill_preserve(cairo);
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_set_line_width(cairo, 0.4);
    cairo_stroke(cairo);
    /* The brightness of a screen, for letters that stand out. */
    const double light = 0.30 * colour.red + 0.59 * colour.green + 0.11 * colour.blue;
    chart_grey(cairo, light > 0.5 ? 0 : 1);
}

static void draw_number(cairo_t *cairo, const struct heatmap *heatmap, double value, double x,
                        double y, double width, double height)
{
    char text[32];
    snprintf(text, sizeof text, "%.*f", (int)heatmap->decimals, value);
    text_font(cairo, TEXT_NORMAL, NUMBER_SIZE);
    if (!isnan(value) && text_width(cairo, text) <= width - 2 && height >= NUMBER_SIZE + 1)
        text_show(cairo, x + width / 2, y + height / 2 + 2.2, 0.5, text);
}

static size_t row_of(const struct heatmap *heatmap, long layer)
{
    size_t row = 0;
    while (heatmap->layers[row] != layer)
        row++;
    return row;
}

static void draw_cells(cairo_t *cairo, const struct grid *grid)
{
    for (size_t i = 0; i < grid->heatmap->count; i++) {
        const struct heatmap_cell *cell = &grid->heatmap->cells[i];
        if (cell->layer == HEATMAP_NO_LAYER)
            continue;
        const double x = grid->left + cell->kind * grid->width;
        const double y = grid->top + (double)row_of(grid->heatmap, cell->layer) * grid->height;
        fill(cairo, grid->heatmap, cell, x, y, grid->width, grid->height);
        draw_number(cairo, grid->heatmap, cell->value, x, y, grid->width, grid->height);
    }
}

static const char *write_layer(char text[32], long layer)
{
    snprintf(text, 32, "%ld", layer);
    return text;
}

/* As many numbers of layers as have room. */
static void draw_layers(cairo_t *cairo, const struct grid *grid)
{
    const size_t step = (size_t)ceil(LEAST_LINE / grid->height);
    char text[32];
    chart_grey(cairo, 0);
    text_font(cairo, TEXT_NORMAL, LABEL_SIZE);
    for (size_t row = 0; row < grid->heatmap->nlayers; row += step)
        text_show(cairo, grid->left - GAP, grid->top + ((double)row + 0.5) * grid->height + 2.5, 1,
                  write_layer(text, grid->heatmap->layers[row]));
    text_show_upwards(cairo, CHART_MARGIN + LABEL_SIZE,
                      grid->top + (double)grid->heatmap->nlayers * grid->height / 2, 0.5, 1000,
                      "layer");
}

/* Kinds stand above their columns, upright where one is too wide; returns how high they are. */
static double kinds_height(cairo_t *cairo, const struct heatmap *heatmap, double cell)
{
    double widest = 0;
    text_font(cairo, TEXT_NORMAL, LABEL_SIZE);
    for (size_t i = 0; i < heatmap->nkinds; i++)
        widest = fmax(widest, text_width(cairo, heatmap->kinds[i]));
    return widest <= cell - 4 ? LABEL_SIZE : fmin(widest, NAME_WIDTH);
}

static void draw_kinds(cairo_t *cairo, const struct grid *grid, double height)
{
    chart_grey(cairo, 0);
    text_font(cairo, TEXT_NORMAL, LABEL_SIZE);
    for (size_t i = 0; i < grid->heatmap->nkinds; i++) {
        const double x = grid->left + ((double)i + 0.5) * grid->width, y = grid->top - GAP;
        if (height > LABEL_SIZE)
            text_show_upwards(cairo, x + 2.5, y, 0, NAME_WIDTH, grid->heatmap->kinds[i]);
        else
            text_show(cairo, x, y, 0.5, grid->heatmap->kinds[i]);
    }
}

static double layers_width(cairo_t *cairo, const struct heatmap *heatmap)
{
    double widest = 0;
    char text[32];
    text_font(cairo, TEXT_NORMAL, LABEL_SIZE);
    for (size_t i = 0; i < heatmap->nlayers; i++)
        widest = fmax(widest, text_width(cairo, write_layer(text, heatmap->layers[i])));
    return LABEL_SIZE + 2 * GAP + widest;
}

/* Returns where it ends. */
static double draw_grid(cairo_t *cairo, double width, double top, const struct heatmap *heatmap)
{
    struct grid grid = {.heatmap = heatmap};
    if (heatmap->nlayers == 0)
        return top;
    grid.left = CHART_MARGIN + layers_width(cairo, heatmap);
    grid.width = fmin((width - CHART_MARGIN - grid.left) / (double)heatmap->nkinds, MOST_WIDTH);
    grid.height = fmin(fmax(GRID_HEIGHT / (double)heatmap->nlayers, LEAST_HEIGHT), MOST_HEIGHT);
    const double kinds = kinds_height(cairo, heatmap, grid.width);
    grid.top = top + kinds + GAP;
    draw_kinds(cairo, &grid, kinds);
    draw_layers(cairo, &grid);
    draw_cells(cairo, &grid);
    return grid.top + (double)heatmap->nlayers * grid.height;
}

/* Tensors without a layer, one below the other. Returns where they end. */
static double draw_list(cairo_t *cairo, double width, double top, const struct heatmap *heatmap)
{
    const double left = CHART_MARGIN + (heatmap->nlayers ? layers_width(cairo, heatmap) : 0);
    double y = top + 2 * GAP;
    for (size_t i = 0; i < heatmap->count; i++) {
        const struct heatmap_cell *cell = &heatmap->cells[i];
        if (cell->layer != HEATMAP_NO_LAYER)
            continue;
        fill(cairo, heatmap, cell, left, y, LIST_WIDTH, LIST_HEIGHT);
        draw_number(cairo, heatmap, cell->value, left, y, LIST_WIDTH, LIST_HEIGHT);
        chart_grey(cairo, 0);
        text_font(cairo, TEXT_NORMAL, LABEL_SIZE);
        text_show_cut(cairo, left + LIST_WIDTH + GAP, y + LIST_HEIGHT / 2.0 + 2.5, 0,
                      width - CHART_MARGIN - left - LIST_WIDTH - GAP, cell->name);
        y += LIST_HEIGHT;
    }
    return y;
}

static bool has_blanks(const struct heatmap *heatmap)
{
    bool blanks = false;
    for (size_t i = 0; i < heatmap->count; i++)
        blanks |= isnan(heatmap->cells[i].value);
    return blanks;
}

double heatmap_draw(cairo_t *cairo, double width, const struct heatmap *heatmap)
{
    const struct colour_bar bar = {.colouring = heatmap->colouring, .blanks = has_blanks(heatmap)};
    double y = chart_title(cairo, width, heatmap->title, heatmap->below);
    y = draw_grid(cairo, width, y + 8, heatmap);
    y = draw_list(cairo, width, y, heatmap);
    y = colour_bar_draw(&bar, cairo, CHART_MARGIN, width - CHART_MARGIN, y + 8);
    return chart_origin(cairo, width, y + 12, heatmap->remark, &heatmap->origin) + CHART_MARGIN;
}
