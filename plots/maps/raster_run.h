/*
 * Makes rasters row by row, on all cores. Memory is a few rows: values that are kept go to a
 * temporary file without a name, and are mapped from there. Nothing depends on the number of
 * threads.
 */
#ifndef ROUNDEL_PLOTS_RASTER_RUN_H
#define ROUNDEL_PLOTS_RASTER_RUN_H

#include "error.h"
#include "progress.h"
#include "raster.h"

struct raster_source {
    const char *name; /* for the progress bar */
    size_t width, height;
    const void *subject;
    /* What a thread works with, NULL without memory; and its end. */
    void *(*open)(const void *subject);
    void (*close)(void *thread);
    /* Fills the values of a row, NaN where there is none, and the areas of its pixels. */
    bool (*row)(const void *subject, void *thread, size_t row, double *values, double *areas,
                struct error *error);
};

/* Takes rows as they are made, in order. */
struct raster_sink {
    void *context;
    bool (*rows)(void *context, size_t rows, const double *values, struct error *error);
};

/*
 * Makes the raster; raster_release() takes it back. `keep` false: statistics alone, no values.
 * `sink` may be NULL.
 */
bool raster_make(struct raster *raster, const struct raster_source *source, bool keep,
                 const struct raster_sink *sink, struct progress *progress, struct error *error);
void raster_release(struct raster *raster);

#endif
