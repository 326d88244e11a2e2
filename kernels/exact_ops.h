/*
 * The contract of the exact searches' inner operations, which run on a target: ref/block/ has the
 * searches, once, and each operation in plain C; simd/exact_*.c has the operations for the other
 * targets. The bytes of a result are the same on every target: what is rounded, and in which order
 * sums are taken, is said here.
 */
#ifndef RDL_EXACT_OPS_H
#define RDL_EXACT_OPS_H

#include "candidate_list.h"
#include "exact_scale_ops.h"

/* ------------------------------------------------------------------------------------------------
 * Sums over the weights of a block, in binary64
 *
 * A sum has 8 parts: part j takes weights j, j + 8, j + 16, .. in this order, each rounded once;
 * then parts j and j + 4 are added, then j and j + 2, then 0 and 1. Arrays have room for whole
 * groups of 8, and 0 in z and w behind weight n - 1.
 */
enum {
    RDL_EXACT_GROUP = 8
};

/* Of a block about its weighted mean. */
struct rdl_exact_extent {
    double mean, w;       /* of x; sum w */
    double square, sigma; /* sum w (x - mean)^2; the root of its mean */
    double z_min, z_max;
    double z_above; /* sum of w z over positive z */
};

/* z = (x - mean) / sigma and u = w / sum w, also in binary32 as points want them; weights of factor
 * 0 are given the z of 0. False, and no more than the sums, if the deviation is one of rounding. x
 * and w are 0 behind the last weight. */
typedef bool rdl_exact_deviations_fn(int n, const double *x, const double *w, double *z, double *u,
                                     struct rdl_exact_weights *rounded,
                                     struct rdl_exact_extent *extent);

/* Of codes: q = sum w code, then sums about it, w (code - q)^2 and w z (code - q). */
struct rdl_exact_fit {
    double q, qq, zq;
};

typedef void rdl_exact_fit_fn(int n, const double *z, const double *w, const uint8_t *codes,
                              struct rdl_exact_fit *fit);

/* The same of the codes 0 .. last nearest to tau z + v, which it stores: of two the higher one. */
typedef void rdl_exact_nearest_fit_fn(int n, const double *z, const double *w, int last, double tau,
                                      double v, uint8_t *codes, struct rdl_exact_fit *fit);

/* Sums over weights of codes relative to a base: w z code, w code, w code^2. */
struct rdl_exact_sums {
    double zq, q, qq;
};

/* Of a cell: the lower codes of weights, their sums relative to the base, and one bit for each
 * weight of positive factor whose codes are two. */
struct rdl_exact_decided {
    uint64_t undecided;
    int base; /* the code nearest to v */
    struct rdl_exact_sums sums;
    uint8_t codes[RDL_BLOCK_MAX_LENGTH];
};

/* False, and nothing of use, if a weight has more than two codes in the cell about (tau, v). */
typedef bool rdl_exact_decide_fn(int n, const double *z, const double *w, int last, double tau,
                                 double v, double half_tau, double half_v,
                                 struct rdl_exact_decided *decided);

/* ------------------------------------------------------------------------------------------------
 * Cells of the plane of scales and offsets, in binary32
 *
 * Rectangles of one size: their centres and half their sides. Arrays have room for two batches
 * beyond the capacity, which may be written to. Of the cells that are kept the order is that of the
 * batches of 16, then what the operation says.
 */
struct rdl_exact_cells {
    int count, capacity;
    float half_tau, half_v;
    float *tau, *v, *g;
};

/* Which of them meet the domain, where an optimum must be: of a centre's tau, v, y = tau z + v and
 * u = v - tau mean, at the corner that fulfils a condition most easily. Without a bound of the
 * offset `middle` and `lowest` are -INFINITY. */
struct rdl_exact_conditions {
    float z_min, z_max, mean;
    float tau_min, tau_max; /* tau_min <= tau <= tau_max */
    float top;              /* top <= y of z_max */
    float bottom, middle;   /* y of z_min <= bottom, or u < middle */
    float lowest;           /* lowest <= u */
};

