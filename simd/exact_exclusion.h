/*
 * Which codes can be best, for blocks in lanes, by exclusion: ref/block/exact_scale.c has the
 * theorem, notes/exact-search.md the proof of what is here.
 *
 * 1. Points of both sides, lanes being blocks. The codes at the point of least error, and those at
 *    their best scale, bound the error.
 * 2. What the points leave are gaps. Lanes are gaps from here on. Most have the same codes at both
 *    ends: these are all that can be best there, one vector of the list. Other gaps are divided at
 *    a point in their middle.
 *
 * All bounds are binary32 with margins. What is not on the list has an error that is greater than
 * the least one by more than 2^-38 sum w x^2.
 */
#ifndef RDL_SIMD_EXACT_EXCLUSION_H
#define RDL_SIMD_EXACT_EXCLUSION_H

#include "exact_gap_list.h"
#include "exact_tile.h"

enum {
    MAX_POINTS = 32,  /* of a side */
    MAX_BATCHES = 80, /* of gaps, for all blocks of a tile */
#if RDL_WIDTH == 16
    AT_ONCE = 4 /* points, of both sides */
#else
    AT_ONCE = 2
#endif
};

struct exact_search {
    struct exact_tile tile;
    float table_slack;                                     /* 2^-20, or 0 for integers */
    vf t[MAX_POINTS], plus[MAX_POINTS], minus[MAX_POINTS]; /* points, and g of both sides */
    vm lost;                                               /* blocks that are not solved here */
    float known[RDL_LANES], xx[RDL_LANES]; /* an error that codes have; sum w x^2, from above */
    struct exact_gap_list gaps;
    struct exact_vector_list vectors;
};

RDL_INLINE vm exact_all_lanes(void)
{
    return v_le(v_set(0.0f), v_set(0.0f));
}

/* v (1 + part) */
RDL_INLINE vf exact_times(vf v, float part)
{
    return v_mul(v, v_set(1.0f + part));
}

/* ------------------------------------------------------------------------------------------------
 * First points
 */

RDL_INLINE void evaluate_points(struct exact_search *search, const bool is_table)
{
    const struct exact_levels *const levels = &search->tile.levels;
    const vf x_max = v_max(search->tile.x_up, search->tile.x_down);
    const vf per_weight = v_div(v_set(1.0f), x_max);
    for (int p = 0; p < levels->count; p++)
        search->t[p] = v_mul(v_set(levels->t[p]), per_weight);
    int p = 0;
    for (; p + AT_ONCE <= levels->count && levels->t[p + AT_ONCE - 1] < 137.0f; p += AT_ONCE)
        exact_points(&search->tile, is_table, false, AT_ONCE, search->t + p, search->plus + p,
                     search->minus + p);
    for (; p + AT_ONCE <= levels->count; p += AT_ONCE)
        exact_points(&search->tile, is_table, true, AT_ONCE, search->t + p, search->plus + p,
                     search->minus + p);
    for (; p < levels->count; p++)
        exact_points(&search->tile, is_table, true, 1, search->t + p, search->plus + p,
                     search->minus + p);
}

struct least {
    vf error, t;
};

RDL_INLINE void keep_less(struct least *least, vf t, vf g)
{
    const vf error = v_div(v_div(g, t), t);
    const vm less = v_lt(error, least->error);
    least->error = v_select(less, error, least->error);
    least->t = v_select(less, t, least->t);
}

/* The point of least error. */
RDL_INLINE vf least_point(const struct exact_search *search, vm *is_minus)
{
    struct least minus = {v_set(INFINITY), search->t[0]}, plus = minus;
    for (int p = 0; p < search->tile.levels.count; p++) {
        keep_less(&minus, search->t[p], search->minus[p]);
        keep_less(&plus, search->t[p], search->plus[p]);
    }
    *is_minus = v_lt(minus.error, plus.error);
    return v_select(*is_minus, minus.t, plus.t);
}

/* ------------------------------------------------------------------------------------------------
 * Errors
 */

/* The least error of codes that have been found at t, and how far it may be off, times t^2. */
struct bounds {
    vf low, high, t; /* t is that of their best scale */
};

/* With q = vr^2 / vv, sums are off by (n + 6) 2^-24 (sqrt(g) + sqrt(q))^2 and the rounding of t x
 * by 2^-23 t sqrt(X) (sqrt(g) + sqrt(q)), for tables also 2^-20 sum w: notes/exact-search.md. */
