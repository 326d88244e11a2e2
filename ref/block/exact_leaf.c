#include "block/exact_leaf.h"

#include <math.h>

enum {
    MAX_LENGTH = RDL_BLOCK_MAX_LENGTH,
    FEW_UNDECIDED = 10,
    FEW_STATES = 64,
    MANY_STATES = 1024
};

/* Cells of half this side are not divided if the states are no more than many. */
static const float small_half = 0x1p-14f;

/* Sums over weights of codes relative to a base near their mean, so that zq^2 / (qq - q^2) does not
 * cancel. */
struct sums {
    double zq, q, qq;
};

/* Weights that are undecided at the same boundary, the largest first; its states take the next code
 * for 0, 1, .. of them. */
struct group {
    int start, end; /* in the list of undecided weights */
    int first_state, states;
};

struct leaf {
    uint8_t codes[MAX_LENGTH]; /* the lower ones of undecided weights */
    uint8_t undecided[MAX_LENGTH];
    int undecided_count, groups, states, base;
    struct group group[MAX_LENGTH];
    struct sums steps[2 * MAX_LENGTH]; /* of each group's states, less its first state */
    uint8_t raised[2 * MAX_LENGTH];    /* how many weights they raise */
};

/* ------------------------------------------------------------------------------------------------
 * Undecided weights
 */

/* By boundary, then the larger weight first. */
static bool is_before(const struct rdl_exact_line *line, const struct leaf *leaf, int a, int b)
{
    if (leaf->codes[a] != leaf->codes[b])
        return leaf->codes[a] < leaf->codes[b];
    return line->z[a] > line->z[b] || (line->z[a] == line->z[b] && a < b);
}

static void insert(const struct rdl_exact_line *line, struct leaf *leaf, int i)
{
    int place = leaf->undecided_count++;
    for (; place > 0 && is_before(line, leaf, i, leaf->undecided[place - 1]); place--)
        leaf->undecided[place] = leaf->undecided[place - 1];
    leaf->undecided[place] = (uint8_t)i;
}

