/* What `roundel project` is asked for. */
#ifndef ROUNDEL_PLOTS_PROJECT_SETTINGS_H
#define ROUNDEL_PLOTS_PROJECT_SETTINGS_H

#include "map.h"
#include "options.h"
#include "projection.h"
#include "raster_png.h"
#include "target_choice.h"

enum project_task {
    TASK_PROJECTION,
    TASK_SWEEP,
    TASK_ASYMMETRY
};

enum {
    PROJECT_MOST_GRIDS = 16,
    PROJECT_MOST_PLACES = 32,
    PROJECT_MOST_VECTOR = 64
};

/* Where results go, by the ending of the name. */
enum place_kind {
    PLACE_PNG,    /* pixels alone */
    PLACE_NPY,    /* values */
    PLACE_FIGURE, /* PDF or SVG */
    PLACE_KIND_COUNT
};

struct place {
    enum place_kind kind;
    const char *path;
};

struct project_settings {
    enum project_task task;
    /* What is rounded, one of the two; and how: names of solvers or of roundings. */
    struct projection_grid *grids; /* room for PROJECT_MOST_GRIDS */
    size_t ngrids;
    unsigned formats[AXIS_MAX];
    size_t nformats;
    const char *roundings; /* as typed; NULL: exact */
    unsigned choices[AXIS_MAX];
    size_t nchoices;
    enum rdl_weighting weighting;
    enum rdl_scales scales;
    bool importance;
    const char *against; /* as typed; NULL: the optimum */
    enum projection_fill fill;
    float fill_constant;
    uint64_t seed;

    struct projection projection; /* method and against are filled for each map */
    enum view_kind kind;
    uint64_t width, height, samples; /* width, height: 0: default */
    bool has_region, has_rotation, centres;
    double region[4], rotation[3];
    uint64_t nrandom;

    /* Sweep and asymmetry. */
    double vector[PROJECT_MOST_VECTOR];
    size_t nvector;
    uint64_t levels, blocks;

    struct place places[PROJECT_MOST_PLACES];
    size_t nplaces;
    const char *viewer, *json;
    const char *title, *caption;
    double page_width; /* points */
    uint64_t columns;  /* of the sheet; 0: default */
    bool has_range, has_palette;
    double range[2];
    enum palette palette;
    uint64_t bits;

    uint64_t threads; /* 0: all */
    const char *target_name;
    struct target_choice target;
};

extern const struct option_spec project_options[];

/* An option_fn; the context is a struct project_settings. */
bool project_settings_take(void *context, int id, const char *value, struct error *error);

/* Checks what belongs together, and completes it. */
bool project_settings_check(struct project_settings *settings, struct error *error);

#endif
