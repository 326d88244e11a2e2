/* Maps as images: values become colours. */
#ifndef ROUNDEL_PLOTS_MAP_IMAGE_H
#define ROUNDEL_PLOTS_MAP_IMAGE_H

#include "map.h"
#include <cairo.h>

/* The grey of blank pixels, 0 .. 1: darker than the white in the middle of differences. */
#define MAP_BLANK 0.7

struct rgb map_colour(const struct colouring *colouring, double value);

/*
 * An image of this size: where the raster has more pixels their colours are averaged by area, where
 * it has fewer they are repeated. Errors are in the surface's status.
 */
cairo_surface_t *map_image(const struct raster *raster, const struct colouring *colouring,
                           size_t width, size_t height);

/*
 * Draws the raster in this rectangle, in points: pixels have sharp edges, and if they are too small
 * for the page (paper: 600 an inch), they are averaged.
 */
void map_image_draw(cairo_t *cairo, const struct raster *raster, const struct colouring *colouring,
                    double left, double top, double width, double height);

#endif
