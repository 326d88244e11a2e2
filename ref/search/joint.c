/*
 * The joint search: units d and dmin, and for each pair of them the best integers.
 *
 * The error of a super-block is the sum over sub-blocks of what their lists of candidates say for a
 * pair (candidate_list.h), J(d, dmin); the weights are not looked at again. From a few starts about
 * the natural pair, d and dmin are scanned in turn over their neighbours in binary16. The last word
 * have the decoder's weights.
 */
#include "search/joint.h"

#include "search/joint_lists.h"
#include "search/store.h"

#include <math.h>

enum {
    ROUNDS = 6,
    STARTS = 4,
    MOST_MORE = 8
};

/* Integers of an excess up to so many times that of the list's limit are hardly ever to be bettered
 * by a vector that is not in the list. */
static const double trusted = 2.0;

struct scan {
    int from, batches, step; /* numbers of a binary16 after the middle: from + step * k */
};

/* `coarse` is for pairs, `dense` for d alone. */
static const struct scan coarse = {-160, 8, 6}, dense = {-128, 16, 3}, fine = {-4, 1, 1},
                         full_d = {-60, 25, 1};

/* The units, binary16. */
enum unit {
    D,
    DMIN
};

struct pair {
    uint16_t unit[2];
};

struct search {
    const struct rdl_search_problem *problem;
    const struct rdl_joint_lists *lists;
    const struct rdl_exact_ops *ops;
    struct pair best;
    double error; /* J of it */
};

/* ------------------------------------------------------------------------------------------------
 * Scans
 */

static double value_of(uint16_t half)
{
    return (double)rdl_f16_to_f32(half);
}

static struct rdl_units units_of(const struct rdl_search_layout *layout, struct pair pair)
{
    const double d = value_of(pair.unit[D]), dmin = value_of(pair.unit[DMIN]);
    struct rdl_units units = {.scale_first = (double)layout->scale_first,
                              .scale_last = (double)layout->scale_last,
                              .min_last = (double)layout->min_last,
                              .most_more = MOST_MORE};
    for (int k = 0; k < RDL_UNITS; k++) {
        units.d[k] = d;
        units.dmin[k] = dmin;
    }
    return units;
}

static uint16_t step_from(uint16_t half, int steps)
{
    const int magnitude = (half & 0x7FFF) + steps;
    const int within = magnitude < 1 ? 1 : magnitude > 0x7BFF ? 0x7BFF : magnitude;
    return (uint16_t)((half & 0x8000) | within);
}

/* Pairs with one unit moved; keeps the best. */
static void scan_unit(struct search *search, struct pair middle, enum unit moved,
                      const struct scan *scan)
{
    struct rdl_units units = units_of(search->problem->layout, middle);
    double *const values = moved == D ? units.d : units.dmin;
    for (int batch = 0; batch < scan->batches; batch++) {
        const int from = scan->from + scan->step * (RDL_UNITS * batch);
        uint16_t halves[RDL_UNITS];
        double sums[RDL_UNITS];
        for (int k = 0; k < RDL_UNITS; k++) {
            halves[k] = step_from(middle.unit[moved], from + scan->step * k);
            values[k] = value_of(halves[k]);
        }
        if (!search->ops->candidates_sum(search->lists->list, search->lists->count, &units,
                                         search->error, sums))
            continue;
        for (int k = 0; k < RDL_UNITS; k++)
            if (sums[k] < search->error) {
                search->error = sums[k];
                search->best = middle;
                search->best.unit[moved] = halves[k];
            }
    }
}

static bool has_mins(struct pair pair)
{
    return pair.unit[DMIN] != 0;
}

/* d and dmin in turn, until neither gets better. */
static void descend(struct search *search, const struct scan *scan)
{
    for (int round = 0; round < ROUNDS; round++) {
        const double before = search->error;
        scan_unit(search, search->best, D, scan);
        if (!has_mins(search->best) || (round > 0 && !(search->error < before)))
            break;
        const double between = search->error;
        scan_unit(search, search->best, DMIN, scan);
        if (!(search->error < between))
            break;
    }
}

static void try_start(struct search *search, struct pair start)
{
    struct search own = *search;
    own.error = INFINITY;
    own.best = start;
    descend(&own, has_mins(start) ? &coarse : &dense);
    if (own.error < search->error) {
        search->error = own.error;
        search->best = own.best;
    }
}

static uint16_t times(uint16_t half, float factor)
{
    const uint16_t product = rdl_f32_to_f16(rdl_f16_to_f32(half) * factor);
    return rdl_stored_is_finite(product) ? product : half;
}

