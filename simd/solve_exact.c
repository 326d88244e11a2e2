/*
 * The exact search of a scale, in lanes: ref/block/exact_scale.c has the theorem, and the points.
 *
 * 1. Points of both sides, lanes being blocks; the codes at the point of least error bound it.
 * 2. What the points leave, gaps of all blocks, in one list. Lanes are gaps from here on. Codes are
 *    the same at both ends of most gaps: these are all that can be best there. Other gaps are
 *    divided at a point in their middle, which excludes an interval again.
 * 3. The codes of least error of each block, and from them the scale in binary64.
 *
 * All bounds are binary32 with margins, so that a block is solved only if no other codes have an
 * error that is not greater by 2^-38 sum w x^2: the search of one block finds the optimum to less
 * than that, and so the same codes. Where codes and their negatives are both in the grid, and tie
 * therefore, it returns those that it has seen first: they are known if they are those of the first
 * points. Whatever is not certain is left to it. Proofs: notes/exact-search.md.
 */
#include "simd.h"

#define RDL_REGISTERS 1 /* a gap's block is found by a permutation of one register */

#include "exact_gap_list.h"
#include "exact_tile.h"
#include "nearest_iq4.h"

enum {
    MAX_POINTS = 32, /* of a side */
    MAX_ROUNDS = 8,
    FEW_BREAKPOINTS = 64, /* the search of one block takes them in another order */
#if RDL_WIDTH == 16
    AT_ONCE = 4 /* points, of both sides */
#else
    AT_ONCE = 2
#endif
};

/* Rows of the list of exact_scale_points.h with a gap between their points */
struct search {
    const struct block_tile *blocks;
    struct exact_tile tile;
    vf t[MAX_POINTS], plus[MAX_POINTS], minus[MAX_POINTS]; /* points, and g of both sides */
    vm lost; /* blocks to be left to the search of one block */
    /* Of a block: the least error known, the part of g and its square root that is not rounding,
     * ... */
    float known[RDL_LANES], margin[RDL_LANES], xx[RDL_LANES];
    struct exact_gap_list gaps[2];
    struct exact_vector_list vectors;
    float table_slack;
};

RDL_INLINE vm no_lanes(void)
{
    return v_lt(v_set(0.0f), v_set(0.0f));
}

RDL_INLINE vf one_more(vf v, float part)
{
    return v_mul(v, v_set(1.0f + part));
}

/* ------------------------------------------------------------------------------------------------
 * First points
 */

RDL_INLINE void evaluate_points(struct search *search, const bool is_table)
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

/* The first point of least error in the order of t: side - from its end to 0, then side +. */
RDL_INLINE vf least_point(const struct search *search, vm *is_minus)
{
    struct least minus = {v_set(INFINITY), search->t[0]}, plus = minus;
    for (int p = 0; p < search->tile.levels.count; p++) {
        keep_less(&minus, search->t[search->tile.levels.count - 1 - p],
                  search->minus[search->tile.levels.count - 1 - p]);
        keep_less(&plus, search->t[p], search->plus[p]);
    }
    *is_minus = v_le(minus.error, plus.error);
    return v_select(*is_minus, minus.t, plus.t);
}

/* ------------------------------------------------------------------------------------------------
 * Errors
 */

/* The least error of codes that have been found at t, and how far it may be off, times t^2. */
struct bounds {
    vf low, high, t; /* t is that of their best scale */
};

/* Rounding of g and of sums (notes/exact-search.md): 5 (n + 6) 2^-24 g and 6 * 2^-24 t sqrt(g X),
 * and for tables 2^-20 sum w. */
RDL_INLINE struct bounds bounds_of(const struct search *search, const struct exact_codes *codes,
                                   vf t, vf xx)
{
    const vf zero = v_set(0.0f), relative = v_set((float)(search->tile.n + 8) * 0x1p-21f);
    const vf whole = v_add(codes->vv, codes->vr), tt = v_mul(t, t);
    const vf root = v_mul(t, v_sqrt(v_mul(codes->g, xx)));
    vf off = v_add(v_mul(codes->g, relative), v_mul(root, v_set(0x1p-21f)));
    off = v_add(off, v_mul(codes->vv, v_set(search->table_slack)));
    const vf error = v_sub(codes->g, v_div(v_mul(codes->vr, codes->vr), codes->vv));
    const vm positive = v_lt(zero, whole);
    return (struct bounds){
        v_select(positive, v_div(v_max(v_sub(error, off), zero), tt), v_set(INFINITY)),
        v_select(positive, v_div(v_add(error, off), tt), v_set(INFINITY)),
        v_div(v_mul(t, codes->vv), whole),
    };
}