/* False if a weight has more than two codes in the cell. */
static bool decide(const struct rdl_exact_line *line, struct leaf *leaf,
                   const struct rdl_exact_cells *cells, int p)
{
    const double tau = (double)cells->tau[p], v = (double)cells->v[p];
    const double half_tau = (double)cells->half_tau, half_v = (double)cells->half_v;
    leaf->undecided_count = 0;
    for (int i = 0; i < line->n; i++) {
        const double z = line->z[i], y = tau * z + v;
        const double cell = fabs(z) * half_tau + half_v;
        const double reach = cell + 0x1p-40 * (cell + (double)(line->last + 1));
        const int low = rdl_exact_code(y - reach, line->last),
                  high = rdl_exact_code(y + reach, line->last);
        if (high > low + 1)
            return false;
        leaf->codes[i] = (uint8_t)low;
        if (high > low)
            insert(line, leaf, i);
    }
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * States
 */

static void add_step(const struct rdl_exact_line *line, const struct leaf *leaf, int i,
                     struct sums *sums)
{
    sums->zq += line->w[i] * line->z[i];
    sums->q += line->w[i];
    sums->qq += line->w[i] * (double)(2 * (leaf->codes[i] - leaf->base) + 1);
}

/* The states of the group that starts at a place in the list; returns the place where it ends. */
static int add_group(const struct rdl_exact_line *line, struct leaf *leaf, int start, int *states)
{
    struct group *const group = &leaf->group[leaf->groups++];
    const int code = leaf->codes[leaf->undecided[start]];
    struct sums sums = {0.0, 0.0, 0.0};
    int place = start;
    *group = (struct group){.start = start, .first_state = *states, .states = 1};
    leaf->steps[*states] = sums;
    leaf->raised[(*states)++] = 0;
    while (place < leaf->undecided_count && leaf->codes[leaf->undecided[place]] == code) {
        const double z = line->z[leaf->undecided[place]];
        for (; place < leaf->undecided_count; place++) {
            const int i = leaf->undecided[place];
            if (leaf->codes[i] != code || line->z[i] != z)
                break;
            add_step(line, leaf, i, &sums);
        }
        leaf->steps[*states] = sums;
        leaf->raised[(*states)++] = (uint8_t)(place - start);
        group->states++;
    }
    group->end = place;
    return place;
}

/* False if there are more than `most` of them. */
static bool list_states(const struct rdl_exact_line *line, struct leaf *leaf, int most)
{
    int states = 0;
    leaf->groups = 0;
    leaf->states = 1;
    for (int place = 0; place < leaf->undecided_count;) {
        place = add_group(line, leaf, place, &states);
        leaf->states *= leaf->group[leaf->groups - 1].states;
        if (leaf->states > most)
            return false;
    }
    return true;
}

static struct sums sum_lower(const struct rdl_exact_line *line, const struct leaf *leaf)
{
    struct sums sums = {0.0, 0.0, 0.0};
    for (int i = 0; i < line->n; i++) {
        const double q = (double)(leaf->codes[i] - leaf->base);
        sums.zq += line->w[i] * line->z[i] * q;
        sums.q += line->w[i] * q;
        sums.qq += line->w[i] * q * q;
    }
    return sums;
}

/* A state's number has one digit for each group. */
static struct sums sum_state(const struct leaf *leaf, const struct sums *lower, int state)
{
    struct sums sums = *lower;
    for (int g = 0; g < leaf->groups; g++) {
        const struct group *const group = &leaf->group[g];
        const struct sums *const step = &leaf->steps[group->first_state + state % group->states];
        state /= group->states;
        sums.zq += step->zq;
        sums.q += step->q;
        sums.qq += step->qq;
    }
    return sums;
}

static void raise(struct leaf *leaf, int state)
{
    for (int g = 0; g < leaf->groups; g++) {
        const struct group *const group = &leaf->group[g];
        const int raised = leaf->raised[group->first_state + state % group->states];
        state /= group->states;
        for (int place = group->start; place < group->start + raised; place++)
            leaf->codes[leaf->undecided[place]]++;
    }
}

/* The part of the sum of squares that a state explains, 0 if it is none: constant codes, or an
 * offset above 0 where that is not allowed; the search of the scale alone sees to those. */
static double score(const struct rdl_exact_line *line, const struct leaf *leaf,
                    const struct sums *sums)
{
    const double spread = sums->qq - sums->q * sums->q;
    if (!(sums->zq > 0.0) || !(spread > 1e-12 * sums->qq))
        return 0.0;
    const double slope = sums->zq / spread;
    if (!line->is_free && slope * (sums->q + (double)leaf->base) < line->mean)
        return 0.0;
    return slope * sums->zq;
}

static void consider_states(struct rdl_exact_line *line, struct leaf *leaf)
{
    const struct sums lower = sum_lower(line, leaf);
    double most = 1.0 - line->error, tau, v;
    int best = -1;
    for (int state = 0; state < leaf->states; state++) {
        const struct sums sums = sum_state(leaf, &lower, state);
        const double explained = score(line, leaf, &sums);
        if (explained > most) {
            most = explained;
            best = state;
        }
    }
    line->counts->leaves++;
    line->counts->states += leaf->states;
    if (best < 0)
        return;
    raise(leaf, best);
    rdl_exact_line_consider(line, leaf->codes, &tau, &v);
}

bool rdl_exact_leaf(struct rdl_exact_line *line, const struct rdl_exact_cells *cells, int p)
{
    struct leaf leaf;
    const bool is_small = cells->half_v <= small_half;
    if (!decide(line, &leaf, cells, p))
        return false;
    leaf.base = rdl_exact_code((double)cells->v[p], line->last);
    if ((!is_small && leaf.undecided_count > FEW_UNDECIDED) ||
        !list_states(line, &leaf, is_small ? MANY_STATES : FEW_STATES))
        return false;
    consider_states(line, &leaf);
    return true;
}
