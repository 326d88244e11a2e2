/*
 * Points of the exact searches (exact_ops.h): lanes are points, weights are broadcast. Each lane
 * takes the operations of ref/block/exact_points.c in the same order. Rounding before clipping is
 * the same as after it, as the ends are integers. Two batches at once where there are two: the sums
 * are chains of additions.
 */
#include "simd.h"

#include "exact_ops.h"
#include "lanes.h"

enum {
    BATCH = RDL_EXACT_LANES / RDL_WIDTH /* registers */
};

/* ------------------------------------------------------------------------------------------------
 * Integers
 */

RDL_INLINE void integer_registers(const struct rdl_exact_weights *weights, float first, float last,
                                  const int count, const float *t, const float *u, float *g)
{
    rf t_of[2 * BATCH], u_of[2 * BATCH], sum[2 * BATCH];
    for (int k = 0; k < count; k++) {
        t_of[k] = r_load(t + k * RDL_WIDTH);
        u_of[k] = r_load(u + k * RDL_WIDTH);
        sum[k] = r_set(0.0f);
    }
    const rf lowest = r_set(first), highest = r_set(last);
    for (int i = 0; i < weights->n; i++) {
        const rf x = r_set(weights->x[i]), w = r_set(weights->w[i]);
        for (int k = 0; k < count; k++) {
            const rf y = r_add(r_mul(t_of[k], x), u_of[k]);
            const rf r = r_sub(y, r_min(r_max(r_round(y), lowest), highest));
            sum[k] = r_add(sum[k], r_mul(r_mul(w, r), r));
        }
    }
    for (int k = 0; k < count; k++)
        r_store(g + k * RDL_WIDTH, sum[k]);
}

void RDL_TARGET_NAME(rdl_exact_points)(const struct rdl_exact_weights *weights, float first,
                                       float last, int count, const float *t, const float *u,
                                       float *g)
{
    int p = 0;
    for (; p + RDL_EXACT_LANES < count; p += 2 * RDL_EXACT_LANES)
        integer_registers(weights, first, last, 2 * BATCH, t + p, u + p, g + p);
    if (p < count)
        integer_registers(weights, first, last, BATCH, t + p, u + p, g + p);
}

/* ------------------------------------------------------------------------------------------------
 * Tables
 */

#if defined(RDL_SIMD_AVX512)
/* The number of the first entry of a bin, from two registers of bytes. */
RDL_INLINE ri first_of(const struct rdl_exact_table *table, ri bin)
{
    const __m512i low = _mm512_loadu_si512(table->first);
    const __m512i high = _mm512_loadu_si512(table->first + 64);
    return r_and(_mm512_permutex2var_epi8(low, bin, high), r_iset(0xFF));
}
#else
RDL_INLINE ri first_of(const struct rdl_exact_table *table, ri bin)
{
    int32_t bins[RDL_WIDTH], first[RDL_WIDTH];
    r_istore(bins, bin);
    for (int lane = 0; lane < RDL_WIDTH; lane++)
        first[lane] = table->first[bins[lane]];
    return r_iload(first);
}
#endif

RDL_INLINE rf distance(const struct rdl_exact_table *table, rf y, int more)
{
    const rf bin = r_mul(r_sub(y, r_set(table->origin)), r_set(table->bins_per_unit));
    const rf inside = r_min(r_max(bin, r_set(0.0f)), r_set((float)(RDL_EXACT_BINS - 1)));
    const ri first = first_of(table, r_truncate(inside));
    rf nearest = r_abs(r_sub(y, r_gather(table->entries, first)));
    for (int k = 1; k <= more; k++)
        nearest = r_min(nearest, r_abs(r_sub(y, r_gather(table->entries + k, first))));
    return nearest;
}

void RDL_TARGET_NAME(rdl_exact_table_points)(const struct rdl_exact_weights *weights,
                                             const struct rdl_exact_table *table, int count,
                                             const float *t, float *g)
{
    for (int p = 0; p < rdl_exact_whole(count); p += RDL_WIDTH) {
        const rf t_of = r_load(t + p);
        rf sum = r_set(0.0f);
        for (int i = 0; i < weights->n; i++) {
            const rf y = r_mul(t_of, r_set(weights->x[i]));
            const rf r = distance(table, y, table->more);
            sum = r_add(sum, r_mul(r_mul(r_set(weights->w[i]), r), r));
        }
        r_store(g + p, sum);
    }
}
