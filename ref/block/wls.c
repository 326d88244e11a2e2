/*
 * Weighted least squares to a fixed point, on any grid.
 *
 * From two starts, nearest codes for the scale and offset and the best scale and offset for the
 * codes follow each other until these repeat, at most 64 times. The codes of all rounds of both
 * starts that explain most win. The first start is `nearest`, the second the best of a line of
 * candidates, each with its own best scale and offset.
 *
 * Candidates with an offset are those of qkx2.c, by the same options: inverse scales
 * (first + step * k + codes - 1) / (max - base) on the base of the best one so far, at first the
 * minimum (for RDL_BLOCK_AFFINE not above 0).
 *
 * Candidates without an offset are inverse scales (end + k / 10 * gap) / extreme, k = -9 .. 9: a
 * weight goes to a value at an end of the grid, up to 0.9 gaps of the last two values further out
 * or in. With a scale of either sign they are the weight and the end of largest magnitude, the
 * lower end if both have it: on [-N, N - 1] the candidates of ggml's make_qx_quants, and on tables
 * as wide a line. With scale >= 0 they are the largest weight and the upper end or the least weight
 * and the lower end, whichever needs the larger scale, so that k = 0 clamps nothing.
 *
 * Codes are never stored but known by the line that they are nearest to, so that a round is one
 * pass over the block. Sums are in binary64, and so are lines; tables are looked up in binary32.
 * The candidates look at the weights that count only. In exact arithmetic every round explains more
 * or is the last: the limit is for ties and rounding. Not exact: at a fixed point, weights near a
 * tie that would have to change together keep each other in place.
 *
 * n (candidates + rounds) operations, for tables times log(codes).
 */
#include "block/breakpoints.h"

#include <limits.h>
#include <math.h>

enum {
    MAX_ROUNDS = 64,
    TRIES = 9
};

/* Codes are nearest to inverse * (x - offset). */
struct line {
    double inverse, offset;
};

/* What the codes of a line explain: of sum w x^2, with an offset beyond the best constant; and the
 * line that is best for them. Without one that helps, -INFINITY. */
struct state {
    double gain;
    struct line line, next;
};

struct search {
    const struct rdl_block *block;
    bool has_offset;
    bool is_careful, is_doubtful;    /* see fit_carefully() */
    double weight, mean;             /* with an offset: sum w, sum w x / sum w; or 0 */
    double w[RDL_BLOCK_MAX_LENGTH];  /* factors */
    double wx[RDL_BLOCK_MAX_LENGTH]; /* w (x - mean) */
    double xx, whole;                /* sum w (x - mean)^2, w x^2 */
    struct state best;               /* of both starts */
};

static void start(struct search *search, const struct rdl_block *block, double weight, double mean)
{
    search->block = block;
    search->has_offset = rdl_block_has_offset(&block->grid);
    search->is_careful = search->is_doubtful = false;
    search->weight = weight;
    search->mean = mean;
    search->xx = search->whole = 0.0;
    search->best = (struct state){.gain = 0.0};
    for (size_t i = 0; i < block->n; i++) {
        const double x = (double)block->x[i];
        search->w[i] = (double)block->weights[i];
        search->wx[i] = search->w[i] * (x - mean);
        search->xx += search->wx[i] * (x - mean);
        search->whole += search->w[i] * x * x;
    }
}

/* ------------------------------------------------------------------------------------------------
 * Codes and their best line
 */

static double scaled(const struct rdl_block *block, struct line line, size_t i)
{
    return ((double)block->x[i] - line.offset) * line.inverse;
}

static void find_codes(const struct rdl_block *block, struct line line, uint8_t *codes)
{
    for (size_t i = 0; i < block->n; i++) {
        const double v = scaled(block, line, i);
        codes[i] =
            (uint8_t)rdl_block_nearest(&block->grid, block->grid.entries ? (double)(float)v : v);
    }
}

static void find_values(const struct rdl_block *block, struct line line, double *values)
{
    const struct rdl_block_grid *grid = &block->grid;
    for (size_t i = 0; i < block->n; i++)
        values[i] = scaled(block, line, i);
    if (grid->entries)
        for (size_t i = 0; i < block->n; i++)
            values[i] = (double)grid->entries[rdl_block_nearest(grid, (double)(float)values[i])];
    else
        for (size_t i = 0; i < block->n; i++)
            values[i] = rdl_nearest_integer(grid, values[i]) + (double)grid->first;
}

/* Sums w u, w u^2, w (x - mean) u over u = value - pivot. */
struct sums {
    double u, uu, xu;
};

