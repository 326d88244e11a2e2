#include "block/exact_cells.h"

#include <math.h>

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
        .z_min = (float)line->z_min,
        .z_max = (float)line->z_max,
        .mean = (float)line->mean,
        .tau_min = (float)(tau_min / range * (1.0 - 1e-6)),
        .tau_max = (float)(tau_max * (1.0 + 1e-6)),
        .top = (float)(last - 0.5 - slack),
        .bottom = (float)(last + 0.5 - span + slack),
        .middle = (float)(0.5 * last + slack),
        .slack = (float)slack,
    };
}

/* Asks the corner of the cell that fulfils a condition most easily. */
static bool meets(const struct rdl_exact_domain *domain, const struct rdl_exact_cells *cells,
                  float tau, float v)
{
    const float tau_low = tau - cells->half_tau, tau_high = tau + cells->half_tau;
    const float v_low = v - cells->half_v, v_high = v + cells->half_v;
    const bool is_up = domain->mean > 0.0f;
    const bool is_within = tau_low <= domain->tau_max && domain->tau_min <= tau_high &&
                           domain->top <= tau_high * domain->z_max + v_high;
    const bool spans = tau_high * domain->z_min + v_low <= domain->bottom;
    if (domain->is_free || !is_within)
        return is_within && spans;
    return (spans || v_low - (is_up ? tau_high : tau_low) * domain->mean < domain->middle) &&
           -domain->slack <= v_high - (is_up ? tau_low : tau_high) * domain->mean;
}

static void append(struct rdl_exact_cells *cells, const struct rdl_exact_domain *domain, float tau,
                   float v)
{
    if (!meets(domain, cells, tau, v))
        return;
    cells->tau[cells->count] = tau;
    cells->v[cells->count++] = v;
}

/* All centres are below 2^24 times the half sides. */
static bool is_exact(const struct rdl_exact_cells *cells, const struct rdl_exact_domain *domain,
                     int last)
{
    return domain->tau_max + 4.0f * cells->half_tau < 0x1p24f * cells->half_tau &&
           (float)last + 4.0f * cells->half_v < 0x1p24f * cells->half_v;
}

/* Squares of side 2, or narrower ones where the domain is narrow, as it is if some weights are far
 * from the mean compared with the deviation: z is large there, and tau must be known the better. */
bool rdl_exact_cells_start(struct rdl_exact_cells *cells, const struct rdl_exact_domain *domain,
                           int last, const struct rdl_exact_ops *ops)
{
    const int rows = last / 2 + 1;
    const float width = domain->tau_max - domain->tau_min;
    cells->count = 0;
    cells->half_tau = cells->half_v = 1.0f;
    if (width < 0.0f)
        return true;
    while (cells->half_tau >= width && cells->half_tau > 0x1p-60f)
        cells->half_tau *= 0.5f;
    /* More columns than cells: most of them do not meet the domain. */
    const float side = 2.0f * cells->half_tau;
    if (!(width < side * (float)cells->capacity) || !is_exact(cells, domain, last))
        return false;
    for (int column = (int)(domain->tau_min / side); (float)column * side <= domain->tau_max;
         column++) {
        if (cells->count + rows > cells->capacity)
            return false;
        ops->cells_column(cells, domain, ((float)column + 0.5f) * side, rows);
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

static void append_quarter(struct rdl_exact_cells *quarters, const struct rdl_exact_domain *domain,
                           float tau, float v, int quarter)
{
    append(quarters, domain, quarter & 1 ? tau + quarters->half_tau : tau - quarters->half_tau,
           quarter & 2 ? v + quarters->half_v : v - quarters->half_v);
}

bool rdl_exact_cells_divide(struct rdl_exact_cells *quarters, float tau, float v,
                            const struct rdl_exact_domain *domain)
{
    if (quarters->count + 4 > quarters->capacity)
        return false;
    for (int quarter = 0; quarter < 4; quarter++)
        append_quarter(quarters, domain, tau, v, quarter);
    return true;
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
 * rounding of this sum.
 */
void rdl_exact_cells_exclude(struct rdl_exact_cells *cells, const struct rdl_exact_line *line,
                             const struct rdl_exact_domain *domain)
{
    const float bound = (float)(rdl_exact_line_bound(line) * (1.0 + 2e-6) + 1e-14);
    const float deviation = 0x1p-22f * (3.0f * domain->tau_max + (float)line->last + 8.0f);
    const float radius2 =
        (cells->half_tau * cells->half_tau + cells->half_v * cells->half_v) * (1.0f + 1e-5f);
    line->ops->cells_keep(cells, bound, deviation, radius2);
}

/* ------------------------------------------------------------------------------------------------
 * Operations
 */

int rdl_exact_cells_least(const struct rdl_exact_cells *cells)
{
    int least = 0;
    float least_error = INFINITY;
    for (int p = 0; p < cells->count; p++) {
        const float error = cells->g[p] / (cells->tau[p] * cells->tau[p]);
        if (error < least_error) {
            least_error = error;
            least = p;
        }
    }
    return least;
}

void rdl_exact_cells_keep(struct rdl_exact_cells *cells, float bound, float deviation,
                          float radius2)
{
    int kept = 0;
    for (int p = 0; p < cells->count; p++) {
        const float g = cells->g[p], tau = cells->tau[p], v = cells->v[p];
        const float lowest = g * (1.0f - 1e-5f) - deviation * sqrtf(g);
        cells->tau[kept] = tau;
        cells->v[kept] = v;
        kept += !(lowest - tau * tau * bound - radius2 > 0.0f);
    }
    cells->count = kept;
}

void rdl_exact_cells_column(struct rdl_exact_cells *cells, const struct rdl_exact_domain *domain,
                            float tau, int rows)
{
    for (int row = 0; row < rows; row++)
        append(cells, domain, tau, (float)(2 * row + 1) * cells->half_v);
}

bool rdl_exact_cells_quarters(const struct rdl_exact_cells *cells,
                              const struct rdl_exact_domain *domain,
                              struct rdl_exact_cells *quarters)
{
    for (int start = 0; start < cells->count; start += RDL_EXACT_LANES) {
        const int end =
            start + RDL_EXACT_LANES < cells->count ? start + RDL_EXACT_LANES : cells->count;
        if (quarters->count + 4 * RDL_EXACT_LANES > quarters->capacity)
            return false;
        for (int quarter = 0; quarter < 4; quarter++)
            for (int p = start; p < end; p++)
                append_quarter(quarters, domain, cells->tau[p], cells->v[p], quarter);
    }
    return true;
}
