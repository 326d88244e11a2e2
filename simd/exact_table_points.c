/*
 * Points of tables for the exact searches (exact_points_ops.h): lanes are points, weights are
 * broadcast. The nearest of a few entries takes permutations, that of others gathers.
 */
#include "simd.h"

#include "exact_ops.h"
#include "lanes.h"

enum {
    BATCH = RDL_EXACT_LANES / RDL_WIDTH /* registers */
};

/* ------------------------------------------------------------------------------------------------
 * Few entries
 */

#if defined(RDL_SIMD_AVX2)

/* A binary search: permutations of 4, then of 8 midpoints. Masks are -1, so that the place is
 * counted below 0, and tables stand in the order of such numbers. 22 instructions; by wide bins, as
 * below, 33. */
struct few {
    __m256 m7, m3, m11, quarters, eighths, low, high;
};

RDL_INLINE bool have_few(const struct rdl_exact_table *table)
{
    return table->is_few;
}

RDL_INLINE struct few load_few(const struct rdl_exact_table *table)
{
    const float *const m = table->midpoints, *const v = table->entries;
    return (struct few){
        r_set(m[7]),
        r_set(m[3]),
        r_set(m[11]),
        _mm256_setr_ps(m[1], m[13], m[9], m[5], m[1], m[13], m[9], m[5]),
        _mm256_setr_ps(m[0], m[14], m[12], m[10], m[8], m[6], m[4], m[2]),
        _mm256_setr_ps(v[0], v[7], v[6], v[5], v[4], v[3], v[2], v[1]),
        _mm256_setr_ps(v[8], v[15], v[14], v[13], v[12], v[11], v[10], v[9]),
    };
}

/* -1 in the lanes of a mask. */
RDL_INLINE ri passed(rf midpoint, rf y)
{
    return _mm256_castps_si256(r_le(midpoint, y));
}

RDL_INLINE rf difference(const struct few *few, rf y)
{
    const rm upper = r_le(few->m7, y);
    const ri half = _mm256_castps_si256(upper);
    ri place = r_iadd(r_iadd(half, half), passed(r_select(upper, few->m11, few->m3), y));
    place = r_iadd(r_iadd(place, place), passed(_mm256_permutevar_ps(few->quarters, place), y));
    place = r_iadd(r_iadd(place, place), passed(_mm256_permutevar8x32_ps(few->eighths, place), y));
    return r_sub(y, r_select(upper, _mm256_permutevar8x32_ps(few->high, place),
                             _mm256_permutevar8x32_ps(few->low, place)));
}

#else

/* Wide bins. */
struct few {
    rf per_unit, origin, least, largest;
#if defined(RDL_SIMD_AVX512)
    __m512 midpoint[2], entry[2];
#else
    const float *midpoint, *entry;
#endif
};

RDL_INLINE bool have_few(const struct rdl_exact_table *table)
{
    return table->wide.exist;
}

RDL_INLINE struct few load_few(const struct rdl_exact_table *table)
{
    const struct rdl_exact_wide_bins *const bins = &table->wide;
    return (struct few)
    {
        r_set(bins->per_unit), r_set(bins->origin + 0x1p23f), /* the last place of the sum is 1 */
            r_set(bins->least), r_set(bins->largest),
#if defined(RDL_SIMD_AVX512)
            {_mm512_loadu_ps(bins->midpoint), _mm512_loadu_ps(bins->midpoint + 16)},
            {_mm512_loadu_ps(bins->entry), _mm512_loadu_ps(bins->entry + 16)},
#else
            bins->midpoint, bins->entry,
#endif
    };
}

/* table[index mod 32] */
#if defined(RDL_SIMD_AVX512)
RDL_INLINE rf look_up(const __m512 table[2], ri index)
{
    return _mm512_permutex2var_ps(table[0], index, table[1]);
}
#else
RDL_INLINE rf look_up(const float *table, ri index)
{
    const rm is_high = r_ilt(r_iset(0), r_and(index, r_iset(16)));
    return r_select(is_high, r_table16(table + 16, index), r_table16(table, index));
}
#endif

RDL_INLINE rf difference(const struct few *few, rf y)
{
    const rf inside = r_min(r_max(y, few->least), few->largest);
    const ri bin = r_bits(r_add(r_mul(inside, few->per_unit), few->origin));
    const rm is_passed = r_le(look_up(few->midpoint, bin), y);
    return r_sub(y, look_up(few->entry, r_icount(bin, is_passed)));
}

#endif

RDL_INLINE void few_registers(const struct rdl_exact_weights *weights,
                              const struct rdl_exact_table *table, const int count, const float *t,
                              float *g)
{
    const struct few few = load_few(table);
    rf t_of[2 * BATCH], sum[2 * BATCH];
    for (int k = 0; k < count; k++) {
        t_of[k] = r_load(t + k * RDL_WIDTH);
        sum[k] = r_set(0.0f);
    }
    for (int i = 0; i < weights->n; i++) {
        const rf x = r_set(weights->x[i]), w = r_set(weights->w[i]);
        for (int k = 0; k < count; k++) {
            const rf r = difference(&few, r_mul(t_of[k], x));
            sum[k] = r_add(sum[k], r_mul(r_mul(w, r), r));
        }
    }
    for (int k = 0; k < count; k++)
        r_store(g + k * RDL_WIDTH, sum[k]);
}

static void few_points(const struct rdl_exact_weights *weights, const struct rdl_exact_table *table,
                       int count, const float *t, float *g)
{
    int p = 0;
    for (; p + RDL_EXACT_LANES < count; p += 2 * RDL_EXACT_LANES)
        few_registers(weights, table, 2 * BATCH, t + p, g + p);
    if (p < count)
        few_registers(weights, table, BATCH, t + p, g + p);
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
    if (have_few(table)) {
        few_points(weights, table, count, t, g);
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
