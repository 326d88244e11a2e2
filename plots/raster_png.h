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

/*
 * Writes the image to an open output, which it commits, or abandons on false. 8 bits: 255 colours
 * of the palette, an entry each; 16: red, green and blue, 16 bits each, colours linear between
 * those of the palette. Blank pixels are transparent. The same bytes at each call.
 */
bool raster_png_write(struct output *output, const struct raster *raster,
                      const struct colouring *colouring, unsigned bits,
                      const struct png_note *notes, size_t nnotes, struct error *error);

#endif
