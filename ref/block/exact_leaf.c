#include "block/exact_leaf.h"

#include "block/exact_sums.h"

#include <math.h>

enum {
    MAX_LENGTH = RDL_BLOCK_MAX_LENGTH,
    FEW_UNDECIDED = 10,
    FEW_STATES = 64,
    MANY_STATES = 1024
};

/* Cells of half this side are not divided if the states are no more than many. */
static const float small_half = 0x1p-14f;

/* Weights that are undecided at the same boundary, the largest first; its states take the next code
 * for 0, 1, .. of them. */
struct group {
    int start, end; /* in the list of undecided weights */
    int first_state, states;
};

/* The base of sums is near the mean code, so that zq^2 / (qq - q^2) does not cancel. */
struct leaf {
    struct rdl_exact_decided lower;
    uint8_t undecided[MAX_LENGTH];
    int undecided_count, groups, states;
    struct group group[MAX_LENGTH];
    struct rdl_exact_sums steps[2 * MAX_LENGTH]; /* of each group's states, less its first state */
    uint8_t raised[2 * MAX_LENGTH];              /* how many weights they raise */
};

/* ------------------------------------------------------------------------------------------------
 * Undecided weights
 */

/* By boundary, then the larger weight first. */
static bool is_before(const struct rdl_exact_line *line, const struct leaf *leaf, int a, int b)
{
    if (leaf->lower.codes[a] != leaf->lower.codes[b])
        return leaf->lower.codes[a] < leaf->lower.codes[b];
    return line->z[a] > line->z[b] || (line->z[a] == line->z[b] && a < b);
}

static void insert(const struct rdl_exact_line *line, struct leaf *leaf, int i)
{
    int place = leaf->undecided_count++;
    for (; place > 0 && is_before(line, leaf, i, leaf->undecided[place - 1]); place--)
        leaf->undecided[place] = leaf->undecided[place - 1];
    leaf->undecided[place] = (uint8_t)i;
}

static void list_undecided(const struct rdl_exact_line *line, struct leaf *leaf)
{
    leaf->undecided_count = 0;
    for (uint64_t left = leaf->lower.undecided; left; left &= left - 1)
        insert(line, leaf, __builtin_ctzll(left));
}

/* ------------------------------------------------------------------------------------------------
 * States
 */

static void add_step(const struct rdl_exact_line *line, const struct leaf *leaf, int i,
                     struct rdl_exact_sums *sums)
{
    sums->zq += line->w[i] * line->z[i];
    sums->q += line->w[i];
    sums->qq += line->w[i] * (double)(2 * (leaf->lower.codes[i] - leaf->lower.base) + 1);
}

