#include "search/candidates_leaf.h"

#include <math.h>
#include <string.h>

enum {
    MAX_LENGTH = RDL_BLOCK_MAX_LENGTH,
    LANES = 8,
    FEW_STATES = 128,
    MANY_STATES = 1024
};

/* Cells of half this side are not divided if the states are no more than many. */
static const float small_half = 0x1p-13f;

struct leaf {
    double low[MAX_LENGTH]; /* codes, the lower ones of undecided weights */
    uint8_t undecided[MAX_LENGTH];
    int count; /* of undecided weights */
    double base;
    /* Sums w z q, w q, w q^2 of every state, codes counted from the base. */
    int states;
    double zq[MANY_STATES], q[MANY_STATES], qq[MANY_STATES];
};

/* ------------------------------------------------------------------------------------------------
 * The block
 */

void rdl_leaf_block_start(struct rdl_leaf_block *block, const struct rdl_exact_line *line,
                          double unit, double weight)
{
    block->n = 0;
    block->last = line->last;
    block->sigma = sqrt(unit / weight);
    block->mean = line->mean;
    block->unit = unit;
    block->weight = weight;
    for (int i = 0; i < line->n; i++) {
        int place = block->n++;
        for (; place > 0 && block->z[place - 1] < line->z[i]; place--) {
            block->z[place] = block->z[place - 1];
            block->w[place] = block->w[place - 1];
        }
        block->z[place] = line->z[i];
        block->w[place] = line->w[i];
    }
    int n = 0;
    for (int i = 0; i < block->n; i++)
        if (n > 0 && block->z[n - 1] == block->z[i]) {
            block->w[n - 1] += block->w[i];
        } else {
            block->z[n] = block->z[i];
            block->w[n++] = block->w[i];
        }
    block->n = n;
    for (int i = 0; i < n; i++)
        block->wz[i] = block->w[i] * block->z[i];
    for (int i = n; i < MAX_LENGTH; i++)
        block->z[i] = block->w[i] = block->wz[i] = 0.0;
}

/* ------------------------------------------------------------------------------------------------
 * States
 */

/* The code nearest to y; of two the even one. */
static inline double code_near(double y, double last)
{
    const double shift = 4503599627370496.0; /* 2^52 */
    const double above = y < 0.0 ? 0.0 : y;
    return ((above > last ? last : above) + shift) - shift;
}

/* False if a weight has more than two codes in the cell. */
static bool decide(const struct rdl_leaf_block *block, struct leaf *leaf,
                   const struct rdl_exact_cells *cells, int p)
{
    const double tau = (double)cells->tau[p], v = (double)cells->v[p];
    const double half_tau = (double)cells->half_tau, half_v = (double)cells->half_v;
    const double last = (double)block->last;
    double steps[MAX_LENGTH];
    for (int i = 0; i < block->n; i += LANES)
        for (int k = i; k < i + LANES; k++) {
            const double y = tau * block->z[k] + v;
            const double cell = fabs(block->z[k]) * half_tau + half_v;
            const double reach = cell + 0x1p-40 * (cell + last + 1.0);
            const double low = code_near(y - reach, last);
            steps[k] = code_near(y + reach, last) - low;
            leaf->low[k] = low;
        }
    bool is_wide = false;
    leaf->count = 0;
    for (int i = 0; i < block->n; i++) {
        leaf->undecided[leaf->count] = (uint8_t)i;
        leaf->count += steps[i] > 0.0;
        is_wide |= steps[i] > 1.0;
    }
    return !is_wide;
}

static void sum_lower(const struct rdl_leaf_block *block, struct leaf *leaf)
{
    double zq[LANES] = {0.0}, q[LANES] = {0.0}, qq[LANES] = {0.0};
    for (int i = 0; i < block->n; i += LANES)
        for (int k = 0; k < LANES; k++) {
            const double code = leaf->low[i + k] - leaf->base;
            const double wq = block->w[i + k] * code;
            zq[k] += block->wz[i + k] * code;
            q[k] += wq;
            qq[k] += wq * code;
        }
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int k = 0; k < half; k++) {
            zq[k] += zq[k + half];
            q[k] += q[k + half];
            qq[k] += qq[k + half];
        }
    leaf->states = 1;
    leaf->zq[0] = zq[0];
    leaf->q[0] = q[0];
    leaf->qq[0] = qq[0];
}

/* False if there are more than `most`. */
static bool list_states(const struct rdl_leaf_block *block, struct leaf *leaf, int most)
{
    int ends[MAX_LENGTH], groups = 0, states = 1;
    for (int place = 0; place < leaf->count;) {
        const double code = leaf->low[leaf->undecided[place]];
        const int start = place;
        while (place < leaf->count && leaf->low[leaf->undecided[place]] == code)
            place++;
        ends[groups++] = place;
        states *= place - start + 1;
        if (states > most)
            return false;
    }
    sum_lower(block, leaf);
    for (int g = 0, place = 0; g < groups; g++) {
        const int before = leaf->states;
        double zq = 0.0, q = 0.0, qq = 0.0;
        for (; place < ends[g]; place++) {
            const int i = leaf->undecided[place];
            zq += block->wz[i];
            q += block->w[i];
            qq += block->w[i] * (2.0 * (leaf->low[i] - leaf->base) + 1.0);
            const int from = leaf->states;
            for (int state = 0; state < before; state++) {
                leaf->zq[from + state] = leaf->zq[state] + zq;
                leaf->q[from + state] = leaf->q[state] + q;
                leaf->qq[from + state] = leaf->qq[state] + qq;
            }
            leaf->states += before;
        }
    }
    return true;
}

static void add_state(const struct rdl_leaf_block *block, const struct leaf *leaf, int state,
                      struct rdl_candidates *list)
{
    const double zq = leaf->zq[state], q = leaf->q[state];
    const double spread = leaf->qq[state] - q * q, slope = zq / spread, center = q + leaf->base;
    const struct rdl_candidate candidate = {
        .error = block->unit * (slope * zq < 1.0 ? 1.0 - slope * zq : 0.0),
        .scale = block->sigma * slope,
        .offset = block->sigma * (block->mean - slope * center),
        .stretch = block->weight * spread,
        .center = center,
    };
    rdl_candidates_add(list, &candidate);
}

bool rdl_leaf_candidates(const struct rdl_leaf_block *block, const struct rdl_exact_cells *cells,
                         int p, struct rdl_candidates *list)
{
    struct leaf leaf;
    const bool is_small = cells->half_v <= small_half;
    if (!decide(block, &leaf, cells, p))
        return false;
    leaf.base = code_near((double)cells->v[p], (double)block->last);
    if (!list_states(block, &leaf, is_small ? MANY_STATES : FEW_STATES))
        return false;
    const double least = 1.0 - list->limit / block->unit;
    uint8_t passes[MANY_STATES];
    for (int state = 0; state < leaf.states; state++) {
        const double q = leaf.q[state], zq = leaf.zq[state];
        const double spread = leaf.qq[state] - q * q;
        passes[state] =
            (zq > 0.0) & (spread > 1e-12 * leaf.qq[state]) & (zq * zq >= least * spread);
    }
    for (int state = 0; state < leaf.states; state++)
        if (passes[state])
            add_state(block, &leaf, state, list);
    return true;
}