RDL_INLINE struct exact_codes codes_of_blocks(const struct search *search, const bool is_table,
                                              vf t, vm is_minus)
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
RDL_INLINE void start_known(struct search *search, const bool is_table)
{
    const vf xx = one_more(search->tile.xx, 1e-5f);
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
        v_mand(v_lt(v_mul(xx, v_set(0x1p-24f)), known), v_lt(known, v_mul(xx, v_set(0.9f))));
    search->lost = v_mor(search->lost, v_mandnot(v_le(v_set(0.0f), v_set(0.0f)), is_usual));
}

/* ------------------------------------------------------------------------------------------------
 * Gaps
 */

/* What a point excludes to either side of t: codes whose errors are below the known one, or above
 * it by less than 2^-38 X. */
RDL_INLINE vf radius(const struct search *search, vf t, vf g, vf known, vf xx, vf weight)
{
    const vf zero = v_set(0.0f);
    const vf relative = v_add(v_set((float)(search->tile.n + 8) * 0x1p-22f),
                              v_mul(v_sqrt(v_div(xx, known)), v_set(0x1p-20f)));
    const vf error = v_add(one_more(known, 1e-5f), v_mul(xx, v_set(0x1p-38f)));
    vf excess = v_sub(v_sub(g, v_mul(g, relative)), v_mul(v_mul(t, t), error));
    excess = v_sub(excess, v_mul(weight, v_set(search->table_slack)));
    const vf r = v_sqrt(v_div(v_max(zero, excess), xx));
    return v_sub(one_more(r, -1e-5f), v_mul(t, v_set(0x1p-21f)));
}

/* Of one side, from a start to an end. */
RDL_INLINE void list_gaps(struct search *search, const vf *g, vf from, vf to, int32_t side)
{
    const vf known = v_load(search->known), xx = v_load(search->xx);
    const vi key = v_iadd(exact_lane_numbers(), v_iset(side));
    vf reach = from;
    for (int p = 0; p <= search->tile.levels.count; p++) {
        vf begin = to, end = to;
        if (p < search->tile.levels.count) {
            const vf t = search->t[p];
            const vf r = radius(search, t, g[p], known, xx, search->tile.weight);
            const vm excludes = v_lt(v_set(0.0f), r);
            begin = v_select(excludes, v_min(v_sub(t, r), to), reach);
            end = v_select(excludes, v_add(t, r), reach);
        }
        const vm open = v_mandnot(v_lt(reach, begin), search->lost);
        if (v_any(open) && !exact_gap_list_add(&search->gaps[0], open, reach, begin, key))
            search->lost = v_mor(search->lost, open);
        reach = v_max(reach, end);
    }
}

