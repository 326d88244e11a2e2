/* lane_solvers.def lists the functions of the wide twin. */
#define RDL_SIMD_WIDE
#include "lane_solvers.h"

rdl_solve_lanes_fn *wide_lane_solver(enum rdl_solver solver)
{
    static rdl_solve_lanes_fn *const functions[RDL_SOLVER_COUNT] = {
#define RDL_LANE_SOLVER(solver, target, function) [RDL_SOLVE_##solver] = function,
#include "lane_solvers.def"
#undef RDL_LANE_SOLVER
    };
    return functions[solver];
}
