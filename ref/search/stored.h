/* Scales as they are stored: units, integers, and the errors of the decoder's weights. */
#ifndef RDL_REF_STORED_H
#define RDL_REF_STORED_H

#include "binary16.h"
#include "search/search.h"

/* A sub-block as a decoder sees it: scale * value - min. */
struct rdl_stored_scale {
    float scale, min;
};

static inline struct rdl_stored_scale rdl_stored_scale(uint16_t d, uint16_t dmin, int scale,
                                                       int min)
{
    return (struct rdl_stored_scale){rdl_f16_to_f32(d) * (float)scale,
                                     rdl_f16_to_f32(dmin) * (float)min};
}

/* Of sub-block j of a block. */
static inline struct rdl_stored_scale rdl_stored_scale_of(const struct rdl_search_block *block,
                                                          int j)
{
    return rdl_stored_scale(block->d, block->dmin, block->scales[j], block->mins[j]);
}

static inline bool rdl_stored_is_finite(uint16_t half)
{
    return (half & 0x7C00u) != 0x7C00u;
}

/* The binary16 number so many steps farther from 0 than this one, of the same sign; the number
 * itself if there is none that is finite. */
static inline uint16_t rdl_stored_step(uint16_t half, int steps)
{
    const int magnitude = (half & 0x7FFF) + steps;
    if (magnitude < 0 || magnitude >= 0x7C00)
        return half;
    return (uint16_t)((half & 0x8000) | magnitude);
}

/* The nearest codes of sub-block j. */
void rdl_stored_codes(const struct rdl_search_problem *problem, int j,
                      struct rdl_stored_scale stored, uint8_t *codes);

/* Their error; INFINITY if it is above the limit, which ends the sum. */
double rdl_stored_error(const struct rdl_search_problem *problem, int j,
                        struct rdl_stored_scale stored, double limit);

/* Of all sub-blocks, each with its nearest codes. */
double rdl_stored_block_error(const struct rdl_search_problem *problem,
                              const struct rdl_search_block *block);

#endif
