/*
 * The candidates of a block with an offset.
 *
 * In the plane of exact_line.h take a point p = (tau, v), q nearest there, and let the error at p
 * be e(p), that of q with its best line e(q). tau z + v - q = tau r + a, where r is the residual of
 * q's best line, |r|^2 = e(q), and a is in the span of q and 1, orthogonal to r: so |a|^2 = tau^2
 * (e(p)
 * - e(q)). Go from p to the centre c of a cell of half diagonal h that has p in it. That adds dtau
 * z
 * + dv, which has the part dtau r along r and is no longer than h. So
 *
 *     g(c) <= |tau(c) z + v(c) - q|^2 <= tau(c)^2 e(q) + (tau(p) sqrt(e(p) - e(q)) + h)^2.
 *
 * Where e(p) <= limit, put D = limit - least >= e(p) - e(q), for any lower bound `least` of e(q),
 * and tau(p) <= tau(c) + half_tau =: T. With e(q) <= limit - (e(p) - e(q)) the right side is at
 * most
 *
 *     tau(c)^2 limit + (T^2 - tau(c)^2) D + 2 T h sqrt(D) + h^2.
 *
 * A cell whose g(c) is more than this has no point of an error up to the limit. Others are divided,
 * until they are leaves. notes/super-blocks-joint.md has more words.
 */
#include "search/candidates.h"
#include "search/candidates_leaf.h"

#include <math.h>

enum {
    LEAF_LEVEL = 2,
    MAX_LEVELS = 16,
    MAX_CONDITIONS = 3
};

static const float first_half = 0.125f; /* of sides of v, and of tau at most */
static const double side_v = 2.0 * 0.125;

/* turn v <= most - along_tau tau, where turn is 1 or -1 */
struct condition {
    double along_tau, turn, most;
};

struct search {
    struct rdl_exact_line line;
    struct rdl_leaves leaves;
    const struct rdl_exact_ops *ops;
    struct rdl_candidates *list;
    struct condition conditions[MAX_CONDITIONS];
    int nconditions;
    double unit;                     /* sum w (x - mean)^2 */
    double limit, least;             /* parts of it */
    int sign;                        /* of the offset */
    double tau_min, tau_max, beyond; /* v is from -beyond to last + beyond, whole first rows */
};

/* ------------------------------------------------------------------------------------------------
 * Where a point of an error up to the limit can be
 */

static void add_condition(struct search *search, double along_tau, double turn, double most)
{
    search->conditions[search->nconditions++] = (struct condition){along_tau, turn, most};
}

/*
 * Let q be nearest at (tau, v). From the part of tau z + v - q along 1: |v - sum w q| <= tau
 * sqrt(limit). With q's best tau: |tau - tau(q)| <= tau sqrt(D / (1 - limit)), and tau(q) <= last
 * (sum w z over z > 0) / (1 - limit). q is not constant, so that a boundary k + 1/2 is amid the
 * weights; these are at least 1/2 - tau (z_max - z_min) from a code, and tau sqrt(limit) is no
 * less. A weight that is c beyond the last code has the error w c^2 <= tau^2 limit alone.
 */
static void start_domain(struct search *search)
{
    const struct rdl_exact_line *const line = &search->line;
    const struct rdl_leaves *const weights = &search->leaves;
    const double last = (double)line->last, limit = search->limit;
    const double turn = sqrt((limit - search->least) / (1.0 - limit));
    const double above = sqrt(limit / weights->w[0]);
    const double below = sqrt(limit / weights->w[weights->n - 1]);
    search->tau_max = last * line->z_above / ((1.0 - limit) * (1.0 - turn)) * (1.0 + 1e-6);
    search->tau_min = 0.5 / (line->z_max - line->z_min + sqrt(limit)) * (1.0 - 1e-6);
    if (line->z_max - line->z_min > above + below) {
        const double widest = last / (line->z_max - line->z_min - above - below) * (1.0 + 1e-6);
        search->tau_max = widest < search->tau_max ? widest : search->tau_max;
    }
    const double rows = search->tau_max * sqrt(limit) / side_v;
    search->beyond = rows < 0x1p20 ? (double)((int)rows + 1) * side_v : INFINITY;
    search->nconditions = 0;
    add_condition(search, line->z_max - above, 1.0, last);
    add_condition(search, -line->z_min - below, -1.0, 0.0);
    if (search->sign < 0)
        add_condition(search, line->mean, -1.0, 0.0);
    else
        add_condition(search, -line->mean, 1.0, 0.0);
}

