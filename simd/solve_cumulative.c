/*
 * Cumulative search of a scale, in lanes: ref/block/cumulative.c, and for tables heap_nl.c. With an
 * offset there are no lanes.
 *
 * In place of a heap there is the next breakpoint of every weight of every block, and each step
 * takes the least of a lane: the new one, or that of the others, which can be found meanwhile (on
 * AVX2 twice as fast as to store first, then to look through all). A breakpoint is a key, a double
 * that is its time but for the low bits, which hold the weight and its code; so the least key says
 * where it is from. That leaves 39 bits of time, and times closer than 2^-38 of themselves look
 * like one. With midpoints that are multiples of 1/4 below 256, as on every grid of integers, there
 * are none: they differ by 2^-34 (breakpoints.h). Elsewhere equal keys are looked at again, and if
 * their times differ, the block is left to the scalar solver.
 *
 * The codes of the best state are found in the end, from its time.
 */
#include "simd.h"

#define RDL_REGISTERS 1

#include "block_refit.h"
#include "block_table.h"

enum {
    CODE_BITS = 8,
    WEIGHT_BITS = 6,
    LOW_BITS = (1 << (CODE_BITS + WEIGHT_BITS)) - 1,
    ROOM = RDL_BLOCK_MAX_CODES
};

/* A table as walks see it: for values that grow and that fall with time. */
struct directions {
    int start[2];                              /* the code just after time 0 */
    double steps[2 * ROOM], squares[2 * ROOM]; /* from a code to the next: v' - v, v'^2 - v^2 */
    double midpoints[2 * ROOM], midpoints_after[2 * ROOM]; /* to the next, and to that after it */
    bool is_short;                                         /* no two times look like one */
    struct block_table nearest;
};

struct walk {
    rd sign;
    rd key, yv, vv;
    rd score, best_key, best_sign;
    rdm is_doubtful;
};

struct search {
    struct block_tile *tile;
    const struct directions *table; /* NULL: integers */
    struct walk walks[RDL_PAIRS];
    _Alignas(64) double keys[BLOCK_TILE];
};

/* ------------------------------------------------------------------------------------------------
 * Tables
 */

/* Of entries that are multiples of 1/2 below 256. */
static bool is_short(const struct rdl_block_grid *grid)
{
    for (int k = 0; k < grid->count; k++) {
        const double doubled = 2.0 * (double)grid->entries[k];
        if (!(fabs(doubled) < 512.0) || doubled != (double)(int)doubled)
            return false;
    }
    return true;
}

static double midpoint_of(const struct rdl_block_grid *grid, int k)
{
    if (k < 0 || k > grid->count - 2)
        return k < 0 ? (double)-INFINITY : (double)INFINITY;
    return 0.5 * ((double)grid->entries[k] + (double)grid->entries[k + 1]);
}

static void directions_fill(const struct rdl_block_grid *grid, struct directions *table)
{
    for (int d = 0; d < 2; d++) {
        const int step = d == 0 ? 1 : -1;
        table->start[d] = 0;
        for (int code = 0; code < grid->count; code++) {
            const int at = d * ROOM + code, to = code + step, below = d == 0 ? code : code - 1;
            const bool is_end = to < 0 || to >= grid->count;
            const double from_value = (double)grid->entries[code];
            const double to_value = is_end ? from_value : (double)grid->entries[to];
            table->steps[at] = to_value - from_value;
            table->squares[at] = table->steps[at] * (to_value + from_value);
            table->midpoints[at] = midpoint_of(grid, below);
            table->midpoints_after[at] = midpoint_of(grid, below + step);
            const double midpoint = midpoint_of(grid, code);
            table->start[d] += d == 0 ? midpoint <= 0.0 : midpoint < 0.0;
        }
    }
    table->is_short = is_short(grid);
    block_table_fill(grid, &table->nearest);
}

/* ------------------------------------------------------------------------------------------------
 * Keys
 */

