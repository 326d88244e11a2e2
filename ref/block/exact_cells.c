#include "block/exact_cells.h"

#include <math.h>

enum {
    MANY_CODES = 24
};

/*
 * The domain, for L = last + 1 codes (notes/exact-search.md has the proofs).
 *
 * top      Adding 1 to all codes only lowers the offset, which is allowed: some optimum has a code
 *          L - 1, and its weight is at L - 3/2 or above.
 * bottom   If codes span at most (L - 1) / 2, twice their distances from the top are codes too, and
 *          as good at half the scale: some optimum has the span S = floor((L + 1) / 2) or more, and
 *          its smallest weight is at L - 1/2 - S or below. But the offset of the doubled codes is
 *          higher; where it is bounded, it is still allowed if u >= (L - 1) / 2. Otherwise:
 * middle   u < (L - 1) / 2.
 * tau_min  From top and bottom, or top and middle.
 * tau_max  t is sum w (x - mu) q over the explained part; and u >= 0 where the offset is bounded.
 */
void rdl_exact_domain_start(struct rdl_exact_domain *domain, const struct rdl_exact_line *line)
{
    const double last = (double)line->last, span = (double)((line->last + 2) / 2);
    const double slack = 0x1p-20 * (last + 1.0);
    const double explained = 1.0 - rdl_exact_line_bound(line);
    double range = line->z_max - line->z_min, tau_min = span - 1.0;
    if (!line->is_free) {
        tau_min = 0.5 * (last - 1.0);
        if (line->z_min + line->mean > 0.0)
            range = line->z_max + line->mean;
    }
    double tau_max = explained > 0.0 ? last * line->z_above / explained : INFINITY;
    if (!line->is_free && line->mean > 0.0 && last / line->mean < tau_max)
        tau_max = last / line->mean;
    *domain = (struct rdl_exact_domain){
        .is_free = line->is_free,
        .z_min = line->z_min,
        .z_max = line->z_max,
        .mean = line->mean,
        .tau_min = tau_min / range * (1.0 - 1e-6),
        .tau_max = tau_max * (1.0 + 1e-6),
        .top = last - 0.5 - slack,
        .bottom = last + 0.5 - span + slack,
        .middle = 0.5 * last + slack,
        .slack = slack,
    };
}

/* What the domain asks of centres: less by what a corner may have more, and by the rounding of
 * that. */
static struct rdl_exact_conditions conditions_of(const struct rdl_exact_domain *domain,
                                                 const struct rdl_exact_cells *cells)
{
    const double half_tau = (double)cells->half_tau * (1.0 + 0x1p-20);
    const double half_v = (double)cells->half_v;
    const double beside = half_v + half_tau * fabs(domain->mean);
    return (struct rdl_exact_conditions){
        .z_min = (float)domain->z_min,
        .z_max = (float)domain->z_max,
        .mean = (float)domain->mean,
        .tau_min = (float)(domain->tau_min - half_tau),
        .tau_max = (float)(domain->tau_max + half_tau),
        .top = (float)(domain->top - half_v - half_tau * domain->z_max),
        .bottom = (float)(domain->bottom + half_v - half_tau * domain->z_min),
        .middle = domain->is_free ? -INFINITY : (float)(domain->middle + beside),
        .lowest = domain->is_free ? -INFINITY : (float)(-domain->slack - beside),
    };
}

static bool meets(const struct rdl_exact_conditions *conditions, float tau, float v)
{
    const float u = v - tau * conditions->mean;
    return conditions->tau_min <= tau && tau <= conditions->tau_max &&
           conditions->top <= tau * conditions->z_max + v && conditions->lowest <= u &&
           (tau * conditions->z_min + v <= conditions->bottom || u < conditions->middle);
}

static void append(struct rdl_exact_cells *cells, const struct rdl_exact_conditions *conditions,
                   float tau, float v)
{
    if (!meets(conditions, tau, v))
        return;
    cells->tau[cells->count] = tau;
    cells->v[cells->count++] = v;
}

/* All centres are below 2^24 times the half sides. */
static bool is_exact(const struct rdl_exact_cells *cells, const struct rdl_exact_domain *domain,
                     int last)
{
    const double most = 0x1p24 - 4.0;
    return domain->tau_max < most * (double)cells->half_tau &&
           (double)last < most * (double)cells->half_v;
}

/* Squares, or narrower rectangles where the domain is narrow, as it is if some weights are far from
 * the mean compared with the deviation: z is large there, and tau must be known the better. With
 * squares of side 2 that a few codes leave, fewer than a batch would be evaluated. */
bool rdl_exact_cells_start(struct rdl_exact_cells *cells, const struct rdl_exact_domain *domain,
                           int last, const struct rdl_exact_ops *ops)
{
    const double width = domain->tau_max - domain->tau_min;
    const int rows = last < MANY_CODES ? last + 1 : last / 2 + 1;
    cells->count = 0;
    cells->half_tau = cells->half_v = last < MANY_CODES ? 0.5f : 1.0f;
    if (width < 0.0)
        return true;
    while ((double)cells->half_tau >= width && cells->half_tau > 0x1p-60f)
        cells->half_tau *= 0.5f;
    /* More columns than cells: most of them do not meet the domain. */
    const double side = 2.0 * (double)cells->half_tau;
    if (!(width < side * (double)cells->capacity) || !is_exact(cells, domain, last))
        return false;
    const struct rdl_exact_conditions conditions = conditions_of(domain, cells);
    for (int column = (int)(domain->tau_min / side); (double)column * side <= domain->tau_max;
         column++) {
        if (cells->count + rows > cells->capacity)
            return false;
        ops->cells_column(cells, &conditions, (float)(((double)column + 0.5) * side), rows);
    }
    return true;
}

