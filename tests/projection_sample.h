/* Projections that tests make. */
#ifndef ROUNDEL_TESTS_PROJECTION_SAMPLE_H
#define ROUNDEL_TESTS_PROJECTION_SAMPLE_H

#include "projection.h"

/* What differs from the plain one: uniform weights, cosine, the whole sphere, one sample. */
struct projection_sample {
    const char *grid, *solver; /* or: */
    const char *format, *rounding;
    enum rdl_weighting weighting;
    enum projection_fill fill;
    const char *against; /* solver */
    struct projection projection;
    enum rdl_target target;
};

/* Of a grid, W pixels wide. */
struct projection_sample projection_sample(const char *grid, const char *solver, size_t width);

/* Makes it with its values; the caller releases it. Fails the test where that is impossible. */
struct raster projection_sample_make(struct projection_sample *sample);

/* Its statistics alone. */
struct raster_statistics projection_sample_statistics(struct projection_sample *sample);

#endif
