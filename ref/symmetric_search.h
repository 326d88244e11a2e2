/*
 * Scale searches of x_i ~ scale * level_i with levels of a range about 0, -N .. N - 1 in formats,
 * and what goes with such levels. Codes are stored as level - first.
 *
 * Below RDL_SEARCH_EPSILON a block is zero to the searches: scale 0, and code 0, whatever its
 * level.
 */
#ifndef RDL_REF_SYMMETRIC_SEARCH_H
#define RDL_REF_SYMMETRIC_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

enum {
    RDL_SYMMETRIC_MAX_LENGTH = 64
};

struct rdl_levels {
    int first, last; /* first <= 0 <= last, and they differ */
};

/* -N .. N - 1. */
static inline struct rdl_levels rdl_symmetric_levels(int half_range)
{
    return (struct rdl_levels){-half_range, half_range - 1};
}

/* The level to which searches send the element of largest magnitude: the first one, or where that
 * is 0 the last. */
static inline int rdl_levels_end(struct rdl_levels levels)
{
    return levels.first < 0 ? levels.first : levels.last;
}

/* The fit of a coding: scale = xl / l2, explained part xl^2 / l2 as scale * xl. */
struct rdl_symmetric_fit {
    float xl, l2, scale, explained;
};

/*
 * Weighted least squares over 19 scales about the one that sends the largest magnitude to that end.
 * Specification: QX (ggml's make_qx_quants).
 */
float rdl_symmetric_search(int n, struct rdl_levels levels, const float *x, const float *w,
                           uint8_t *codes);

/* The best of these scales, and with `both_ends` of those about the one that sends it to the last
 * level too; `extreme` is the element of largest magnitude. */
struct rdl_symmetric_fit rdl_symmetric_scan(int n, struct rdl_levels levels, const float *x,
                                            const float *w, float extreme, bool both_ends,
                                            uint8_t *codes);

/*
 * Coordinate descent from that scale under weights x^2. Specification: Q3 (ggml's make_q3_quants).
 * `as_reference` keeps its defect: the test that is meant to keep the scale's sign is written for
 * positive scales, so that nothing is refined where the largest magnitude is a positive element,
 * whose scale is negative. Without it the test compares with the sign of the scale.
 */
float rdl_symmetric_descent(int n, struct rdl_levels levels, const float *x, bool as_reference,
                            uint8_t *codes);

/* The scale that sends the element of largest magnitude to -N; 0 for a zero block. No search. */
float rdl_symmetric_extreme_scale(int n, int half_range, const float *x);

/* Codes of the nearest levels for a given scale that is not zero. */
void rdl_symmetric_codes(int n, int half_range, const float *x, float scale, uint8_t *codes);

#endif
