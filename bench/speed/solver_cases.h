/* The solvers of one block as cases of roundel-bench. */
#ifndef ROUNDEL_BENCH_SOLVER_CASES_H
#define ROUNDEL_BENCH_SOLVER_CASES_H

#include "error.h"
#include "gap_blocks.h"
#include "gap_grids.h"

/*
 *   solve/SOLVER/GRID/N/WEIGHTING/TARGET
 *
 * solves gaussian blocks of N weights by rdl_blocks_solve(): 1024 by a heuristic, 256 by `exact`,
 * 64 by a solver that is slower. N is what formats have on the grid, and for heuristics 3 too. On
 * other targets than the scalar one there are the solvers that have code for them. GRID is int3 ..
 * int6 for
 * [-4,3] .. [-32,31], uint4 for 0 .. 15, iq4_nl for its table, affine2 .. affine5 for scale and
 * offset with 4 .. 32 levels. Items are weights, bytes those of weights, factors and codes.
 */
struct solver_case {
    enum rdl_solver solver;
    enum rdl_target target;
    const struct gap_grid *grid;
    enum gap_weights weights;
    size_t n, blocks;
};

enum {
    SOLVER_CASES = RDL_SOLVER_COUNT * RDL_TARGET_COUNT * GAP_GRID_COUNT * 2 * 2
};

struct solver_cases {
    struct solver_case cases[SOLVER_CASES];
    size_t count;
};

/* Registers all that exist on `targets` with Google Benchmark; the list must outlive its run. */
bool solver_cases_register(struct solver_cases *cases, unsigned targets, struct error *error);

#endif
