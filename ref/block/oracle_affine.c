/*
 * The best scale, offset and codes 0 .. L-1, with proof, for the two kinds of grid with an offset.
 *
 * With t = 1 / scale and u = -offset / scale, the nearest code of x is t x + u, rounded and
 * clamped. It changes on the lines t x + u = k + 1/2, k = 0 .. L-2. The lines of all weights cut
 * the half plane t > 0 into cells, and within a cell the codes are the same. The codes of an
 * optimum are nearest at its own (t, u), or replacing them would lower the error; at an edge those
 * of the cells around are equally good there. So the best of all cells, each with the best scale
 * and offset of its codes, is the optimum; it stays so if the offset must not be positive, as the
 * optimum's point then lies where u >= 0 and all cells are tried anyway. The enumeration is
 * original work.
 *
 * A cell that does not reach t = 0 has a leftmost vertex, where a line of x_i and one of x_j > x_i
 * cross; past it the cell lies below the line of x_i and above that of x_j. So walk along every
 * line with growing t, stop at the crossings, and try the codes just below it: pivot i has the
 * lower code. From level k of the pivot the line l of x_j > x_i is d = l - k levels up and crosses
 * at t = d / (x_j - x_i), that of x_j < x_i is d levels down. Times do not depend on k: one sort
 * serves L-1 walks, in which the events with 0 <= l <= L-2 take part. Of events at one time those
 * of lower elements come first, so that behind the last one all lines through the vertex are
 * crossed. Cells that reach t = 0 lie below the start of a line, but for one of constant codes.
 * With n distinct weights these are n (n-1) / 2 * (L-1)(L-2) / 2 + n (L-1) vectors, 52 560 for
 * n = 32 and L = 16; as many again are passed at events below the pivot, and tried because that
 * costs less than telling them apart. Time O(n^2 L log n) for the sorts, O(n^2 L^2) for the walks.
 *
 * Score. With q the codes, all sums weighted, and means removed, the best line through (q, x)
 * explains
 *
 *     (sum w (q - mean q)(x - mean x))^2 / sum w (q - mean q)^2   of   sum w (x - mean x)^2.
 *
 * It does not change if all q do by the same, so the walks keep p = q - level and S = sum w p^2 -
 * (sum w p)^2 / sum w. With p = 0 for the pivot, of factor w_i, S >= w_i (mean p)^2, hence
 * sum w p^2 <= S (1 + sum w / w_i): the difference cancels badly only where the pivot counts for
 * little. Where S < risky_share sum w p^2, sums are taken anew from the codes, in two passes;
 * elsewhere S is right to some 2^-52 / risky_share. An offset that would be positive becomes 0, and
 * the explained part falls by offset^2 sum w S / sum w q^2; written without cancellation in
 * gain_of().
 *
 * Two crossings in wrong order by rounding hide only codes within 2^-51 of a tie, relative to their
 * own size. The codes returned are the nearest ones at the best scale and offset found, which are
 * never worse than those that led there.
 */
#include "block/oracle_affine.h"

#include "block/block.h"
#include "block/oracle_events.h"
#include "block/oracle_points.h"

#include <math.h>

enum {
    MAX_LENGTH = RDL_BLOCK_MAX_LENGTH
};

static const double risky_share = 1e-4;

/* w p, w p^2 and w p (x - mean) of codes p relative to the pivot's level: sums, or one step. */
struct sums {
    double p, pp, xp;
};

/* Of codes q: their weighted mean, w (q - mean)^2 and w (q - mean)(x - mean). */
struct moments {
    double mean, qq, xq;
};

/* The walks along the lines of one pivot. */
struct walk {
    int pivot, level;
    size_t events; /* of the pivot, in all */
    const struct rdl_event *sorted;
    struct sums *steps; /* of every event */
    uint16_t *list;     /* the events that take part at this level */
    size_t length;      /* of the list */
    int codes[MAX_LENGTH];
    size_t replayed; /* codes are those after so many events of the list */
};

struct search {
    struct rdl_points points;
    int count;           /* codes */
    bool nonpositive;    /* the offset */
    double gain;         /* the best explained part beyond that of a constant .. */
    struct moments best; /* .. and the codes that give it */
};

