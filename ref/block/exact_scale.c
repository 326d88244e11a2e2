/*
 * The best scale and codes of a grid without offset, integers or a table, with proof, from a few
 * dozen points of the axis of scales instead of all breakpoints.
 *
 * Let t = 1 / s, g(t) = sum w (t x - nearest value)^2 and X = sum w x^2. For codes of error E whose
 * best scale is 1 / t', their distance from t x is t^2 E + (X - E)(t - t')^2, and g(t) is no more.
 * So one evaluation of g at t, where codes of error E' are known already, excludes all codes of
 * less error whose t' is nearer to t than
 *
 *     sqrt(max(0, g(t) - t^2 E') / X).
 *
 * Points spread over all scales leave a few short gaps between these intervals; the gaps are swept
 * as the cumulative searches do, which is exact. notes/exact-search.md has the proofs, the margins
 * of rounding, and what is not guaranteed: vectors are told apart by their errors to some 2^-52 of
 * X times the number of weights, and a search ends early once the error is below 1e-13 X.
 *
 * Points are evaluated in binary32 (exact_points.h), all that can become the answer in binary64.
 * New work: no publication known. Time: for usual blocks 30 to 100 points, each n operations on 16
 * points at once, and 2 n nearest codes per gap; at worst that of the sweep of all breakpoints.
 */
#include "block/exact_scale.h"

#include "block/block.h"
#include "block/exact_gaps.h"
#include "block/exact_points.h"
#include "block/exact_side.h"
#include "block/exact_sums.h"
#include "block/exact_sweep.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum {
    MAX_LENGTH = RDL_BLOCK_MAX_LENGTH,
    MAX_POINTS = RDL_EXACT_MAX_POINTS,
    FEW_BREAKPOINTS = 64, /* all of them are swept */
    SPREAD = 32,          /* points of a round of refinement */
    MAX_ROUNDS = 6,
    MANY_GAPS = 100,     /* swept rather than refined, as are */
    FEW_CHANGES = 14,    /* of codes in all gaps together: no more points */
    VERY_FEW_CHANGES = 6 /* not even the middles of gaps */
};

struct search {
    const struct rdl_exact_block *block;
    const struct rdl_exact_grid *grid;
    const struct rdl_exact_ops *ops;
    struct rdl_exact_side sides[2];
    int nsides;
    double claim;
    double error, score, scale; /* of the codes: sum w (x - s v)^2, what they explain, best s */
    uint8_t codes[MAX_LENGTH];
    struct rdl_exact_weights weights;
    struct rdl_exact_gaps gaps;
    struct rdl_exact_counts *counts;
};

/* ------------------------------------------------------------------------------------------------
 * Codes
 */

/* The error is that of the differences: X less the score would lose what these two have in common.
 */
static void consider(struct search *search, const uint8_t *codes, const double *values)
{
    struct rdl_exact_scale_fit fit;
    search->ops->scale_fit(search->block, values, &fit);
    search->counts->refits++;
    if (!(fit.vv > 0.0) ||
        !(search->nsides == 2 ? fit.xv != 0.0 : fit.xv * search->sides[0].sign > 0.0))
        return;
    if (!(fit.error < search->error))
        return;
    search->error = fit.error;
    search->scale = fit.xv / fit.vv;
    search->score = fit.xv * search->scale;
    memcpy(search->codes, codes, (size_t)search->block->n);
}

static void consider_codes(struct search *search, const uint8_t *codes)
{
    double values[MAX_LENGTH];
    for (int i = 0; i < search->block->n; i++)
        values[i] = rdl_exact_value(search->grid, codes[i]);
    for (int i = search->block->n; i < rdl_exact_end(search->block->n); i++)
        values[i] = 0.0;
    consider(search, codes, values);
}

/* Every code at the end that explains most. */
static void consider_ends(struct search *search, double sign)
{
    uint8_t codes[MAX_LENGTH];
    for (int i = 0; i < search->block->n; i++) {
        const double x = sign * search->block->x[i];
        const bool is_first = x * search->grid->first > x * search->grid->last;
        codes[i] = (uint8_t)(is_first ? 0 : search->grid->count - 1);
    }
    consider_codes(search, codes);
}

static bool is_done(const struct search *search)
{
    return search->error <= rdl_exact_precision * search->block->xx;
}

static void consider_point(struct search *search, const struct rdl_exact_probes *probes, int p)
{
    uint8_t codes[MAX_LENGTH];
    double values[MAX_LENGTH];
    search->ops->nearest(search->grid, search->block->n, search->block->x, (double)probes->t[p],
                         codes, values);
    consider(search, codes, values);
}

