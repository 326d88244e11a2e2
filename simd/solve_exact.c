/*
 * The exact search of a scale, in lanes. exact_exclusion.h lists the vectors of codes that can be
 * best; here the best one is chosen, and its scale is computed in binary64.
 *
 * A block is solved only if no other codes have an error that is not greater by 2^-38 sum w x^2:
 * the search of one block (ref/block/exact_scale.c) finds the optimum to less than that, and so the
 * same codes. Where codes and their negatives are both in the grid, and tie therefore, both
 * searches return those whose scale is above 0. Whatever is not certain is left to that search.
 * Proofs: notes/exact-search.md.
 */
#include "simd.h"

#define RDL_REGISTERS 1 /* the block of a gap is found by a permutation of one register */

#include "exact_exclusion.h"
#include "nearest_iq4.h"

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
static void compare(struct best *best, const struct exact_search *search, int k)
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

static void choose(struct best *best, const struct exact_search *search)
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

RDL_INLINE vf signed_value(vf x, vf value, vm is_minus)
{
    const vf zero = v_set(0.0f), negative = v_sub(zero, value);
    const vm below = v_lt(x, zero);
    return v_select(below, v_select(is_minus, value, negative),
                    v_select(is_minus, negative, value));
}

/* Stores the codes at t. 2^-17 u is more than the rounding of t and u, and what t moves within
 * 2^-38 X. */
RDL_INLINE struct stored store_codes(const struct exact_search *search, const bool is_table, vf t,
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
        const vf y = signed_value(v_load(blocks->x + at), is_table ? u : value, is_minus);
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
RDL_INLINE vm store_best(const struct exact_search *search, const bool is_table,
                         const struct best *best, struct block_tile *blocks)
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
    struct exact_search search;
    struct best best;
    exact_exclude(&search, is_table, blocks, levels);
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
    if (rdl_breakpoints_are_few(first)) {
        RDL_TARGET_NAME(rdl_solve_lanes_cumulative)(count, first, options, codes, fits, solved);
        return;
    }
    memset(solved, 0, count);
    if (options->incumbent < INFINITY || !start_levels(&first->grid, &levels))
        return;
    solve_lanes(search_levels, count, first, options, codes, fits, solved);
}
