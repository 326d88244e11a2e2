/*
 * Blocks in lanes for the exact search of a scale: what its points, gaps and vectors of codes are
 * computed of, and how far a block is from the nearest codes at an inverse scale.
 *
 * Everything here is in magnitudes: an inverse scale t is positive and has a side, + or -, and
 * weight x is at u = t |x|. Its value counts as positive if it has the sign of t x, so that only -1
 * for the 1 of IQ4_NL is below 0. Then values do not decrease as t grows, and the sum of them over
 * a block tells apart the vectors of codes of one side.
 *
 * Binary32 throughout, for bounds: exact_exclusion.h has the margins.
 */
#ifndef RDL_SIMD_EXACT_TILE_H
#define RDL_SIMD_EXACT_TILE_H

#include "block_tile.h"
#include "exact_scale_points.h"

struct exact_levels {
    bool is_table;
    float last, down; /* the largest value, and the magnitude of the smallest one */
    const float *t;   /* first points for weights of largest magnitude 1, ascending */
    int count;
};

struct exact_tile {
    size_t n;
    struct exact_levels levels;
    vf xx, above, below;              /* sums of w x^2, and of w |x| over x > 0 and x < 0 */
    vf x_up, x_down;                  /* the largest x and -x */
    vf weight;                        /* sum of w */
    const float *w;                   /* as they are */
    _Alignas(64) float x[BLOCK_TILE]; /* |x|, the largest in [1, 2) */
    /* Of a weight, for side +: its largest value; of the table an integer, 8 for those below 0. */
    _Alignas(64) float sign[BLOCK_TILE];
};

/* a b + c, rounded once where there is such an instruction: bounds allow for two roundings. */
RDL_INLINE vf fused(vf a, vf b, vf c)
{
#if defined(RDL_SIMD_AVX512)
    return (vf){_mm512_fmadd_ps(a.r0, b.r0, c.r0)};
#elif defined(RDL_SIMD_AVX2)
    return (vf){_mm256_fmadd_ps(a.r0, b.r0, c.r0)};
#elif defined(RDL_SIMD_NEON)
    return (vf){vfmaq_f32(c.r0, a.r0, b.r0)};
#else
    return v_add(v_mul(a, b), c);
#endif
}

/* ------------------------------------------------------------------------------------------------
 * Nearest values
 */

/*
 * Bins of |v| / 46 + 1 by two bits of mantissa and one of exponent, as in nearest_iq4_bins.h: the
 * midpoint of values in each, and half the distance of these. Both signs in one table, bin b of
 * weights above 0 at (b + 12) mod 16, and 8 further for those below.
 */
static const float exact_midpoints[16] = {61.0f, 79.0f, 101.0f, 101.0f, 4.5f, 16.0f, 28.5f, 42.0f,
                                          57.0f, 74.0f, 93.5f,  115.5f, 7.0f, 19.0f, 31.5f, 45.5f};
static const float exact_halves[16] = {8.0f, 10.0f, 12.0f, 12.0f, 5.5f, 6.0f, 6.5f, 7.0f,
                                       8.0f, 9.0f,  10.5f, 11.5f, 6.0f, 6.0f, 6.5f, 7.5f};

/* The table of the other side, for the bins of this one. */
static const float exact_turned_midpoints[16] = {57.0f, 74.0f, 93.5f, 115.5f, 7.0f,   19.0f,
                                                 31.5f, 45.5f, 61.0f, 79.0f,  101.0f, 101.0f,
                                                 4.5f,  16.0f, 28.5f, 42.0f};
static const float exact_turned_halves[16] = {8.0f, 9.0f,  10.5f, 11.5f, 6.0f, 6.0f, 6.5f, 7.5f,
                                              8.0f, 10.0f, 12.0f, 12.0f, 5.5f, 6.0f, 6.5f, 7.0f};

/* Of u below 138. */
RDL_INLINE vi exact_bin_below(vf u)
{
    return v_shr(v_bits(fused(u, v_set(1.0f / 46.0f), v_set(1.0f))), 21);
}