/* ------------------------------------------------------------------------------------------------
 * Cells
 */

static bool is_exact(const struct search *search, const struct rdl_exact_cells *cells)
{
    return search->tau_max / (double)cells->half_tau < 0x1p20 &&
           ((double)search->line.last + search->beyond) / (double)cells->half_v < 0x1p20;
}

/* Appends rows first .. end - 1 of the column about tau; false if there are too many. */
static bool add_rows(const struct search *search, struct rdl_exact_cells *cells, double tau,
                     int first, int end)
{
    const int rows = end - first;
    if (rows > cells->capacity - cells->count)
        return false;
    float *const taus = cells->tau + cells->count, *const vs = cells->v + cells->count;
    const float lowest = (float)(((double)first + 0.5) * side_v - search->beyond);
    for (int row = 0; row < rows; row++) {
        taus[row] = (float)tau;
        vs[row] = lowest + (float)row * (float)side_v; /* exact */
    }
    cells->count += rows > 0 ? rows : 0;
    return true;
}

/* The rows of a column up to `high` that are shifts of others: add_leaves(), below. No weight of
 * theirs is clipped, and all can move by one code, away from offset 0. */
static void find_shifted(const struct search *search, double high, int *first, int *end)
{
    const struct rdl_exact_line *const line = &search->line;
    const double half = 0.5 * (double)search->sign, last = (double)line->last, slack = 1e-5;
    const double low = half - line->z_min * high + slack;
    const double top = last + half - line->z_max * high - slack;
    const double v_low = low < last ? low : last, v_high = top > -1.0 ? top : -1.0;
    *first = (int)((v_low + search->beyond) / side_v) + 1;
    *end = (int)((v_high + search->beyond) / side_v);
}

/* Appends the cells of a column that meet the conditions; false if there are too many. */
static bool add_column(const struct search *search, struct rdl_exact_cells *cells, int column)
{
    const double side = 2.0 * (double)cells->half_tau;
    const double low = (double)column * side, high = low + side, tau = low + 0.5 * side;
    double v_low = -search->beyond, v_high = (double)search->line.last + search->beyond;
    for (int k = 0; k < search->nconditions; k++) {
        const struct condition *const c = &search->conditions[k];
        const double room = c->most - c->along_tau * (c->along_tau > 0.0 ? low : high);
        if (c->turn > 0.0 && room < v_high)
            v_high = room;
        if (c->turn < 0.0 && -room > v_low)
            v_low = -room;
    }
    const int first = (int)((v_low + search->beyond) / side_v - 1e-6);
    const int end = (int)((v_high + search->beyond) / side_v + 1e-6) + 1;
    int shifted, shifted_end;
    find_shifted(search, high, &shifted, &shifted_end);
    if (!(shifted < shifted_end))
        return add_rows(search, cells, tau, first, end);
    return add_rows(search, cells, tau, first, shifted < end ? shifted : end) &&
           add_rows(search, cells, tau, first > shifted_end ? first : shifted_end, end);
}

/* False if there are too many. */
static bool start_cells(const struct search *search, struct rdl_exact_cells *cells)
{
    const double width = search->tau_max - search->tau_min;
    cells->count = 0;
    cells->half_tau = cells->half_v = first_half;
    while ((double)cells->half_tau >= width && cells->half_tau > 0x1p-60f)
        cells->half_tau *= 0.5f;
    const double side = 2.0 * (double)cells->half_tau;
    if (!is_exact(search, cells))
        return false;
    for (int column = (int)(search->tau_min / side); (double)column * side <= search->tau_max;
         column++)
        if (!add_column(search, cells, column))
            return false;
    return true;
}

/* Drops cells that have no point of an error up to the limit. */
static void keep_possible(const struct search *search, struct rdl_exact_cells *cells)
{
    const double half = (double)cells->half_tau, half_v = (double)cells->half_v;
    const double spread = search->limit - search->least;
    const double h2 = half * half + half_v * half_v, twist = 2.0 * sqrt(h2 * spread);
    const double slack = 1.0 + 1e-5;
    const float deviation =
        0x1p-22f * (3.0f * (float)search->tau_max + (float)search->line.last + 8.0f);
    search->ops->cells_possible(cells, (float)(search->limit * slack),
                                (float)((2.0 * half * spread + twist) * slack),
                                (float)((half * (half * spread + twist) + h2) * slack), deviation);
}

