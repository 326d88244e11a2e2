/*
 * Signs of the vector codebook formats: kept apart from the magnitudes, in one mask for 8 weights,
 * bit i for weight i. Specification: quantizers, section 7.4.
 */
#ifndef RDL_REF_SIGN_PARITY_H
#define RDL_REF_SIGN_PARITY_H

#include <stdint.h>

enum {
    RDL_SIGN_GROUP = 8
};

/* Splits n weights, a multiple of 8; -0 counts as positive and stays -0. */
void rdl_split_signs(int n, const float *x, float *magnitudes, uint8_t *signs);

/*
 * For formats that store seven of eight signs and have the eighth make the number of negative
 * weights even. Where it is odd, the weight of least w x^2 gets the wrong sign: its magnitude
 * becomes negative, so that the search rounds it to a small one.
 */
void rdl_make_signs_even(int n, const float *x, const float *w, float *magnitudes, uint8_t *signs);

#endif
