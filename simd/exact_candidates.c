/*
 * The inner problem of joint scales, and the states of leaves, of the exact searches (exact_ops.h):
 * the text of the scalar operations, whose loops have constant length in doubles, for the target.
 */
#include "simd.h"

#include "candidate_leaf.h"
#include "candidate_least.h"
#include "exact_ops.h"

void RDL_TARGET_NAME(rdl_exact_least)(const struct rdl_candidates *list,
                                      const struct rdl_units *units, int more, double *least)
{
    rdl_candidates_least(list, units, more, least);
}

bool RDL_TARGET_NAME(rdl_exact_states)(const struct rdl_leaf_block *block,
                                       const struct rdl_leaf_cell *cell, int most, double part,
                                       struct rdl_leaf *leaf)
{
    return rdl_leaf_states(block, cell, most, part, leaf);
}