RDL_INLINE rd make_key(rd time, rdm low)
{
    const rd infinity = d_set((double)INFINITY);
    return d_select(time < infinity, (rd)(((rdm)time & ~(int64_t)LOW_BITS) | low), infinity);
}

RDL_INLINE rd time_of_key(rd key)
{
    return (rd)((rdm)key & ~(int64_t)LOW_BITS);
}

RDL_INLINE rdm code_of_key(rd key)
{
    return (rdm)key & ((1 << CODE_BITS) - 1);
}

/* Where the weight of a key is in a tile, of RDL_HALF lanes from `lane` on. */
RDL_INLINE rdm place_of_key(rd key, size_t lane)
{
    rdm lanes;
    for (size_t k = 0; k < RDL_HALF; k++)
        lanes[k] = (int64_t)(lane + k);
    return (((rdm)key & LOW_BITS) >> CODE_BITS) * RDL_LANES + lanes;
}

RDL_INLINE size_t padded_rows(size_t n)
{
    return (n + 3) / 4 * 4;
}

RDL_INLINE rd least_key(const struct search *search, size_t lane)
{
    const double *at = search->keys + lane, *end = at + padded_rows(search->tile->n) * RDL_LANES;
    rd a = d_load(at), b = d_load(at + RDL_LANES);
    rd c = d_load(at + 2 * RDL_LANES), d = d_load(at + 3 * RDL_LANES);
    for (at += 4 * RDL_LANES; at < end; at += 4 * RDL_LANES) {
        a = d_min(d_load(at), a);
        b = d_min(d_load(at + RDL_LANES), b);
        c = d_min(d_load(at + 2 * RDL_LANES), c);
        d = d_min(d_load(at + 3 * RDL_LANES), d);
    }
    return d_min(d_min(a, b), d_min(c, d));
}

/* Of those that are greater than `key`. */
RDL_INLINE rd least_key_above(const struct search *search, size_t lane, rd key)
{
    const double *at = search->keys + lane, *end = at + padded_rows(search->tile->n) * RDL_LANES;
    const rd infinity = d_set((double)INFINITY);
    rd a = infinity, b = infinity, c = infinity, d = infinity;
    for (; at < end; at += 4 * RDL_LANES) {
        a = d_min_above(d_load(at), key, a);
        b = d_min_above(d_load(at + RDL_LANES), key, b);
        c = d_min_above(d_load(at + 2 * RDL_LANES), key, c);
        d = d_min_above(d_load(at + 3 * RDL_LANES), key, d);
    }
    return d_min(d_min(a, b), d_min(c, d));
}

/* ------------------------------------------------------------------------------------------------
 * The walk
 */

/* The limit of the magnitudes of integers. */
RDL_INLINE rd limit_of(const struct rdl_block_grid *grid, rd y)
{
    const rd above = d_set((double)(grid->first + grid->count - 1));
    return d_select(y > d_set(0.0), above, d_set((double)-grid->first));
}

RDL_INLINE rd magnitude_of(rd y)
{
    return (rd)((rdm)y & INT64_MAX);
}

RDL_INLINE rd start_integer(const struct search *search, rd y, rdm counts, int64_t low)
{
    const rd infinity = d_set((double)INFINITY);
    const rdm moves = counts & (limit_of(search->tile->grid, y) > d_set(0.0));
    const rd time = d_select(moves, d_set(0.5) / magnitude_of(y), infinity);
    return make_key(time, (rdm){0} + low);
}

/* Its key; adds to the sums. */
RDL_INLINE rd start_entry(const struct search *search, struct walk *walk, rd y, rd w, int64_t low)
{
    const struct directions *table = search->table;
    const float *entries = search->tile->grid->entries;
    const int up = table->start[0], down = table->start[1];
    const rd zero = d_set(0.0), infinity = d_set((double)INFINITY);
    const rdm falls = y < zero, moves = (w > zero) & (y != zero);
    const rd midpoint =
        d_select(falls, d_set(table->midpoints[ROOM + down]), d_set(table->midpoints[up]));
    const rd v = d_select(falls, d_set((double)entries[down]), d_set((double)entries[up]));
    walk->yv += w * y * v;
    walk->vv += w * v * v;
    const rdm code = (falls & down) | (~falls & up);
    return make_key(d_select(moves, midpoint / y, infinity), code | low);
}

