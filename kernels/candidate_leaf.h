/*
 * The states of a cell (candidate_states.h) in loops over lanes, for compilers to vectorize: the
 * same text for every target. A sum over weights has 8 parts, of the weights i = k modulo 8, from
 * which it is taken by halves.
 */
#ifndef RDL_CANDIDATE_LEAF_H
#define RDL_CANDIDATE_LEAF_H

#include "candidate_states.h"

#include <math.h>

enum {
    RDL_LEAF_LANES = 8
};

/* Weights with two codes in a cell. */
struct rdl_undecided {
    int count;
    uint8_t weight[RDL_BLOCK_MAX_LENGTH];
    double low[RDL_BLOCK_MAX_LENGTH]; /* of all weights: the lower code */
};

/* The code nearest to y; of two the even one. */
static inline double rdl_leaf_code(double y, double last)
{
    const double shift = 4503599627370496.0; /* 2^52 */
    const double above = y < 0.0 ? 0.0 : y;
    return ((above > last ? last : above) + shift) - shift;
}

/* False if a weight has more than two codes in the cell. */
static inline bool rdl_leaf_decide(const struct rdl_leaf_block *block,
                                   const struct rdl_leaf_cell *cell,
                                   struct rdl_undecided *undecided)
{
    const double last = (double)block->last;
    double steps[RDL_BLOCK_MAX_LENGTH];
    for (int i = 0; i < block->n; i += RDL_LEAF_LANES)
        for (int k = i; k < i + RDL_LEAF_LANES; k++) {
            const double y = cell->tau * block->z[k] + cell->v;
            const double side = fabs(block->z[k]) * cell->half_tau + cell->half_v;
            const double reach = side + 0x1p-40 * (side + last + 1.0);
            const double low = rdl_leaf_code(y - reach, last);
            steps[k] = rdl_leaf_code(y + reach, last) - low;
            undecided->low[k] = low;
        }
    bool is_wide = false;
    undecided->count = 0;
    for (int i = 0; i < block->n; i++) {
        undecided->weight[undecided->count] = (uint8_t)i;
        undecided->count += steps[i] > 0.0;
        is_wide |= steps[i] > 1.0;
    }
    return !is_wide;
}

/* The number of states; more than `most` if there are more. */
static inline int rdl_leaf_count(const struct rdl_undecided *undecided, int most)
{
    int states = 1;
    for (int place = 0; place < undecided->count && states <= most;) {
        const int start = place;
        const double code = undecided->low[undecided->weight[place]];
        while (place < undecided->count && undecided->low[undecided->weight[place]] == code)
            place++;
        states *= place - start + 1;
    }
    return states;
}

/* The state of all lower codes. */
static inline void rdl_leaf_first(const struct rdl_leaf_block *block,
                                  const struct rdl_undecided *undecided, struct rdl_leaf *leaf)
{
    double zq[RDL_LEAF_LANES] = {0.0}, q[RDL_LEAF_LANES] = {0.0}, qq[RDL_LEAF_LANES] = {0.0};
    for (int i = 0; i < block->n; i += RDL_LEAF_LANES)
        for (int k = 0; k < RDL_LEAF_LANES; k++) {
            const double code = undecided->low[i + k] - leaf->base;
            const double wq = block->w[i + k] * code;
            zq[k] += block->wz[i + k] * code;
            q[k] += wq;
            qq[k] += wq * code;
        }
    for (int half = RDL_LEAF_LANES / 2; half > 0; half /= 2)
        for (int k = 0; k < half; k++) {
            zq[k] += zq[k + half];
            q[k] += q[k + half];
            qq[k] += qq[k + half];
        }
    leaf->count = 1;
    leaf->zq[0] = zq[0];
    leaf->q[0] = q[0];
    leaf->qq[0] = qq[0];
}

/* Each undecided weight adds the states in which it, and those before it at its boundary, are
 * raised, to all states of other boundaries. */
static inline void rdl_leaf_expand(const struct rdl_leaf_block *block,
                                   const struct rdl_undecided *undecided, struct rdl_leaf *leaf)
{
    double code = -1.0, zq = 0.0, q = 0.0, qq = 0.0;
    int before = 1, from = 1;
    for (int place = 0; place < undecided->count; place++) {
        const int i = undecided->weight[place];
        if (undecided->low[i] != code) {
            code = undecided->low[i];
            before = from;
            zq = q = qq = 0.0;
        }
        zq += block->wz[i];
        q += block->w[i];
        qq += block->w[i] * (2.0 * (code - leaf->base) + 1.0);
        for (int state = 0; state < before; state++) {
            leaf->zq[from + state] = leaf->zq[state] + zq;
            leaf->q[from + state] = leaf->q[state] + q;
            leaf->qq[from + state] = leaf->qq[state] + qq;
        }
        from += before;
    }
    leaf->count = from;
}

/* Codes that are constant but for rounding explain nothing. */
static inline void rdl_leaf_select(struct rdl_leaf *leaf, double part)
{
    uint8_t passes[RDL_MAX_STATES];
    for (int state = 0; state < leaf->count; state++) {
        const double q = leaf->q[state], zq = leaf->zq[state];
        const double spread = leaf->qq[state] - q * q;
        passes[state] =
            (zq > 0.0) & (spread > 1e-12 * leaf->qq[state]) & (zq * zq >= part * spread);
    }
    int kept = 0;
    for (int state = 0; state < leaf->count; state++)
        if (passes[state]) {
            leaf->zq[kept] = leaf->zq[state];
            leaf->q[kept] = leaf->q[state];
            leaf->qq[kept++] = leaf->qq[state];
        }
    leaf->count = kept;
}

static inline bool rdl_leaf_states(const struct rdl_leaf_block *block,
                                   const struct rdl_leaf_cell *cell, int most, double part,
                                   struct rdl_leaf *leaf)
{
    struct rdl_undecided undecided;
    if (!rdl_leaf_decide(block, cell, &undecided) || rdl_leaf_count(&undecided, most) > most)
        return false;
    leaf->base = rdl_leaf_code(cell->v, (double)block->last);
    rdl_leaf_first(block, &undecided, leaf);
    rdl_leaf_expand(block, &undecided, leaf);
    rdl_leaf_select(leaf, part);
    return true;
}

#endif
