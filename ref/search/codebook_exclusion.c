/*
 * Points t = 2 / s. The rows at the best point, with their best scale, are the first known ones.
 * Whatever has less error E' than the known E has its own best point t' further from t than
 *
 *     |t' - t| = t sqrt((E(t) - E) / X),   X = sum w x^2,
 *
 * where E(t) is the least error at t. Beyond (2 a / F) of the greatest a and F = X - E there is no
 * better one either. What is left of the axis are gaps. After some rounds of one more point in the
 * middle of each, their envelopes say what is in them.
 *
 * E(t) is lowered by the rounding of the heights, which is below 64 * 2^-24 (t a + |height|) in
 * every unit: see codebook_nearest_rows.c. Sums are binary64; the radius is shortened by 2^-40 of
 * t.
 */
#include "search/codebook_exclusion.h"

#include "binary64.h"

#include <math.h>

enum {
    MAX_GAPS = 64,
    TOGETHER = 4
};

struct gap {
    double begin, end;
};

struct search {
    const struct rdl_exclusion_problem *problem;
    struct rdl_exclusion_result *result;
    double squares, most_a;
    int count;
    struct gap gaps[MAX_GAPS];
};

/* The best of the unit at four points. */
struct found {
    double a[TOGETHER], b[TOGETHER];
};

static void add_highest(const struct rdl_code_rows *rows, const float *a, const float *b,
                        const float *points, struct found *found)
{
    uint16_t highest[TOGETHER];
    rows->lines->highest(rows->rows, a, b, TOGETHER, points, highest);
    for (int k = 0; k < TOGETHER; k++) {
        found->a[k] += (double)a[highest[k]];
        found->b[k] += (double)b[highest[k]];
    }
}

static void look(const struct rdl_code_rows *rows, const struct rdl_unit *unit, const float *points,
                 struct found *sum)
{
    if (rows->length == RDL_SIGN_GROUP) {
        add_highest(rows, unit->odd ? rows->wrong[0] : rows->a[0], rows->b[0], points, sum);
        return;
    }
    struct found either[2] = {{{0.0}, {0.0}}, {{0.0}, {0.0}}};
    for (int wrong = 0; wrong <= (int)unit->odd; wrong++)
        for (int g = 0; g < 2; g++)
            add_highest(rows, unit->odd && g == wrong ? rows->wrong[g] : rows->a[g], rows->b[g],
                        points, &either[wrong]);
    for (int k = 0; k < TOGETHER; k++) {
        const double t = (double)points[k];
        const int better =
            unit->odd && t * either[1].a[k] - either[1].b[k] > t * either[0].a[k] - either[0].b[k];
        sum->a[k] += either[better].a[k];
        sum->b[k] += either[better].b[k];
    }
}

static void know(struct search *search, double a, double b)
{
    if (!(a > 0.0) || search->squares - a / b * a >= search->result->error)
        return;
    search->result->scale = a / b;
    search->result->error = search->squares - a / b * a;
}

/* Errors at up to four points, less what they may be wrong by. */
static void look_at(struct search *search, int count, const double *t, double *errors)
{
    const struct rdl_exclusion_problem *problem = search->problem;
    float points[TOGETHER];
    struct found found = {{0.0}, {0.0}};
    for (int k = 0; k < TOGETHER; k++)
        points[k] = (float)t[k < count ? k : 0];
    for (int u = 0; u < problem->units; u++)
        look(&problem->rows[u], &problem->unit[u], points, &found);
    for (int k = 0; k < count; k++) {
        const double p = (double)points[k];
        const double height = p * found.a[k] - found.b[k];
        const double margin = 0x1p-18 * (p * search->most_a + found.b[k]);
        errors[k] = search->squares - 4.0 / (p * p) * (height + margin);
        know(search, found.a[k], found.b[k]);
    }
    search->result->points += count;
}

static void keep(struct search *search, double begin, double end)
{
    if (begin < end && search->count < MAX_GAPS)
        search->gaps[search->count++] = (struct gap){begin, end};
    else if (begin < end) /* no room: the last gap takes what is excluded before it, too */
        search->gaps[MAX_GAPS - 1].end = end;
}

