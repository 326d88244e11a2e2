/*
 * The row of least cost of a vector codebook that is cut in two (halved_codebook.h). Lanes are
 * groups of weights, RDL_LANES of them 16.
 */
#ifndef RDL_SIMD_ROW_RUNS_H
#define RDL_SIMD_ROW_RUNS_H

#include "lanes.h"
#include "least_rows.h"

/* What the halves cost. With a wrong sign: what a row costs but for its last half if the sign is
 * in the first, and what it adds in the last; unused without one. */
struct half_costs {
    _Alignas(64) float first[RDL_HALF_POINTS * RDL_LANES];
    float last[RDL_HALF_POINTS * RDL_LANES];
    float first_wrong[RDL_HALF_POINTS * RDL_LANES], last_flips[RDL_HALF_POINTS * RDL_LANES];
};

/* Instructions count here more than additions: every run has as many rows, and what is not looked
 * at is not worth a branch. */
RDL_INLINE vf least_first_half(const float *costs, const uint16_t *halves)
{
    vf least = v_load(costs + halves[0]);
    for (size_t i = 1; i < RDL_RUN_ROWS; i++)
        least = v_min(least, v_load(costs + halves[i]));
    return least;
}

RDL_INLINE vf least_in_run(const struct rdl_halved_codebook *codebook,
                           const struct half_costs *halves, bool wrong, size_t run)
{
    const uint16_t *first = codebook->first[run];
    const size_t last = codebook->last[run];
    vf least = least_first_half(halves->first, first);
    if (wrong)
        least = v_min(least_first_half(halves->first_wrong, first),
                      v_add(least, v_load(halves->last_flips + last)));
    return v_add(least, v_load(halves->last + last));
}

/* As rdl_least_rows_fn has them; `wrong` is a constant. */
RDL_INLINE void find_least_rows(const struct rdl_halved_codebook *codebook,
                                const struct half_costs *halves, bool wrong, uint16_t *rows,
                                bool *sure)
{
    float least[RDL_LANES], others[RDL_LANES];
    int32_t runs[RDL_LANES];
    vf best = least_in_run(codebook, halves, wrong, 0), second = v_set(0x1p126f);
    vi best_run = v_iset(0);
    for (size_t run = 1; run < codebook->runs; run++) {
        const vf cost = least_in_run(codebook, halves, wrong, run);
        second = v_min(second, v_max(best, cost));
        best_run = v_iselect(v_lt(cost, best), v_iset((int32_t)run), best_run);
        best = v_min(best, cost);
    }
    v_store(least, best);
    v_store(others, second);
    v_istore(runs, best_run);
    for (size_t k = 0; k < RDL_LANES; k++) {
        const size_t run = (size_t)runs[k], last = codebook->last[run];
        const struct rdl_run_costs costs = {
            halves->first + k, wrong ? halves->first_wrong + k : NULL, halves->last[last + k],
            wrong ? halves->last_flips[last + k] : 0.0f, 1};
        rows[k] = rdl_least_of_run(codebook, run, &costs, least[k], others[k], &sure[k]);
    }
}

#endif
