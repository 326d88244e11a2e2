/* The row of least cost of a vector codebook that is cut in two (halved_codebook.h). */
#ifndef RDL_REF_ROW_RUNS_H
#define RDL_REF_ROW_RUNS_H

#include "least_rows.h"

/* What the halves cost. With a wrong sign: what a row costs but for its last half if the sign is
 * in the first, and what it adds in the last; NULL without one. */
struct rdl_half_costs {
    const float *first, *last, *first_wrong, *last_flips;
};

static inline float rdl_lesser_cost(float a, float b)
{
    return b < a ? b : a;
}

static inline float rdl_least_first_half(const float *costs, const uint16_t *halves)
{
    float least = costs[halves[0] / RDL_HALF_STEP];
    for (size_t i = 1; i < RDL_RUN_ROWS; i++)
        least = rdl_lesser_cost(least, costs[halves[i] / RDL_HALF_STEP]);
    return least;
}

static inline float rdl_least_in_run(const struct rdl_halved_codebook *codebook,
                                     const struct rdl_half_costs *halves, size_t run)
{
    const uint16_t *first = codebook->first[run];
    const size_t last = codebook->last[run] / RDL_HALF_STEP;
    float least = rdl_least_first_half(halves->first, first);
    if (halves->first_wrong)
        least = rdl_lesser_cost(rdl_least_first_half(halves->first_wrong, first),
                                least + halves->last_flips[last]);
    return least + halves->last[last];
}

/* The first row of least cost, and whether it is beyond doubt. */
static inline uint16_t rdl_find_least_row(const struct rdl_halved_codebook *codebook,
                                          const struct rdl_half_costs *halves, bool *sure)
{
    float best = rdl_least_in_run(codebook, halves, 0), second = 0x1p126f;
    size_t best_run = 0;
    for (size_t run = 1; run < codebook->runs; run++) {
        const float cost = rdl_least_in_run(codebook, halves, run);
        second = rdl_lesser_cost(second, cost < best ? best : cost);
        best_run = cost < best ? run : best_run;
        best = rdl_lesser_cost(best, cost);
    }
    const size_t last = codebook->last[best_run] / RDL_HALF_STEP;
    const struct rdl_run_costs costs = {halves->first, halves->first_wrong, halves->last[last],
                                        halves->last_flips ? halves->last_flips[last] : 0.0f,
                                        RDL_HALF_STEP};
    return rdl_least_of_run(codebook, best_run, &costs, best, second, sure);
}

#endif
