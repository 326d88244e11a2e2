/*
 * Panoramas: one HTML page that shows maps from inside the sphere, by pannellum. It needs nothing
 * but a browser with WebGL: no network, no other file.
 */
#ifndef ROUNDEL_PLOTS_VIEWER_H
#define ROUNDEL_PLOTS_VIEWER_H

#include "error.h"
#include "map.h"

enum {
    VIEWER_MAX_WIDTH = 8192
};

/* False, and a sentence that says what to do, if this program was built without pannellum. */
bool viewer_available(struct error *error);

/*
 * Writes the page, which appears whole or not at all. The maps are whole spheres of one size, twice
 * as wide as high, sampled at pixel centres: with theta = 2 pi (column + 1/2) / width and
 * phi = pi (row + 1/2) / height a pixel is the value at
 * (sin phi cos theta, sin phi sin theta, cos phi). The page keeps each value to 1/65534 of its
 * map's range, of the range of the logarithm if colours follow that, and numbers of things as
 * they are.
 */
bool viewer_write(const char *path, const struct map *maps, size_t count,
                  const struct colouring *colouring, const char *title, struct error *error);

#endif
