/*
 * The search of IQ1_S and IQ1_M: x_i ~ scale * (g_i + delta) with ternary codebook rows g and delta
 * +-1/8. The best cut of the sorted weights into levels, then the codebook rows nearest to it.
 * Specification: quantizers, section 12.
 */
#ifndef RDL_REF_IQ1_SEARCH_H
#define RDL_REF_IQ1_SEARCH_H

#include "neighbours.h"

enum {
    RDL_IQ1_MAX_SUB_BLOCK = 32,
    RDL_IQ1_GROUP = 8,
    RDL_IQ1_MAX_GROUPS = RDL_IQ1_MAX_SUB_BLOCK / RDL_IQ1_GROUP
};

/* What the three levels stand for: entry + delta, for delta bits 0 (+1/8) and 1 (-1/8). */
extern const float rdl_iq1_values[2][3];

/* A coded sub-block. delta[g] is 1 where group g has the delta -1/8. All zero, it is what the
 * reference stores for weights that are all but zero. */
struct rdl_iq1_fit {
    float scale;
    uint16_t rows[RDL_IQ1_MAX_GROUPS];
    uint8_t delta[RDL_IQ1_MAX_GROUPS];
    uint8_t levels[RDL_IQ1_MAX_SUB_BLOCK];
};

/* 32 weights x with factors w, one delta for all. Cuts are scored from running sums. */
struct rdl_iq1_fit rdl_iq1_s_search(const float *x, const float *w,
                                    const struct rdl_neighbours *neighbours);

/* 16 weights, a delta for each half. Cuts are scored by sums over the sorted weights. */
struct rdl_iq1_fit rdl_iq1_m_search(const float *x, const float *w,
                                    const struct rdl_neighbours *neighbours);

/* Eight weights from their codebook row and delta bit. */
void rdl_iq1_decode_group(int row, int delta, float scale, float *x);

#endif
