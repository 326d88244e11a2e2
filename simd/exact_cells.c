/*
 * Cells of the search of scale and offset (exact_ops.h): lanes are cells. The scalar versions are
 * in ref/block/exact_cells.c.
 */
#include "simd.h"

#include "compress.h"
#include "exact_points.h"

#include <math.h>
#include <stdbool.h>

static const int32_t places[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/* ------------------------------------------------------------------------------------------------
 * The least error, and what is kept
 */

static float least_lane(rf a)
{
#if defined(RDL_SIMD_AVX512)
    return _mm512_reduce_min_ps(a);
#else
    float lanes[RDL_WIDTH];
    r_store(lanes, a);
    for (int half = RDL_WIDTH / 2; half > 0; half /= 2)
        for (int k = 0; k < half; k++)
            lanes[k] = lanes[k + half] < lanes[k] ? lanes[k + half] : lanes[k];
    return lanes[0];
#endif
}

/* The lowest place among the lanes of the least error; no branch but on how many these are. */
RDL_INLINE int first_least(rf errors, ri least_places)
{
    int32_t place[RDL_WIDTH];
    unsigned left = r_mask_bits(r_eq(errors, r_set(least_lane(errors))));
    r_istore(place, least_places);
    int first = place[__builtin_ctz(left)];
    while (left &= left - 1)
        if (place[__builtin_ctz(left)] < first)
            first = place[__builtin_ctz(left)];
    return first;
}

int RDL_TARGET_NAME(rdl_exact_cells_evaluate)(struct rdl_exact_cells *cells,
                                              const struct rdl_exact_weights *weights, int last)
{
    const int end = cells->count;
    const float *const tau = cells->tau, *const v = cells->v;
    rf least = r_set(INFINITY);
    ri least_place = r_iset(0), place = r_iload(places);
    for (int p = 0; p < end; p += RDL_EXACT_LANES) {
        rf sum[BATCH];
        integer_batch(weights, 0.0f, (float)last, true, tau + p, v + p, sum);
        for (int k = 0; k < BATCH; k++) {
            const rf tau_here = r_load(tau + p + k * RDL_WIDTH);
            const rf error = r_div(sum[k], r_mul(tau_here, tau_here));
            const rm is_less = r_lt(error, least);
            least = r_select(is_less, error, least);
            least_place = r_iselect(is_less, place, least_place);
            place = r_iadd(place, r_iset(RDL_WIDTH));
            r_store(cells->g + p + k * RDL_WIDTH, sum[k]);
        }
    }
    return first_least(least, least_place);
}

/* Lanes first, first + 1, .. before the end. */
RDL_INLINE rm before(int first, int end)
{
    return r_ilt(r_iload(places), r_iset(end - first));
}

void RDL_TARGET_NAME(rdl_exact_cells_keep)(struct rdl_exact_cells *cells, float part, float bound,
                                           float radius2)
{
    int kept = 0;
    for (int p = 0; p < cells->count; p += RDL_WIDTH) {
        const rf g = r_load(cells->g + p), tau = r_load(cells->tau + p);
        const rf known = r_sub(r_mul(g, r_set(part)), r_mul(r_mul(tau, tau), r_set(bound)));
        const rf lack = r_sub(known, r_set(radius2));
        const rm keeps = r_mandnot(before(p, cells->count), r_lt(r_set(0.0f), lack));
        kept +=
            r_compress_two(cells->tau + kept, tau, cells->v + kept, r_load(cells->v + p), keeps);
    }
    cells->count = kept;
}

void RDL_TARGET_NAME(rdl_exact_cells_possible)(struct rdl_exact_cells *cells, float square,
                                               float linear, float constant, float deviation)
{
    int kept = 0;
    for (int p = 0; p < cells->count; p += RDL_WIDTH) {
        const rf g = r_load(cells->g + p), tau = r_load(cells->tau + p);
        const rf lowest = r_sub(r_mul(g, r_set(1.0f - 1e-5f)), r_mul(r_set(deviation), r_sqrt(g)));
        const rf slope = r_add(r_mul(tau, r_set(square)), r_set(linear));
        const rf lack = r_sub(r_sub(lowest, r_mul(tau, slope)), r_set(constant));
        const rm keeps = r_mandnot(before(p, cells->count), r_lt(r_set(0.0f), lack));
        kept +=
            r_compress_two(cells->tau + kept, tau, cells->v + kept, r_load(cells->v + p), keeps);
    }
    cells->count = kept;
}

/* ------------------------------------------------------------------------------------------------
 * Cells that meet the domain
 */

/* The conditions in registers. */
struct conditions {
    rf z_min, z_max, mean, tau_min, tau_max, top, bottom, middle, lowest;
};

RDL_INLINE struct conditions load_conditions(const struct rdl_exact_conditions *c)
{
    return (struct conditions){r_set(c->z_min),   r_set(c->z_max),   r_set(c->mean),
                               r_set(c->tau_min), r_set(c->tau_max), r_set(c->top),
                               r_set(c->bottom),  r_set(c->middle),  r_set(c->lowest)};
}

RDL_INLINE rm meets(const struct conditions *c, rf tau, rf v)
{
    const rf u = r_sub(v, r_mul(tau, c->mean));
    const rm within = r_mand(r_le(c->tau_min, tau), r_le(tau, c->tau_max));
    const rm above = r_mand(r_le(c->top, r_add(r_mul(tau, c->z_max), v)), r_le(c->lowest, u));
    const rm spans = r_le(r_add(r_mul(tau, c->z_min), v), c->bottom);
    return r_mand(r_mand(within, above), r_mor(spans, r_lt(u, c->middle)));
}

void RDL_TARGET_NAME(rdl_exact_cells_column)(struct rdl_exact_cells *cells,
                                             const struct rdl_exact_conditions *conditions,
                                             float tau, int rows)
{
    static const float odd[16] = {1.0f,  3.0f,  5.0f,  7.0f,  9.0f,  11.0f, 13.0f, 15.0f,
                                  17.0f, 19.0f, 21.0f, 23.0f, 25.0f, 27.0f, 29.0f, 31.0f};
    const struct conditions all = load_conditions(conditions);
    const rf tau_all = r_set(tau), half_v = r_set(cells->half_v);
    int count = cells->count;
    for (int row = 0; row < rows; row += RDL_WIDTH) {
        const rf v = r_mul(r_add(r_load(odd), r_set((float)(2 * row))), half_v);
        const rm mask = r_mand(before(row, rows), meets(&all, tau_all, v));
        count += r_compress_two(cells->tau + count, tau_all, cells->v + count, v, mask);
    }
    cells->count = count;
}

RDL_INLINE rf quarter_of(rf center, rf half, bool is_high)
{
    return is_high ? r_add(center, half) : r_sub(center, half);
}

bool RDL_TARGET_NAME(rdl_exact_cells_quarters)(const struct rdl_exact_cells *cells,
                                               const struct rdl_exact_conditions *conditions,
                                               struct rdl_exact_cells *quarters)
{
    const struct conditions all = load_conditions(conditions);
    const rf half_tau = r_set(quarters->half_tau), half_v = r_set(quarters->half_v);
    const int end = cells->count, capacity = quarters->capacity;
    const float *const from_tau = cells->tau, *const from_v = cells->v;
    float *const to_tau = quarters->tau, *const to_v = quarters->v;
    int count = quarters->count;
    for (int start = 0; start < end; start += RDL_EXACT_LANES) {
        if (count + 4 * RDL_EXACT_LANES > capacity)
            return false;
        for (int quarter = 0; quarter < 4; quarter++)
            for (int p = start; p < start + RDL_EXACT_LANES && p < end; p += RDL_WIDTH) {
                const rf tau = quarter_of(r_load(from_tau + p), half_tau, quarter & 1);
                const rf v = quarter_of(r_load(from_v + p), half_v, quarter & 2);
                const rm mask = r_mand(before(p, end), meets(&all, tau, v));
                count += r_compress_two(to_tau + count, tau, to_v + count, v, mask);
            }
    }
    quarters->count = count;
    return true;
}