RDL_INLINE void start_walk(struct search *search, size_t h, rd sign)
{
    const struct block_tile *tile = search->tile;
    struct walk *walk = &search->walks[h];
    const rd zero = d_set(0.0);
    walk->sign = sign;
    walk->yv = walk->vv = zero;
    for (size_t i = 0; i < padded_rows(tile->n); i++) {
        const size_t at = i * RDL_LANES + h * RDL_HALF;
        const int64_t low = (int64_t)i << CODE_BITS;
        rd key = d_set((double)INFINITY);
        if (i < tile->n) {
            const rd y = sign * d_load_floats(tile->x + at), w = d_load_floats(tile->w + at);
            key = search->table ? start_entry(search, walk, y, w, low)
                                : start_integer(search, y, w > zero, low);
        }
        d_store(search->keys + at, key);
    }
    walk->key = least_key(search, h * RDL_HALF);
}

RDL_INLINE void keep_better(struct walk *walk, rdm mask, rd key)
{
    const rd zero = d_set(0.0), score = walk->yv * (walk->yv / walk->vv);
    const rdm better = mask & (walk->yv > zero) & (walk->vv > zero) & (score > walk->score);
    walk->score = d_select(better, score, walk->score);
    walk->best_key = d_select(better, key, walk->best_key);
    walk->best_sign = d_select(better, walk->sign, walk->best_sign);
}

/* The time of a key without the loss of its low bits. */
static double exact_time(const struct search *search, double key, double sign, size_t lane)
{
    int64_t bits;
    memcpy(&bits, &key, sizeof bits);
    const size_t code = (size_t)bits & ((1 << CODE_BITS) - 1);
    const size_t weight = ((size_t)bits & LOW_BITS) >> CODE_BITS;
    const double y = sign * (double)search->tile->x[weight * RDL_LANES + lane];
    return search->table->midpoints[(y < 0.0 ? ROOM : 0) + code] / y;
}

/* Keys that look equal. */
RDL_INLINE void check_ties(struct search *search, size_t h, rdm tied, rd next)
{
    struct walk *walk = &search->walks[h];
    for (size_t k = 0; k < RDL_HALF; k++) {
        const size_t lane = h * RDL_HALF + k;
        if (tied[k] && exact_time(search, walk->key[k], walk->sign[k], lane) !=
                           exact_time(search, next[k], walk->sign[k], lane))
            walk->is_doubtful[k] = -1;
    }
}

/* Passes a breakpoint in every lane that has one left. */
RDL_INLINE void step(struct search *search, size_t h)
{
    const struct block_tile *tile = search->tile;
    const struct directions *table = search->table;
    struct walk *walk = &search->walks[h];
    const rd zero = d_set(0.0), one = d_set(1.0), infinity = d_set((double)INFINITY);
    const rd key = walk->key;
    const rdm goes_on = key < infinity, place = place_of_key(key, h * RDL_HALF);
    const rdm code = code_of_key(key);
    const rd y = walk->sign * d_gather_floats(tile->x, place);
    const rd w = d_gather_floats(tile->w, place);
    rd yv, vv, time;
    rdm low = ((rdm)key & LOW_BITS) + 1;
    if (table) {
        const rdm falls = y < zero, at = code + (falls & ROOM);
        yv = w * y * d_gather(table->steps, at);
        vv = w * d_gather(table->squares, at);
        time = d_gather(table->midpoints_after, at) / y;
        low -= falls & 2;
    } else {
        const rd magnitude = magnitude_of(y), from = d_from_integers(code), to = from + one;
        yv = w * magnitude;
        vv = w * (from + to);
        time = d_select(to < limit_of(tile->grid, y), (to + d_set(0.5)) / magnitude, infinity);
    }
    walk->yv = d_select(goes_on, walk->yv + yv, walk->yv);
    walk->vv = d_select(goes_on, walk->vv + vv, walk->vv);
    const rd new = make_key(d_select(goes_on, time, infinity), low);
    const rd next = d_min(new, least_key_above(search, h * RDL_HALF, key));
    d_scatter(search->keys, place, new);
    const rdm tied = goes_on & (time_of_key(next) == time_of_key(key));
    if (table && !table->is_short && d_any(tied))
        check_ties(search, h, tied, next);
    keep_better(walk, goes_on & ~tied, key);
    walk->key = next;
}

