/*
 * Where pixels are: the direction for which each stands. Panoramas of the sphere (equirectangular:
 * longitude to the right, polar angle downwards), faces of the cube, and the mirrored face.
 */
#ifndef ROUNDEL_PLOTS_PROJECTION_VIEW_H
#define ROUNDEL_PLOTS_PROJECTION_VIEW_H

#include "map.h"

#include <stdbool.h>
#include <stddef.h>

enum view_kind {
    VIEW_SPHERE, /* (sin p cos t, sin p sin t, cos p); row 0 is the pole +z */
    VIEW_FACE,   /* (a, b, 1), a over the rows, b over the columns */
    VIEW_CUBE,   /* (1, i, j) normalised, i and j from 0 in the middle to 1 at the edges */
    VIEW_KIND_COUNT
};

/* "equirectangular", "face", "cube"; NULL for a value out of range. */
const char *view_kind_name(unsigned kind);

struct view {
    enum view_kind kind;
    size_t width, height; /* 2 .. VIEW_MAX_SIDE; VIEW_CUBE: equal and even, 4 at least */
    /*
     * What the image spans: degrees of longitude and of the polar angle, or values of b and a.
     * Pixels of a sphere begin at `left` and end before `right`, which is the same meridian in a
     * whole turn; everywhere else the ends are pixels.
     */
    double left, right, top, bottom;
    bool centres;          /* pixels stand for their centres instead: no pixel at a pole */
    double rotation[3][3]; /* from directions of the image to those that are rounded */
};

enum {
    VIEW_MAX_SIDE = 65536
};

/* The whole sphere or face, width x width / 2 or width x width, not rotated. */
struct view view_whole(enum view_kind kind, size_t width);

/* Turns by `yaw` about z after `pitch` about y after `roll` about x, degrees. */
void view_rotate(struct view *view, double yaw, double pitch, double roll);

/* The axes of its maps. */
struct map_axis view_across(const struct view *view);
struct map_axis view_down(const struct view *view);

/* Directions of a row of samples: `samples` to a pixel in both directions. */
struct view_columns {
    const struct view *view;
    unsigned samples;
    double *sine, *cosine; /* of the longitude of each sample in a row */
};

/* False without memory. */
bool view_columns_make(struct view_columns *columns, const struct view *view, unsigned samples);
void view_columns_free(struct view_columns *columns);

struct direction {
    double x, y, z;
};

/* Samples first .. first + count - 1 of line `line` = row * samples + sample; neither need be
 * normalised. */
void view_directions(const struct view_columns *columns, size_t line, size_t first, size_t count,
                     struct direction *directions);

/* The areas on the unit sphere of the pixels of a row, but for a factor. */
void view_areas(const struct view *view, size_t row, double *areas);

#endif
