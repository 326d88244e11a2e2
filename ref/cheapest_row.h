/* The choice among neighbours that every vector codebook search ends in. */
#ifndef RDL_REF_CHEAPEST_ROW_H
#define RDL_REF_CHEAPEST_ROW_H

#include "binary16.h"

/* Inlined whatever the compiler thinks: with constant arguments there is one version of the code
 * for each kind of codebook. */
#if defined(__GNUC__)
#define RDL_SPECIALIZED inline __attribute__((always_inline))
#else
#define RDL_SPECIALIZED inline
#endif

/* `costs` holds the error of weight i at level l in costs[l * length + i], and `row_levels` length
 * levels a row, so that a row costs one addition a weight. The first row of least cost; whatever
 * the costs, a row of the list. Costs are finite and not negative, so that their order is that of
 * their bits, and a number that holds cost and place finds both without a branch. */
static RDL_SPECIALIZED uint16_t rdl_cheapest_row(int length, const uint16_t *rows, uint32_t count,
                                                 const uint8_t *row_levels, const float *costs)
{
    uint64_t cheapest = UINT64_MAX;
    for (uint32_t k = 0; k < count; k++) {
        const uint8_t *levels = row_levels + rows[k] * length;
        float cost = 0.0f;
        for (int i = 0; i < length; i++)
            cost += costs[levels[i] * length + i];
        const uint64_t key = (uint64_t)rdl_float_bits(cost) << 32 | k;
        cheapest = key < cheapest ? key : cheapest;
    }
    return rows[(uint32_t)cheapest];
}

#endif