/* ------------------------------------------------------------------------------------------------
 * Candidates
 */

static bool offset_is_positive(const struct search *search, const struct moments *m)
{
    return search->nonpositive && search->points.mean * m->qq > m->xq * m->mean;
}

/* What codes explain of sum w (x - mean)^2 with their best scale and offset; less than 0 if a
 * constant is better than any offset 0. */
static double gain_of(const struct search *search, const struct moments *m)
{
    if (!(m->qq > 0.0))
        return 0.0;
    if (!offset_is_positive(search, m))
        return m->xq * m->xq / m->qq;
    const double weight = search->points.weight, mean = search->points.mean;
    const double cross = 2.0 * m->mean * m->xq - mean * m->qq;
    return (m->xq * m->xq + mean * weight * cross) / (m->qq + weight * m->mean * m->mean);
}

static struct moments moments_of_sums(const struct search *search, int level,
                                      const struct sums *sums)
{
    const double mean = sums->p / search->points.weight;
    return (struct moments){mean + (double)level, sums->pp - sums->p * mean, sums->xp};
}

static void start_codes(const struct search *search, struct walk *walk)
{
    for (int j = 0; j < search->points.count; j++)
        walk->codes[j] = walk->level + (j > walk->pivot);
    walk->replayed = 0;
}

static struct moments moments_of_codes(const struct search *search, struct walk *walk,
                                       size_t events)
{
    for (; walk->replayed < events; walk->replayed++) {
        const int element = walk->sorted[walk->list[walk->replayed]].element;
        walk->codes[element] += element > walk->pivot ? 1 : -1;
    }
    const struct rdl_points *const points = &search->points;
    double sum = 0.0;
    for (int j = 0; j < points->count; j++)
        sum += points->w[j] * (double)walk->codes[j];
    struct moments m = {sum / points->weight, 0.0, 0.0};
    for (int j = 0; j < points->count; j++) {
        const double code = (double)walk->codes[j] - m.mean;
        m.qq += points->w[j] * code * code;
        m.xq += points->wx[j] * code;
    }
    return m;
}

static bool is_risky(double spread, double pp)
{
    return spread < risky_share * pp;
}

static void consider(struct search *search, struct walk *walk, size_t events,
                     const struct sums *sums)
{
    struct moments m = moments_of_sums(search, walk->level, sums);
    if (is_risky(m.qq, sums->pp))
        m = moments_of_codes(search, walk, events);
    const double gain = gain_of(search, &m);
    if (gain > search->gain) {
        search->gain = gain;
        search->best = m;
    }
}

/* ------------------------------------------------------------------------------------------------
 * Walks
 */

static int distances(const struct search *search)
{
    return search->count - 2;
}

/* Sorts the events of a pivot: level says how many lines away the line is that is crossed. */
static void sort_events(const struct search *search, struct walk *walk, struct rdl_event *events,
                        struct rdl_event *buffer)
{
    const struct rdl_points *const points = &search->points;
    size_t starts[MAX_LENGTH + 1] = {0}, count = 0;
    int runs = 0;
    for (int j = 0; j < points->count; j++) {
        if (j == walk->pivot)
            continue;
        const double apart = fabs(points->x[j] - points->x[walk->pivot]);
        for (int d = 1; d <= distances(search); d++)
            events[count++] = (struct rdl_event){(double)d / apart, (uint8_t)j, (uint8_t)d};
        starts[++runs] = count;
    }
    walk->sorted = rdl_merge_events(events, buffer, starts, runs);
    walk->events = count;
}

/* An element above the pivot goes from p = d to d + 1, one below from -(d-1) to -d. */
static void list_steps(const struct rdl_points *points, struct walk *walk)
{
    for (size_t e = 0; e < walk->events; e++) {
        const int j = walk->sorted[e].element, d = walk->sorted[e].level;
        const double w = points->w[j], wx = points->wx[j];
        walk->steps[e] = j > walk->pivot ? (struct sums){w, w * (double)(2 * d + 1), wx}
                                         : (struct sums){-w, w * (double)(2 * d - 1), -wx};
    }
}

