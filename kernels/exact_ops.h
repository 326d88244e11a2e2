/*
 * The contract of the exact searches' inner operations, which run on a target: ref/block/ has the
 * searches, once, and each operation in plain C; simd/exact_*.c has the operations for the other
 * targets. The bytes of a result are the same on every target: what is rounded, and in which order
 * sums are taken, is said here.
 */
#ifndef RDL_EXACT_OPS_H
#define RDL_EXACT_OPS_H

#include "candidate_list.h"
#include "candidate_states.h"
#include "roundel_block.h"

/* ------------------------------------------------------------------------------------------------
 * Points of an exclusion search: how far a block is from the codes at given scales and offsets
 *
 * At a scale s and an offset b put t = 1 / s and u = -b / s. Weight i is then at y = t x + u, where
 * the values of the codes stand, and
 *
 *     g(t, u) = sum w (y - nearest value)^2
 *
 * is t^2 times the least error at this scale and offset. No codes are stored, nothing is sorted or
 * divided. A negative t is a negative scale.
 *
 * Binary32, for decisions to discard alone: notes/exact-search.md says how far g may be off. The
 * points of a batch are the lanes of a vector, the weights come one after another from memory. One
 * sum per point, i from 0 up; each operation is rounded once; products w * r * r from the left. So
 * the bytes are the same on every target, however the nearest value is found: of values equally
 * near either will do.
 */
enum {
    RDL_EXACT_LANES = 16, /* points in a batch */
    RDL_EXACT_BINS = 128, /* of a table */
    RDL_EXACT_MAX_MORE = 4
};

/* Weights and their factors, without those that binary32 does not hold: g is less then. */
struct rdl_exact_weights {
    int n;
    float x[RDL_BLOCK_MAX_LENGTH], w[RDL_BLOCK_MAX_LENGTH];
};

/* The number of points in whole batches: t, u and g have room for as many, and are read and written
 * so far. */
static inline int rdl_exact_whole(int count)
{
    return (count + RDL_EXACT_LANES - 1) / RDL_EXACT_LANES * RDL_EXACT_LANES;
}

/* g of all points of whole batches; values are the integers first .. last, within -256 .. 256. */
typedef void rdl_exact_points_fn(const struct rdl_exact_weights *weights, float first, float last,
                                 int count, const float *t, const float *u, float *g);

/*
 * A table of values, and where to look for the nearest one: in the bin of y, it is one of those
 * from number first[bin] on, that one and `more` others.
 */
struct rdl_exact_table {
    float entries[RDL_BLOCK_MAX_CODES + RDL_EXACT_MAX_MORE]; /* and copies of the last one */
    float origin, bins_per_unit;
    int more;
    uint8_t first[RDL_EXACT_BINS];
};

/* g of all points of whole batches for a table of values, with u = 0. */
typedef void rdl_exact_table_points_fn(const struct rdl_exact_weights *weights,
                                       const struct rdl_exact_table *table, int count,
                                       const float *t, float *g);

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
