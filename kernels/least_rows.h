/*
 * The nearest rows of a vector codebook for 16 groups of weights at once, each for values of its
 * own: what a search needs that asks for all rows at one scale (row_lines.h is for many scales of
 * one group). Lanes are groups.
 *
 * Costs are binary32: sums w (x - v)^2 of positive terms, and 4 w x v of the weight that is
 * cheapest to give the wrong sign. With u = 2^-24, w is rounded once, the difference, its square
 * and the product are, and 3 sums follow, or 5 with a wrong sign: a relative error of 10 u, of
 * which there are two in a comparison. Where roundings are absolute, below 2^-126, they come to
 * less than 2^-102 for numbers of at most 2^20. So a row is nearest beyond doubt if all others cost
 * more than
 *
 *     cost (1 + 2^-18) + 2^-100,
 *
 * and what else there is to do is left to the caller.
 */
#ifndef RDL_LEAST_ROWS_H
#define RDL_LEAST_ROWS_H

#include "halved_codebook.h"
#include "roundel.h"

enum {
    RDL_LEAST_LANES = RDL_HALF_STEP,
    RDL_LEAST_WEIGHTS = 8
};

/* The largest number that the bound above is good for. */
#define RDL_LEAST_LIMIT 0x1p20

/* [weight or level][group]: magnitudes, factors and the values of the levels, all from 0 to
 * RDL_LEAST_LIMIT. */
struct rdl_least_tile {
    float x[RDL_LEAST_WEIGHTS][RDL_LEAST_LANES], w[RDL_LEAST_WEIGHTS][RDL_LEAST_LANES];
    float values[RDL_HALVED_LEVELS][RDL_LEAST_LANES];
};

/*
 * The row of least cost in each lane, the first of equals, and whether it is beyond doubt. With
 * `wrong`, one weight has the wrong sign, whichever costs least. The same bits on every target.
 */
typedef void rdl_least_rows_fn(const struct rdl_halved_codebook *codebook,
                               const struct rdl_least_tile *tile, bool wrong, uint16_t *rows,
                               bool *sure);

/* NULL for a target that this build has not. */
rdl_least_rows_fn *rdl_least_rows_of(enum rdl_target target);

/* What the halves of a group cost: those of half h are at first[h / step] and so on. The
 * cheapest wrong sign of a row is in its first half, and then in `first_wrong`, or adds
 * `last_flip`. */
struct rdl_run_costs {
    const float *first, *first_wrong; /* the latter NULL without a wrong sign */
    float last, last_flip;            /* of the run */
    size_t step;                      /* RDL_HALF_STEP, or 1 where 16 groups follow each other */
};

static inline float rdl_cost_in_run(const struct rdl_run_costs *costs, size_t half)
{
    float cost = costs->first[half / costs->step];
    if (costs->first_wrong) {
        const float wrong = costs->first_wrong[half / costs->step];
        const float flip = cost + costs->last_flip;
        cost = flip < wrong ? flip : wrong;
    }
    return cost + costs->last;
}

/* The first row of least cost in the run with the least of all; no other run has less than
 * `others`. As many rows are looked at for every run, so that there is no branch but for doubts. */
static inline uint16_t rdl_least_of_run(const struct rdl_halved_codebook *codebook, size_t run,
                                        const struct rdl_run_costs *costs, float least,
                                        float others, bool *sure)
{
    const float limit = least + (least * 0x1p-18f + 0x1p-100f);
    const unsigned rows = (1u << (codebook->begin[run + 1] - codebook->begin[run])) - 1;
    unsigned low = 0, lowest = 0;
    for (unsigned i = 0; i < RDL_RUN_ROWS; i++) {
        const float cost = rdl_cost_in_run(costs, codebook->first[run][i]);
        low |= (unsigned)(cost <= limit) << i;
        lowest |= (unsigned)(cost <= least) << i;
    }
    low &= rows;
    *sure = limit < others && (low & (low - 1)) == 0;
    return (uint16_t)(codebook->begin[run] + __builtin_ctz(lowest));
}

#endif