RDL_INLINE struct bounds bounds_of(const struct exact_search *search,
                                   const struct exact_codes *codes, vf t, vf xx)
{
    const vf zero = v_set(0.0f), sums = v_set((float)(search->tile.n + 8) * 0x1.4p-24f);
    const vf whole = v_add(codes->vv, codes->vr), tt = v_mul(t, t);
    const vf explained = v_mul(codes->vr, v_div(codes->vr, codes->vv));
    const vf roots = v_add(v_sqrt(codes->g), v_sqrt(explained));
    const vf of_t = v_mul(v_mul(t, v_sqrt(xx)), v_set(0x1.4p-23f));
    const vf off = v_mul(roots, v_add(v_mul(roots, sums), of_t));
    const vf error = v_sub(codes->g, explained);
    const vm positive = v_lt(zero, whole);
    return (struct bounds){
        v_select(positive, v_div(v_max(v_sub(error, off), zero), tt), v_set(INFINITY)),
        v_select(positive, v_div(v_add(error, off), tt), v_set(INFINITY)),
        v_div(v_mul(t, codes->vv), whole),
    };
}

RDL_INLINE struct exact_codes codes_of_blocks(const struct exact_search *search,
                                              const bool is_table, vf t, vm is_minus)
{
    struct exact_codes codes = exact_codes_zero();
    for (size_t i = 0; i < search->tile.n; i++) {
        const size_t at = i * RDL_LANES;
        const vf sign = v_load(search->tile.sign + at);
        const vf turned = exact_turned(&search->tile.levels, is_table, sign);
        const vf u = v_mul(t, v_load(search->tile.x + at));
        exact_codes_add(&codes, v_load(search->tile.w + at), u,
                        exact_nearest(is_table, u, v_select(is_minus, turned, sign)));
    }
    return codes;
}

/* The codes at the best point, and those at their best scale. */
RDL_INLINE void start_known(struct exact_search *search, const bool is_table)
{
    const vf xx = exact_times(search->tile.xx, 1e-5f);
    vm is_minus;
    const vf t = least_point(search, &is_minus);
    const struct exact_codes first = codes_of_blocks(search, is_table, t, is_minus);
    const struct bounds bounds = bounds_of(search, &first, t, xx);
    const struct exact_codes second = codes_of_blocks(search, is_table, bounds.t, is_minus);
    const struct bounds again = bounds_of(search, &second, bounds.t, xx);
    const vf known = v_min(bounds.high, again.high);
    v_store(search->known, known);
    v_store(search->xx, xx);
    /* An error of 2^-24 X is not known well enough, and codes that explain next to nothing leave
     * no end. */
    const vm is_usual =
        v_mand(v_lt(v_mul(xx, v_set(0x1p-24f)), known), v_lt(known, v_mul(xx, v_set(0.25f))));
    search->lost = v_mor(search->lost, v_mandnot(exact_all_lanes(), is_usual));
}

/* ------------------------------------------------------------------------------------------------
 * Gaps
 */

/* What a point excludes to either side of t: codes whose errors are below the known one, or above
 * it by less than 2^-38 X. */
RDL_INLINE vf radius(const struct exact_search *search, vf t, vf g, vf known, vf xx)
{
    const vf zero = v_set(0.0f);
    const vf relative = v_add(v_set((float)(search->tile.n + 8) * 0x1p-22f),
                              v_mul(v_sqrt(v_div(xx, known)), v_set(0x1p-20f)));
    const vf error = v_add(exact_times(known, 1e-5f), v_mul(xx, v_set(0x1p-38f)));
    vf excess = v_sub(v_sub(g, v_mul(g, relative)), v_mul(v_mul(t, t), error));
    const vf r = v_sqrt(v_div(v_max(zero, excess), xx));
    return v_sub(exact_times(r, -1e-5f), v_mul(t, v_set(0x1p-21f)));
}

/* Of one side, from a start to an end. */
RDL_INLINE void list_gaps(struct exact_search *search, const vf *g, vf from, vf to, int32_t side)
{
    const vf known = v_load(search->known), xx = v_load(search->xx);
    const vi key = v_iadd(exact_lane_numbers(), v_iset(side));
    /* Distances by midpoints of the table are rounded once more. */
    const vf slack = v_mul(search->tile.weight, v_set(search->table_slack));
    vf reach = from;
    for (int p = 0; p <= search->tile.levels.count; p++) {
        vf begin = to, end = to;
        if (p < search->tile.levels.count) {
            const vf t = search->t[p];
            const vf r = radius(search, t, v_sub(g[p], slack), known, xx);
            const vm excludes = v_lt(v_set(0.0f), r);
            begin = v_select(excludes, v_min(v_sub(t, r), to), reach);
            end = v_select(excludes, v_add(t, r), reach);
        }
        const vm open = v_mandnot(v_lt(reach, begin), search->lost);
        if (v_any(open) && !exact_gap_list_add(&search->gaps, open, reach, begin, key))
            search->lost = v_mor(search->lost, open);
        reach = v_max(reach, end);
    }
}

