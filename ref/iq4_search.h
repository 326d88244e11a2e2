/*
 * Scale search of x_i ~ scale * V[code_i] on the 16-value IQ4_NL table: weighted least squares over
 * 16 codings. Used by IQ4_NL and IQ4_XS. Specification: quantizers, section 6, step 2.
 */
#ifndef RDL_REF_IQ4_SEARCH_H
#define RDL_REF_IQ4_SEARCH_H

#include <stdint.h>

/* Blocks whose largest magnitude is below this are zero to the IQ4 encoders. */
#define RDL_IQ4_EPSILON 1e-15f

enum {
    RDL_IQ4_SUB_BLOCK = 32
};

/* 32 weights x with factors w; returns the scale. Codes follow from it: nearest entry to x / scale.
 */
float rdl_iq4_search(const float *x, const float *w);

/* Codes for the given inverse scale, and the sums that give their least-squares scale: returns
 * numerator / denominator, 0 where the denominator is not positive. */
struct rdl_iq4_sums {
    float numerator, denominator;
};
struct rdl_iq4_sums rdl_iq4_fit(const float *x, const float *w, float inverse_scale);

/* The scale that sends the element of largest magnitude to the table's largest magnitude, V[0]; 0
 * for a zero block. No search. */
float rdl_iq4_extreme_scale(const float *x);

/* The table, as solvers want it. */
extern const float rdl_iq4_entries[16];

/* 32 weights from the 16 bytes of their nibbles. */
void rdl_iq4_decode(float scale, const uint8_t *nibbles, float *x);

#endif