/* Appends the quarters of cells from number `first` up to `end`; false if they do not fit. */
static bool divide(const struct rdl_exact_cells *cells, int first, int end,
                   struct rdl_exact_cells *quarters)
{
    const int count = end - first;
    if (quarters->count + 4 * count > quarters->capacity)
        return false;
    for (int k = 0; k < 4; k++) {
        const float dtau = k % 2 ? quarters->half_tau : -quarters->half_tau;
        const float dv = k / 2 ? quarters->half_v : -quarters->half_v;
        float *const tau = quarters->tau + quarters->count, *const v =
                                                                quarters->v + quarters->count;
        for (int p = 0; p < count; p++) {
            tau[p] = cells->tau[first + p] + dtau;
            v[p] = cells->v[first + p] + dv;
        }
        quarters->count += count;
    }
    return true;
}

/*
 * The leaf and its shifts: with y = tau z + v for which no weight is clipped, y - k (y + k for
 * offsets above 0) has the same error, and codes that are lower by k, as long as the least (the
 * largest) one allows. Of such points only the one farthest from offset 0 is in the cells that the
 * search starts from.
 */
static bool add_leaves(const struct search *search, const struct rdl_exact_cells *cells, int p)
{
    const struct rdl_exact_line *const line = &search->line;
    const double v = (double)cells->v[p], half_v = (double)cells->half_v;
    const double tau = (double)cells->tau[p], lowest_tau = tau - (double)cells->half_tau;
    const double bottom = line->z_min * lowest_tau + v + half_v + 0.5;
    const double top = (double)line->last + 0.5 - (line->z_max * lowest_tau + v - half_v);
    const double room = search->sign < 0 ? bottom : top;
    if (!rdl_leaves_add(&search->leaves, search->ops, cells, tau, v, search->list))
        return false;
    for (double k = 1.0; k < room + 1e-5 && bottom > 0.0 && top > 0.0; k += 1.0)
        if (!rdl_leaves_add(&search->leaves, search->ops, cells, tau, v + (double)search->sign * k,
                            search->list))
            return false;
    return true;
}

static bool descend(struct search *search, struct rdl_exact_cells *cells, int level,
                    struct rdl_exact_cells *quarters)
{
    quarters->count = 0;
    quarters->half_tau = 0.5f * cells->half_tau;
    quarters->half_v = 0.5f * cells->half_v;
    if (!is_exact(search, quarters))
        return false;
    keep_possible(search, cells);
    if (level < LEAF_LEVEL)
        return divide(cells, 0, cells->count, quarters);
    for (int p = 0; p < cells->count; p++)
        if ((double)cells->tau[p] + (double)cells->half_tau > search->tau_min &&
            !add_leaves(search, cells, p) && !divide(cells, p, p + 1, quarters))
            return false;
    return true;
}

static bool search_cells(struct search *search, struct rdl_exact_cells room[2])
{
    if (!start_cells(search, &room[0]))
        return false;
    for (int level = 0; room[level % 2].count > 0; level++) {
        struct rdl_exact_cells *const cells = &room[level % 2];
        rdl_exact_cells_pad(cells);
        search->ops->points(&search->line.rounded, 0.0f, (float)search->line.last, cells->count,
                            cells->tau, cells->v, cells->g);
        if (level == MAX_LEVELS || !descend(search, cells, level, &room[(level + 1) % 2]))
            return false;
    }
    return true;
}

void rdl_candidates_of_line(struct rdl_candidates *list, const struct rdl_block *block, int sign,
                            double least, const struct rdl_exact_ops *ops,
                            struct rdl_exact_cells room[2])
{
    struct rdl_exact_block weights;
    struct search search = {.list = list, .ops = ops, .line = {.ops = ops}, .sign = sign};
    if (!rdl_exact_block_start(&weights, block, false, ops) ||
        !rdl_exact_line_start(&search.line, &weights, &search.unit)) {
        list->limit = 0.0;
        return;
    }
    search.line.last = block->grid.count - 1;
    search.limit = list->limit / search.unit;
    search.least = least / search.unit;
    if (!(search.limit < 0.5) || search.line.z_max > 0x1p100 || search.line.z_min < -0x1p100) {
        list->limit = 0.0;
        return;
    }
    rdl_leaves_start(&search.leaves, &search.line, search.unit, list->weight);
    start_domain(&search);
    if (!search_cells(&search, room))
        list->limit = 0.0;
}
