/*
 * The best scale, offset and codes, with proof, from a few hundred points of the plane of scales
 * and offsets.
 *
 * In the coordinates of exact_line.h let g(tau, v) = sum w (tau z + v - nearest code)^2. For codes
 * of error E whose best line is (tau', v') their distance from tau z + v is tau^2 E +
 * (1 - E)(tau - tau')^2 + (v - v')^2, and g is no more. So one evaluation of g, where codes of
 * error E' are known already, excludes all codes of less error whose best line is in the disk
 *
 *     (tau - tau')^2 + (v - v')^2 < g(tau, v) - tau^2 E'
 *
 * about the point, whatever they are. Cells of the plane are discarded if the disk about their
 * centre holds them, and divided otherwise, level by level, until they are leaves (exact_leaf.h).
 * Where the offset is bounded by 0 the optimum either has a negative offset, and then the best line
 * of its codes is that without the bound; or it has none, which is the search of the scale alone.
 *
 * notes/exact-search.md has the proofs and the margins of rounding. Points are evaluated in
 * binary32, all that can become the answer in binary64. A search that does not end soon gives up
 * for the enumeration. New work: no publication known. Time: for usual blocks of 32 weights and 16
 * codes some 220 points, each n operations on 16 points at once, and a few leaves.
 */
#include "block/exact_affine.h"

#include "block/block.h"
#include "block/exact_cells.h"
#include "block/exact_leaf.h"
#include "block/exact_line.h"
#include "block/exact_scale.h"

#include <math.h>
#include <string.h>

enum {
    CELLS = 16000, /* of one level; a multiple of 16, so that what follows is aligned too */
    MAX_LEVELS = 18,
    LINE_POINTS = 48
};

/* The cells of two levels, then what the enumeration wants. */
struct room {
    struct rdl_exact_cells cells[2];
    void *oracle;
};

struct search {
    struct rdl_exact_line line;
    struct rdl_exact_domain domain;
    double domain_bound; /* that it is for */
    const struct rdl_block *block;
    const struct rdl_exact_block *weights;
    double unit; /* sum w (x - mean)^2, in the block's units */
};

/* ------------------------------------------------------------------------------------------------
 * Scratch
 */

enum {
    ARRAY = CELLS + 2 * RDL_EXACT_LANES /* with room for what operations write behind them */
};

static const size_t cells_size = 5 * ARRAY * sizeof(float);

size_t rdl_exact_affine_scratch(const struct rdl_block_grid *grid, size_t n)
{
    return cells_size + rdl_solve_oracle_scratch(grid, n);
}

static struct room divide_scratch(void *scratch)
{
    float *const floats = scratch;
    struct room room = {.oracle = floats + 5 * ARRAY};
    for (size_t level = 0; level < 2; level++)
        room.cells[level] = (struct rdl_exact_cells){.capacity = CELLS,
                                                     .tau = floats + 2 * level * ARRAY,
                                                     .v = floats + (2 * level + 1) * ARRAY,
                                                     .g = floats + 4 * ARRAY};
    return room;
}

/* ------------------------------------------------------------------------------------------------
 * The first codes
 */

static void consider_constant(struct rdl_exact_line *line, int code)
{
    uint8_t codes[RDL_BLOCK_MAX_LENGTH];
    double tau, v;
    memset(codes, code, (size_t)line->n);
    rdl_exact_line_consider(line, codes, &tau, &v);
}

/* Smallest weight to code 0 (where the offset is bounded: 0 or less), largest to the last. */
static void consider_extremes(struct rdl_exact_line *line)
{
    double low = line->z_min;
    if (!line->is_free && low + line->mean > 0.0)
        low = -line->mean;
    const double tau = (double)line->last / (line->z_max - low);
    rdl_exact_line_improve(line, tau, -tau * low, 1);
}

/* Returns the first of least error. */
static int evaluate(struct rdl_exact_line *line, struct rdl_exact_cells *cells)
{
    line->counts->points += cells->count;
    return line->ops->cells_evaluate(cells, &line->rounded, line->last);
}