static void evaluate(struct search *search, struct rdl_exact_probes *probes)
{
    rdl_exact_probes_evaluate(probes, &search->weights, search->grid, search->ops);
    search->counts->points += probes->count;
}

static void clear(struct search *search, const struct rdl_exact_probes *probes)
{
    const double error = search->error < search->claim ? search->error : search->claim;
    rdl_exact_gaps_clear(&search->gaps, probes, search->block, error, search->ops);
}

/* ------------------------------------------------------------------------------------------------
 * Stages
 */

static void add_side(struct rdl_exact_probes *probes, double sign, const float *t, int count)
{
    for (int k = 0; k < count; k++)
        probes->t[probes->count++] = sign < 0.0 ? -t[count - 1 - k] : t[k];
}

static void look_first(struct search *search, struct rdl_exact_probes *probes)
{
    float t[RDL_EXACT_FIRST_POINTS];
    probes->count = 0;
    for (int i = 0; i < search->nsides; i++)
        add_side(probes, search->sides[i].sign, t,
                 rdl_exact_first_points(&search->sides[i], search->grid, t));
    evaluate(search, probes);
    consider_point(search, probes, search->ops->least(probes));
}

static double end_of(const struct search *search, const struct rdl_exact_side *side)
{
    const double claimed = search->block->xx - search->claim;
    return rdl_exact_side_end(side, search->score > claimed ? search->score : claimed);
}

/* Where weights of great magnitude count little, natural scales are far beyond the first points. */
static void look_beyond(struct search *search, const struct rdl_exact_probes *first,
                        struct rdl_exact_probes *probes)
{
    float t[MAX_POINTS / 2];
    probes->count = 0;
    for (int i = 0; i < search->nsides; i++) {
        const struct rdl_exact_side *const side = &search->sides[i];
        const double end = end_of(search, side);
        double next = 1.5 * fabs((double)first->t[side->sign < 0.0 ? 0 : first->count - 1]);
        int count = 0;
        for (; next < end && count < MAX_POINTS / 2; next *= 1.4)
            t[count++] = (float)next;
        add_side(probes, side->sign, t, count);
    }
    if (probes->count == 0)
        return;
    evaluate(search, probes);
    consider_point(search, probes, search->ops->least(probes));
}

static void start_gaps(struct search *search)
{
    struct rdl_exact_gaps *const gaps = &search->gaps;
    gaps->count = 0;
    for (int i = 0; i < search->nsides; i++) {
        const double from = search->sides[i].from, to = end_of(search, &search->sides[i]);
        const bool negative = search->sides[i].sign < 0.0;
        if (from < to)
            gaps->at[gaps->count++] =
                (struct rdl_exact_gap){negative ? -to : from, negative ? -from : to};
    }
}

/* What lies in gaps may be better than what is known. */
static void look_into_gaps(struct search *search, struct rdl_exact_probes *probes)
{
    evaluate(search, probes);
    const int least = search->ops->least(probes);
    const double t = (double)probes->t[least];
    if ((double)probes->g[least] < 1.02 * search->error * t * t)
        consider_point(search, probes, least);
    clear(search, probes);
}

/* Says whether more changes of codes than a number are to be expected in the gaps. */
static bool expects_changes(const struct search *search, double number)
{
    const struct rdl_exact_grid *const grid = search->grid;
    return rdl_exact_gaps_length(&search->gaps) * search->block->magnitudes *
               (double)(grid->count - 1) >
           number * (grid->last - grid->first);
}

static void exclude(struct search *search)
{
    struct rdl_exact_probes probes, beyond;
    look_first(search, &probes);
    for (int i = 0; i < search->nsides && !(search->score > 0.0); i++)
        consider_ends(search, search->sides[i].sign);
    look_beyond(search, &probes, &beyond);
    start_gaps(search);
    clear(search, &probes);
    if (beyond.count > 0)
        clear(search, &beyond);
    if (search->gaps.count > 1 && expects_changes(search, VERY_FEW_CHANGES)) {
        rdl_exact_gaps_middles(&search->gaps, &probes);
        look_into_gaps(search, &probes);
    }
    for (int round = 0; round < MAX_ROUNDS && search->gaps.count > 0; round++) {
        if (search->gaps.count > MANY_GAPS || !expects_changes(search, FEW_CHANGES))
            break;
        rdl_exact_gaps_spread(&search->gaps, SPREAD, &probes);
        look_into_gaps(search, &probes);
    }
}

