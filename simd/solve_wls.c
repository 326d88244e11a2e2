/*
 * Weighted least squares to a fixed point, in lanes: ref/block/wls.c, which says what is done and
 * why. Blocks that need care are left to it, and those for which no codes help. A lane that is done
 * goes through the motions until all are, and asks its last line again.
 */
#include "simd.h"

#define RDL_REGISTERS 1 /* the fewer blocks wait for each other, the better */

#include "block_extremes.h"
#include "block_refit.h"
#include "block_table.h"

#include <limits.h>

enum {
    MAX_ROUNDS = 64,
    TRIES = 9
};

/* How values are found; constant where a body is expanded. */
enum mode {
    SCALE,
    TABLE,
    LINE
};

struct line {
    rd inverse, offset;
};

struct state {
    rd gain;
    struct line line, next;
};

/* RDL_HALF of the lanes. */
struct half {
    rd weight, mean, xx, whole;
    rdm is_doubtful, goes_on;
    struct state state, tried, best;
};

struct search {
    struct block_tile *tile;
    const struct block_table *table;
    struct half halves[RDL_PAIRS];
    _Alignas(64) double w[BLOCK_TILE], wx[BLOCK_TILE];
    _Alignas(64) float values[BLOCK_TILE]; /* of tables */
};

/* ------------------------------------------------------------------------------------------------
 * Start
 */

RDL_INLINE rdm d_false(void)
{
    return (rdm){0};
}

RDL_INLINE struct state no_state(double gain)
{
    const struct line none = {d_set(0.0), d_set(0.0)};
    return (struct state){d_set(gain), none, none};
}

RDL_INLINE void start_mean(const struct search *search, size_t h, struct half *half)
{
    const struct block_tile *tile = search->tile;
    rd weight = d_set(0.0), x = weight;
    for (size_t at = h * RDL_HALF; at < tile->n * RDL_LANES; at += RDL_LANES) {
        const rd w = d_load_floats(tile->w + at);
        weight += w;
        x += w * d_load_floats(tile->x + at);
    }
    half->weight = weight;
    half->mean = x / weight;
}

RDL_INLINE void start_half(struct search *search, enum mode mode, size_t h)
{
    const struct block_tile *tile = search->tile;
    struct half *half = &search->halves[h];
    half->weight = half->mean = half->xx = half->whole = d_set(0.0);
    half->is_doubtful = d_false();
    half->best = no_state(0.0);
    half->tried = no_state((double)-INFINITY);
    if (mode == LINE)
        start_mean(search, h, half);
    for (size_t at = h * RDL_HALF; at < tile->n * RDL_LANES; at += RDL_LANES) {
        const rd w = d_load_floats(tile->w + at), x = d_load_floats(tile->x + at);
        const rd wx = w * (x - half->mean);
        d_store(search->w + at, w);
        d_store(search->wx + at, wx);
        half->xx += wx * (x - half->mean);
        half->whole += w * x * x;
    }
}

/* ------------------------------------------------------------------------------------------------
 * Codes and their best line
 */

/* The values of a table nearest to inverse * x. */
RDL_INLINE void find_entries(struct search *search)
{
    const struct block_table *table = search->table;
    const size_t end = search->tile->n * RDL_LANES;
    for (size_t h = 0; h < RDL_PAIRS; h++)
        for (size_t at = h * RDL_HALF; at < end; at += RDL_LANES)
            d_store_floats(search->values + at, d_load_floats(search->tile->x + at) *
                                                    search->halves[h].state.line.inverse);
    for (size_t at = 0; at < end; at += RDL_LANES) {
        const vf v = v_load(search->values + at);
        v_store(search->values + at, table->count <= SMALL_TABLE ? small_table_nearest(table, v)
                                                                 : large_table_nearest(table, v));
    }
}

struct sums {
    rd u, uu, xu;
};