/* Where an optimum can be: ref/block/exact_side.c. */
RDL_INLINE void start_gaps(struct exact_search *search)
{
    const struct exact_tile *const tile = &search->tile;
    const struct exact_levels *const levels = &tile->levels;
    const vf explained = v_sub(exact_times(v_load(search->xx), -2e-5f), v_load(search->known));
    const vf last = v_set(levels->last * 1.0001f), down = v_set(levels->down * 1.0001f);
    const vf plus = v_add(v_mul(tile->above, last), v_mul(tile->below, down));
    const vf minus = v_add(v_mul(tile->below, last), v_mul(tile->above, down));
    vf from_plus = v_set(0.0f), from_minus = from_plus;
    if (!levels->is_table) {
        const vf half_up = v_set(((float)((int)levels->last / 2) + 0.5f) * 0.99999f);
        const vf half_down = v_set(((float)((int)levels->down / 2) + 0.5f) * 0.99999f);
        from_plus = v_min(v_div(half_up, tile->x_up), v_div(half_down, tile->x_down));
        from_minus = v_min(v_div(half_up, tile->x_down), v_div(half_down, tile->x_up));
    }
    search->gaps.count = 0;
    list_gaps(search, search->plus, from_plus, v_div(plus, explained), 0);
    list_gaps(search, search->minus, from_minus, v_div(minus, explained), EXACT_MINUS);
}

/* ------------------------------------------------------------------------------------------------
 * Codes in gaps
 */

/* A register of gaps. */
struct gaps {
    vi key, lane;
    vm is_minus;
    vf from, middle, to;
    vf from_levels, to_levels; /* sums of values at the ends */
    struct exact_codes codes;  /* in the middle */
};

RDL_INLINE void evaluate_gaps(const struct exact_search *search, const bool is_table,
                              struct gaps *gaps)
{
    const vf zero = v_set(0.0f);
    gaps->from_levels = gaps->to_levels = zero;
    gaps->codes = exact_codes_zero();
    for (size_t i = 0; i < search->tile.n; i++) {
        const size_t at = i * RDL_LANES;
        const vf x = exact_pick(search->tile.x + at, gaps->lane);
        const vf w = exact_pick(search->tile.w + at, gaps->lane);
        const vf plus = exact_pick(search->tile.sign + at, gaps->lane);
        const vf turned = exact_turned(&search->tile.levels, is_table, plus);
        const vf sign = v_select(gaps->is_minus, turned, plus);
        const vf u = v_mul(gaps->middle, x);
        const vf low = exact_nearest(is_table, v_mul(gaps->from, x), sign);
        const vf high = exact_nearest(is_table, v_mul(gaps->to, x), sign);
        gaps->from_levels = v_add(gaps->from_levels, low);
        gaps->to_levels = v_add(gaps->to_levels, high);
        exact_codes_add(&gaps->codes, w, u, exact_nearest(is_table, u, sign));
    }
}

/* Errors of the codes in gaps that are below the known ones of their blocks. */
static void keep_known(struct exact_search *search, const float *high, const int32_t *lane,
                       int count)
{
    for (int k = 0; k < count; k++)
        if (high[k] < search->known[lane[k]])
            search->known[lane[k]] = high[k];
}

RDL_INLINE void lose(struct exact_search *search, vi lane, vm mask)
{
    int32_t lanes[RDL_LANES], lost[RDL_LANES] = {0};
    v_istore(lanes, lane);
    for (unsigned bits = r_mask_bits(mask.r0); bits; bits &= bits - 1)
        lost[lanes[__builtin_ctz(bits)]] = 1;
    search->lost = v_mor(search->lost, v_ilt(v_iset(0), v_iload(lost)));
}

/* The number of weights whose codes differ at the ends. */
RDL_INLINE vi count_changes(const struct exact_search *search, const bool is_table,
                            const struct gaps *gaps)
{
    vi changes = v_iset(0);
    for (size_t i = 0; i < search->tile.n; i++) {
        const size_t at = i * RDL_LANES;
        const vf x = exact_pick(search->tile.x + at, gaps->lane);
        const vf plus = exact_pick(search->tile.sign + at, gaps->lane);
        const vf turned = exact_turned(&search->tile.levels, is_table, plus);
        const vf sign = v_select(gaps->is_minus, turned, plus);
        const vf low = exact_nearest(is_table, v_mul(gaps->from, x), sign);
        const vf high = exact_nearest(is_table, v_mul(gaps->to, x), sign);
        changes = v_icount(changes, v_lt(low, high));
    }
    return changes;
}

RDL_INLINE void add_gaps(struct exact_search *search, const struct gaps *gaps, vm mask, vf from,
                         vf to)
{
    if (v_any(mask) && !exact_gap_list_add(&search->gaps, mask, from, to, gaps->key))
        lose(search, gaps->lane, mask);
}

/* Gaps that are too short to be divided, next to the scale of the best codes. With one change of
 * codes, by one level, there are two vectors: those of the ends. */