/* From this level there are so many lines above, and so many below. Without branches: which events
 * take part looks random. */
static void list_events(const struct search *search, struct walk *walk)
{
    const int below = walk->level, above = distances(search) - walk->level;
    size_t length = 0;
    for (size_t e = 0; e < walk->events; e++) {
        const int limit = walk->sorted[e].element > walk->pivot ? above : below;
        walk->list[length] = (uint16_t)e;
        length += walk->sorted[e].level <= limit;
    }
    walk->length = length;
}

static struct sums start_sums(const struct rdl_points *points, int pivot)
{
    struct sums sums = {0.0, 0.0, 0.0};
    for (int j = pivot + 1; j < points->count; j++) {
        sums.p += points->w[j];
        sums.xp += points->wx[j];
    }
    sums.pp = sums.p;
    return sums;
}

static void walk_line(struct search *search, struct walk *walk)
{
    const struct rdl_points *const points = &search->points;
    struct sums sums = start_sums(points, walk->pivot);
    start_codes(search, walk);
    consider(search, walk, 0, &sums);
    const double inverse_weight = 1.0 / points->weight;
    for (size_t e = 0; e < walk->length; e++) {
        const struct sums *const step = &walk->steps[walk->list[e]];
        sums.p += step->p;
        sums.pp += step->pp;
        sums.xp += step->xp;
        const double spread = sums.pp - sums.p * sums.p * inverse_weight;
        if (sums.xp * sums.xp > search->gain * spread || is_risky(spread, sums.pp))
            consider(search, walk, e + 1, &sums);
    }
}

/* ------------------------------------------------------------------------------------------------
 * The solver
 */

static size_t event_capacity(const struct rdl_block_grid *grid, size_t n)
{
    return n * (size_t)(grid->count - 1);
}

size_t rdl_oracle_affine_scratch(const struct rdl_block_grid *grid, size_t n)
{
    return event_capacity(grid, n) *
           (2 * sizeof(struct rdl_event) + sizeof(struct sums) + sizeof(uint16_t));
}

static void walk_all_lines(struct search *search, size_t capacity, void *scratch)
{
    struct rdl_event *const events = scratch, *const buffer = events + capacity;
    struct walk walk = {.steps = (struct sums *)(buffer + capacity)};
    walk.list = (uint16_t *)(walk.steps + capacity);
    for (walk.pivot = 0; walk.pivot < search->points.count; walk.pivot++) {
        sort_events(search, &walk, events, buffer);
        list_steps(&search->points, &walk);
        for (walk.level = 0; walk.level < search->count - 1; walk.level++) {
            list_events(search, &walk);
            walk_line(search, &walk);
        }
    }
}

/* Nearest codes at the best scale and offset; those of the best constant if there is none. */
static void best_codes(const struct search *search, const struct rdl_block *block, uint8_t *codes)
{
    const struct moments *const m = &search->best;
    const double weight = search->points.weight, mean = search->points.mean;
    double scale = 0.0, offset = mean;
    if (search->gain > 0.0) {
        scale = m->xq / m->qq;
        offset = mean - scale * m->mean;
        if (offset_is_positive(search, m)) {
            scale = (m->xq + weight * mean * m->mean) / (m->qq + weight * m->mean * m->mean);
            offset = 0.0;
        }
    } else if (search->nonpositive && mean > 0.0) {
        scale = mean / (double)(search->count - 1);
        offset = 0.0;
    }
    rdl_block_codes(block, scale, offset, codes);
}

void rdl_oracle_affine(const struct rdl_block *block, void *scratch, uint8_t *codes,
                       struct rdl_block_fit *fit)
{
    struct search search = {.count = block->grid.count,
                            .nonpositive = block->grid.kind == RDL_BLOCK_AFFINE};
    rdl_gather_points(block, &search.points);
    walk_all_lines(&search, event_capacity(&block->grid, block->n), scratch);
    best_codes(&search, block, codes);
    rdl_block_refit(block, codes, &fit->scale, &fit->offset);
    rdl_block_idle_codes(block, fit->scale, fit->offset, codes);
}
