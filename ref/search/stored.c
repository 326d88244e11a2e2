#include "search/stored.h"

#include "block/block.h"

#include <math.h>

/* A stored scale of 0 has the code of the value 0. */
static int nearest_code(const struct rdl_block_grid *grid, float x, struct rdl_stored_scale stored)
{
    const double level =
        stored.scale != 0.0f ? ((double)x + (double)stored.min) / (double)stored.scale : 0.0;
    return rdl_block_nearest(grid, level);
}

void rdl_stored_codes(const struct rdl_search_problem *problem, int j,
                      struct rdl_stored_scale stored, uint8_t *codes)
{
    const int n = problem->layout->length;
    for (int i = 0; i < n; i++)
        codes[i] = (uint8_t)nearest_code(&problem->layout->grid, problem->x[n * j + i], stored);
}

double rdl_stored_error(const struct rdl_search_problem *problem, int j,
                        struct rdl_stored_scale stored, double limit)
{
    const struct rdl_block_grid *grid = &problem->layout->grid;
    const int n = problem->layout->length;
    double error = 0.0;
    for (int i = n * j; i < n * (j + 1) && error <= limit; i++) {
        const float value = (float)rdl_block_value(grid, nearest_code(grid, problem->x[i], stored));
        const float decoded = stored.scale * value - stored.min;
        const double difference = (double)problem->x[i] - (double)decoded;
        error += (double)problem->weights[i] * (difference * difference);
    }
    return error <= limit ? error : INFINITY;
}

double rdl_stored_block_error(const struct rdl_search_problem *problem,
                              const struct rdl_search_block *block)
{
    double error = 0.0;
    for (int j = 0; j < problem->layout->sub_blocks; j++)
        error += rdl_stored_error(
            problem, j, rdl_stored_scale(block->d, block->dmin, block->scales[j], block->mins[j]),
            INFINITY);
    return error;
}