/* The states of the group that starts at a place in the list; returns the place where it ends. */
static int add_group(const struct rdl_exact_line *line, struct leaf *leaf, int start, int *states)
{
    struct group *const group = &leaf->group[leaf->groups++];
    const int code = leaf->lower.codes[leaf->undecided[start]];
    struct rdl_exact_sums sums = {0.0, 0.0, 0.0};
    int place = start;
    *group = (struct group){.start = start, .first_state = *states, .states = 1};
    leaf->steps[*states] = sums;
    leaf->raised[(*states)++] = 0;
    while (place < leaf->undecided_count && leaf->lower.codes[leaf->undecided[place]] == code) {
        const double z = line->z[leaf->undecided[place]];
        for (; place < leaf->undecided_count; place++) {
            const int i = leaf->undecided[place];
            if (leaf->lower.codes[i] != code || line->z[i] != z)
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
    leaf->steps[0] = (struct rdl_exact_sums){0.0, 0.0, 0.0};
    for (int place = 0; place < leaf->undecided_count;) {
        place = add_group(line, leaf, place, &states);
        leaf->states *= leaf->group[leaf->groups - 1].states;
        if (leaf->states > most)
            return false;
    }
    return true;
}

static void add(struct rdl_exact_sums *sums, const struct rdl_exact_sums *step)
{
    sums->zq += step->zq;
    sums->q += step->q;
    sums->qq += step->qq;
}

/* A state's number has one digit for each group, that of the first group last. This is the sum for
 * the other digits. */
static struct rdl_exact_sums sum_others(const struct leaf *leaf, int others)
{
    struct rdl_exact_sums sums = leaf->lower.sums;
    for (int g = 1; g < leaf->groups; g++) {
        const struct group *const group = &leaf->group[g];
        add(&sums, &leaf->steps[group->first_state + others % group->states]);
        others /= group->states;
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
            leaf->lower.codes[leaf->undecided[place]]++;
    }
}

/* Says whether a state explains more than a part of the sum of squares, without a division. False
 * for what is none: constant codes, or an offset above 0 where that is not allowed; the search of
 * the scale alone sees to those. */
static bool explains(const struct rdl_exact_line *line, int base, const struct rdl_exact_sums *sums,
                     double part)
{
    const double spread = sums->qq - sums->q * sums->q;
    return sums->zq > 0.0 && spread > 1e-12 * sums->qq && sums->zq * sums->zq > part * spread &&
           (line->is_free || sums->zq * (sums->q + (double)base) >= line->mean * spread);
}

/* The first of the states that explain most; -1 if none has less error, by more than the rounding
 * of sums, than the best codes known. */
static int best_state(const struct rdl_exact_line *line, const struct leaf *leaf)
{
    const int digits = leaf->groups > 0 ? leaf->group[0].states : 1;
    double most = 1.0 - line->error + 1e-14;
    int best = -1;
    for (int others = 0; others * digits < leaf->states; others++) {
        const struct rdl_exact_sums rest = sum_others(leaf, others);
        for (int digit = 0; digit < digits; digit++) {
            struct rdl_exact_sums sums = rest;
            add(&sums, &leaf->steps[digit]);
            if (!explains(line, leaf->lower.base, &sums, most))
                continue;
            most = sums.zq * sums.zq / (sums.qq - sums.q * sums.q);
            best = others * digits + digit;
        }
    }
    return best;
}

static void consider_states(struct rdl_exact_line *line, struct leaf *leaf)
{
    const int best = best_state(line, leaf);
    double tau, v;
    line->counts->leaves++;
    line->counts->states += leaf->states;
    if (best < 0)
        return;
    raise(leaf, best);
    rdl_exact_line_consider(line, leaf->lower.codes, &tau, &v);
}

bool rdl_exact_leaf(struct rdl_exact_line *line, const struct rdl_exact_cells *cells, int p)
{
    struct leaf leaf;
    const bool is_small = cells->half_v <= small_half;
    if (!line->ops->decide(line->n, line->z, line->w, line->last, (double)cells->tau[p],
                           (double)cells->v[p], (double)cells->half_tau, (double)cells->half_v,
                           &leaf.lower))
        return false;
    list_undecided(line, &leaf);
    if ((!is_small && leaf.undecided_count > FEW_UNDECIDED) ||
        !list_states(line, &leaf, is_small ? MANY_STATES : FEW_STATES))
        return false;
    consider_states(line, &leaf);
    return true;
}

/* ------------------------------------------------------------------------------------------------
 * Operations
 */

static void sum_lower(int n, const double *z, const double *w, struct rdl_exact_decided *decided)
{
    double zq[RDL_EXACT_GROUP] = {0.0}, q[RDL_EXACT_GROUP] = {0.0}, qq[RDL_EXACT_GROUP] = {0.0};
    for (int i = 0; i < n; i += RDL_EXACT_GROUP)
        for (int j = 0; j < RDL_EXACT_GROUP; j++) {
            const double d = (double)(decided->codes[i + j] - decided->base), wd = w[i + j] * d;
            zq[j] += wd * z[i + j];
            q[j] += wd;
            qq[j] += wd * d;
        }
    decided->sums =
        (struct rdl_exact_sums){rdl_exact_sum_of(zq), rdl_exact_sum_of(q), rdl_exact_sum_of(qq)};
}

bool rdl_exact_decide(int n, const double *z, const double *w, int last, double tau, double v,
                      double half_tau, double half_v, struct rdl_exact_decided *decided)
{
    decided->undecided = 0;
    decided->base = rdl_exact_code(v, last);
    for (int i = 0; i < rdl_exact_end(n); i++) {
        const double y = tau * z[i] + v, cell = fabs(z[i]) * half_tau + half_v;
        const double reach = cell + 0x1p-40 * (cell + (double)(last + 1));
        const int low = rdl_exact_code(y - reach, last), high = rdl_exact_code(y + reach, last);
        if (high > low + 1)
            return false;
        decided->codes[i] = (uint8_t)low;
        if (high > low && w[i] > 0.0)
            decided->undecided |= (uint64_t)1 << i;
    }
    sum_lower(n, z, w, decided);
    return true;
}