/* Where an optimum can be: ref/block/exact_side.c. */
RDL_INLINE void start_gaps(struct search *search)
{
    const struct exact_tile *const tile = &search->tile;
    const struct exact_levels *const levels = &tile->levels;
    const vf explained = v_sub(one_more(v_load(search->xx), -2e-5f), v_load(search->known));
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
    search->gaps[0].count = 0;
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

RDL_INLINE void evaluate_gaps(const struct search *search, const bool is_table, struct gaps *gaps)
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
static void keep_known(struct search *search, const float *high, const int32_t *lane, int count)
{
    for (int k = 0; k < count; k++)
        if (high[k] < search->known[lane[k]])
            search->known[lane[k]] = high[k];
}

RDL_INLINE void lose(struct search *search, vi lane, vm mask)
{
    int32_t lanes[RDL_LANES], lost[RDL_LANES] = {0};
    v_istore(lanes, lane);
    for (unsigned bits = r_mask_bits(mask.r0); bits; bits &= bits - 1)
        lost[lanes[__builtin_ctz(bits)]] = 1;
    search->lost = v_mor(search->lost, v_ilt(v_iset(0), v_iload(lost)));
}

/* `count` gaps from number p on: those of one vector become vectors, others are divided. */
RDL_INLINE void look_into(struct search *search, const bool is_table,
                          const struct exact_gap_list *list, int p, int count,
                          struct exact_gap_list *next)
{
    struct gaps gaps;
    float high[RDL_LANES];
    int32_t lanes[RDL_LANES];
    const vm counts = v_ilt(exact_lane_numbers(), v_iset(count));
    gaps.key = v_iselect(counts, v_bits(v_load(list->key + p)), v_iset(0));
    gaps.lane = v_and(gaps.key, v_iset(RDL_LANES - 1));
    gaps.is_minus = v_ilt(v_iset(EXACT_MINUS - 1), gaps.key);
    gaps.from = v_load(list->from + p);
    gaps.to = v_load(list->to + p);
    gaps.middle = v_mul(v_add(gaps.from, gaps.to), v_set(0.5f));
    evaluate_gaps(search, is_table, &gaps);
    const vf xx = exact_pick(search->xx, gaps.lane);
    const struct bounds bounds = bounds_of(search, &gaps.codes, gaps.middle, xx);
    v_store(high, bounds.high);
    v_istore(lanes, gaps.lane);
    keep_known(search, high, lanes, count);
    const vf known = exact_pick(search->known, gaps.lane);
    const vm same = v_mand(counts, v_eq(gaps.from_levels, gaps.to_levels));
    const vm good = v_lt(bounds.low, v_add(one_more(known, 1e-5f), v_mul(xx, v_set(0x1p-37f))));
    exact_vector_list_add(&search->vectors, v_mand(same, good), bounds.low, bounds.high, bounds.t,
                          gaps.codes.levels, gaps.key);
    const vm divided = v_mandnot(counts, same);
    if (!v_any(divided))
        return;
    /* A radius below 0 would leave a point out: its two parts meet. */
    const vf r =
        v_max(v_set(0.0f), radius(search, gaps.middle, gaps.codes.g, known, xx, gaps.codes.vv));
    const vf end = v_sub(gaps.middle, r), begin = v_add(gaps.middle, r);
    const vm below = v_mand(divided, v_lt(gaps.from, end));
    const vm above = v_mand(divided, v_lt(begin, gaps.to));
    if (!exact_gap_list_add(next, below, gaps.from, end, gaps.key))
        lose(search, gaps.lane, below);
    if (!exact_gap_list_add(next, above, begin, gaps.to, gaps.key))
        lose(search, gaps.lane, above);
}

RDL_INLINE void search_gaps(struct search *search, const bool is_table)
{
    search->vectors.count = 0;
    for (int round = 0; round < MAX_ROUNDS; round++) {
        const struct exact_gap_list *const list = &search->gaps[round % 2];
        struct exact_gap_list *const next = &search->gaps[(round + 1) % 2];
        next->count = 0;
        for (int p = 0; p < list->count; p += RDL_LANES) {
            const int rest = list->count - p, count = rest < RDL_LANES ? rest : RDL_LANES;
            if (search->vectors.count + RDL_LANES > EXACT_MAX_VECTORS) {
                search->lost = v_le(v_set(0.0f), v_set(0.0f));
                return;
            }
            look_into(search, is_table, list, p, count, next);
        }
        if (next->count == 0)
            return;
    }
    const struct exact_gap_list *const left = &search->gaps[MAX_ROUNDS % 2];
    for (int p = 0; p < left->count; p += RDL_LANES) {
        const vm counts = v_ilt(exact_lane_numbers(), v_iset(left->count - p));
        const vi key = v_bits(v_load(left->key + p));
        lose(search, v_and(key, v_iset(RDL_LANES - 1)), counts);
    }
}

/* ------------------------------------------------------------------------------------------------
 * The answer
 */

/* Of each block: its best codes. */
struct best {
    float t[RDL_LANES], levels[RDL_LANES];
    int32_t side[RDL_LANES], vector[RDL_LANES]; /* -1 for none */
    int32_t tied[RDL_LANES];                    /* with their negatives, it seems */
    int32_t lost[RDL_LANES];
};

static int32_t key_of(const struct exact_vector_list *list, int k)
{
    int32_t key;
    memcpy(&key, &list->key[k], sizeof key);
    return key;
}

static void take(struct best *best, const struct exact_vector_list *list, int k)
{
    const int32_t key = key_of(list, k), lane = key & (RDL_LANES - 1);
    best->vector[lane] = k;
    best->t[lane] = list->t[k];
    best->levels[lane] = list->levels[k];
    best->side[lane] = key & EXACT_MINUS;
}

/* Vector k, not that of least error: is it out of the question? */
static void compare(struct best *best, const struct search *search, int k)
{
    const struct exact_vector_list *const list = &search->vectors;
    const int32_t key = key_of(list, k), lane = key & (RDL_LANES - 1), side = key & EXACT_MINUS;
    const float high = list->high[best->vector[lane]];
    if (list->low[k] > high * (1.0f + 1e-6f) + search->xx[lane] * 0x1p-38f)
        return;
    if (list->levels[k] != best->levels[lane]) {
        best->lost[lane] = 1;
    } else if (side != best->side[lane]) {
        if (search->tile.levels.is_table)
            best->lost[lane] = 1;
        best->tied[lane] = 1;
    }
}

static void choose(struct best *best, const struct search *search)
{
    const struct exact_vector_list *const list = &search->vectors;
    for (int lane = 0; lane < RDL_LANES; lane++) {
        best->t[lane] = best->levels[lane] = 0.0f;
        best->side[lane] = best->tied[lane] = best->lost[lane] = 0;
        best->vector[lane] = -1;
    }
    for (int k = 0; k < list->count; k++) {
        const int lane = key_of(list, k) & (RDL_LANES - 1);
        if (best->vector[lane] < 0 || list->high[k] < list->high[best->vector[lane]])
            take(best, list, k);
    }
    for (int k = 0; k < list->count; k++)
        if (best->vector[key_of(list, k) & (RDL_LANES - 1)] != k)
            compare(best, search, k);
    for (int lane = 0; lane < RDL_LANES; lane++)
        if (best->vector[lane] < 0)
            best->lost[lane] = 1;
}

/* What the codes of a tile are, beside codes. */
struct stored {
    vf levels, vv;
    vf slack;   /* the least product of factor and distance from a midpoint */
    vf largest; /* value */
    vi bits;    /* that are set in any value */
};

RDL_INLINE vf signed_value(const struct block_tile *blocks, size_t at, vf value, vm is_minus)
{
    const vf zero = v_set(0.0f), negative = v_sub(zero, value);
    const vm below = v_lt(v_load(blocks->x + at), zero);
    return v_select(below, v_select(is_minus, value, negative),
                    v_select(is_minus, negative, value));
}

/* Stores the codes at t. 2^-17 u is more than the rounding of t and u, and what t moves within
 * 2^-38 X. */
RDL_INLINE struct stored store_codes(const struct search *search, const bool is_table, vf t,
                                     vm is_minus, struct block_tile *blocks)
{
    const vf zero = v_set(0.0f);
    struct stored stored = {zero, zero, v_set(INFINITY), zero, v_iset(0)};
    for (size_t i = 0; i < search->tile.n; i++) {
        const size_t at = i * RDL_LANES;
        const vf w = v_load(search->tile.w + at), plus = v_load(search->tile.sign + at);
        const vf turned = exact_turned(&search->tile.levels, is_table, plus);
        const vf sign = v_select(is_minus, turned, plus);
        const vf u = v_mul(t, v_load(search->tile.x + at));
        const vf value = exact_nearest(is_table, u, sign);
        const vf distance = v_sub(exact_slack(is_table, u, sign), v_mul(u, v_set(0x1p-17f)));
        stored.slack = v_min(stored.slack, v_mul(w, distance));
        stored.levels = v_add(stored.levels, value);
        stored.vv = v_add(stored.vv, v_mul(v_mul(w, value), value));
        stored.largest = v_max(stored.largest, value);
        stored.bits = v_or(stored.bits, v_truncate(value));
        const vf y = signed_value(blocks, at, is_table ? u : value, is_minus);
        const vi code = is_table ? (vi){r_nearest_iq4(NEAREST_IQ4, y.r0)}
                                 : v_isub(v_truncate(y), v_iset(blocks->grid->first));
        v_istore(blocks->codes + at, code);
    }
    return stored;
}

/* Integers and their negatives: the scale above 0 is wanted if both are in the grid. */
RDL_INLINE void negate_codes(struct block_tile *blocks, vm negated)
{
    const vi sum = v_iset(-2 * blocks->grid->first);
    for (size_t at = 0; at < blocks->n * RDL_LANES; at += RDL_LANES) {
        const vi code = v_iload(blocks->codes + at);
        v_istore(blocks->codes + at, v_iselect(negated, v_isub(sum, code), code));
    }
}

/* Returns the lanes where nothing ties with the codes, or nearly so: codes next to them, halves of
 * them, which the range of scales leaves out, or negatives that are not theirs. */
RDL_INLINE vm store_best(const struct search *search, const bool is_table, const struct best *best,
                         struct block_tile *blocks)
{
    const vm is_minus = v_ilt(v_iset(0), v_iload(best->side));
    const vm is_tied = v_ilt(v_iset(0), v_iload(best->tied));
    const struct stored stored = store_codes(search, is_table, v_load(best->t), is_minus, blocks);
    const vm alone = v_mand(v_eq(stored.levels, v_load(best->levels)),
                            v_le(v_mul(stored.vv, v_set(0x1p-39f)), stored.slack));
    if (is_table)
        return alone;
    const vm both = v_le(stored.largest, v_set(search->tile.levels.last));
    if (v_any(v_mand(both, is_minus)))
        negate_codes(blocks, v_mand(both, is_minus));
    const vm is_odd = v_ieq(v_and(stored.bits, v_iset(1)), v_iset(1));
    return v_mandnot(v_mand(alone, is_odd), v_mandnot(is_tied, both));
}

/* The best scale of the codes, in the order of exact_scale_ops.h: sums in 8 parts, in binary64. */
RDL_INLINE void store_scales(struct block_tile *blocks)
{
    for (size_t k = 0; k < RDL_LANES; k += RDL_HALF) {
        rd xv[8] = {{0}}, vv[8] = {{0}};
        for (size_t i = 0; i < blocks->n; i++) {
            const size_t at = i * RDL_LANES + k;
            const rd w = d_load_floats(blocks->w + at), x = d_load_floats(blocks->x + at);
            const rd v = block_tile_values(blocks->grid, blocks->codes + at);
            xv[i % 8] += w * x * v;
            vv[i % 8] += w * v * v;
        }
        for (size_t half = 4; half > 0; half /= 2)
            for (size_t j = 0; j < half; j++) {
                xv[j] += xv[j + half];
                vv[j] += vv[j + half];
            }
        d_store(blocks->scales + k, xv[0] / vv[0]);
        d_store(blocks->offsets + k, d_set(0.0));
    }
}

RDL_INLINE vm solve_tile(struct block_tile *blocks, const struct exact_levels *levels,
                         const bool is_table)
{
    struct search search;
    struct best best;
    search.blocks = blocks;
    search.table_slack = is_table ? 0x1p-20f : 0.0f;
    const vm usual = exact_tile_start(&search.tile, blocks, levels);
    search.lost = v_mandnot(v_le(v_set(0.0f), v_set(0.0f)), usual);
    evaluate_points(&search, is_table);
    start_known(&search, is_table);
    start_gaps(&search);
    search_gaps(&search, is_table);
    choose(&best, &search);
    const vm certain = store_best(&search, is_table, &best, blocks);
    store_scales(blocks);
    const vm lost = v_mor(search.lost, v_ilt(v_iset(0), v_iload(best.lost)));
    return v_mandnot(certain, lost);
}

/* ------------------------------------------------------------------------------------------------
 * Which grids
 */

#define LIST(points) points, (int)(sizeof(points) / sizeof(points)[0])

RDL_INLINE bool start_levels(const struct rdl_block_grid *grid, struct exact_levels *levels)
{
    static const struct exact_levels known[] = {
        {true, 113.0f, 127.0f, LIST(rdl_exact_points_iq4_nl)},
        {false, 3.0f, 4.0f, LIST(rdl_exact_points_3_bits)},
        {false, 7.0f, 8.0f, LIST(rdl_exact_points_4_bits)},
        {false, 15.0f, 16.0f, LIST(rdl_exact_points_5_bits)},
        {false, 31.0f, 32.0f, LIST(rdl_exact_points_6_bits)},
    };
    if (grid->kind != RDL_BLOCK_SIGNED)
        return false;
    if (grid->entries) {
        *levels = known[0];
        return grid->count == 16 &&
               memcmp(grid->entries, nearest_values, sizeof nearest_values) == 0;
    }
    for (size_t k = 1; k < sizeof known / sizeof known[0]; k++) {
        *levels = known[k];
        if (grid->first == -(int)levels->down &&
            grid->count == (int)(levels->last + levels->down) + 1)
            return true;
    }
    return false;
}

RDL_INLINE vm search_levels(struct block_tile *tile)
{
    struct exact_levels levels;
    (void)start_levels(tile->grid, &levels);
    return levels.is_table ? solve_tile(tile, &levels, true) : solve_tile(tile, &levels, false);
}

void RDL_TARGET_NAME(rdl_solve_lanes_exact)(size_t count, const struct rdl_block *first,
                                            const struct rdl_solver_options *options,
                                            uint8_t *codes, struct rdl_block_fit *fits,
                                            uint8_t *solved)
{
    struct exact_levels levels;
    const int breakpoints = (int)first->n * (first->grid.count - 1);
    memset(solved, 0, count);
    if (options->incumbent < INFINITY || breakpoints <= FEW_BREAKPOINTS ||
        !start_levels(&first->grid, &levels))
        return;
    solve_lanes(search_levels, count, first, options, codes, fits, solved);
}
