/* The values of codes for the exact search of a scale. */
#ifndef RDL_REF_EXACT_GRID_H
#define RDL_REF_EXACT_GRID_H

#include "block/exact_points.h"

void rdl_exact_grid_fill(struct rdl_exact_grid *exact, const struct rdl_block_grid *grid);

/* The same of the table of IQ4_NL, ready-made: filling it costs as much as the search of a block
 * on vectors. */
extern const struct rdl_exact_grid rdl_exact_grid_iq4_nl;

/* That, or the room, which it fills. */
const struct rdl_exact_grid *rdl_exact_grid_start(struct rdl_exact_grid *room,
                                                  const struct rdl_block_grid *grid);

/* Codes of integers become those of the negative values; false, and nothing done, if one of these
 * is not in the grid, or if that is a table. */
bool rdl_exact_negate(const struct rdl_exact_grid *grid, int n, uint8_t *codes);

static inline double rdl_exact_value(const struct rdl_exact_grid *grid, int code)
{
    return grid->is_table ? grid->entries[code] : grid->first + (double)code;
}

static inline double rdl_exact_midpoint(const struct rdl_exact_grid *grid, int k)
{
    return grid->is_table ? grid->midpoints[k] : grid->first + (double)k + 0.5;
}

#endif
