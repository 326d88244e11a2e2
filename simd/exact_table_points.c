/*
 * Points of tables for the exact searches (exact_points_ops.h): lanes are points, weights are
 * broadcast. In wide bins the nearest entry takes one comparison and two permutations; tables that
 * have none take gathers.
 */
#include "simd.h"

#include "exact_ops.h"
#include "lanes.h"

enum {
    BATCH = RDL_EXACT_LANES / RDL_WIDTH /* registers */
};

/* ------------------------------------------------------------------------------------------------
 * Wide bins
 */

#if defined(RDL_SIMD_AVX512)

typedef struct {
    __m512 low, high;
} table32;

RDL_INLINE table32 load_table(const float *p)
{
    return (table32){_mm512_loadu_ps(p), _mm512_loadu_ps(p + 16)};
}

/* The low bits of the index count. */
RDL_INLINE rf look_up(const table32 *table, ri index)
{
    return _mm512_permutex2var_ps(table->low, index, table->high);
}

#else

typedef const float *table32;

RDL_INLINE table32 load_table(const float *p)
{
    return p;
}

RDL_INLINE rf look_up(const table32 *table, ri index)
{
    const rm is_high = r_ilt(r_iset(0), r_and(index, r_iset(16)));
    return r_select(is_high, r_table16(*table + 16, index), r_table16(*table, index));
}

#endif

struct wide_bins {
    rf per_unit, origin, least, largest;
    table32 midpoint, entry;
};

RDL_INLINE struct wide_bins load_bins(const struct rdl_exact_wide_bins *bins)
{
    return (struct wide_bins){
        r_set(bins->per_unit),  r_set(bins->origin + 0x1p23f), /* the last place of the sum is 1 */
        r_set(bins->least),     r_set(bins->largest),          load_table(bins->midpoint),
        load_table(bins->entry)};
}

RDL_INLINE rf difference(const struct wide_bins *bins, rf y)
{
    const rf inside = r_min(r_max(y, bins->least), bins->largest);
    const ri bin = r_bits(r_add(r_mul(inside, bins->per_unit), bins->origin));
    const rm is_passed = r_le(look_up(&bins->midpoint, bin), y);
    return r_sub(y, look_up(&bins->entry, r_icount(bin, is_passed)));
}

RDL_INLINE void wide_registers(const struct rdl_exact_weights *weights,
                               const struct rdl_exact_wide_bins *table, const int count,
                               const float *t, float *g)
{
    const struct wide_bins bins = load_bins(table);
    rf t_of[2 * BATCH], sum[2 * BATCH];
    for (int k = 0; k < count; k++) {
        t_of[k] = r_load(t + k * RDL_WIDTH);
        sum[k] = r_set(0.0f);
    }
    for (int i = 0; i < weights->n; i++) {
        const rf x = r_set(weights->x[i]), w = r_set(weights->w[i]);
        for (int k = 0; k < count; k++) {
            const rf r = difference(&bins, r_mul(t_of[k], x));
            sum[k] = r_add(sum[k], r_mul(r_mul(w, r), r));
        }
    }
    for (int k = 0; k < count; k++)
        r_store(g + k * RDL_WIDTH, sum[k]);
}

static void wide_points(const struct rdl_exact_weights *weights,
                        const struct rdl_exact_wide_bins *bins, int count, const float *t, float *g)
{
    int p = 0;
    for (; p + RDL_EXACT_LANES < count; p += 2 * RDL_EXACT_LANES)
        wide_registers(weights, bins, 2 * BATCH, t + p, g + p);
    if (p < count)
        wide_registers(weights, bins, BATCH, t + p, g + p);
}

/* ------------------------------------------------------------------------------------------------
 * Any table
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
    if (table->wide.exist) {
        wide_points(weights, &table->wide, count, t, g);
        return;
    }
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
