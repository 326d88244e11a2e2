/*
 * Maps on a page: rows and columns of them with axes at the outer edges, one colour bar, a title
 * and a caption. Values beyond the ends of the bar have pointed ends there.
 */
#ifndef ROUNDEL_PLOTS_MAP_FIGURE_H
#define ROUNDEL_PLOTS_MAP_FIGURE_H

#include "figure.h"
#include "map.h"

enum {
    MAP_SHEET_MOST = 16 /* rows, and columns, that have room on a page */
};

/* Texts are UTF-8; NULL or empty: none. */
struct map_sheet {
    const struct map *maps; /* rows * columns, the first row first; without `values`: left empty */
    size_t rows, columns;   /* 1 .. MAP_SHEET_MOST; the maps have the same axes and shape */
    const char *const *row_names, *const *column_names; /* NULL: none */
    struct colouring colouring;                         /* without a title there is no bar */
    const char *title, *caption;
    bool means; /* each map's mean and area mean above it */
};

/* The subject is a struct map_sheet. Pages are 2.5 inches wide or wider. */
figure_draw_fn map_figure_draw;

#endif
