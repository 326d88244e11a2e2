/*
 * d and the integers by a search on the real scales, each with the sum of its sub-block's weights;
 * dmin and the mins likewise: how ggml's encoders with importance do it. The same search finds the
 * scale and the codes of weights there.
 */
#include "nonnegative_search.h"
#include "search/store.h"
#include "symmetric_search.h"

static void sum_weights(const struct rdl_search_problem *problem, float *sums)
{
    const int n = problem->layout->length;
    for (int j = 0; j < problem->layout->sub_blocks; j++) {
        double sum = 0.0;
        for (int i = n * j; i < n * (j + 1); i++)
            sum += (double)problem->weights[i];
        sums[j] = (float)sum;
    }
}

/* Integers from 0; returns the unit. */
static uint16_t search_from_zero(int n, int last, const float *values, const float *sums,
                                 uint8_t *integers)
{
    const float unit = rdl_nonnegative_search(n, last, values, sums, false, integers);
    return rdl_f32_to_f16(unit);
}

static void store_scales(const struct rdl_search_problem *problem, const float *sums,
                         struct rdl_search_block *block)
{
    const struct rdl_search_layout *layout = problem->layout;
    const int n = layout->sub_blocks;
    float scales[RDL_SEARCH_MAX_SUB_BLOCKS];
    uint8_t codes[RDL_SEARCH_MAX_SUB_BLOCKS];
    for (int j = 0; j < n; j++)
        scales[j] = (float)problem->fits[j].scale;
    if (layout->scale_first < 0)
        block->d = rdl_f32_to_f16(rdl_symmetric_search(
            n, rdl_symmetric_levels(-layout->scale_first), scales, sums, codes));
    else
        block->d = search_from_zero(n, layout->scale_last, scales, sums, codes);
    for (int j = 0; j < n; j++)
        block->scales[j] = (int16_t)(codes[j] + layout->scale_first);
}

static void store_mins(const struct rdl_search_problem *problem, const float *sums,
                       struct rdl_search_block *block)
{
    const int n = problem->layout->sub_blocks;
    float mins[RDL_SEARCH_MAX_SUB_BLOCKS];
    for (int j = 0; j < n; j++)
        mins[j] = (float)rdl_store_min(problem, j);
    block->dmin = search_from_zero(n, problem->layout->min_last, mins, sums, block->mins);
    if (problem->min_sign < 0)
        block->dmin ^= 0x8000;
}

void rdl_store_qp(const struct rdl_search_problem *problem, struct rdl_search_block *block)
{
    if (!rdl_store_units(problem, block))
        return;
    float sums[RDL_SEARCH_MAX_SUB_BLOCKS];
    sum_weights(problem, sums);
    store_scales(problem, sums, block);
    if (problem->layout->min_last > 0)
        store_mins(problem, sums, block);
}
