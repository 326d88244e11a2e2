/* A figure of every tensor of a model as colours: rows of layers, columns of kinds of tensors. */
#ifndef ROUNDEL_PLOTS_HEATMAP_H
#define ROUNDEL_PLOTS_HEATMAP_H

#include "map.h"
#include "report_file.h"
#include <cairo.h>

enum {
    HEATMAP_TEXT = 128,
    HEATMAP_MOST_LAYERS = 512,
    HEATMAP_MOST_KINDS = 64,
    HEATMAP_MOST_LISTED = 400, /* beyond that no page has room */
    HEATMAP_NO_LAYER = -1
};

struct heatmap_cell {
    long layer;              /* HEATMAP_NO_LAYER: the cell is listed below the others */
    unsigned kind;           /* of one with a layer: index of heatmap.kinds */
    char name[HEATMAP_TEXT]; /* of one without; fit for printing */
    double value;            /* NaN: none */
};

struct heatmap {
    const char *title, *remark;
    char below[512]; /* fit for printing */
    struct colouring colouring;
    unsigned decimals; /* of the numbers in cells */
    char kinds[HEATMAP_MOST_KINDS][HEATMAP_TEXT];
    size_t nkinds;
    long layers[HEATMAP_MOST_LAYERS]; /* ascending */
    size_t nlayers;
    struct heatmap_cell *cells;
    size_t count, capacity, nlisted; /* of these, without a layer */
    struct report_origin origin;
};

/*
 * Adds a tensor. The first part of its name between dots that is a number is its layer, what is
 * behind it, but for ".weight", its kind: "blk.3.attn_q.weight".
 */
bool heatmap_add(struct heatmap *heatmap, const char *tensor, double value, struct error *error);

/* Once all are there, at least one with a value: sorts the layers; colours go from the least to the
 * greatest value. */
void heatmap_finish(struct heatmap *heatmap);

double heatmap_draw(cairo_t *cairo, double width, const struct heatmap *heatmap);

void heatmap_free(struct heatmap *heatmap);

#endif
