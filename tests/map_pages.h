/* Maps and sheets of them that tests draw, and what is seen then: colours, and where texts are. */
#ifndef ROUNDEL_TESTS_MAP_PAGES_H
#define ROUNDEL_TESTS_MAP_PAGES_H

#include "map_figure.h"
#include <cairo.h>
#include <stddef.h>

enum {
    MAP_WIDTH = 16, /* pixels */
    MAP_HEIGHT = 8,
    MAP_COUNT = 6,
    WHITE = 0xffffff,
    GREY = 0xb3b3b3 /* of blank pixels */
};

/* Pixel p of map i has the value i + p / 128: all are 0 .. 6. */
extern double map_values[MAP_COUNT][MAP_WIDTH * MAP_HEIGHT];
extern struct map map_list[MAP_COUNT];

/* A checked fixture: makes the maps, and a directory for figures. */
void map_pages_setup(void);
void map_pages_teardown(void);

struct map_sheet map_pages_sheet(size_t rows, size_t columns);

/* The path of a file in the directory; good until the next call. */
const char *map_pages_path(const char *name);

/* Draws a figure there, this many points wide, and returns its path. */
const char *map_pages_draw(const char *name, double width, const struct map_sheet *sheet);
cairo_surface_t *map_pages_png(double width, const struct map_sheet *sheet);

/* 0xRRGGBB of a place in points. */
unsigned map_pages_colour(cairo_surface_t *image, double x, double y);
unsigned map_pages_pack(struct rgb colour);

/* A text of the last figure; in points. The test must be linked with --wrap=cairo_show_text. */
struct text_box {
    double left, top, right, bottom;
    char text[64];
};
enum {
    MAP_PAGES_TEXTS = 512
};
extern struct text_box text_boxes[MAP_PAGES_TEXTS];
extern size_t text_count;

/* The n-th text that is this; NULL if there are not so many. */
const struct text_box *find_text(const char *text, size_t n);
/* The same, but the test fails. */
const struct text_box *get_text(const char *text, size_t n);
double middle_x(const char *text, size_t n);
double middle_y(const char *text, size_t n);

#endif
