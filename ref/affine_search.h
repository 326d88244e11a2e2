/*
 * Weighted least-squares search of x_i ~ scale * code_i - min over a grid of scales: the search of
 * the affine K-quants. Specification: AFFINE (ggml's make_qkx2_quants and make_qkx3_quants).
 */
#ifndef RDL_REF_AFFINE_SEARCH_H
#define RDL_REF_AFFINE_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

enum {
    RDL_AFFINE_MAX_LENGTH = 64
};

/* The scales tried: (first + step * s + code_max) / (max - min) is the inverse scale for
 * s = 0, 1, ..., last. */
struct rdl_affine_grid {
    int code_max; /* codes are 0 .. code_max */
    float first, step;
    int last;
    bool absolute; /* minimise sum w |error| in place of sum w error^2 */
};

struct rdl_affine_fit {
    float scale;
    float min; /* what is subtracted; >= 0 */
};

/* n <= RDL_AFFINE_MAX_LENGTH weights x with factors w; fills codes. */
struct rdl_affine_fit rdl_affine_search(int n, const float *x, const float *w,
                                        const struct rdl_affine_grid *grid, uint8_t *codes);

/* Minimum (not above 0) and maximum to code 0 and code_max, without a search and without codes. */
struct rdl_affine_fit rdl_affine_min_max(int n, const float *x, int code_max);

#endif
