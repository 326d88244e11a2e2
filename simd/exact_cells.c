/*
 * Cells of the search of scale and offset (exact_ops.h): lanes are cells. The scalar versions are
 * in ref/block/exact_cells.c.
 */
#include "simd.h"

#include "compress.h"
#include "exact_ops.h"

#include <math.h>

/* ------------------------------------------------------------------------------------------------
 * The least error, and what is kept
 */

/* The first of the lanes with the least error, of those with an index below 2^24. */
static int first_least(const float *error, const int32_t *place)
{
    int lane = 0;
    for (int k = 1; k < RDL_WIDTH; k++)
        if (error[k] < error[lane] || (error[k] == error[lane] && place[k] < place[lane]))
            lane = k;
    return place[lane];
}

int RDL_TARGET_NAME(rdl_exact_cells_least)(const struct rdl_exact_cells *cells)
{
    static const int32_t places[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    float errors[RDL_WIDTH];
    int32_t least_places[RDL_WIDTH];
    rf least = r_set(INFINITY);
    ri least_place = r_iset(0), place = r_iload(places);
    for (int p = 0; p < cells->count; p += RDL_WIDTH) {
        const rf tau = r_load(cells->tau + p);
        const rf error = r_div(r_load(cells->g + p), r_mul(tau, tau));
        const rm is_less = r_lt(error, least);
        least = r_select(is_less, error, least);
        least_place = r_iselect(is_less, place, least_place);
        place = r_iadd(place, r_iset(RDL_WIDTH));
    }
    r_store(errors, least);
    r_istore(least_places, least_place);
    return first_least(errors, least_places);
}

/* Lanes first, first + 1, .. before the end. */
RDL_INLINE rm before(int first, int end)
{
    static const int32_t places[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    return r_ilt(r_iload(places), r_iset(end - first));
}

void RDL_TARGET_NAME(rdl_exact_cells_keep)(struct rdl_exact_cells *cells, float bound,
                                           float deviation, float radius2)
{
    int kept = 0;
    for (int p = 0; p < cells->count; p += RDL_WIDTH) {
        const rf g = r_load(cells->g + p), tau = r_load(cells->tau + p);
        const rf lowest = r_sub(r_mul(g, r_set(1.0f - 1e-5f)), r_mul(r_set(deviation), r_sqrt(g)));
        const rf lack = r_sub(r_sub(lowest, r_mul(r_mul(tau, tau), r_set(bound))), r_set(radius2));
        const rm keeps = r_mandnot(before(p, cells->count), r_lt(r_set(0.0f), lack));
        kept +=
            r_compress_two(cells->tau + kept, tau, cells->v + kept, r_load(cells->v + p), keeps);
    }
    cells->count = kept;
}

/* ------------------------------------------------------------------------------------------------
 * Cells that meet the domain
 */

/* Of the cells of a size, as meets() of ref/block/exact_cells.c. */
RDL_INLINE rm meets(const struct rdl_exact_domain *domain, const struct rdl_exact_cells *cells,
                    rf tau, rf v)
{
    const rf half_tau = r_set(cells->half_tau), half_v = r_set(cells->half_v);
    const rf tau_low = r_sub(tau, half_tau), tau_high = r_add(tau, half_tau);
    const rf v_low = r_sub(v, half_v), v_high = r_add(v, half_v);
    const rf mean = r_set(domain->mean);
    const bool is_up = domain->mean > 0.0f;
    const rm within = r_mand(
        r_mand(r_le(tau_low, r_set(domain->tau_max)), r_le(r_set(domain->tau_min), tau_high)),
        r_le(r_set(domain->top), r_add(r_mul(tau_high, r_set(domain->z_max)), v_high)));
    const rm spans =
        r_le(r_add(r_mul(tau_high, r_set(domain->z_min)), v_low), r_set(domain->bottom));
    if (domain->is_free)
        return r_mand(within, spans);
    const rf u_low = r_sub(v_low, r_mul(is_up ? tau_high : tau_low, mean));
    const rf u_high = r_sub(v_high, r_mul(is_up ? tau_low : tau_high, mean));
    return r_mand(r_mand(within, r_mor(spans, r_lt(u_low, r_set(domain->middle)))),
                  r_le(r_set(-domain->slack), u_high));
}

RDL_INLINE void append(struct rdl_exact_cells *cells, const struct rdl_exact_domain *domain, rf tau,
                       rf v, rm among)
{
    const rm mask = r_mand(among, meets(domain, cells, tau, v));
    cells->count +=
        r_compress_two(cells->tau + cells->count, tau, cells->v + cells->count, v, mask);
}

void RDL_TARGET_NAME(rdl_exact_cells_column)(struct rdl_exact_cells *cells,
                                             const struct rdl_exact_domain *domain, float tau,
                                             int rows)
{
    static const float odd[16] = {1.0f,  3.0f,  5.0f,  7.0f,  9.0f,  11.0f, 13.0f, 15.0f,
                                  17.0f, 19.0f, 21.0f, 23.0f, 25.0f, 27.0f, 29.0f, 31.0f};
    for (int row = 0; row < rows; row += RDL_WIDTH) {
        const rf number = r_add(r_load(odd), r_set((float)(2 * row)));
        append(cells, domain, r_set(tau), r_mul(number, r_set(cells->half_v)), before(row, rows));
    }
}

bool RDL_TARGET_NAME(rdl_exact_cells_quarters)(const struct rdl_exact_cells *cells,
                                               const struct rdl_exact_domain *domain,
                                               struct rdl_exact_cells *quarters)
{
    struct rdl_exact_cells to = *quarters;
    const rf half_tau = r_set(to.half_tau), half_v = r_set(to.half_v);
    for (int start = 0; start < cells->count; start += RDL_EXACT_LANES) {
        if (to.count + 4 * RDL_EXACT_LANES > to.capacity)
            return false;
        for (int quarter = 0; quarter < 4; quarter++)
            for (int p = start; p < start + RDL_EXACT_LANES; p += RDL_WIDTH) {
                const rf tau = r_load(cells->tau + p), v = r_load(cells->v + p);
                append(&to, domain, quarter & 1 ? r_add(tau, half_tau) : r_sub(tau, half_tau),
                       quarter & 2 ? r_add(v, half_v) : r_sub(v, half_v), before(p, cells->count));
            }
    }
    quarters->count = to.count;
    return true;
}