/* Cuts what a point excludes out of all gaps. */
static void exclude(struct search *search, double t, double error)
{
    const double excess = (error - search->result->error) / search->squares;
    const double radius = excess > 0.0 ? t * (sqrt(excess) - 0x1p-40) : 0.0;
    if (radius <= 0.0)
        return;
    struct gap before[MAX_GAPS];
    const int count = search->count;
    for (int g = 0; g < count; g++)
        before[g] = search->gaps[g];
    search->count = 0;
    for (int g = 0; g < count; g++) {
        keep(search, before[g].begin, rdl_lesser(before[g].end, t - radius));
        keep(search, rdl_greater(before[g].begin, t + radius), before[g].end);
    }
}

/* All points at once, so that the best of them counts for all. */
static void look_and_exclude(struct search *search, int count, const double *t)
{
    double errors[MAX_GAPS];
    for (int k = 0; k < count; k += TOGETHER)
        look_at(search, count - k < TOGETHER ? count - k : TOGETHER, t + k, errors + k);
    for (int k = 0; k < count; k++)
        exclude(search, (double)(float)t[k], errors[k]);
    const double limit = 2.0 * search->most_a / (search->squares - search->result->error);
    while (search->count > 0 && search->gaps[search->count - 1].begin >= limit)
        search->count--;
    if (search->count > 0)
        search->gaps[search->count - 1].end =
            rdl_lesser(search->gaps[search->count - 1].end, limit);
}

/* The vectors that are best somewhere in the gap. */
static void sweep(struct search *search, const struct gap *gap)
{
    enum {
        CELLS = RDL_EXCLUSION_UNITS * RDL_UNIT_CELLS
    };
    const struct rdl_exclusion_problem *problem = search->problem;
    const double step = (gap->end - gap->begin) / 3.0;
    const struct rdl_window window = {{gap->begin, gap->begin + step, gap->end - step, gap->end}};
    struct rdl_cell cells[2][CELLS], own[RDL_UNIT_CELLS];
    struct rdl_envelope sum = {0, NULL};
    for (int u = 0; u < problem->units; u++) {
        const struct rdl_envelope one = rdl_unit_envelope(&problem->rows[u], &problem->unit[u],
                                                          &window, u == 0 ? cells[0] : own);
        sum = u == 0 ? one : rdl_add_envelopes(&sum, &one, CELLS, cells[u % 2]);
    }
    for (int k = 0; k < sum.count; k++)
        know(search, sum.cells[k].a, sum.cells[k].b);
    search->result->points += TOGETHER;
}

void rdl_exclude_scales(const struct rdl_exclusion_problem *problem,
                        struct rdl_exclusion_result *result)
{
    struct search search = {.problem = problem, .result = result};
    for (int u = 0; u < problem->units; u++) {
        const struct rdl_unit *unit = &problem->unit[u];
        const struct rdl_code_rows *rows = &problem->rows[u];
        const double top = rows->magnitudes[rows->length == RDL_SIGN_GROUP ? 2 : 7];
        for (int i = 0; i < RDL_SIGN_GROUP; i++) {
            const double wx = unit->w[i] * unit->x[i];
            search.squares += wx * unit->x[i];
            search.most_a += wx * top;
        }
    }
    *result = (struct rdl_exclusion_result){.error = search.squares};
    if (!(search.squares > 0.0))
        return;
    search.count = 1;
    search.gaps[0] = (struct gap){0.0, INFINITY};
    look_and_exclude(&search, problem->count, problem->points);
    for (int round = 0; round < problem->rounds && search.count > 0; round++) {
        double middles[MAX_GAPS];
        const int count = search.count;
        for (int g = 0; g < count; g++)
            middles[g] = 0.5 * (search.gaps[g].begin + search.gaps[g].end);
        look_and_exclude(&search, count, middles);
    }
    result->gaps = search.count;
    for (int g = 0; g < search.count; g++)
        sweep(&search, &search.gaps[g]);
}
