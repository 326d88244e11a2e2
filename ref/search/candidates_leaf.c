#include "search/candidates_leaf.h"

#include <math.h>

enum {
    FEW_STATES = 128
};

/* Cells of half this side are not divided if the states are no more than RDL_EXACT_STATES. */
static const float small_half = 0x1p-13f;

/* Each weight goes where its rank says, of equal ones the earlier first: without branches, which
 * no CPU would foresee, a third of the time of an insertion sort. */
static void sort_weights(struct rdl_leaves *leaves, const struct rdl_exact_line *line)
{
    int64_t rank[RDL_BLOCK_MAX_LENGTH];
    leaves->n = line->n;
    for (int i = 0; i < line->n; i++) {
        int64_t above = 0;
        for (int k = 0; k < i; k++) {
            const int64_t is_below = line->z[k] < line->z[i];
            rank[k] += is_below;
            above += 1 - is_below;
        }
        rank[i] = above;
    }
    for (int i = 0; i < line->n; i++) {
        leaves->z[rank[i]] = line->z[i];
        leaves->w[rank[i]] = line->w[i];
    }
}

/* Weights of equal z have the same code wherever they are not on a boundary. */
static void merge_equals(struct rdl_leaves *leaves)
{
    int n = 0;
    for (int i = 0; i < leaves->n; i++)
        if (n > 0 && leaves->z[n - 1] == leaves->z[i]) {
            leaves->w[n - 1] += leaves->w[i];
        } else {
            leaves->z[n] = leaves->z[i];
            leaves->w[n++] = leaves->w[i];
        }
    leaves->n = n;
}

void rdl_leaves_start(struct rdl_leaves *leaves, const struct rdl_exact_line *line, double unit,
                      double weight)
{
    leaves->sigma = sqrt(unit / weight);
    leaves->mean = line->mean;
    leaves->unit = unit;
    leaves->weight = weight;
    leaves->last = line->last;
    sort_weights(leaves, line);
    merge_equals(leaves);
    for (int i = 0; i < leaves->n; i++)
        leaves->wz[i] = leaves->w[i] * leaves->z[i];
    for (int i = leaves->n; i < RDL_BLOCK_MAX_LENGTH; i++)
        leaves->z[i] = leaves->w[i] = leaves->wz[i] = 0.0;
}

static void add_state(const struct rdl_leaves *leaves, const struct rdl_exact_states *states,
                      int state, int base, struct rdl_candidates *list)
{
    const double zq = states->zq[state], q = states->q[state];
    const double spread = states->qq[state] - q * q, slope = zq / spread;
    const double center = q + (double)base;
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
                    const struct rdl_exact_cells *cells, double tau, double v,
                    struct rdl_candidates *list)
{
    struct rdl_exact_decided lower;
    struct rdl_exact_states states;
    const int most = cells->half_v <= small_half ? RDL_EXACT_STATES : FEW_STATES;
    const double part = 1.0 - list->limit / leaves->unit;
    if (!ops->decide(leaves->n, leaves->z, leaves->w, leaves->last, tau, v, (double)cells->half_tau,
                     (double)cells->half_v, &lower) ||
        !ops->states(leaves->wz, leaves->w, &lower, most, part, &states))
        return false;
    for (int state = 0; state < states.count; state++)
        add_state(leaves, &states, state, lower.base, list);
    return true;
}
