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
    if (tau_low > domain->tau_max || tau_high < domain->tau_min ||
        tau_high * domain->z_max + v_high < domain->top)
        return false;
    const bool spans = tau_high * domain->z_min + v_low <= domain->bottom;
    if (domain->is_free)
        return spans;
    return (spans || v_low - (is_up ? tau_high : tau_low) * domain->mean < domain->middle) &&
           v_high - (is_up ? tau_low : tau_high) * domain->mean >= -domain->slack;
}

static bool append(struct rdl_exact_cells *cells, const struct rdl_exact_domain *domain, float tau,
                   float v)
{
    if (!meets(domain, cells, tau, v))
        return true;
    if (cells->count == cells->capacity)
        return false;
    cells->tau[cells->count] = tau;
    cells->v[cells->count++] = v;
    return true;
}

/* All centres are below 2^24 times the half sides. */
static bool is_exact(const struct rdl_exact_cells *cells, const struct rdl_exact_domain *domain,
                     int last)
{
    return domain->tau_max / cells->half_tau + 4.0f < 0x1p24f &&
           (float)last / cells->half_v + 4.0f < 0x1p24f;
}

/* Squares of side 2, or narrower ones where the domain is narrow, as it is if some weights are far
 * from the mean compared with the deviation: z is large there, and tau must be known the better. */
bool rdl_exact_cells_start(struct rdl_exact_cells *cells, const struct rdl_exact_domain *domain,
                           int last)
{
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
         column++)
        for (int row = 0; 2 * row <= last; row++)
            if (!append(cells, domain, ((float)column + 0.5f) * side, (float)(2 * row + 1)))
                return false;
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

bool rdl_exact_cells_divide(struct rdl_exact_cells *quarters, float tau, float v,
                            const struct rdl_exact_domain *domain)
{
    const float half_tau = quarters->half_tau, half_v = quarters->half_v;
    return append(quarters, domain, tau - half_tau, v - half_v) &&
           append(quarters, domain, tau + half_tau, v - half_v) &&
           append(quarters, domain, tau - half_tau, v + half_v) &&
           append(quarters, domain, tau + half_tau, v + half_v);
}

void rdl_exact_cells_pad(struct rdl_exact_cells *cells)
{
    for (int p = cells->count; p > 0 && p < rdl_exact_whole(cells->count); p++) {
        cells->tau[p] = cells->tau[cells->count - 1];
        cells->v[p] = cells->v[cells->count - 1];
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
    const float bound = (float)(rdl_exact_line_bound(line) * (1.0 + 2e-6));
    const float deviation = 0x1p-22f * (3.0f * domain->tau_max + (float)line->last + 8.0f);
    const float radius2 =
        (cells->half_tau * cells->half_tau + cells->half_v * cells->half_v) * (1.0f + 1e-5f);
    for (int p = 0; p < cells->count; p++) {
        const float g = cells->g[p], tau = cells->tau[p];
        const float lowest = g * (1.0f - 1e-5f) - deviation * sqrtf(g);
        cells->g[p] = lowest - tau * tau * bound - radius2;
    }
}
