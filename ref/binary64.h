/* What searches do with binary64 numbers, without calls of libm. */
#ifndef RDL_REF_BINARY64_H
#define RDL_REF_BINARY64_H

#include <stdint.h>
#include <string.h>

static inline double rdl_lesser(double a, double b)
{
    return b < a ? b : a;
}

static inline double rdl_greater(double a, double b)
{
    return b > a ? b : a;
}

/* 2^-e for 2^e <= v < 2^(e + 1), v positive and normal. */
static inline double rdl_inverse_power(double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    bits = (2046u - (bits >> 52 & 2047u)) << 52;
    memcpy(&v, &bits, sizeof v);
    return v;
}

#endif