RDL_INLINE vi exact_bin(vf u)
{
    return exact_bin_below(v_min(u, v_set(137.0f)));
}

/* A sign for side -. */
RDL_INLINE vf exact_turned(const struct exact_levels *levels, const bool is_table, vf sign)
{
    return is_table ? v_float_of_bits(v_xor(v_bits(sign), v_iset(8)))
                    : v_sub(v_set(levels->last + levels->down), sign);
}

RDL_INLINE vf exact_nearest(const bool is_table, vf u, vf sign)
{
    if (!is_table)
        return v_min(v_round(u), sign);
    const vi bin = v_xor(exact_bin(u), v_bits(sign));
    const vf middle = v_table16(exact_midpoints, bin), half = v_table16(exact_halves, bin);
    return v_select(v_lt(u, middle), v_sub(middle, half), v_add(middle, half));
}

/* How far u is from a midpoint of values at least, up to 1/2. */
RDL_INLINE vf exact_slack(const bool is_table, vf u, vf sign)
{
    const vf half = v_set(0.5f);
    if (!is_table)
        return v_sub(half, v_abs(v_sub(u, v_round(u))));
    const vi bin = v_xor(exact_bin(u), v_bits(sign));
    return v_min(v_abs(v_sub(u, v_table16(exact_midpoints, bin))), half);
}

/* ------------------------------------------------------------------------------------------------
 * Loading
 */

/* Lanes where v is from 2^-50 to 2^60. */
RDL_INLINE vm exact_is_usual(vf v)
{
    return v_mand(v_le(v_set(0x1p-50f), v), v_le(v, v_set(0x1p60f)));
}

/* Scales the blocks by powers of two; returns those whose numbers are as usual: no factor is 0 or
 * tiny. */
RDL_INLINE vm exact_tile_start(struct exact_tile *tile, const struct block_tile *blocks,
                               const struct exact_levels *levels)
{
    const vf zero = v_set(0.0f);
    vf up = zero, down = zero, w_max = zero, w_min = v_set(INFINITY);
    for (size_t i = 0; i < blocks->n; i++) {
        const vf x = v_load(blocks->x + i * RDL_LANES), w = v_load(blocks->w + i * RDL_LANES);
        up = v_max(up, x);
        down = v_max(down, v_sub(zero, x));
        w_max = v_max(w_max, w);
        w_min = v_min(w_min, w);
    }
    const vf x_max = v_max(up, down);
    const vi exponent = v_shr(v_bits(x_max), 23);
    const vf x_power = v_float_of_bits(v_shl(v_isub(v_iset(254), exponent), 23));
    tile->n = blocks->n;
    tile->levels = *levels;
    tile->xx = tile->above = tile->below = tile->weight = zero;
    tile->x_up = v_mul(up, x_power);
    tile->x_down = v_mul(down, x_power);
    tile->w = blocks->w;
    const vf for_above = v_set(levels->is_table ? 0.0f : levels->last);
    const vf for_below = levels->is_table ? v_float_of_bits(v_iset(8)) : v_set(levels->down);
    for (size_t i = 0; i < blocks->n; i++) {
        const size_t at = i * RDL_LANES;
        const vf x = v_mul(v_load(blocks->x + at), x_power), w = v_load(blocks->w + at);
        const vf wx = v_mul(w, x);
        tile->xx = v_add(tile->xx, v_mul(wx, x));
        tile->above = v_add(tile->above, v_max(wx, zero));
        tile->below = v_add(tile->below, v_max(v_sub(zero, wx), zero));
        tile->weight = v_add(tile->weight, w);
        v_store(tile->x + at, v_abs(x));
        v_store(tile->sign + at, v_select(v_lt(x, zero), for_below, for_above));
    }
    return v_mand(v_mand(exact_is_usual(x_max), exact_is_usual(w_max)),
                  v_le(v_mul(w_max, v_set(0x1p-40f)), w_min));
}

/* ------------------------------------------------------------------------------------------------
 * Points
 */

/* Distances of u from the nearest values, or the negatives of them, on both sides. */
struct exact_distances {
    vf plus, minus;
};

