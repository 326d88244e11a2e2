/*
 * roundel_block.h - any search on any grid, one block at a time: to compare roundings with the
 * optimum, to draw them, and to try new ones. The rules of roundel.h hold here too.
 *
 * The problem. A block has n weights x_i with factors w_i >= 0. A grid says which values v the
 * codes stand for, and what the scale s and the offset b may be. A solver looks for codes, s and b
 * with a small
 *
 *     error = sum of w_i (x_i - (s v_i + b))^2
 *
 * where s and b are real numbers: how they are stored is the business of formats.
 */
#ifndef ROUNDEL_BLOCK_H
#define ROUNDEL_BLOCK_H

#include "roundel.h"

#ifdef __cplusplus
extern "C" {
#endif

enum rdl_block_kind {
    RDL_BLOCK_SIGNED,   /* no offset, scale of either sign: symmetric grids, tables */
    RDL_BLOCK_POSITIVE, /* no offset, scale >= 0, values of both signs */
    RDL_BLOCK_UNSIGNED, /* no offset, scale >= 0, integers from 0 */
    RDL_BLOCK_AFFINE,   /* offset <= 0, scale >= 0, integers from 0: the k-quants */
    RDL_BLOCK_FREE,     /* any offset, scale >= 0, integers from 0 */
    RDL_BLOCK_KIND_COUNT
};

enum {
    RDL_BLOCK_MAX_LENGTH = 64,
    RDL_BLOCK_LONG_LENGTH = 256, /* of solvers that take long blocks: rdl_solver_max_length() */
    RDL_BLOCK_MAX_CODES = 256
};

/* Code k stands for entries[k], or for the integer first + k. */
struct rdl_block_grid {
    enum rdl_block_kind kind;
    int count; /* codes: 2 .. RDL_BLOCK_MAX_CODES */
    int first; /* <= 0; 0 for the last three kinds */
    const float
        *entries; /* strictly increasing and finite; NULL: integers. Not for the last three */
};

struct rdl_block {
    size_t n;             /* 1 .. rdl_solver_max_length() */
    const float *x;       /* finite */
    const float *weights; /* finite, >= 0; NULL: all 1 */
    struct rdl_block_grid grid;
};

struct rdl_block_fit {
    double scale, offset; /* offset 0 for the first three kinds */
    double error;         /* of the codes with this scale and offset, in binary64 */
};

/*
 * The searches. Their files in ref/block/ say how they work, what they are known to miss, and who
 * published them; rdl_solver_support() on which grids.
 */
enum rdl_solver {
    /* One candidate: extreme weights to extreme codes; the same with the best scale and offset. */
    RDL_SOLVE_NEAREST,
    RDL_SOLVE_NEAREST_REFIT,
    /* Scale on grids of integers: 19 candidates; 38 and a greedy walk; coordinate descent under
     * weights x^2, whatever the block's; the same without its defect; 9 candidates and descent. */
    RDL_SOLVE_QX,
    RDL_SOLVE_QXG,
    RDL_SOLVE_Q3,
    RDL_SOLVE_Q3_FIXED,
    RDL_SOLVE_QP,
    /* Scale on tables: 16 candidates; 31 and a greedy walk. */
    RDL_SOLVE_NL,
    RDL_SOLVE_NLG,
    /* Scale and offset: alternation without weights; a line of candidates, by two sets of
     * constants; alternation with the exact scale. */
    RDL_SOLVE_QKX1,
    RDL_SOLVE_QKX2,
    RDL_SOLVE_QKX3,
    RDL_SOLVE_ALT,
    /* Weighted least squares to a fixed point, any grid. */
    RDL_SOLVE_WLS,
    /* Cumulative searches, over the breakpoints of the codes: sorted, one sign and both; by a heap,
     * one sign and both; on tables, both signs and one; with an offset, from one base and many. */
    RDL_SOLVE_SORT,
    RDL_SOLVE_SORT_SIGNED,
    RDL_SOLVE_HEAP,
    RDL_SOLVE_HEAP_SIGNED,
    RDL_SOLVE_HEAP_NL,
    RDL_SOLVE_HEAP_NL_FAST,
    RDL_SOLVE_SWEEP,
    RDL_SOLVE_SWEEP_BASES,
    /* Every breakpoint of every sign; with an offset, from every base. Any grid. */
    RDL_SOLVE_CUMULATIVE,
    /* The optimum, any grid: by enumeration, slow, to judge all others; by exclusion, fast. */
    RDL_SOLVE_ORACLE,
    RDL_SOLVE_EXACT,
    RDL_SOLVER_COUNT
};

/* "nearest", "qx" ..; NULL for a value out of range. */
RDL_API const char *rdl_solver_name(enum rdl_solver solver);

/* The solver that a rounding of formats runs on their sub-blocks; false if it has none. */
RDL_API bool rdl_rounding_solver(enum rdl_rounding rounding, enum rdl_solver *solver);

/* Says whether the solver works on grids of this kind, with a table of entries or without. */
RDL_API bool rdl_solver_support(enum rdl_solver solver, enum rdl_block_kind kind, bool table);

/* Says whether it always returns an optimum there, by proof, but for the rounding of its sums. */
RDL_API bool rdl_solver_is_exact(enum rdl_solver solver, enum rdl_block_kind kind, bool table);

/* Weights of a block, at most: RDL_BLOCK_MAX_LENGTH; `oracle`, `exact` and so the ternary formats,
 * whose scales have 256 weights, RDL_BLOCK_LONG_LENGTH where there is no offset. 0 where the solver
 * does not work. */
RDL_API size_t rdl_solver_max_length(enum rdl_solver solver, enum rdl_block_kind kind, bool table);

/* Constants of the published searches. A solver reads those that are named for it. */
struct rdl_solver_options {
    /* qkx2, qkx3, wls with an offset: inverse scales (first + step * k + codes - 1) / (max - min),
     * k = 0 .. last */
    float first, step;
    int last;
    bool absolute; /* they compare sum w |error| */
    int rounds;    /* of alternation, at most: qkx1, alt; qkx2, qkx3: after the search */
    float blend;   /* qkx1: the part of the old offset in the new one */
    /* exact: an error that is known to be reached, to prove that it is optimal or to beat it;
     * INFINITY for none. */
    double incumbent;
    /* On which to run: the caller vouches that the CPU has it. Never changes a result; solvers
     * without code for the target run on RDL_SCALAR. */
    enum rdl_target target;
};

/* The constants of the best-known use of the solver on this grid. */
RDL_API struct rdl_solver_options rdl_solver_defaults(enum rdl_solver solver,
                                                      const struct rdl_block_grid *grid);

/* Scratch that rdl_block_solve() needs, in bytes, for blocks of this length: 0 for most solvers,
 * some hundred kilobytes for `exact` with an offset. */
RDL_API size_t rdl_block_scratch_size(enum rdl_solver solver, const struct rdl_block_grid *grid,
                                      size_t n);

/*
 * Solves one block: fills n codes and the fit.
 *
 *   options  NULL: rdl_solver_defaults()
 *   scratch  rdl_block_scratch_size() bytes, aligned as malloc aligns; NULL if that is 0
 *
 * At most 24 KiB of stack; 40 for long blocks. Time: their files say, from n operations to n^2
 * count^2 log for `oracle` with an offset. A weight of factor 0 has the nearest code. A block
 * without a positive factor, and one whose weights with positive factors are all 0, has scale 0.
 *
 * Status: RDL_OK, RDL_NULL_POINTER, RDL_UNKNOWN_VALUE (a grid that is none, n out of range),
 * RDL_UNSUPPORTED, RDL_SCRATCH_TOO_SMALL (scratch NULL though needed), RDL_WEIGHT_NAN,
 * RDL_WEIGHT_INFINITE, RDL_IMPORTANCE_INVALID (a factor negative, NaN or infinite).
 */
RDL_API enum rdl_status rdl_block_solve(enum rdl_solver solver, const struct rdl_block *block,
                                        const struct rdl_solver_options *options, void *scratch,
                                        uint8_t *codes, struct rdl_block_fit *fit);

/*
 * Solves `count` blocks of n weights on one grid that follow each other in memory: those of `first`
 * and on in x (and in weights, if not NULL), n codes each, fits[count]. The same results as one by
 * one; where a target has lanes for blocks, faster. On bad data it stops before the block that has
 * them; that block is *count, which otherwise stays. Scratch and statuses as for rdl_block_solve();
 * at most 48 KiB of stack.
 */
RDL_API enum rdl_status rdl_blocks_solve(enum rdl_solver solver, size_t *count,
                                         const struct rdl_block *first,
                                         const struct rdl_solver_options *options, void *scratch,
                                         uint8_t *codes, struct rdl_block_fit *fits);

/* ------------------------------------------------------------------------------------------------
 * Blocks of formats
 */

/*
 * The grid of the codes of a format's sub-blocks, as any of its blocks may use it: SIGNED where the
 * stored scale may be negative, AFFINE where there are mins. False for vector codebooks and IQ1,
 * whose weights do not choose their codes one by one.
 */
RDL_API bool rdl_format_grid(enum rdl_format format, struct rdl_block_grid *grid);

/*
 * The weights of the error that a search of the format minimises, for one block.
 *
 *   x, importance    block_length each; importance may be NULL, but where the weighting needs it
 *   row_mean_square  sigma2 of formats of 32-weight blocks: the mean of x^2 over the block's row
 *   weights          block_length, filled: finite, >= 0, the largest in [1, 2] unless all are 0
 *   unit             a power of two, filled: the weights are so many times those given; may be NULL
 *
 * Status: RDL_OK, RDL_NULL_POINTER, RDL_UNKNOWN_VALUE, RDL_IMPORTANCE_REQUIRED.
 */
RDL_API enum rdl_status rdl_block_weights(enum rdl_format format, enum rdl_weighting weighting,
                                          const float *x, const float *importance,
                                          float row_mean_square, float *weights, double *unit);

/* Scratch that rdl_block_bound() needs, in bytes, more than 0; 0 for a value out of range. */
RDL_API size_t rdl_block_bound_scratch_size(enum rdl_format format);

/*
 * A lower bound of the weighted error of a block: the sum over its sub-blocks of the proven optimum
 * where scale and offset are any real numbers (of MXFP4, powers of two). No block that decodes has
 * a smaller error, but for the last places of sums and of the decoder's binary32 weights; because
 * formats store scales as integers times binary16 numbers, most are above it. An offset may have
 * either sign here: blocks with a negative dmin, or a negative d and dmin, can have positive ones.
 *
 *   target   on which to run: the caller vouches that the CPU has it. Never changes the bound.
 *   x        block_length weights, finite
 *   weights  block_length factors of their errors, finite and >= 0
 *   scratch  rdl_block_bound_scratch_size() bytes, aligned as malloc aligns
 *
 * At most 48 KiB of stack. Status: RDL_OK, RDL_NULL_POINTER, RDL_UNKNOWN_VALUE,
 * RDL_SCRATCH_TOO_SMALL (scratch NULL), and those of rdl_block_solve() about data.
 */
RDL_API enum rdl_status rdl_block_bound(enum rdl_format format, enum rdl_target target,
                                        const float *x, const float *weights, void *scratch,
                                        double *bound);

#ifdef __cplusplus
}
#endif

#endif
