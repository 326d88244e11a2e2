/*
 * Cells of the plane of scales and offsets in which few codes are undecided: the vectors that are
 * nearest somewhere in one. ref/block/exact_line.h has the coordinates.
 *
 * Weights are sorted, largest z first, so that codes never rise; those that are undecided at the
 * same boundary follow each other, and of these the first ones take the upper code: as many states
 * as there are, and one. The states of a cell are all combinations.
 */
#ifndef RDL_CANDIDATE_STATES_H
#define RDL_CANDIDATE_STATES_H

#include "roundel_block.h"

enum {
    RDL_MAX_STATES = 1024
};

/* Weights of different z, and zeros to a multiple of 8. */
struct rdl_leaf_block {
    int n, last; /* codes are 0 .. last */
    double z[RDL_BLOCK_MAX_LENGTH], w[RDL_BLOCK_MAX_LENGTH], wz[RDL_BLOCK_MAX_LENGTH];
};

struct rdl_leaf_cell {
    double tau, v, half_tau, half_v;
};

/* Sums w z q, w q and w q^2 of states, codes counted from the base. */
struct rdl_leaf {
    int count;
    double base;
    double zq[RDL_MAX_STATES], q[RDL_MAX_STATES], qq[RDL_MAX_STATES];
};

/*
 * Fills the states that explain at least this part of the sum of squares, (sum w z q)^2 / (sum w q^2
 * - (sum w q)^2); false if a weight has more than two codes in the cell, or if there are more states
 * than `most`. Sums and their order are those of candidate_leaf.h.
 */
typedef bool rdl_exact_states_fn(const struct rdl_leaf_block *block,
                                 const struct rdl_leaf_cell *cell, int most, double part,
                                 struct rdl_leaf *leaf);

#endif
