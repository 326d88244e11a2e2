/*
 * The offset-scale sweep of one vector: the codes for every scale and offset at which none is
 * clamped, by where its least and its greatest value come to lie between the levels.
 */
#ifndef ROUNDEL_PLOTS_SWEEP_H
#define ROUNDEL_PLOTS_SWEEP_H

#include "raster_run.h"
#include "roundel_block.h"

enum {
    SWEEP_MAX_LENGTH = RDL_BLOCK_MAX_LENGTH,
    SWEEP_MAX_LEVELS = 64
};

struct sweep {
    size_t n; /* 2 .. SWEEP_MAX_LENGTH */
    float x[SWEEP_MAX_LENGTH];
    int levels; /* 0 .. levels - 1, 2 .. SWEEP_MAX_LEVELS of them */
    size_t width, height;
};

/* False if the vector has one value only. */
bool sweep_is_valid(const struct sweep *sweep, struct error *error);

/*
 * Column c, row r: the greatest value lies at 1/2 + (levels - 1) c / (width - 1), the least at
 * -1/2 + r / height; codes are the nearest levels. The pixel is the squared correlation of codes
 * and vector, blank where all codes are the same.
 */
bool sweep_make(struct raster *raster, const struct sweep *sweep, bool keep,
                struct progress *progress, struct error *error);

struct sweep_vector {
    uint8_t codes[SWEEP_MAX_LENGTH];
    double value;
    uint64_t pixels; /* that have these codes */
};

/* The distinct vectors of codes of the raster that are not constant, best first (of equals, by
 * their codes); *vectors is the caller's to free. */
bool sweep_vectors(const struct sweep *sweep, struct sweep_vector **vectors, size_t *count,
                   struct error *error);

/* The best vector of any scale and offset, by proof, clamped codes too. */
bool sweep_optimum(const struct sweep *sweep, struct sweep_vector *optimum, struct error *error);

#endif
