/* What TQ1_0 and TQ2_0 have in common: 256 weights, x = d * (digit - 1), d the largest magnitude.
 */
#ifndef RDL_REF_TERNARY_H
#define RDL_REF_TERNARY_H

#include <stdint.h>

enum {
    RDL_TERNARY_BLOCK = 256
};

/* Fills the digits 0 .. 2; returns d as stored (binary16). The digits belong to d before rounding.
 */
uint16_t rdl_ternary_digits(const float *x, uint8_t *digits);

/* (digit - 1) * d; a digit may be 3 in bytes that no encoder wrote. */
void rdl_ternary_decode(uint16_t d, const uint8_t *digits, float *x);

#endif