/* Where weights of great magnitude count little, extremes say nothing of the natural scale, and the
 * domain is long: points along its middle. */
static void look_along(struct search *search)
{
    struct rdl_exact_line *const line = &search->line;
    float tau[LINE_POINTS], v[LINE_POINTS], g[LINE_POINTS];
    struct rdl_exact_cells points = {.count = LINE_POINTS, .tau = tau, .v = v, .g = g};
    double next = search->domain.tau_min;
    if (next < 0.25)
        next = 0.25;
    for (int p = 0; p < LINE_POINTS; p++) {
        tau[p] = (float)next;
        v[p] = 0.5f * (float)line->last;
        if (next * 1.4 < search->domain.tau_max)
            next *= 1.4;
    }
    const int least = evaluate(line, &points);
    rdl_exact_line_improve(line, (double)tau[least], (double)v[least], 3);
    rdl_exact_domain_start(&search->domain, line);
}

static void look_first(struct search *search)
{
    struct rdl_exact_line *const line = &search->line;
    line->error = INFINITY;
    memset(line->codes, 0, sizeof line->codes);
    consider_extremes(line);
    if (!line->is_free && line->mean > 0.0)
        consider_constant(line, line->last);
    rdl_exact_domain_start(&search->domain, line);
    if (rdl_exact_line_bound(line) > 0.5)
        look_along(search);
}

/* ------------------------------------------------------------------------------------------------
 * No offset
 */

/* All weights below 0 are lost then, soon too much of them. */
static bool may_lack_offset(const struct search *search)
{
    const struct rdl_exact_block *const weights = search->weights;
    const double most = rdl_exact_line_bound(&search->line) * search->unit / weights->unit;
    double lost = 0.0;
    for (int i = 0; i < weights->n && lost < most; i++)
        if (weights->x[i] < 0.0)
            lost += weights->w[i] * weights->x[i] * weights->x[i];
    return lost < most;
}

static void consider_no_offset(struct search *search)
{
    struct rdl_block block = *search->block;
    uint8_t all[RDL_BLOCK_MAX_LENGTH], codes[RDL_BLOCK_MAX_LENGTH];
    double tau, v;
    if (search->line.is_free || !may_lack_offset(search))
        return;
    block.grid.kind = RDL_BLOCK_UNSIGNED;
    const double claim = rdl_exact_line_bound(&search->line) * search->unit;
    if (!(rdl_exact_scale_search(&block, claim, search->line.ops, all, search->line.counts) <
          INFINITY))
        return;
    for (int i = 0; i < search->weights->n; i++)
        codes[i] = all[search->weights->index[i]];
    rdl_exact_line_consider(&search->line, codes, &tau, &v);
}

/* ------------------------------------------------------------------------------------------------
 * Cells
 */

static bool is_done(const struct rdl_exact_line *line)
{
    return line->error <= rdl_exact_precision;
}

/* The centre of least error may lead to better codes. */
static void improve_from(struct rdl_exact_line *line, const struct rdl_exact_cells *cells,
                         int least, int level)
{
    const double tau = (double)cells->tau[least], g = (double)cells->g[least];
    if (level == 0 || g < 1.1 * line->error * tau * tau)
        rdl_exact_line_improve(line, tau, (double)cells->v[least], level == 0 ? 2 : 1);
}

/* Cells of half this side are small enough for leaves. */
static const float leaf_half = 0x1p-5f;

/* Discards, settles or divides the cells of a level; false if there are too many quarters. */
static bool descend(struct search *search, struct rdl_exact_cells *cells,
                    struct rdl_exact_cells *quarters)
{
    if (!rdl_exact_cells_next(cells, quarters, &search->domain, search->line.last))
        return false;
    rdl_exact_cells_exclude(cells, &search->line, &search->domain);
    if (cells->half_v > leaf_half)
        return rdl_exact_cells_divide_all(cells, quarters, &search->domain, search->line.ops);
    for (int p = 0; p < cells->count; p++)
        if (!rdl_exact_leaf(&search->line, cells, p) &&
            !rdl_exact_cells_divide(quarters, cells->tau[p], cells->v[p], &search->domain))
            return false;
    return true;
}