bool rdl_exact_cells_next(const struct rdl_exact_cells *cells, struct rdl_exact_cells *quarters,
                          const struct rdl_exact_domain *domain, int last)
{
    quarters->count = 0;
    quarters->half_tau = 0.5f * cells->half_tau;
    quarters->half_v = 0.5f * cells->half_v;
    return is_exact(quarters, domain, last);
}

static void append_quarter(struct rdl_exact_cells *quarters,
                           const struct rdl_exact_conditions *conditions, float tau, float v,
                           int quarter)
{
    append(quarters, conditions, quarter & 1 ? tau + quarters->half_tau : tau - quarters->half_tau,
           quarter & 2 ? v + quarters->half_v : v - quarters->half_v);
}

bool rdl_exact_cells_divide(struct rdl_exact_cells *quarters, float tau, float v,
                            const struct rdl_exact_domain *domain)
{
    const struct rdl_exact_conditions conditions = conditions_of(domain, quarters);
    if (quarters->count + 4 > quarters->capacity)
        return false;
    for (int quarter = 0; quarter < 4; quarter++)
        append_quarter(quarters, &conditions, tau, v, quarter);
    return true;
}

bool rdl_exact_cells_divide_all(const struct rdl_exact_cells *cells,
                                struct rdl_exact_cells *quarters,
                                const struct rdl_exact_domain *domain,
                                const struct rdl_exact_ops *ops)
{
    const struct rdl_exact_conditions conditions = conditions_of(domain, quarters);
    return ops->cells_quarters(cells, &conditions, quarters);
}

void rdl_exact_cells_pad(struct rdl_exact_cells *cells)
{
    const int count = cells->count;
    for (int p = count; count > 0 && p < count + RDL_EXACT_LANES; p++) {
        cells->tau[p] = cells->tau[count - 1];
        cells->v[p] = cells->v[count - 1];
    }
}

/*
 * A disk about the centre of a cell holds the cell if its radius^2 is at least the sum of the
 * squares of half its sides. In binary32 g is too large by at most (n + 6) 2^-24 of itself, and by
 * 2 deviation sqrt(g) for the rounding of z and y, where deviation = 2^-24 (3 tau + |v|)
 * (notes/exact-search.md); twice as much is allowed for, and 1e-6 or more of each term for the
 * rounding of this sum. sqrt(g) is taken for g + 1/4, which is no less.
 */
void rdl_exact_cells_exclude(struct rdl_exact_cells *cells, const struct rdl_exact_line *line,
                             const struct rdl_exact_domain *domain)
{
    const double half_tau = (double)cells->half_tau, half_v = (double)cells->half_v;
    const double deviation = 0x1p-22 * (3.0 * domain->tau_max + (double)line->last + 8.0);
    const double bound = rdl_exact_line_bound(line) * (1.0 + 2e-6) + 1e-14;
    const double radius2 = half_tau * half_tau + half_v * half_v + 0.25 * deviation;
    line->ops->cells_keep(cells, (float)(1.0 - 1e-5 - deviation), (float)bound,
                          (float)(radius2 * (1.0 + 1e-5)));
}

/* ------------------------------------------------------------------------------------------------
 * Operations
 */

int rdl_exact_cells_evaluate(struct rdl_exact_cells *cells, const struct rdl_exact_weights *weights,
                             int last)
{
    int least = 0;
    float least_error = INFINITY;
    rdl_exact_points(weights, 0.0f, (float)last, cells->count, cells->tau, cells->v, cells->g);
    for (int p = 0; p < cells->count; p++) {
        const float error = cells->g[p] / (cells->tau[p] * cells->tau[p]);
        if (error < least_error) {
            least_error = error;
            least = p;
        }
    }
    return least;
}

void rdl_exact_cells_keep(struct rdl_exact_cells *cells, float part, float bound, float radius2)
{
    int kept = 0;
    for (int p = 0; p < cells->count; p++) {
        const float g = cells->g[p], tau = cells->tau[p], v = cells->v[p];
        cells->tau[kept] = tau;
        cells->v[kept] = v;
        kept += !(g * part - tau * tau * bound - radius2 > 0.0f);
    }
    cells->count = kept;
}

void rdl_exact_cells_column(struct rdl_exact_cells *cells,
                            const struct rdl_exact_conditions *conditions, float tau, int rows)
{
    for (int row = 0; row < rows; row++)
        append(cells, conditions, tau, (float)(2 * row + 1) * cells->half_v);
}

bool rdl_exact_cells_quarters(const struct rdl_exact_cells *cells,
                              const struct rdl_exact_conditions *conditions,
                              struct rdl_exact_cells *quarters)
{
    for (int start = 0; start < cells->count; start += RDL_EXACT_LANES) {
        const int end =
            start + RDL_EXACT_LANES < cells->count ? start + RDL_EXACT_LANES : cells->count;
        if (quarters->count + 4 * RDL_EXACT_LANES > quarters->capacity)
            return false;
        for (int quarter = 0; quarter < 4; quarter++)
            for (int p = start; p < end; p++)
                append_quarter(quarters, conditions, cells->tau[p], cells->v[p], quarter);
    }
    return true;
}
