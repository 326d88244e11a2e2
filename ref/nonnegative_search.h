/*
 * Scale search of x_i ~ scale * code_i with codes from 0 up: nine scales compared by error, then
 * coordinate descent. Codes the sub-block scales and mins of the K-quants with importance.
 * Specification: QP (ggml's make_qp_quants).
 */
#ifndef RDL_REF_NONNEGATIVE_SEARCH_H
#define RDL_REF_NONNEGATIVE_SEARCH_H

#include <stdint.h>

/* n values x with factors w; returns the scale and fills codes. Codes are bytes: a negative result,
 * which x_i < 0 can give, wraps around, and the bytes of the reference depend on that. */
float rdl_nonnegative_search(int n, int code_max, const float *x, const float *w, uint8_t *codes);

#endif
