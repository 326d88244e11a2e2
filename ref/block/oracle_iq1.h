/*
 * The oracle for IQ1_S and IQ1_M: sub-blocks whose weights share a real scale of either sign, every
 * group of 8 takes a row of the ternary codebook, and its values are moved by +1/8 or -1/8: all
 * groups by the same (IQ1_S), or each by its own (IQ1_M).
 */
#ifndef RDL_REF_ORACLE_IQ1_H
#define RDL_REF_ORACLE_IQ1_H

#include <stdbool.h>
#include <stddef.h>

enum {
    RDL_IQ1_ORACLE_MAX = 32 /* weights */
};

/* Bytes of scratch for n weights. */
size_t rdl_iq1_oracle_scratch(size_t n);

/* The least error of n weights x with factors w, n a multiple of 8; finite data. */
double rdl_iq1_oracle_error(size_t n, const float *x, const float *w, bool one_delta,
                            void *scratch);

#endif
