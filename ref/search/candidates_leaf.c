#include "search/candidates_leaf.h"

#include "candidate_leaf.h"

#include <math.h>

enum {
    FEW_STATES = 128
};

/* Cells of half this side are not divided if the states are no more than RDL_MAX_STATES. */
static const float small_half = 0x1p-13f;

bool rdl_exact_states(const struct rdl_leaf_block *block, const struct rdl_leaf_cell *cell,
                      int most, double part, struct rdl_leaf *leaf)
{
    return rdl_leaf_states(block, cell, most, part, leaf);
}

static void sort_weights(struct rdl_leaf_block *block, const struct rdl_exact_line *line)
{
    block->n = 0;
    for (int i = 0; i < line->n; i++) {
        int place = block->n++;
        for (; place > 0 && block->z[place - 1] < line->z[i]; place--) {
            block->z[place] = block->z[place - 1];
            block->w[place] = block->w[place - 1];
        }
        block->z[place] = line->z[i];
        block->w[place] = line->w[i];
    }
}

/* Weights of equal z have the same code wherever they are not on a boundary. */
static void merge_equals(struct rdl_leaf_block *block)
{
    int n = 0;
    for (int i = 0; i < block->n; i++)
        if (n > 0 && block->z[n - 1] == block->z[i]) {
            block->w[n - 1] += block->w[i];
        } else {
            block->z[n] = block->z[i];
            block->w[n++] = block->w[i];
        }
    block->n = n;
}

void rdl_leaves_start(struct rdl_leaves *leaves, const struct rdl_exact_line *line, double unit,
                      double weight)
{
    struct rdl_leaf_block *const block = &leaves->block;
    leaves->sigma = sqrt(unit / weight);
    leaves->mean = line->mean;
    leaves->unit = unit;
    leaves->weight = weight;
    block->last = line->last;
    sort_weights(block, line);
    merge_equals(block);
    for (int i = 0; i < block->n; i++)
        block->wz[i] = block->w[i] * block->z[i];
    for (int i = block->n; i < RDL_BLOCK_MAX_LENGTH; i++)
        block->z[i] = block->w[i] = block->wz[i] = 0.0;
}

static void add_state(const struct rdl_leaves *leaves, const struct rdl_leaf *leaf, int state,
                      struct rdl_candidates *list)
{
    const double zq = leaf->zq[state], q = leaf->q[state];
    const double spread = leaf->qq[state] - q * q, slope = zq / spread, center = q + leaf->base;
    const struct rdl_candidate candidate = {
        .error = leaves->unit * (slope * zq < 1.0 ? 1.0 - slope * zq : 0.0),
        .scale = leaves->sigma * slope,
        .offset = leaves->sigma * (leaves->mean - slope * center),
        .stretch = leaves->weight * spread,
        .center = center,
    };
    rdl_candidates_add(list, &candidate);
}

bool rdl_leaves_add(const struct rdl_leaves *leaves, const struct rdl_exact_ops *ops,
                    const struct rdl_exact_cells *cells, int p, struct rdl_candidates *list)
{
    struct rdl_leaf leaf;
    const struct rdl_leaf_cell cell = {(double)cells->tau[p], (double)cells->v[p],
                                       (double)cells->half_tau, (double)cells->half_v};
    const int most = cells->half_v <= small_half ? RDL_MAX_STATES : FEW_STATES;
    if (!ops->states(&leaves->block, &cell, most, 1.0 - list->limit / leaves->unit, &leaf))
        return false;
    for (int state = 0; state < leaf.count; state++)
        add_state(leaves, &leaf, state, list);
    return true;
}
