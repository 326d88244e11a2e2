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
    MAX_CONDITIONS = 5
};

static const float first_half = 0.15625f;

/* along_tau tau + along_v v <= most */
struct condition {
    float along_tau, along_v, most;
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
    double tau_min, tau_max, beyond; /* v is from -beyond to last + beyond */
};

/* ------------------------------------------------------------------------------------------------
 * Where a point of an error up to the limit can be
 */

/* Conditions have slack for binary32: near where they hold with equality terms are at most some
 * tau_max |z|. */
static void add_condition(struct search *search, double along_tau, double along_v, double most)
{
    const double size = fabs(along_tau) * search->tau_max + (double)search->line.last + 1.0;
    search->conditions[search->nconditions++] =
        (struct condition){(float)along_tau, (float)along_v, (float)(most + 0x1p-20 * size)};
}

/*
 * Let q be nearest at (tau, v). From the part of tau z + v - q along 1: |v - sum w q| <= tau
 * sqrt(limit). With q's best tau: |tau - tau(q)| <= tau sqrt(D / (1 - limit)), and tau(q) <= last
 * (sum w z over z > 0) / (1 - limit). q is not constant, so that a boundary k + 1/2 is amid the
 * weights; these are at least 1/2 - tau (z_max - z_min) from a code, and tau sqrt(limit) is no
 * less. A weight that is c beyond the last code has the error w c^2 <= tau^2 limit alone.
 */
static void start_domain(struct search *search, int sign)
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
    search->beyond = search->tau_max * sqrt(limit) * (1.0 + 1e-6);
    search->nconditions = 0;
    add_condition(search, line->z_max - above, 1.0, last);
    add_condition(search, -line->z_min - below, -1.0, 0.0);
    if (sign < 0)
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

/* False if there are too many. */
static bool start_cells(const struct search *search, struct rdl_exact_cells *cells)
{
    const double width = search->tau_max - search->tau_min;
    cells->count = 0;
    cells->half_tau = cells->half_v = first_half;
    while ((double)cells->half_tau >= width && cells->half_tau > 0x1p-60f)
        cells->half_tau *= 0.5f;
    const double side_tau = 2.0 * (double)cells->half_tau, side_v = 2.0 * (double)cells->half_v;
    const int first_row = -(int)(search->beyond / side_v) - 1;
    const int last_row = (int)(((double)search->line.last + search->beyond) / side_v);
    if (!(width / side_tau < (double)(cells->capacity / (last_row - first_row + 1) - 2)) ||
        !is_exact(search, cells))
        return false;
    for (int column = (int)(search->tau_min / side_tau);
         (double)column * side_tau <= search->tau_max; column++)
        for (int row = first_row; row <= last_row; row++) {
            cells->tau[cells->count] = (float)(((double)column + 0.5) * side_tau);
            cells->v[cells->count++] = (float)(((double)row + 0.5) * side_v);
        }
    return true;
}

/* Moves cells that may meet the conditions to the front. */
static void keep_domain(const struct search *search, struct rdl_exact_cells *cells)
{
    int kept = 0;
    for (int p = 0; p < cells->count; p++) {
        const float tau = cells->tau[p], v = cells->v[p];
        bool meets = true;
        for (int k = 0; k < search->nconditions; k++) {
            const struct condition *const c = &search->conditions[k];
            const float cell =
                fabsf(c->along_tau) * cells->half_tau + fabsf(c->along_v) * cells->half_v;
            meets &= c->along_tau * tau + c->along_v * v <= c->most + cell;
        }
        cells->tau[kept] = tau;
        cells->v[kept] = v;
        kept += meets;
    }
    cells->count = kept;
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

/* False if it does not fit. */
static bool divide(const struct rdl_exact_cells *cells, int p, struct rdl_exact_cells *quarters)
{
    const float half_tau = quarters->half_tau, half_v = quarters->half_v;
    const int count = quarters->count;
    if (count + 4 > quarters->capacity)
        return false;
    for (int k = 0; k < 4; k++) {
        quarters->tau[count + k] = cells->tau[p] + (k % 2 ? half_tau : -half_tau);
        quarters->v[count + k] = cells->v[p] + (k / 2 ? half_v : -half_v);
    }
    quarters->count += 4;
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
    for (int p = 0; p < cells->count; p++)
        if (!(level >= LEAF_LEVEL &&
              rdl_leaves_add(&search->leaves, search->ops, cells, p, search->list)) &&
            !divide(cells, p, quarters))
            return false;
    return true;
}

static bool search_cells(struct search *search, struct rdl_exact_cells room[2])
{
    if (!start_cells(search, &room[0]))
        return false;
    for (int level = 0; room[level % 2].count > 0; level++) {
        struct rdl_exact_cells *const cells = &room[level % 2];
        if (level <= 1)
            keep_domain(search, cells);
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
    struct search search = {.list = list, .ops = ops, .line = {.ops = ops}};
    if (!rdl_exact_block_start(&weights, block, false) ||
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
    start_domain(&search, sign);
    if (!search_cells(&search, room))
        list->limit = 0.0;
}