/* Fills g with the points at the centres, for codes 0 .. last; returns the first cell of least
 * g / tau^2, 0 if there is none. The last batch is filled up. */
typedef int rdl_exact_cells_evaluate_fn(struct rdl_exact_cells *cells,
                                        const struct rdl_exact_weights *weights, int last);

/* Drops those with g part - tau^2 bound - radius2 > 0; the others stay in their order. */
typedef void rdl_exact_cells_keep_fn(struct rdl_exact_cells *cells, float part, float bound,
                                     float radius2);

/* Appends those of the cells (tau, (2 k + 1) half_v), k = 0 .. rows - 1, that meet the conditions;
 * there is room for all. */
typedef void rdl_exact_cells_column_fn(struct rdl_exact_cells *cells,
                                       const struct rdl_exact_conditions *conditions, float tau,
                                       int rows);

/* Appends the quarters that meet the conditions: of each batch of cells first those of low tau and
 * v, then high tau, high v, high both. False if they may not fit in. */
typedef bool rdl_exact_cells_quarters_fn(const struct rdl_exact_cells *cells,
                                         const struct rdl_exact_conditions *conditions,
                                         struct rdl_exact_cells *quarters);

/* ------------------------------------------------------------------------------------------------
 * Candidates (candidate_list.h)
 */

/* Drops cells with g (1 - 1e-5) - deviation sqrt(g) - tau (tau square + linear) - constant > 0; the
 * others stay in their order. */
typedef void rdl_exact_cells_possible_fn(struct rdl_exact_cells *cells, float square, float linear,
                                         float constant, float deviation);

enum {
    RDL_EXACT_STATES = 1024
};

/* Sums of the vectors of codes in a cell, relative to the base; and room for whole groups. */
struct rdl_exact_states {
    int count;
    double zq[RDL_EXACT_STATES + RDL_EXACT_GROUP], q[RDL_EXACT_STATES + RDL_EXACT_GROUP];
    double qq[RDL_EXACT_STATES + RDL_EXACT_GROUP];
};

/*
 * The vectors of a cell that explain at least a part of the sum of squares: (w z q)^2 >= part * (w
 * q^2 - (w q)^2), and codes not constant but for rounding. Weights are sorted, the largest z first,
 * without equals. Those undecided at the same boundary follow each other, and of these the first
 * ones take the upper code: each adds to their sums wz, w, w (2 (code - base) + 1), and the states
 * of these sums with all states of the boundaries before. False if there are more than `most`.
 */
typedef bool rdl_exact_states_fn(const double *wz, const double *w,
                                 const struct rdl_exact_decided *lower, int most, double part,
                                 struct rdl_exact_states *states);

/* The number of states, or one more than `most`. */
static inline int rdl_exact_count_states(const struct rdl_exact_decided *lower, int most)
{
    int states = 1, raised = 0, code = -1;
    for (uint64_t left = lower->undecided; left && states <= most; left &= left - 1) {
        const int here = lower->codes[__builtin_ctzll(left)];
        raised = here == code ? raised + 1 : 1;
        code = here;
        states = states / raised * (raised + 1);
    }
    return states <= most ? states : most + 1;
}

/* ------------------------------------------------------------------------------------------------
 * Targets
 */

struct rdl_exact_ops {
#define RDL_EXACT_OP(name) rdl_exact_##name##_fn *name;
#include "exact_ops.def"
#undef RDL_EXACT_OP
};

/* Those of RDL_SCALAR for a target that this library does not have. */
const struct rdl_exact_ops *rdl_exact_ops(enum rdl_target target);

/* All of them; which targets there are depends on the architecture, and wide is for tests. */
#define RDL_EXACT_OP(name)                                                                         \
    rdl_exact_##name##_fn rdl_exact_##name, rdl_exact_##name##_avx2, rdl_exact_##name##_avx512,    \
        rdl_exact_##name##_neon, rdl_exact_##name##_wide;
#include "exact_ops.def"
#undef RDL_EXACT_OP

#endif
