/* The operations of candidates in plain C: kernels/exact_ops.h, kernels/candidate_list.h. */
#include "candidate_list.h"
#include "exact_ops.h"

#include <math.h>

/* ------------------------------------------------------------------------------------------------
 * The inner problem
 */

static void try_candidate(const struct rdl_candidates *list, int c, const struct rdl_units *units,
                          double d, double dmin, int more, double *least)
{
    const double per_d = rdl_candidate_inverse(d), minus_per_dmin = -rdl_candidate_inverse(dmin);
    const double below = rdl_candidate_round(list->scale[c] * per_d - 0.5);
    for (int step = -more; step <= more + 1; step++) {
        const double integer =
            rdl_candidate_clip(below + (double)step, units->scale_first, units->scale_last);
        const double ds = d * integer - list->scale[c];
        const double wanted = list->offset[c] - list->center[c] * ds;
        const double min =
            rdl_candidate_round(rdl_candidate_clip(wanted * minus_per_dmin, 0.0, units->min_last));
        const double rest = min * dmin + wanted;
        const double error =
            list->error[c] + (list->stretch[c] * (ds * ds) + list->weight * (rest * rest));
        *least = error < *least ? error : *least;
    }
}

static double least_of(const struct rdl_candidates *list, const struct rdl_units *units, int k,
                       int more)
{
    double least = INFINITY;
    for (int c = 0; c < list->count; c++)
        try_candidate(list, c, units, units->d[k], units->dmin[k], more, &least);
    return least;
}

bool rdl_exact_candidates_sum(const struct rdl_candidates *lists, int count,
                              const struct rdl_units *units, double limit, double *sums)
{
    const double smallest = rdl_units_smallest_d(units);
    for (int k = 0; k < RDL_UNITS; k++)
        sums[k] = 0.0;
    for (int j = 0; j < count; j++) {
        const int more = rdl_candidates_more(&lists[j], smallest, units->most_more);
        bool is_hopeless = true;
        for (int k = 0; k < RDL_UNITS; k++) {
            sums[k] += least_of(&lists[j], units, k, more);
            is_hopeless &= !(sums[k] + lists[j].after < limit);
        }
        if (is_hopeless)
            return false;
    }
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Cells
 */

void rdl_exact_cells_possible(struct rdl_exact_cells *cells, float square, float linear,
                              float constant, float deviation)
{
    int kept = 0;
    for (int p = 0; p < cells->count; p++) {
        const float g = cells->g[p], tau = cells->tau[p], v = cells->v[p];
        const float lowest = g * (1.0f - 1e-5f) - deviation * sqrtf(g);
        const float lack = lowest - tau * (tau * square + linear) - constant;
        cells->tau[kept] = tau;
        cells->v[kept] = v;
        kept += !(lack > 0.0f);
    }
    cells->count = kept;
}

/* ------------------------------------------------------------------------------------------------
 * States
 */

static void expand(const double *wz, const double *w, const struct rdl_exact_decided *lower,
                   struct rdl_exact_states *states)
{
    double zq = 0.0, q = 0.0, qq = 0.0;
    int code = -1, before = 1, count = 1;
    states->zq[0] = lower->sums.zq;
    states->q[0] = lower->sums.q;
    states->qq[0] = lower->sums.qq;
    for (uint64_t left = lower->undecided; left; left &= left - 1) {
        const int i = __builtin_ctzll(left);
        if (lower->codes[i] != code) {
            code = lower->codes[i];
            before = count;
            zq = q = qq = 0.0;
        }
        zq += wz[i];
        q += w[i];
        qq += w[i] * (double)(2 * (code - lower->base) + 1);
        for (int state = 0; state < before; state++, count++) {
            states->zq[count] = states->zq[state] + zq;
            states->q[count] = states->q[state] + q;
            states->qq[count] = states->qq[state] + qq;
        }
    }
    states->count = count;
}

static void select_states(struct rdl_exact_states *states, double part)
{
    int kept = 0;
    for (int state = 0; state < states->count; state++) {
        const double zq = states->zq[state], q = states->q[state], qq = states->qq[state];
        const double spread = qq - q * q;
        states->zq[kept] = zq;
        states->q[kept] = q;
        states->qq[kept] = qq;
        kept += (0.0 < zq) & (1e-12 * qq < spread) & !(zq * zq < part * spread);
    }
    states->count = kept;
}

bool rdl_exact_states(const double *wz, const double *w, const struct rdl_exact_decided *lower,
                      int most, double part, struct rdl_exact_states *states)
{
    if (rdl_exact_count_states(lower, most) > most)
        return false;
    expand(wz, w, lower, states);
    select_states(states, part);
    return true;
}