static void sweep_gaps(struct search *search)
{
    struct rdl_exact_peak peak = {.score = search->score};
    memcpy(peak.codes, search->codes, (size_t)search->block->n);
    for (int i = 0; i < search->gaps.count; i++) {
        const struct rdl_exact_gap *const gap = &search->gaps.at[i];
        const double outward = gap->from < 0.0 ? 1e-6 : -1e-6;
        const struct rdl_exact_gap wider = {gap->from * (1.0 + outward), gap->to * (1.0 - outward)};
        search->counts->gaps++;
        search->counts->changes +=
            rdl_exact_sweep(search->block, search->grid, &wider, search->ops, &peak);
    }
    if (peak.score > search->score)
        consider_codes(search, peak.codes);
}

/* ------------------------------------------------------------------------------------------------
 * The search
 */

static void start(struct search *search, bool any_sign)
{
    const struct rdl_exact_block *const block = search->block;
    search->ops->rounded(block, &search->weights);
    search->error = INFINITY;
    search->score = 0.0;
    search->gaps.count = 0;
    search->nsides = 0;
    for (double sign = any_sign ? -1.0 : 1.0; sign <= 1.0; sign += 2.0)
        if (rdl_exact_side_start(&search->sides[search->nsides], block, search->grid, sign))
            search->nsides++;
}

static void run(struct search *search)
{
    const int breakpoints = search->block->n * (search->grid->count - 1) * search->nsides / 2;
    if (breakpoints > FEW_BREAKPOINTS && !search->grid->is_uneven) {
        exclude(search);
    } else {
        for (int i = 0; i < search->nsides; i++)
            consider_ends(search, search->sides[i].sign);
        start_gaps(search);
    }
    if (!is_done(search))
        sweep_gaps(search);
}

/* Values from 0 up leave weights below 0 at 0, whatever the scale. */
static bool takes_positive_only(const struct rdl_block_grid *grid)
{
    return grid->kind != RDL_BLOCK_SIGNED && !grid->entries && grid->first == 0;
}

/* The error is infinite, and there is nothing else, if no scale is better than 0. */
struct found {
    double error, scale;
    bool is_whole; /* every code counts */
};

static struct found search_block(const struct rdl_block *block, double claim,
                                 const struct rdl_exact_ops *ops, uint8_t *codes,
                                 struct rdl_exact_counts *counts)
{
    const struct found nothing = {INFINITY, 0.0, false};
    struct rdl_exact_block weights;
    struct rdl_exact_grid room;
    struct search search; /* large: filled as far as it is used */
    if (!rdl_exact_block_start(&weights, block, takes_positive_only(&block->grid), ops))
        return nothing;
    search.block = &weights;
    search.grid = rdl_exact_grid_start(&room, &block->grid);
    search.ops = ops;
    search.counts = counts;
    start(&search, block->grid.kind == RDL_BLOCK_SIGNED);
    if (search.nsides == 0)
        return nothing;
    search.claim = claim / weights.unit - weights.rest;
    run(&search);
    /* Codes and their negatives tie: the scale above 0 is taken, whichever was seen first. */
    if (search.nsides == 2 && search.error < INFINITY && search.scale < 0.0 &&
        rdl_exact_negate(search.grid, weights.n, search.codes))
        search.scale = -search.scale;
    rdl_exact_block_codes(&weights, block->n, search.codes, codes);
    return (struct found){(search.error + weights.rest) * weights.unit,
                          search.scale * (search.grid->table_power / weights.x_power),
                          weights.is_whole};
}

double rdl_exact_scale_search(const struct rdl_block *block, double claim,
                              const struct rdl_exact_ops *ops, uint8_t *codes,
                              struct rdl_exact_counts *counts)
{
    return search_block(block, claim, ops, codes, counts).error;
}

void rdl_exact_scale(const struct rdl_block *block, const struct rdl_solver_options *options,
                     uint8_t *codes, struct rdl_block_fit *fit, struct rdl_exact_counts *counts)
{
    const struct rdl_exact_ops *const ops = rdl_exact_ops(options->target);
    const double claim = rdl_exact_claim(options->incumbent);
    struct rdl_exact_counts unseen = {0};
    if (!counts)
        counts = &unseen;
    struct found found = search_block(block, claim, ops, codes, counts);
    if (found.error > claim && found.error < INFINITY)
        found = search_block(block, INFINITY, ops, codes, counts);
    fit->scale = found.scale;
    fit->offset = 0.0;
    if (!(found.error < INFINITY))
        rdl_block_codes(block, 0.0, 0.0, codes);
    else if (!found.is_whole)
        rdl_block_idle_codes(block, fit->scale, 0.0, codes);
}