static void search_some(struct search *search, struct pair natural)
{
    static const float factors[STARTS] = {1.0f, 1.05f, 1.1f, 1.15f};
    for (int k = 0; k < STARTS; k++)
        try_start(search, (struct pair){{times(natural.unit[D], factors[k]),
                                         times(natural.unit[DMIN], factors[k])}});
    descend(search, &fine);
}

static void search_all(struct search *search, struct pair natural)
{
    search_some(search, natural);
    for (int steps = -60; steps <= 140; steps++) {
        struct pair middle = natural;
        if (has_mins(natural))
            middle.unit[DMIN] = step_from(natural.unit[DMIN], steps);
        scan_unit(search, middle, D, &full_d);
        if (!has_mins(natural))
            break;
    }
}

/* ------------------------------------------------------------------------------------------------
 * Integers
 */

/* As rdl_exact_candidates_sum(), for one list and pair, with what is best. */
static double find_integers(const struct rdl_candidates *list,
                            const struct rdl_search_layout *layout, double d, double dmin,
                            int *best_scale, int *best_min)
{
    const int more = rdl_candidates_more(list, fabs(d), MOST_MORE);
    const double per_dmin = rdl_candidate_inverse(dmin), per_d = rdl_candidate_inverse(d);
    double least = INFINITY;
    for (int c = 0; c < list->count; c++) {
        const double ratio =
            rdl_candidate_clip(list->scale[c] * per_d, (double)layout->scale_first - 1.0,
                               (double)layout->scale_last + 1.0);
        const int below = (int)rdl_candidate_round(ratio - 0.5);
        for (int scale = below - more; scale <= below + more + 1; scale++) {
            if (scale < layout->scale_first || scale > layout->scale_last)
                continue;
            const double ds = d * (double)scale - list->scale[c];
            const double wanted = list->offset[c] - list->center[c] * ds;
            const double min = rdl_candidate_round(
                rdl_candidate_clip(-(wanted * per_dmin), 0.0, (double)layout->min_last));
            const double rest = min * dmin + wanted;
            const double error =
                list->error[c] + (list->stretch[c] * (ds * ds) + list->weight * (rest * rest));
            if (error < least) {
                least = error;
                *best_scale = scale;
                *best_min = (int)min;
            }
        }
    }
    return least;
}

static void store_integers(const struct search *search, struct rdl_search_block *block)
{
    const struct rdl_search_layout *const layout = search->problem->layout;
    block->d = search->best.unit[D];
    block->dmin = search->best.unit[DMIN];
    for (int k = 0; k < search->lists->count; k++) {
        const struct rdl_candidates *const list = &search->lists->list[k];
        const int j = search->lists->sub_block[k];
        int scale = 0, min = 0;
        const double error =
            find_integers(list, layout, value_of(block->d), value_of(block->dmin), &scale, &min);
        block->scales[j] = (int16_t)scale;
        block->mins[j] = (uint8_t)min;
        if (!(error - list->least <= trusted * (list->limit - list->least)))
            (void)rdl_store_best_of(search->problem, j, block);
    }
}

/* Where mins are coarse compared with the deviation of a sub-block, as in super-blocks far from 0,
 * there are too many candidates, and J is not to be trusted. */
static void try_alternation(const struct rdl_search_problem *problem,
                            struct rdl_search_block *block)
{
    struct rdl_search_block other;
    rdl_store_alternate(problem, &other);
    if (rdl_stored_block_error(problem, &other) < rdl_stored_block_error(problem, block))
        *block = other;
}

/* ------------------------------------------------------------------------------------------------
 * The search
 */

struct memory {
    struct rdl_joint_lists lists;
    float cells[5 * RDL_JOINT_STRIDE];
};

size_t rdl_joint_scratch(const struct rdl_search_layout *layout)
{
    (void)layout;
    return sizeof(struct memory);
}

void rdl_store_joint(const struct rdl_search_problem *problem, struct rdl_search_block *block)
{
    if (!rdl_store_units(problem, block) || block->d == 0)
        return;
    struct memory *const memory = problem->joint;
    const struct rdl_joint_room room = {.cells = memory->cells, .exact = problem->scratch};
    const struct pair natural = {{block->d, block->dmin}};
    rdl_joint_lists_fill(&memory->lists, problem, fabs(value_of(block->d)),
                         fabs(value_of(block->dmin)), &room);
    struct search search = {
        .problem = problem,
        .lists = &memory->lists,
        .ops = rdl_exact_ops(problem->options.target),
        .best = natural,
        .error = INFINITY,
    };
    if (problem->scales == RDL_SCALES_JOINT_FULL)
        search_all(&search, natural);
    else
        search_some(&search, natural);
    store_integers(&search, block);
    if (memory->lists.is_short)
        try_alternation(problem, block);
}