RDL_INLINE struct sums sum_values(const struct search *search, enum mode mode, size_t h, rd pivot)
{
    const rd zero = d_set(0.0), shift = d_set(6755399441055744.0); /* of d_round() */
    const struct rdl_block_grid *grid = search->tile->grid;
    const struct line line = search->halves[h].state.line;
    const rd first = d_set((double)grid->first), last = d_set((double)(grid->count - 1));
    const rd shift_back = shift - first + pivot;
    struct sums sums = {zero, zero, zero};
    for (size_t at = h * RDL_HALF; at < search->tile->n * RDL_LANES; at += RDL_LANES) {
        rd u;
        if (mode == TABLE) {
            u = d_load_floats(search->values + at);
        } else {
            const rd x = d_load_floats(search->tile->x + at);
            const rd v = (mode == LINE ? x - line.offset : x) * line.inverse;
            const rd code = mode == LINE ? v : v - first;
            u = d_min(d_max(code, zero), last) + shift - shift_back;
        }
        const rd wu = d_load(search->w + at) * u;
        if (mode == LINE)
            sums.u += wu;
        sums.uu += wu * u;
        sums.xu += d_load(search->wx + at) * u;
    }
    return sums;
}

RDL_INLINE struct state fit_scale(const struct search *search, rd xv, rd vv)
{
    const rd zero = d_set(0.0);
    const bool any_sign = search->tile->grid->kind == RDL_BLOCK_SIGNED;
    const rdm helps = (vv > zero) & (any_sign ? (rdm)(xv != zero) : (rdm)(xv > zero));
    return (struct state){.gain = d_select(helps, xv * (xv / vv), d_set((double)-INFINITY)),
                          .next = {vv / xv, zero}};
}

RDL_INLINE struct state fit_line(const struct search *search, const struct sums *sums, rd pivot,
                                 struct half *half)
{
    const rd zero = d_set(0.0), weight = half->weight, mean = half->mean;
    const rd u_mean = sums->u / weight, spread = sums->uu - sums->u * u_mean;
    const rdm is_line = (spread > zero) & (sums->xu > zero);
    const rd scale = d_select(is_line, sums->xu / spread, zero);
    const rd offset = mean - scale * (pivot + u_mean);
    half->is_doubtful |= spread < d_set(0x1p-10) * sums->uu;
    struct state state = {.gain = d_select(is_line, sums->xu * scale, d_set((double)-INFINITY)),
                          .next = {spread / sums->xu, offset}};
    if (search->tile->grid->kind == RDL_BLOCK_FREE)
        return state;
    const rd v = sums->u + pivot * weight;
    const struct state clamped =
        fit_scale(search, sums->xu + mean * v, sums->uu + pivot * (sums->u + v));
    const rdm positive = offset > zero;
    state.gain = d_select(positive, clamped.gain - weight * (mean * mean), state.gain);
    state.next.inverse = d_select(positive, clamped.next.inverse, state.next.inverse);
    state.next.offset = d_select(positive, zero, offset);
    return state;
}

/* The states of the lines. */
RDL_INLINE void fit(struct search *search, enum mode mode)
{
    if (mode == TABLE)
        find_entries(search);
    for (size_t h = 0; h < RDL_PAIRS; h++) {
        struct half *half = &search->halves[h];
        const struct line line = half->state.line;
        rd pivot = d_set(0.0);
        if (mode == LINE)
            pivot =
                block_tile_nearest(search->tile->grid, (half->mean - line.offset) * line.inverse);
        const struct sums sums = sum_values(search, mode, h, pivot);
        half->state = mode == LINE ? fit_line(search, &sums, pivot, half)
                                   : fit_scale(search, sums.xu, sums.uu);
        half->state.line = line;
    }
}

RDL_INLINE struct line select_line(rdm mask, struct line a, struct line b)
{
    return (struct line){d_select(mask, a.inverse, b.inverse), d_select(mask, a.offset, b.offset)};
}

/* Returns the lanes, of those in the mask, where the state is better. */
RDL_INLINE rdm keep_better(rdm mask, const struct state *state, struct state *best)
{
    const rdm better = mask & (state->gain > best->gain);
    best->gain = d_select(better, state->gain, best->gain);
    best->line = select_line(better, state->line, best->line);
    best->next = select_line(better, state->next, best->next);
    return better;
}

/* ------------------------------------------------------------------------------------------------
 * Candidates with an offset
 */