RDL_INLINE void walk_sign(struct search *search, double sign)
{
    const rd infinity = d_set((double)INFINITY);
    rdm goes_on = {-1};
    for (size_t h = 0; h < RDL_PAIRS; h++) {
        start_walk(search, h, d_set(sign));
        keep_better(&search->walks[h], ~(rdm){0}, d_set(0.0));
    }
    while (d_any(goes_on)) {
        goes_on = (rdm){0};
        for (size_t h = 0; h < RDL_PAIRS; h++) {
            step(search, h);
            goes_on |= search->walks[h].key < infinity;
        }
    }
}

/* ------------------------------------------------------------------------------------------------
 * Codes of a time
 */

/* Says where the weight has passed a midpoint of its direction. */
RDL_INLINE rdm has_passed(rd midpoint, rd y, rd time)
{
    return time_of_key(midpoint / y) <= time;
}

RDL_INLINE void code_integers(struct search *search, size_t h)
{
    struct block_tile *tile = search->tile;
    const struct walk *walk = &search->walks[h];
    const rd zero = d_set(0.0), one = d_set(1.0), half = d_set(0.5);
    const rd time = time_of_key(walk->best_key), first = d_set((double)tile->grid->first);
    for (size_t at = h * RDL_HALF; at < tile->n * RDL_LANES; at += RDL_LANES) {
        const rd y = walk->best_sign * d_load_floats(tile->x + at), magnitude = magnitude_of(y);
        const rd limit = limit_of(tile->grid, y);
        rd steps = d_round(d_min(time * magnitude, limit));
        const rdm too_few = has_passed(steps + half, magnitude, time);
        const rdm too_many = (steps > zero) & ~has_passed(steps - half, magnitude, time);
        steps = steps + d_select(too_few, one, zero) - d_select(too_many, one, zero);
        steps = d_min(steps, limit);
        d_store_ints(tile->codes + at, d_select(y < zero, zero - steps, steps) - first);
    }
}

/* How much too few or many codes are: 1, 0, -1. */
RDL_INLINE rd entry_correction(const struct directions *table, rdm code, rd y, rd time)
{
    const rd zero = d_set(0.0), one = d_set(1.0);
    const rd above = d_gather(table->midpoints, code),
             below = d_gather(table->midpoints + ROOM, code);
    const rdm rises = y > zero, falls = y < zero;
    const rdm above_passed = has_passed(above, y, time), below_passed = has_passed(below, y, time);
    const rdm up = (rises & above_passed) | (falls & ~above_passed);
    const rdm down = (rises & ~below_passed) | (falls & below_passed);
    return d_select(up, one, zero) - d_select(down, one, zero);
}

/* As binary32 knows them, before they are corrected. */
RDL_INLINE void code_roughly(struct search *search)
{
    struct block_tile *tile = search->tile;
    float *scaled = (float *)(void *)tile->codes;
    for (size_t at = 0; at < tile->n * RDL_LANES; at += RDL_HALF) {
        const struct walk *walk = &search->walks[at % RDL_LANES / RDL_HALF];
        const rd y = walk->best_sign * d_load_floats(tile->x + at);
        d_store_floats(scaled + at, time_of_key(walk->best_key) * y);
    }
    for (size_t at = 0; at < tile->n * RDL_LANES; at += RDL_LANES)
        v_istore(tile->codes + at, block_table_code(&search->table->nearest, v_load(scaled + at)));
}

