/*
 * Scale search of a sub-block on a vector codebook: weighted least squares over a scan of scales,
 * then once more the rows for the scale found. Specification: quantizers, section 8, steps 3 to 5,
 * and section 9, steps 4 and 5.
 */
#ifndef RDL_REF_CODEBOOK_SEARCH_H
#define RDL_REF_CODEBOOK_SEARCH_H

#include "neighbour_search.h"

#include <stdbool.h>

/* The scales tried: (top + step * s) / extent is the inverse scale for s = -last .. last. At s = 0
 * a magnitude of this extent is `top`, the odd number of the highest level. */
struct rdl_codebook_scan {
    int top, last;
    float step;
};

/* Fills the choice of the best scale and returns that scale, or returns `scale` and leaves the
 * choice as it is if none explains anything. */
float rdl_codebook_scan(const struct rdl_codebook_target *target,
                        const struct rdl_codebook_scan *scan, float extent, float scale,
                        struct rdl_codebook_choice *choice);

/* Chooses the rows of these groups for the scale, which is positive; returns the scale that fits
 * the outcome. */
float rdl_codebook_refine(const struct rdl_codebook_target *target, unsigned groups, float scale,
                          struct rdl_codebook_choice *choice);

/* The search of most formats: a scan from the largest magnitude, then refinement of the groups off
 * the grid. Always true; see the method. */
bool rdl_codebook_search(const struct rdl_codebook_target *target,
                         const struct rdl_codebook_scan *scan, struct rdl_codebook_choice *choice,
                         float *scale);

#endif