static void update_domain(struct search *search)
{
    const double bound = rdl_exact_line_bound(&search->line);
    if (bound < search->domain_bound)
        rdl_exact_domain_start(&search->domain, &search->line);
    search->domain_bound = bound;
}

/* False if it gives up. */
static bool search_cells(struct search *search, struct room *room)
{
    struct rdl_exact_line *const line = &search->line;
    search->domain_bound = INFINITY;
    if (!rdl_exact_cells_start(&room->cells[0], &search->domain, line->last, line->ops))
        return false;
    for (int level = 0; level == 0 || room->cells[level % 2].count > 0; level++) {
        struct rdl_exact_cells *const cells = &room->cells[level % 2];
        rdl_exact_cells_pad(cells);
        const int least = evaluate(line, cells);
        if (cells->count > 0 && level % 2 == 0)
            improve_from(line, cells, least, level);
        if (level == 0)
            consider_no_offset(search);
        if (is_done(line))
            break;
        update_domain(search);
        line->counts->levels++;
        if (level == MAX_LEVELS || !descend(search, cells, &room->cells[(level + 1) % 2]))
            return false;
    }
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * The search
 */

/* False if it gives up, as it does at once where binary32 does not reach. */
static bool run(struct search *search, struct room *room, double claim)
{
    if (search->line.z_max > 0x1p100 || search->line.z_min < -0x1p100)
        return false;
    search->line.claim = claim / search->unit;
    look_first(search);
    return is_done(&search->line) || search_cells(search, room);
}

/* All weights are equal but for rounding. */
static void set_constant(const struct rdl_block *block, uint8_t *codes, struct rdl_block_fit *fit)
{
    memset(codes, 0, block->n);
    rdl_block_refit(block, codes, &fit->scale, &fit->offset);
    if (block->grid.kind == RDL_BLOCK_FREE || fit->offset < 0.0)
        return;
    memset(codes, 1, block->n);
    rdl_block_refit(block, codes, &fit->scale, &fit->offset);
}

/* The best one through the codes. Where an offset above 0 is not allowed there may be one of
 * rounding. */
static void set_line(const struct rdl_exact_line *line, struct rdl_block_fit *fit)
{
    fit->scale = line->sigma * line->slope;
    fit->offset = line->sigma * (line->mean - line->shift);
    if (!line->is_free && fit->offset > 0.0)
        fit->offset = 0.0;
}

void rdl_exact_affine(const struct rdl_block *block, const struct rdl_solver_options *options,
                      void *scratch, uint8_t *codes, struct rdl_block_fit *fit,
                      struct rdl_exact_counts *counts)
{
    struct room room = divide_scratch(scratch);
    struct rdl_exact_counts unseen = {0};
    struct rdl_exact_block weights;
    struct search search = {.block = block, .weights = &weights};
    const double claim = rdl_exact_claim(options->incumbent);
    search.line.ops = rdl_exact_ops(options->target);
    if (!rdl_exact_block_start(&weights, block, false, search.line.ops) ||
        !rdl_exact_line_start(&search.line, &weights, &search.unit)) {
        set_constant(block, codes, fit);
        return;
    }
    search.line.last = block->grid.count - 1;
    search.line.is_free = block->grid.kind == RDL_BLOCK_FREE;
    search.line.counts = counts ? counts : &unseen;
    bool found = run(&search, &room, claim);
    if (found && search.line.error * search.unit > claim)
        found = run(&search, &room, INFINITY);
    if (!found) {
        search.line.counts->oracles++;
        rdl_solve_oracle(block, options, room.oracle, codes, fit);
        return;
    }
    for (int i = 0; i < weights.n; i++)
        codes[weights.index[i]] = search.line.codes[i];
    set_line(&search.line, fit);
    if (weights.n < (int)block->n)
        rdl_block_idle_codes(block, fit->scale, fit->offset, codes);
}