static struct sums sum_values(const struct search *search, struct line line, double pivot)
{
    double values[RDL_BLOCK_MAX_LENGTH];
    find_values(search->block, line, values);
    struct sums sums = {0.0, 0.0, 0.0};
    for (size_t i = 0; i < search->block->n; i++) {
        const double u = values[i] - pivot, wu = search->w[i] * u;
        sums.u += wu;
        sums.uu += wu * u;
        sums.xu += search->wx[i] * u;
    }
    return sums;
}

/* The best scale at offset 0, for sums about 0. */
static void fit_scale(const struct search *search, double xv, double vv, struct state *state)
{
    const bool any_sign = search->block->grid.kind == RDL_BLOCK_SIGNED;
    state->gain = -INFINITY;
    if (!(vv > 0.0) || !(any_sign ? xv != 0.0 : xv > 0.0))
        return;
    state->next = (struct line){vv / xv, 0.0};
    state->gain = xv * (xv / vv);
}

/*
 * The spread, sum w (value - mean value)^2, is a difference of sums. The pivot, the value of the
 * mean of x, keeps it from cancellation: where few weights have almost all factors, their values
 * are the pivot or next to it.
 */
static void fit_line(struct search *search, const struct sums *sums, double pivot,
                     struct state *state)
{
    const double weight = search->weight, mean = search->mean;
    const double u_mean = sums->u / weight, spread = sums->uu - sums->u * u_mean;
    const bool is_line = spread > 0.0 && sums->xu > 0.0;
    search->is_doubtful |= spread < 0x1p-10 * sums->uu;
    const double scale = is_line ? sums->xu / spread : 0.0;
    const double offset = mean - scale * (pivot + u_mean);
    if (search->block->grid.kind == RDL_BLOCK_AFFINE && offset > 0.0) {
        const double v = sums->u + pivot * weight;
        fit_scale(search, sums->xu + mean * v, sums->uu + pivot * (sums->u + v), state);
        state->gain -= weight * (mean * mean);
        return;
    }
    state->next = (struct line){spread / sums->xu, offset};
    state->gain = is_line ? sums->xu * scale : -INFINITY;
}

/*
 * A gain is known to some 2^-49 of sum w x^2. That is too little where a line leaves less than
 * 2^-24 of it: of weights that the grid represents, or where few weights have almost all factors.
 * Such blocks are solved once more by their errors, about the means.
 */
static void fit_carefully(const struct search *search, struct state *state)
{
    uint8_t codes[RDL_BLOCK_MAX_LENGTH];
    double scale, offset;
    find_codes(search->block, state->line, codes);
    state->gain = -INFINITY;
    if (rdl_block_refit(search->block, codes, &scale, &offset)) {
        state->next = (struct line){1.0 / scale, offset};
        state->gain = -rdl_block_error(search->block, scale, offset, codes);
    }
}

static bool needs_care(const struct search *search)
{
    const bool is_free = search->block->grid.kind == RDL_BLOCK_FREE;
    const double noise = 0x1p-24 * (is_free ? search->xx : search->whole);
    return search->is_doubtful || !(search->xx - search->best.gain > noise);
}

static void fit(struct search *search, struct line line, struct state *state)
{
    state->line = line;
    if (search->is_careful) {
        fit_carefully(search, state);
        return;
    }
    if (!search->has_offset) {
        const struct sums sums = sum_values(search, line, 0.0);
        fit_scale(search, sums.xu, sums.uu, state);
        return;
    }
    const double at_mean = (search->mean - line.offset) * line.inverse;
    const double pivot = rdl_nearest_integer(&search->block->grid, at_mean);
    const struct sums sums = sum_values(search, line, pivot);
    fit_line(search, &sums, pivot, state);
}

static void keep_better(const struct state *state, struct state *best)
{
    if (state->gain > best->gain)
        *best = *state;
}

/* ------------------------------------------------------------------------------------------------
 * Candidates with an offset
 */

static struct state try_lines(struct search *search, const struct rdl_solver_options *options)
{
    const struct rdl_block *block = search->block;
    const struct rdl_range range = rdl_range_of(block->n, block->x, block->weights);
    struct state best = {.gain = -INFINITY}, state;
    double base = range.min;
    if (block->grid.kind == RDL_BLOCK_AFFINE && base > 0.0)
        base = 0.0;
    for (int k = 0; k <= options->last && k < INT_MAX; k++) {
        const double length = range.max - base;
        const double span = (double)options->first + (double)options->step * (double)k +
                            (double)(block->grid.count - 1);
        fit(search, (struct line){length != 0.0 ? span / length : 0.0, base}, &state);
        if (state.gain > best.gain)
            base = state.next.offset;
        keep_better(&state, &best);
    }
    return best;
}

