/*
 * Scale search of x_i ~ scale * code_i with codes from 0 up: nine scales compared by error, then
 * coordinate descent. Codes the sub-block scales and mins of the K-quants with importance.
 * Specification: QP (ggml's make_qp_quants).
 */
#ifndef RDL_REF_NONNEGATIVE_SEARCH_H
#define RDL_REF_NONNEGATIVE_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

/*
 * n values x with factors w; returns the scale and fills codes, at most 255. For values below
 * RDL_SEARCH_EPSILON the scale and the codes are 0. Negative values have code 0; `as_reference`,
 * their codes are negative and wrap around as bytes, which the bytes of the reference depend on.
 */
float rdl_nonnegative_search(int n, int code_max, const float *x, const float *w, bool as_reference,
                             uint8_t *codes);

#endif
