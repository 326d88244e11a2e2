#include "block/exact_grid.h"

#include "codebooks.h"

#include <math.h>

/* The power of two that brings a magnitude into [64, 128), where ggml's table is already. */
static double power_to_hundred(double v)
{
    double power = 1.0;
    while (v * power >= 128.0)
        power *= 0.5;
    while (v * power < 64.0)
        power *= 2.0;
    return power;
}

static void start_table(struct rdl_exact_grid *exact, const struct rdl_block_grid *grid)
{
    const int count = grid->count;
    const double low = fabs((double)grid->entries[0]);
    const double high = fabs((double)grid->entries[count - 1]);
    const double power = power_to_hundred(low > high ? low : high);
    exact->table_power = power;
    for (int k = 0; k < count; k++)
        exact->entries[k] = power * (double)grid->entries[k];
    for (exact->power = 2; exact->power < count;)
        exact->power *= 2;
    for (int k = 0; k < exact->power - 1 || k < 15; k++)
        exact->midpoints[k] =
            k < count - 1 ? 0.5 * (exact->entries[k] + exact->entries[k + 1]) : INFINITY;
    exact->first = exact->entries[0];
    exact->last = exact->entries[count - 1];
    exact->is_uneven = !rdl_exact_table_start(&exact->table, exact->entries, count);
}

void rdl_exact_grid_fill(struct rdl_exact_grid *exact, const struct rdl_block_grid *grid)
{
    exact->count = grid->count;
    exact->is_table = grid->entries != NULL;
    exact->is_uneven = false;
    exact->table_power = 1.0;
    exact->first = (double)grid->first;
    exact->last = (double)(grid->first + grid->count - 1);
    if (exact->is_table)
        start_table(exact, grid);
}

static bool is_iq4_nl(const struct rdl_block_grid *grid)
{
    bool differs = grid->count != 16 || !grid->entries;
    for (int k = 0; k < 16 && !differs; k++)
        differs = grid->entries[k] != (float)rdl_codebook_iq4_nl[k];
    return !differs;
}

const struct rdl_exact_grid *rdl_exact_grid_start(struct rdl_exact_grid *room,
                                                  const struct rdl_block_grid *grid)
{
    if (is_iq4_nl(grid))
        return &rdl_exact_grid_iq4_nl;
    rdl_exact_grid_fill(room, grid);
    return room;
}

bool rdl_exact_negate(const struct rdl_exact_grid *grid, int n, uint8_t *codes)
{
    const int sum = -2 * (int)grid->first, last = grid->count - 1; /* of two codes */
    bool fits = !grid->is_table;
    for (int i = 0; i < n; i++)
        fits &= codes[i] <= sum && sum - codes[i] <= last;
    for (int i = 0; i < n && fits; i++)
        codes[i] = (uint8_t)(sum - codes[i]);
    return fits;
}
