/* The solvers in lanes compiled as plain C (simd/wide.h), which the library does not have. */
#ifndef ROUNDEL_TESTS_LANE_SOLVERS_H
#define ROUNDEL_TESTS_LANE_SOLVERS_H

#include "solver.h"

/* NULL if the solver has no lanes, on any target. */
rdl_solve_lanes_fn *wide_lane_solver(enum rdl_solver solver);

#endif
