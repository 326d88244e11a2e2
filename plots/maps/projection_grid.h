/* Grids of bare blocks, as the command line names them. */
#ifndef ROUNDEL_PLOTS_PROJECTION_GRID_H
#define ROUNDEL_PLOTS_PROJECTION_GRID_H

#include "error.h"
#include "roundel_block.h"

#define PROJECTION_GRID_HELP                                                                       \
    "A..B (A <= 0 <= B), ternary to tricontahenary, affine:LEVELS, free:LEVELS, "                  \
    "unsigned:LEVELS, positive:A..B, table:V/V/.., or a format's"

enum {
    GRID_NAME = 48
};

struct projection_grid {
    char name[GRID_NAME]; /* as it was typed, fit for printing */
    enum rdl_block_kind kind;
    int count, first;
    bool table;
    float entries[RDL_BLOCK_MAX_CODES]; /* of tables */
};

/*
 * "-8..7": integers, scale of either sign; "positive:-8..7": scale >= 0; "unsigned:16": 0 .. 15,
 * scale >= 0; "affine:16": 0 .. 15 and an offset <= 0; "free:16": any offset; "table:-3/-1/0/2":
 * increasing values; "ternary": -1 .. 1, and so on; "iq4_nl": the grid of a format's sub-blocks.
 */
bool projection_grid_parse(struct projection_grid *grid, const char *text, size_t length,
                           struct error *error);

/* The grid for solvers; `grid` must outlive it. */
struct rdl_block_grid projection_grid_view(const struct projection_grid *grid);

/* What the codes stand for. */
void projection_grid_levels(const struct projection_grid *grid, double levels[RDL_BLOCK_MAX_CODES]);

#endif