/* ------------------------------------------------------------------------------------------------
 * Candidates without an offset
 */

/* The weight `extreme` goes to the value `end`, which is `gap` further out than the next one. */
struct pin {
    double extreme, end, gap;
};

static struct pin pin_to(const struct rdl_block_grid *grid, double extreme, bool upper)
{
    const int last = upper ? grid->count - 1 : 0, next = upper ? last - 1 : 1;
    const double end = rdl_block_value(grid, last);
    return (struct pin){extreme, end, end - rdl_block_value(grid, next)};
}

static struct pin pin_any_sign(const struct rdl_block *block)
{
    const struct rdl_block_grid *grid = &block->grid;
    const double low = rdl_block_value(grid, 0), high = rdl_block_value(grid, grid->count - 1);
    double extreme = 0.0; /* the first one */
    for (size_t i = 0; i < block->n; i++)
        if (block->weights[i] > 0.0f && fabs((double)block->x[i]) > fabs(extreme))
            extreme = (double)block->x[i];
    return pin_to(grid, extreme, fabs(high) > fabs(low));
}

/* Of the pins at either end the one of the larger scale; extreme 0 where there is no positive one.
 */
static struct pin pin_positive(const struct rdl_block *block)
{
    const struct rdl_range range = rdl_range_of(block->n, block->x, block->weights);
    struct pin best = {0.0, 1.0, 0.0};
    for (int upper = 0; upper <= 1; upper++) {
        const struct pin pin = pin_to(&block->grid, upper ? range.max : range.min, upper);
        if ((upper ? pin.end > 0.0 : pin.end < 0.0) &&
            pin.extreme / pin.end > best.extreme / best.end)
            best = pin;
    }
    return best;
}

static struct state try_scales(struct search *search)
{
    const struct rdl_block *block = search->block;
    const struct pin pin =
        block->grid.kind == RDL_BLOCK_SIGNED ? pin_any_sign(block) : pin_positive(block);
    struct state best = {.gain = -INFINITY}, state;
    for (int k = -TRIES; k <= TRIES && pin.extreme != 0.0; k++) {
        const double end = pin.end + 0.1 * (double)k * pin.gap;
        if ((end > 0.0) == (pin.end > 0.0) && end != 0.0) {
            fit(search, (struct line){end / pin.extreme, 0.0}, &state);
            keep_better(&state, &best);
        }
    }
    return best;
}

/* ------------------------------------------------------------------------------------------------
 * Alternation
 */

/* A line that is the best one for its own codes is the last. */
static void alternate(struct search *search, struct line line)
{
    struct state state;
    for (int round = 0; round < MAX_ROUNDS; round++) {
        fit(search, line, &state);
        keep_better(&state, &search->best);
        if (!(state.gain > -INFINITY) ||
            (state.next.inverse == line.inverse && state.next.offset == line.offset))
            return;
        line = state.next;
    }
}

static void alternate_twice(struct search *search, const struct rdl_solver_options *options,
                            struct line nearest)
{
    alternate(search, nearest);
    const struct state tried = search->has_offset ? try_lines(search, options) : try_scales(search);
    keep_better(&tried, &search->best);
    if (tried.gain > -INFINITY)
        alternate(search, tried.next);
}

void rdl_solve_wls(const struct rdl_block *block, const struct rdl_solver_options *options,
                   void *scratch, uint8_t *codes, struct rdl_block_fit *fit)
{
    struct search search;
    struct rdl_line_search lines;
    rdl_solve_nearest(block, options, scratch, codes, fit);
    const struct line nearest = {fit->scale != 0.0 ? 1.0 / fit->scale : 0.0, fit->offset};
    const bool has_offset = rdl_block_has_offset(&block->grid);
    if (has_offset)
        rdl_start_lines(&lines, block, codes); /* to those of the best constant */
    start(&search, block, has_offset ? lines.w : 0.0, has_offset ? lines.mean : 0.0);
    alternate_twice(&search, options, nearest);
    if (needs_care(&search)) {
        search.is_careful = true;
        search.best.gain = -INFINITY;
        alternate_twice(&search, options, nearest);
    }
    const bool is_found = search.is_careful ? search.best.gain > -INFINITY : search.best.gain > 0.0;
    if (is_found)
        find_codes(block, search.best.line, codes);
    if (has_offset)
        rdl_finish_line(&lines, fit);
    else
        rdl_finish_scale(block, is_found ? 1.0 : 0.0, codes, fit);
}
