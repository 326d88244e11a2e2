/*
 * Candidates of sub-blocks (exact_ops.h, candidate_list.h): lanes are pairs of units, or states of
 * a cell. The scalar versions are in ref/search/candidates_states.c.
 */
#include "simd.h"

#include "candidate_list.h"
#include "doubles.h"
#include "exact_ops.h"

#include <math.h>

/* ------------------------------------------------------------------------------------------------
 * The inner problem
 */

struct pairs {
    vd d, dmin, per_d, minus_per_dmin;
    vd first, last, min_last;
};

RDL_INLINE vd clip(vd v, vd low, vd high)
{
    return d_min(d_max(low, v), high);
}

RDL_INLINE vd round_even(vd v)
{
    const vd shift = d_set(6755399441055744.0); /* 1.5 * 2^52 */
    return d_sub(d_add(v, shift), shift);
}

RDL_INLINE vd try_candidate(const struct rdl_candidates *list, int c, const struct pairs *pairs,
                            const int more, vd least)
{
    const vd scale = d_set(list->scale[c]), offset = d_set(list->offset[c]);
    const vd center = d_set(list->center[c]), stretch = d_set(list->stretch[c]);
    const vd weight = d_set(list->weight), error = d_set(list->error[c]);
    const vd below = round_even(d_sub(d_mul(scale, pairs->per_d), d_set(0.5)));
    for (int step = -more; step <= more + 1; step++) {
        const vd integer = clip(d_add(below, d_set((double)step)), pairs->first, pairs->last);
        const vd ds = d_sub(d_mul(pairs->d, integer), scale);
        const vd wanted = d_sub(offset, d_mul(center, ds));
        const vd ideal = d_mul(wanted, pairs->minus_per_dmin);
        const vd min = round_even(clip(ideal, d_set(0.0), pairs->min_last));
        const vd rest = d_add(d_mul(min, pairs->dmin), wanted);
        const vd more_error =
            d_add(d_mul(stretch, d_mul(ds, ds)), d_mul(weight, d_mul(rest, rest)));
        least = d_min(least, d_add(error, more_error));
    }
    return least;
}

RDL_INLINE vd try_all(const struct rdl_candidates *list, const struct pairs *pairs, const int more)
{
    vd least = d_set(INFINITY);
    for (int c = 0; c < list->count; c++)
        least = try_candidate(list, c, pairs, more, least);
    return least;
}

RDL_INLINE vd inverse(vd unit)
{
    return d_where(d_lt(d_set(0.0), d_abs(unit)), d_div(d_set(1.0), unit));
}

bool RDL_TARGET_NAME(rdl_exact_candidates_sum)(const struct rdl_candidates *lists, int count,
                                               const struct rdl_units *units, double limit,
                                               double *sums)
{
    const double smallest = rdl_units_smallest_d(units);
    const struct pairs pairs = {
        .d = d_load(units->d),
        .dmin = d_load(units->dmin),
        .per_d = inverse(d_load(units->d)),
        .minus_per_dmin = inverse(d_sub(d_set(0.0), d_load(units->dmin))),
        .first = d_set(units->scale_first),
        .last = d_set(units->scale_last),
        .min_last = d_set(units->min_last),
    };
    vd sum = d_set(0.0);
    for (int j = 0; j < count; j++) {
        const int more = rdl_candidates_more(&lists[j], smallest, units->most_more);
        if (more == 0)
            sum = d_add(sum, try_all(&lists[j], &pairs, 0));
        else if (more == 1)
            sum = d_add(sum, try_all(&lists[j], &pairs, 1));
        else
            sum = d_add(sum, try_all(&lists[j], &pairs, more));
        if (!dm_bits(d_lt(d_add(sum, d_set(lists[j].after)), d_set(limit))))
            return false;
    }
    d_store(sums, sum);
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * States
 */

RDL_INLINE void add_to(double *sums, int from, int count, double step)
{
    const vd added = d_set(step);
    for (int state = 0; state < count; state += RDL_DOUBLES)
        d_store(sums + from + state, d_add(d_load(sums + state), added));
}

/* Groups of states write beyond their end, where states follow or nothing does. */
static void expand(const double *wz, const double *w, const struct rdl_exact_decided *lower,
                   struct rdl_exact_states *states)
{
    double zq = 0.0, q = 0.0, qq = 0.0;
    int code = -1, before = 1, count = 1;
    d_store(states->zq, d_set(lower->sums.zq));
    d_store(states->q, d_set(lower->sums.q));
    d_store(states->qq, d_set(lower->sums.qq));
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
        add_to(states->zq, count, before, zq);
        add_to(states->q, count, before, q);
        add_to(states->qq, count, before, qq);
        count += before;
    }
    states->count = count;
}

static void select_states(struct rdl_exact_states *states, double part)
{
    int kept = 0;
    for (int first = 0; first < states->count; first += RDL_DOUBLES) {
        const vd zq = d_load(states->zq + first), q = d_load(states->q + first);
        const vd qq = d_load(states->qq + first), spread = d_sub(qq, d_mul(q, q));
        const dm is_line = dm_and(d_lt(d_set(0.0), zq), d_lt(d_mul(d_set(1e-12), qq), spread));
        const dm lacks = d_lt(d_mul(zq, zq), d_mul(d_set(part), spread));
        const int left = states->count - first;
        const unsigned within = left < RDL_DOUBLES ? (1u << left) - 1u : 255u;
        for (unsigned bits = dm_bits(is_line) & ~dm_bits(lacks) & within; bits; bits &= bits - 1) {
            const int state = first + __builtin_ctz(bits);
            states->zq[kept] = states->zq[state];
            states->q[kept] = states->q[state];
            states->qq[kept++] = states->qq[state];
        }
    }
    states->count = kept;
}

bool RDL_TARGET_NAME(rdl_exact_states)(const double *wz, const double *w,
                                       const struct rdl_exact_decided *lower, int most, double part,
                                       struct rdl_exact_states *states)
{
    if (rdl_exact_count_states(lower, most) > most)
        return false;
    expand(wz, w, lower, states);
    select_states(states, part);
    return true;
}