RDL_INLINE void take_ends(struct exact_search *search, const bool is_table, const struct gaps *gaps,
                          vm taken)
{
    const vm one = v_ieq(count_changes(search, is_table, gaps), v_iset(1));
    lose(search, gaps->lane, v_mandnot(taken, one));
    add_gaps(search, gaps, v_mand(taken, one), gaps->from, gaps->from);
    add_gaps(search, gaps, v_mand(taken, one), gaps->to, gaps->to);
}

/* Divides gaps at their middles, which exclude an interval again. Nothing is left of some. */
RDL_INLINE void divide(struct exact_search *search, const bool is_table, const struct gaps *gaps,
                       vm divided, vf known, vf xx)
{
    const vf length = v_sub(gaps->to, gaps->from);
    const vm is_short = v_le(length, v_mul(gaps->to, v_set(0x1p-12f)));
    if (v_any(v_mand(divided, is_short)))
        take_ends(search, is_table, gaps, v_mand(divided, is_short));
    /* A radius below 0 would exclude less than nothing. */
    const vf r = v_max(v_set(0.0f), radius(search, gaps->middle, gaps->codes.g, known, xx));
    const vf end = v_sub(gaps->middle, r), begin = v_add(gaps->middle, r);
    const vm open = v_mandnot(divided, is_short);
    add_gaps(search, gaps, v_mand(open, v_lt(gaps->from, end)), gaps->from, end);
    add_gaps(search, gaps, v_mand(open, v_lt(begin, gaps->to)), begin, gaps->to);
}

/* The last gaps of the list: what is one vector of codes throughout is kept, others are divided. */
RDL_INLINE void look_into(struct exact_search *search, const bool is_table)
{
    struct gaps gaps;
    float high[RDL_LANES];
    int32_t lanes[RDL_LANES];
    const int rest = search->gaps.count, count = rest < RDL_LANES ? rest : RDL_LANES;
    const int first = rest - count;
    const vm counts = v_ilt(exact_lane_numbers(), v_iset(count));
    search->gaps.count = first;
    gaps.key = v_iselect(counts, v_bits(v_load(search->gaps.key + first)), v_iset(0));
    gaps.lane = v_and(gaps.key, v_iset(RDL_LANES - 1));
    gaps.is_minus = v_ilt(v_iset(EXACT_MINUS - 1), gaps.key);
    gaps.from = v_load(search->gaps.from + first);
    gaps.to = v_load(search->gaps.to + first);
    gaps.middle = v_mul(v_add(gaps.from, gaps.to), v_set(0.5f));
    evaluate_gaps(search, is_table, &gaps);
    const vf xx = exact_pick(search->xx, gaps.lane);
    const struct bounds bounds = bounds_of(search, &gaps.codes, gaps.middle, xx);
    v_store(high, bounds.high);
    v_istore(lanes, gaps.lane);
    keep_known(search, high, lanes, count);
    const vf known = exact_pick(search->known, gaps.lane);
    const vm same = v_mand(counts, v_eq(gaps.from_levels, gaps.to_levels));
    const vm good = v_lt(bounds.low, v_add(exact_times(known, 1e-5f), v_mul(xx, v_set(0x1p-37f))));
    if (!exact_vector_list_add(&search->vectors, v_mand(same, good), bounds.low, bounds.high,
                               bounds.t, gaps.codes.levels, gaps.key))
        lose(search, gaps.lane, same);
    const vm divided = v_mandnot(counts, same);
    if (v_any(divided))
        divide(search, is_table, &gaps, divided, known, xx);
}

/* Blocks whose gaps take too long are left. */
RDL_INLINE void search_gaps(struct exact_search *search, const bool is_table)
{
    search->vectors.count = 0;
    for (int batch = 0; batch < MAX_BATCHES && search->gaps.count > 0; batch++)
        look_into(search, is_table);
    for (int p = 0; p < search->gaps.count; p += RDL_LANES) {
        const vm counts = v_ilt(exact_lane_numbers(), v_iset(search->gaps.count - p));
        const vi key = v_iselect(counts, v_bits(v_load(search->gaps.key + p)), v_iset(0));
        lose(search, v_and(key, v_iset(RDL_LANES - 1)), counts);
    }
}

/* Fills the list of vectors, and says which blocks are lost. */
RDL_INLINE void exact_exclude(struct exact_search *search, const bool is_table,
                              const struct block_tile *blocks, const struct exact_levels *levels)
{
    const vm usual = exact_tile_start(&search->tile, blocks, levels);
    search->table_slack = is_table ? 0x1p-20f : 0.0f;
    search->lost = v_mandnot(exact_all_lanes(), usual);
    evaluate_points(search, is_table);
    start_known(search, is_table);
    start_gaps(search);
    search_gaps(search, is_table);
}

#endif