RDL_INLINE void try_lines(struct search *search)
{
    const struct rdl_solver_options *options = search->tile->options;
    const struct rdl_block_grid *grid = search->tile->grid;
    const rd zero = d_set(0.0);
    struct extremes extremes;
    rd bases[RDL_PAIRS];
    find_extremes(search->tile, true, &extremes);
    for (size_t h = 0; h < RDL_PAIRS; h++) {
        const rd min = d_load_floats(extremes.min + h * RDL_HALF);
        bases[h] = grid->kind == RDL_BLOCK_AFFINE ? d_select(min > zero, zero, min) : min;
    }
    for (int k = 0; k <= options->last && k < INT_MAX; k++) {
        const double span =
            (double)options->first + (double)options->step * (double)k + (double)(grid->count - 1);
        for (size_t h = 0; h < RDL_PAIRS; h++) {
            const rd length = d_load_floats(extremes.max + h * RDL_HALF) - bases[h];
            const rd inverse = d_select(length != zero, d_set(span) / length, zero);
            search->halves[h].state.line = (struct line){inverse, bases[h]};
        }
        fit(search, LINE);
        for (size_t h = 0; h < RDL_PAIRS; h++) {
            struct half *half = &search->halves[h];
            const rdm better = keep_better(~d_false(), &half->state, &half->tried);
            bases[h] = d_select(better, half->state.next.offset, bases[h]);
        }
    }
}

/* ------------------------------------------------------------------------------------------------
 * Candidates without an offset
 */

struct pin {
    rd extreme, end, gap;
};

RDL_INLINE struct pin pin_to(const struct rdl_block_grid *grid, rd extreme, bool upper)
{
    const int last = upper ? grid->count - 1 : 0, next = upper ? last - 1 : 1;
    const double end = rdl_block_value(grid, last);
    return (struct pin){extreme, d_set(end), d_set(end - rdl_block_value(grid, next))};
}

/* The pin of the larger scale. */
RDL_INLINE struct pin larger_pin(struct pin a, struct pin b)
{
    const rdm better = b.extreme / b.end > a.extreme / a.end;
    return (struct pin){d_select(better, b.extreme, a.extreme), d_select(better, b.end, a.end),
                        d_select(better, b.gap, a.gap)};
}

RDL_INLINE struct pin pin_positive(const struct rdl_block_grid *grid, rd min, rd max)
{
    struct pin best = {d_set(0.0), d_set(1.0), d_set(0.0)};
    if (rdl_block_value(grid, 0) < 0.0)
        best = larger_pin(best, pin_to(grid, min, false));
    if (rdl_block_value(grid, grid->count - 1) > 0.0)
        best = larger_pin(best, pin_to(grid, max, true));
    return best;
}

RDL_INLINE struct pin pin_of(const struct rdl_block_grid *grid, const struct extremes *extremes,
                             size_t at)
{
    if (grid->kind != RDL_BLOCK_SIGNED)
        return pin_positive(grid, d_load_floats(extremes->min + at),
                            d_load_floats(extremes->max + at));
    const double low = rdl_block_value(grid, 0), high = rdl_block_value(grid, grid->count - 1);
    return pin_to(grid, d_load_floats(extremes->signed_max + at), fabs(high) > fabs(low));
}

