#include "search/stored.h"

#include "block/block.h"

#include <math.h>

/* Weights that are looked at together, so that compilers vectorize. Divides the lengths of all
 * sub-blocks. */
enum {
    STEP = 8
};

/*
 * The nearest codes, as rdl_block_nearest() finds them: ties go to the even number of steps from
 * the first integer, or to the larger entry.
 */
static void nearest_codes(const struct rdl_block_grid *grid, const double *restrict levels,
                          double *restrict codes)
{
    if (!grid->entries) {
        const double shift = 6755399441055744.0; /* 1.5 * 2^52: the last place of the sum is 1 */
        const double first = (double)grid->first, last = (double)(grid->count - 1);
        for (int i = 0; i < STEP; i++) {
            const double code = levels[i] - first, above = code > 0.0 ? code : 0.0;
            codes[i] = ((above < last ? above : last) + shift) - shift;
        }
        return;
    }
    for (int i = 0; i < STEP; i++)
        codes[i] = 0.0;
    for (int k = 1; k < grid->count; k++) {
        const double midpoint = 0.5 * ((double)grid->entries[k - 1] + (double)grid->entries[k]);
        for (int i = 0; i < STEP; i++)
            codes[i] += levels[i] < midpoint ? 0.0 : 1.0;
    }
}

/* Of the next weights. A stored scale of 0 has the code of the value 0. */
static void next_codes(const struct rdl_block_grid *grid, const float *x,
                       struct rdl_stored_scale stored, double *codes)
{
    const double scale = (double)stored.scale, min = (double)stored.min;
    double levels[STEP];
    for (int i = 0; i < STEP; i++)
        levels[i] = scale != 0.0 ? ((double)x[i] + min) / scale : 0.0;
    nearest_codes(grid, levels, codes);
}

static void next_values(const struct rdl_block_grid *grid, const double *codes, float *values)
{
    if (grid->entries)
        for (int i = 0; i < STEP; i++)
            values[i] = grid->entries[(int)codes[i]];
    else
        for (int i = 0; i < STEP; i++)
            values[i] = (float)(codes[i] + (double)grid->first);
}

void rdl_stored_codes(const struct rdl_search_problem *problem, int j,
                      struct rdl_stored_scale stored, uint8_t *codes)
{
    const int n = problem->layout->length;
    for (int start = 0; start < n; start += STEP) {
        double next[STEP];
        next_codes(problem->layout->grid, problem->x + n * j + start, stored, next);
        for (int i = 0; i < STEP; i++)
            codes[start + i] = (uint8_t)next[i];
    }
}

double rdl_stored_error(const struct rdl_search_problem *problem, int j,
                        struct rdl_stored_scale stored, double limit)
{
    const struct rdl_block_grid *grid = problem->layout->grid;
    const int n = problem->layout->length;
    const float *x = problem->x + n * j, *weights = problem->weights + n * j;
    double error = 0.0;
    for (int start = 0; start < n && error <= limit; start += STEP) {
        double codes[STEP], errors[STEP];
        float values[STEP];
        next_codes(grid, x + start, stored, codes);
        next_values(grid, codes, values);
        for (int i = 0; i < STEP; i++) {
            const float decoded = stored.scale * values[i] - stored.min;
            const double difference = (double)x[start + i] - (double)decoded;
            errors[i] = (double)weights[start + i] * (difference * difference);
        }
        for (int i = 0; i < STEP; i++)
            error += errors[i];
    }
    return error <= limit ? error : INFINITY;
}

double rdl_stored_block_error(const struct rdl_search_problem *problem,
                              const struct rdl_search_block *block)
{
    double error = 0.0;
    for (int j = 0; j < problem->layout->sub_blocks; j++)
        error +=
            rdl_stored_error(problem, j, rdl_stored_scale_of(problem->layout, block, j), INFINITY);
    return error;
}
