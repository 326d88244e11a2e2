/* Rasters as PNG files: a pixel for each value, and where they come from as text. */
#ifndef ROUNDEL_PLOTS_RASTER_PNG_H
#define ROUNDEL_PLOTS_RASTER_PNG_H

#include "map.h"
#include "output.h"

struct png_note {
    const char *keyword; /* Latin, 1 .. 79 letters */
    const char *text;    /* UTF-8 */
};

enum {
    RASTER_PNG_MOST_NOTES = 16
};

struct raster_png;

/*
 * Begins an image of width x height pixels in an open output; NULL without memory or if that cannot
 * be written. 8 bits: 255 colours of the palette, an entry each; 16: red, green and blue, 16 bits
 * each, colours linear between those of the palette. Blank pixels are transparent. `output` and
 * `colouring` must outlive the image.
 */
struct raster_png *raster_png_begin(struct output *output, size_t width, size_t height,
                                    const struct colouring *colouring, unsigned bits,
                                    struct error *error);

/* Appends rows of values. */
bool raster_png_add(struct raster_png *png, size_t rows, const double *values, struct error *error);

/* Writes the notes, ends a complete image and commits the output. */
bool raster_png_end(struct raster_png *png, const struct png_note *notes, size_t nnotes,
                    struct error *error);

/* Frees the image, which may be NULL; an output that is not committed stays so. */
void raster_png_free(struct raster_png *png);

#endif