RDL_INLINE void try_scales(struct search *search, enum mode mode)
{
    const rd zero = d_set(0.0);
    struct extremes extremes;
    struct pin pins[RDL_PAIRS];
    find_extremes(search->tile, true, &extremes);
    for (size_t h = 0; h < RDL_PAIRS; h++)
        pins[h] = pin_of(search->tile->grid, &extremes, h * RDL_HALF);
    for (int k = -TRIES; k <= TRIES; k++) {
        rdm takes_part[RDL_PAIRS];
        for (size_t h = 0; h < RDL_PAIRS; h++) {
            const rd end = pins[h].end + d_set(0.1 * (double)k) * pins[h].gap;
            const rdm same_sign = ~((end > zero) ^ (pins[h].end > zero));
            takes_part[h] = same_sign & (end != zero) & (pins[h].extreme != zero);
            search->halves[h].state.line.inverse =
                d_select(takes_part[h], end / pins[h].extreme, zero);
            search->halves[h].state.line.offset = zero;
        }
        fit(search, mode);
        for (size_t h = 0; h < RDL_PAIRS; h++)
            keep_better(takes_part[h], &search->halves[h].state, &search->halves[h].tried);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Alternation
 */

RDL_INLINE bool alternate_half(struct half *half)
{
    const struct line line = half->state.line, next = half->state.next;
    keep_better(half->goes_on, &half->state, &half->best);
    half->goes_on &= half->state.gain > d_set((double)-INFINITY);
    half->goes_on &= (next.inverse != line.inverse) | (next.offset != line.offset);
    half->state.line = select_line(half->goes_on, next, line);
    return d_any(half->goes_on);
}

RDL_INLINE void alternate(struct search *search, enum mode mode)
{
    bool goes_on = true;
    for (int round = 0; round < MAX_ROUNDS && goes_on; round++) {
        goes_on = false;
        fit(search, mode);
        for (size_t h = 0; h < RDL_PAIRS; h++)
            goes_on |= alternate_half(&search->halves[h]);
    }
}

RDL_INLINE void alternate_twice(struct search *search, enum mode mode)
{
    const rd zero = d_set(0.0);
    fit_extremes(search->tile);
    for (size_t h = 0; h < RDL_PAIRS; h++) {
        const rd scale = d_load(search->tile->scales + h * RDL_HALF);
        const rd offset = d_load(search->tile->offsets + h * RDL_HALF);
        const rd inverse = d_select(scale != zero, d_set(1.0) / scale, zero);
        search->halves[h].state.line = (struct line){inverse, offset};
        search->halves[h].goes_on = ~d_false();
    }
    alternate(search, mode);
    if (mode == LINE)
        try_lines(search);
    else
        try_scales(search, mode);
    for (size_t h = 0; h < RDL_PAIRS; h++) {
        struct half *half = &search->halves[h];
        keep_better(~d_false(), &half->tried, &half->best);
        half->state.line = half->tried.next;
        half->goes_on = half->tried.gain > d_set((double)-INFINITY);
    }
    alternate(search, mode);
}

/* ------------------------------------------------------------------------------------------------
 * End
 */

/* Where a scale alone explains nothing, codes are those of 0. */
RDL_INLINE void store_codes(struct search *search, enum mode mode)
{
    struct block_tile *tile = search->tile;
    const rd zero = d_set(0.0);
    for (size_t h = 0; h < RDL_PAIRS; h++) {
        const struct state *best = &search->halves[h].best;
        const rd inverse = d_select(best->gain > zero, best->line.inverse, zero);
        for (size_t at = h * RDL_HALF; at < tile->n * RDL_LANES; at += RDL_LANES) {
            const rd v = (d_load_floats(tile->x + at) - best->line.offset) * inverse;
            if (mode == TABLE)
                d_store_floats(search->values + at, v);
            else
                d_store_ints(tile->codes + at, block_tile_nearest(tile->grid, v));
        }
    }
    if (mode == TABLE)
        for (size_t at = 0; at < tile->n * RDL_LANES; at += RDL_LANES)
            v_istore(tile->codes + at,
                     block_table_code(search->table, v_load(search->values + at)));
}

/* The lanes whose answer is that of the scalar solver: those that need no care. */
RDL_INLINE rdm finish_half(const struct block_tile *tile, const struct half *half, bool has_offset,
                           double *scales)
{
    const bool is_free = tile->grid->kind == RDL_BLOCK_FREE;
    const rd zero = d_set(0.0), scale = d_load(scales);
    const rd noise = d_set(0x1p-24) * (is_free ? half->xx : half->whole);
    const rdm is_clear = ~half->is_doubtful & (half->xx - half->best.gain > noise);
    const rdm is_found = half->best.gain > zero, is_scaled = is_found & (scale != zero);
    d_store(scales, d_select(is_found, scale, zero));
    return is_clear & (has_offset ? is_scaled : is_scaled | ~is_found);
}

RDL_INLINE vm search_mode(struct block_tile *tile, enum mode mode, const struct block_table *table)
{
    struct search search = {.tile = tile, .table = table};
    float solved[RDL_LANES];
    for (size_t h = 0; h < RDL_PAIRS; h++)
        start_half(&search, mode, h);
    alternate_twice(&search, mode);
    store_codes(&search, mode);
    block_tile_refit(tile);
    for (size_t h = 0; h < RDL_PAIRS; h++) {
        const rdm is_solved =
            finish_half(tile, &search.halves[h], mode == LINE, tile->scales + h * RDL_HALF);
        d_store_floats(solved + h * RDL_HALF, d_select(is_solved, d_set(1.0), d_set(0.0)));
    }
    return v_lt(v_set(0.0f), v_load(solved));
}

RDL_INLINE vm search_wls(struct block_tile *tile)
{
    struct block_table table;
    if (tile->grid->kind == RDL_BLOCK_AFFINE || tile->grid->kind == RDL_BLOCK_FREE)
        return search_mode(tile, LINE, NULL);
    if (!tile->grid->entries)
        return search_mode(tile, SCALE, NULL);
    block_table_fill(tile->grid, &table);
    return search_mode(tile, TABLE, &table);
}

SOLVE_LANES(rdl_solve_lanes_wls, search_wls)
