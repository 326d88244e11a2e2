/*
 * Scale searches of x_i ~ scale * level_i with levels -N .. N - 1, and what goes with such levels.
 * Codes are stored as level + N.
 */
#ifndef RDL_REF_SYMMETRIC_SEARCH_H
#define RDL_REF_SYMMETRIC_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

enum {
    RDL_SYMMETRIC_MAX_LENGTH = 32
};

/* Below this largest magnitude a block is zero to the searches: scale 0, and code 0 (not N). */
#define RDL_SYMMETRIC_EPSILON 1e-15f

/*
 * Weighted least squares over 19 scales about the one that sends the largest magnitude to -N.
 * Specification: QX (ggml's make_qx_quants).
 */
float rdl_symmetric_search(int n, int half_range, const float *x, const float *w, uint8_t *codes);

/*
 * Coordinate descent from that scale under weights x^2. Specification: Q3 (ggml's make_q3_quants).
 * `as_reference` keeps its defect: the test that is meant to keep the scale's sign is written for
 * positive scales, so that nothing is refined where the largest magnitude is a positive element,
 * whose scale is negative. Without it the test compares with the sign of the scale.
 */
float rdl_symmetric_descent(int n, int half_range, const float *x, bool as_reference,
                            uint8_t *codes);

/* The scale that sends the element of largest magnitude to -N; 0 for a zero block. No search. */
float rdl_symmetric_extreme_scale(int n, int half_range, const float *x);

/* Codes of the nearest levels for a given scale that is not zero. */
void rdl_symmetric_codes(int n, int half_range, const float *x, float scale, uint8_t *codes);

#endif
