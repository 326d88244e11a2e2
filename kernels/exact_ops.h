/*
 * The contract of the exact searches' inner operations, which run on a target: ref/block/ has the
 * searches, once, and each operation in plain C; simd/exact_*.c has the operations for the other
 * targets. The bytes of a result are the same on every target: what is rounded, and in which order
 * sums are taken, is said here.
 */
#ifndef RDL_EXACT_OPS_H
#define RDL_EXACT_OPS_H

#include "exact_scale_ops.h"

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