RDL_INLINE vf exact_half_off(vf u, vf middle, vf half)
{
    return v_sub(v_abs(v_sub(u, middle)), half);
}

#if defined(RDL_SIMD_AVX512)

RDL_INLINE struct exact_distances exact_table_distances(vf u, vi bin, vf sign)
{
    const vi here = v_xor(bin, v_bits(sign));
    return (struct exact_distances){
        exact_half_off(u, v_table16(exact_midpoints, here), v_table16(exact_halves, here)),
        exact_half_off(u, v_table16(exact_turned_midpoints, here),
                       v_table16(exact_turned_halves, here)),
    };
}

#else

/* Both signs are looked up in tables of 8, once for the two sides. */
RDL_INLINE struct exact_distances exact_table_distances(vf u, vi bin, vf sign)
{
    static const float middle_above[8] = {61.0f, 79.0f, 101.0f, 101.0f, 7.0f, 19.0f, 31.5f, 45.5f};
    static const float middle_below[8] = {57.0f, 74.0f, 93.5f, 115.5f, 4.5f, 16.0f, 28.5f, 42.0f};
    static const float half_above[8] = {8.0f, 10.0f, 12.0f, 12.0f, 6.0f, 6.0f, 6.5f, 7.5f};
    static const float half_below[8] = {8.0f, 9.0f, 10.5f, 11.5f, 5.5f, 6.0f, 6.5f, 7.0f};
    const vm below = v_ilt(v_iset(0), v_bits(sign));
    const vf above_off = exact_half_off(u, v_table8(middle_above, bin), v_table8(half_above, bin));
    const vf below_off = exact_half_off(u, v_table8(middle_below, bin), v_table8(half_below, bin));
    return (struct exact_distances){v_select(below, below_off, above_off),
                                    v_select(below, above_off, below_off)};
}

#endif

/* g of `count` points t on both sides; `far`: t x may be beyond 138. */
RDL_INLINE void exact_points(const struct exact_tile *tile, const bool is_table, const bool far,
                             const int count, const vf *t, vf *plus, vf *minus)
{
    for (int k = 0; k < count; k++)
        plus[k] = minus[k] = v_set(0.0f);
    for (size_t i = 0; i < tile->n; i++) {
        const vf x = v_load(tile->x + i * RDL_LANES), w = v_load(tile->w + i * RDL_LANES);
        const vf sign = v_load(tile->sign + i * RDL_LANES);
        const vf turned = exact_turned(&tile->levels, is_table, sign);
        for (int k = 0; k < count; k++) {
            const vf u = v_mul(t[k], x);
            struct exact_distances r;
            if (is_table) {
                r = exact_table_distances(u, far ? exact_bin(u) : exact_bin_below(u), sign);
            } else {
                const vf whole = v_round(u);
                r.plus = v_sub(u, v_min(whole, sign));
                r.minus = v_sub(u, v_min(whole, turned));
            }
            plus[k] = fused(v_mul(w, r.plus), r.plus, plus[k]);
            minus[k] = fused(v_mul(w, r.minus), r.minus, minus[k]);
        }
    }
}

/* Of the nearest codes at an inverse scale: g, sum w v r of the distances r, sum w v^2, and the sum
 * of values. The least error of the codes is (g - vr^2 / vv) / t^2, at the inverse scale t vv / (vv
 * + vr). */
struct exact_codes {
    vf g, vr, vv, levels;
};

RDL_INLINE void exact_codes_add(struct exact_codes *codes, vf w, vf u, vf value)
{
    const vf r = v_sub(u, value), wr = v_mul(w, r);
    codes->g = v_add(codes->g, v_mul(wr, r));
    codes->vr = v_add(codes->vr, v_mul(wr, value));
    codes->vv = v_add(codes->vv, v_mul(v_mul(w, value), value));
    codes->levels = v_add(codes->levels, value);
}

RDL_INLINE struct exact_codes exact_codes_zero(void)
{
    const vf zero = v_set(0.0f);
    return (struct exact_codes){zero, zero, zero, zero};
}

#endif
