#include "pixel_index.h"

#include <math.h>

static bool has_offset(const struct projection_grid *grid)
{
    return grid->kind == RDL_BLOCK_AFFINE || grid->kind == RDL_BLOCK_FREE;
}

/* Levels as whole numbers -reach .. reach: those of a table that has others are their codes. */
static int reach_of(const struct projection_grid *grid)
{
    int reach = grid->count;
    if (!grid->table)
        return reach - 1;
    for (int k = 0; k < grid->count; k++)
        if (fabsf(grid->entries[k]) > 127.0f || grid->entries[k] != rintf(grid->entries[k]))
            return grid->count;
        else if (fabsf(grid->entries[k]) > (float)reach)
            reach = (int)fabsf(grid->entries[k]);
    return reach;
}

static bool levels_are_whole(const struct projection_grid *grid)
{
    for (int k = 0; grid->table && k < grid->count; k++)
        if (fabsf(grid->entries[k]) > 127.0f || grid->entries[k] != rintf(grid->entries[k]))
            return false;
    return true;
}

bool pixel_index_exists(const struct projection_grid *grid, size_t n, struct error *error)
{
    const double base = 2.0 * reach_of(grid) + 1.0;
    double numbers = 1.0;
    for (size_t i = 0; i < n; i++)
        numbers *= base;
    return numbers < 0x1p53 ||
           fail(error, "vectors of %zu codes of grid '%s' have too many numbers", n, grid->name);
}

static int greatest_divisor(int a, int b)
{
    while (b != 0) {
        const int rest = a % b;
        a = b;
        b = rest;
    }
    return a < 0 ? -a : a;
}

double pixel_index(const struct projection_grid *grid, const double *levels, size_t n,
                   const uint8_t *codes, double scale)
{
    const int reach = reach_of(grid);
    const bool whole = levels_are_whole(grid);
    int vector[RDL_BLOCK_MAX_LENGTH], least = INT32_MAX, divisor = 0;
    for (size_t i = 0; i < n; i++) {
        vector[i] = whole ? (int)levels[codes[i]] : (int)codes[i];
        least = vector[i] < least ? vector[i] : least;
    }
    for (size_t i = 0; i < n; i++) {
        vector[i] -= has_offset(grid) ? least : 0;
        divisor = whole ? greatest_divisor(divisor, vector[i]) : 1;
    }
    const int sign = (scale > 0.0) - (scale < 0.0);
    double index = 0.0;
    for (size_t i = n; i-- > 0;)
        index = index * (2 * reach + 1) + (divisor ? sign * vector[i] / divisor : 0) + reach;
    return index;
}
