/* What is drawn, read back from PNG files of charts. */
#ifndef ROUNDEL_TESTS_CHART_IMAGE_H
#define ROUNDEL_TESTS_CHART_IMAGE_H

#include <cairo.h>

/* Colours of series, from the first on, and others. */
enum {
    CHART_BLACK = 0,
    CHART_BLUE = 0x0072b2,
    CHART_VERMILLION = 0xd55e00,
    CHART_GREEN = 0x009e73,
    CHART_WHITE = 0xffffff
};

/* Of the pixels of one colour: how many, their edges, and their middle. */
struct chart_spot {
    unsigned pixels;
    int left, right, top, bottom;
    double x, y;
};

/* A rectangle of the image; right and bottom are behind the last pixel. */
struct chart_area {
    int left, top, right, bottom;
};

/* Fails the test if there is no such image. */
cairo_surface_t *chart_image_open(const char *path);

struct chart_area chart_image_area(cairo_surface_t *image);

unsigned chart_pixel(cairo_surface_t *image, int x, int y);

struct chart_spot chart_find(cairo_surface_t *image, unsigned colour, struct chart_area area);

#endif
