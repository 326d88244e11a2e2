/*
 * The solver contract: what rdl_block_solve() promises to every solver, and what these owe.
 * solvers.def lists all of them; each lives in ref/block/.
 */
#ifndef RDL_SOLVER_H
#define RDL_SOLVER_H

#include "kernel.h"
#include "roundel_block.h"

/*
 * Promised: the block is valid and of a kind that the solver's row in solvers.def allows; its
 * weights are an array with at least one positive factor at a weight that is not 0; options and
 * scratch are there.
 * Owed: n codes, scale and offset, a function of the block and the options alone. The error is the
 * caller's to compute.
 */
typedef void rdl_solve_fn(const struct rdl_block *block, const struct rdl_solver_options *options,
                          void *scratch, uint8_t *codes, struct rdl_block_fit *fit);

/* Bytes of scratch for blocks of n weights. */
typedef size_t rdl_solve_scratch_fn(const struct rdl_block_grid *grid, size_t n);

static inline double rdl_block_value(const struct rdl_block_grid *grid, int code)
{
    return grid->entries ? (double)grid->entries[code] : (double)(grid->first + code);
}

/*
 * True where `exact`, without an offset, walks over all breakpoints: they are few, or the three
 * integers are so coarse that its bounds exclude next to nothing. Measured in
 * notes/exact-search.md.
 */
static inline bool rdl_breakpoints_are_few(const struct rdl_block *block)
{
    const size_t steps = (size_t)block->grid.count - 1;
    return !block->grid.entries && (steps <= 2 || block->n * steps <= 48);
}

/* Of codes with a scale and an offset, in binary64, i from 0 up. */
double rdl_block_error(const struct rdl_block *block, double scale, double offset,
                       const uint8_t *codes);

/*
 * In lanes: `count` blocks, up to RDL_SOLVE_LANES, that follow each other as for
 * rdl_blocks_solve(); `first` may have no weights, and neither their data nor that they are worth a
 * search is promised. solved[k] becomes 1 if block k has got its codes and its fit, the error too,
 * the same as from rdl_block_solve(), or else 0: then this is still to do. In and behind a block
 * with bad data, nothing is written but these flags.
 */
enum {
    RDL_SOLVE_LANES = 64
};

typedef void rdl_solve_lanes_fn(size_t count, const struct rdl_block *first,
                                const struct rdl_solver_options *options, uint8_t *codes,
                                struct rdl_block_fit *fits, uint8_t *solved);

/* Says whether rdl_blocks_solve() has lanes for the solver on the target. */
bool rdl_solver_has_lanes(enum rdl_solver solver, enum rdl_target target);

/* A function may serve several rows of the list. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wredundant-decls"
#define RDL_SOLVER(solver, name, kinds, table_kinds, exact, function, scratch)                     \
    rdl_solve_fn function;                                                                         \
    rdl_solve_scratch_fn scratch;
#include "solvers.def"
#undef RDL_SOLVER
#define RDL_LANE_SOLVER(solver, target, function) rdl_solve_lanes_fn function;
#include "lane_solvers.def"
#undef RDL_LANE_SOLVER
#pragma GCC diagnostic pop

#endif