RDL_INLINE rdm load_codes(const int32_t *codes)
{
    return __builtin_convertvector(d_load_ints(codes), rdm);
}

/* Where midpoints are so close that one correction does not do, the block is doubtful. */
RDL_INLINE void code_entries(struct search *search, size_t h)
{
    const struct directions *table = search->table;
    struct block_tile *tile = search->tile;
    struct walk *walk = &search->walks[h];
    const rd time = time_of_key(walk->best_key), zero = d_set(0.0);
    for (size_t at = h * RDL_HALF; at < tile->n * RDL_LANES; at += RDL_LANES) {
        int32_t *codes = tile->codes + at;
        const rd y = walk->best_sign * d_load_floats(tile->x + at), rough = d_load_ints(codes);
        d_store_ints(codes, rough + entry_correction(table, load_codes(codes), y, time));
        const rd rest = entry_correction(table, load_codes(codes), y, time);
        walk->is_doubtful |= (rest != zero) & (d_load_floats(tile->w + at) > zero);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Solver
 */

/* Codes of 0 and scale 0 where no codes help; the lanes whose answer is that of the scalar solver.
 */
RDL_INLINE rdm finish_half(struct search *search, size_t h)
{
    struct block_tile *tile = search->tile;
    const struct walk *walk = &search->walks[h];
    const rd zero = d_set(0.0), scale = d_load(tile->scales + h * RDL_HALF);
    const rdm is_found = walk->score > zero;
    const rd none = d_set((double)(search->table ? search->table->start[0] : -tile->grid->first));
    for (size_t at = h * RDL_HALF; at < tile->n * RDL_LANES; at += RDL_LANES)
        d_store_ints(tile->codes + at, d_select(is_found, d_load_ints(tile->codes + at), none));
    d_store(tile->scales + h * RDL_HALF, d_select(is_found, scale, zero));
    return ~walk->is_doubtful & ((scale != zero) | ~is_found);
}

RDL_INLINE vm search_scales(struct block_tile *tile, const struct directions *table)
{
    struct search search = {.tile = tile, .table = table};
    float solved[RDL_LANES];
    walk_sign(&search, 1.0);
    if (tile->grid->kind == RDL_BLOCK_SIGNED)
        walk_sign(&search, -1.0);
    if (table)
        code_roughly(&search);
    for (size_t h = 0; h < RDL_PAIRS; h++)
        if (table)
            code_entries(&search, h);
        else
            code_integers(&search, h);
    block_tile_refit(tile);
    for (size_t h = 0; h < RDL_PAIRS; h++) {
        const rdm is_solved = finish_half(&search, h);
        d_store_floats(solved + h * RDL_HALF, d_select(is_solved, d_set(1.0), d_set(0.0)));
    }
    return v_lt(v_set(0.0f), v_load(solved));
}

RDL_INLINE vm search_cumulative(struct block_tile *tile)
{
    struct directions table;
    if (!tile->grid->entries)
        return search_scales(tile, NULL);
    directions_fill(tile->grid, &table);
    return search_scales(tile, &table);
}

void RDL_TARGET_NAME(rdl_solve_lanes_cumulative)(size_t count, const struct rdl_block *first,
                                                 const struct rdl_solver_options *options,
                                                 uint8_t *codes, struct rdl_block_fit *fits,
                                                 uint8_t *solved)
{
    memset(solved, 0, count);
    if (first->grid.kind != RDL_BLOCK_AFFINE && first->grid.kind != RDL_BLOCK_FREE)
        solve_lanes(search_cumulative, count, first, options, codes, fits, solved);
}
