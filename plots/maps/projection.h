/* Rasters of roundings: what each direction of a view becomes, as one number. */
#ifndef ROUNDEL_PLOTS_PROJECTION_H
#define ROUNDEL_PLOTS_PROJECTION_H

#include "projection_method.h"
#include "projection_view.h"
#include "raster_run.h"

/* From a direction to a vector of weights. */
enum fourth_coordinate {
    FOURTH_NONE,
    FOURTH_MEAN, /* -(x + y + z) / 3: an isometry of what is left without the mean */
    FOURTH_SUM   /* -(x + y + z): mean 0, but longer along (1, 1, 1) */
};

enum {
    MAX_EXTRAS = RDL_BLOCK_MAX_LENGTH - 4
};

struct embedding {
    enum fourth_coordinate fourth;
    size_t nextras; /* more coordinates, behind: the same for all pixels */
    float extras[MAX_EXTRAS];
};

size_t embedding_length(const struct embedding *embedding);

/* The number of a pixel. x: the vector, v: its reconstruction, w: 1, or the weights of the search
 * where these are asked for. */
enum pixel_value {
    PIXEL_COSINE,     /* sum w x v / sqrt(sum w v^2 sum w x^2) */
    PIXEL_CENTRED,    /* the same without the weighted means: the correlation */
    PIXEL_ANGLE,      /* of the cosine, degrees */
    PIXEL_EXCESS,     /* error / error of `against` - 1, in the weights of the search */
    PIXEL_DIFFERENCE, /* cosine - cosine of `against` */
    PIXEL_INDEX,      /* of the code vector: numbers of directions of the grid; grids alone */
    PIXEL_VALUE_COUNT
};

/* "cosine" ..; NULL for a value out of range. */
const char *pixel_value_name(unsigned value);

/* Values compared with `against`. */
bool pixel_value_compares(enum pixel_value value);

struct projection {
    struct view view;
    unsigned samples; /* of a pixel, in either direction; their mean counts */
    struct embedding embedding;
    enum pixel_value value;
    bool weighted;
    const struct projection_method *method;
    const struct projection_method *against; /* NULL: EXCESS over the proven bound of a format */
};

/* Rounds one direction, to find constants and fills that a format cannot hold before anything
 * else. */
bool projection_try(const struct projection *projection, struct error *error);

/* As raster_make(). */
bool projection_make(struct raster *raster, const struct projection *projection, bool keep,
                     const struct raster_sink *sink, struct progress *progress,
                     struct error *error);

#endif
