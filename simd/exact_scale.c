/*
 * The operations of the exact search of a scale (exact_scale_ops.h): lanes are weights or points of
 * one block. The steps are those of ref/block/exact_scale_ops.c.
 */
#include "compress.h"
#include "doubles.h"

#define RDL_REGISTERS (16 / RDL_WIDTH)
#include "exact_ops.h"
#include "lanes.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Blocks
 */

/* 2^-e for 2^e <= v < 2^(e + 1). */
RDL_INLINE double inverse_power(double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    bits = (2046u - (bits >> 52 & 2047u)) << 52;
    memcpy(&v, &bits, sizeof v);
    return v;
}

void RDL_TARGET_NAME(rdl_exact_block)(struct rdl_exact_block *block, const float *x, const float *w)
{
    const int n = block->n;
    const vd zero = d_set(0.0);
    vd highest = zero, lowest = zero, w_max = zero;
    for (int i = 0; i < n; i += 8) {
        const vd xi = d_load_floats(x + i);
        highest = d_max(highest, xi);
        lowest = d_max(lowest, d_sub(zero, xi));
        w_max = d_max(w_max, d_load_floats(w + i));
    }
    const double up_to = d_largest(highest), down_to = d_largest(lowest);
    const double x_power = inverse_power(up_to < down_to ? down_to : up_to);
    const double w_power = inverse_power(d_largest(w_max));
    vd xx = zero, above = zero, below = zero, magnitudes = zero;
    for (int i = 0; i < n; i += 8) {
        const vd xi = d_mul(d_load_floats(x + i), d_set(x_power));
        const vd wi = d_mul(d_load_floats(w + i), d_set(w_power));
        const vd up = d_max(zero, xi), down = d_max(zero, d_sub(zero, xi));
        d_store(block->x + i, xi);
        d_store(block->w + i, wi);
        xx = d_add(xx, d_mul(d_mul(wi, xi), xi));
        above = d_add(above, d_mul(wi, up));
        below = d_add(below, d_mul(wi, down));
        magnitudes = d_add(magnitudes, d_add(up, down));
    }
    block->xx = d_sum(xx);
    block->above = d_sum(above);
    block->below = d_sum(below);
    block->magnitudes = d_sum(magnitudes);
    block->highest = up_to * x_power;
    block->lowest = down_to * x_power;
    block->x_power = x_power;
    block->w_power = w_power;
}

void RDL_TARGET_NAME(rdl_exact_rounded)(const struct rdl_exact_block *block,
                                        struct rdl_exact_weights *weights)
{
    const vd zero = d_set(0.0), least = d_set(0x1p-100);
    weights->n = block->n;
    for (int i = 0; i < block->n; i += 8) {
        const vd x = d_load(block->x + i), w = d_load(block->w + i);
        const vd magnitude = d_abs(x);
        const vd at_least = d_select(d_lt(zero, magnitude), magnitude, least);
        const dm is_held = dm_and(d_le(least, w), d_le(least, at_least));
        d_to_floats(weights->x + i, d_where(is_held, x));
        d_to_floats(weights->w + i, d_where(is_held, w));
    }
}

/* ------------------------------------------------------------------------------------------------
 * Codes
 */

/* Codes and their values. */
struct nearest {
    vd code, value;
};

RDL_INLINE struct nearest nearest_integer(const struct rdl_exact_grid *grid, vd y)
{
    const vd first = d_set(grid->first);
    const vd above = d_max(d_set(0.0), d_sub(y, first));
    const vd inside = d_min(d_set(grid->last - grid->first), above);
    const vd code = d_truncate(d_add(inside, d_set(0.5)));
    return (struct nearest){code, d_add(first, code)};
}

enum {
    FEW_ENTRIES = 16
};

#if defined(RDL_SIMD_AVX512)

RDL_INLINE __m512d entry(const double *entries, __m512i number)
{
    return _mm512_permutex2var_pd(_mm512_loadu_pd(entries), number, _mm512_loadu_pd(entries + 8));
}

/* A binary search by permutations. */
RDL_INLINE struct nearest nearest_of_few(const struct rdl_exact_grid *grid, vd y)
{
    const double *const midpoints = grid->midpoints;
    const __mmask8 upper = _mm512_cmp_pd_mask(y, _mm512_set1_pd(midpoints[7]), _CMP_GE_OQ);
    __m512i code = _mm512_maskz_set1_epi64(upper, 8);
    for (int step = 4; step > 0; step /= 2) {
        const __m512i place = _mm512_add_epi64(code, _mm512_set1_epi64(step - 1));
        const __mmask8 passed = _mm512_cmp_pd_mask(y, entry(midpoints, place), _CMP_GE_OQ);
        code = _mm512_mask_add_epi64(code, passed, code, _mm512_set1_epi64(step));
    }
    return (struct nearest){_mm512_cvtepi64_pd(code), entry(grid->entries, code)};
}

#else

RDL_INLINE struct nearest nearest_of_few(const struct rdl_exact_grid *grid, vd y)
{
    struct nearest result = {d_set(0.0), d_set(grid->entries[0])};
    for (int k = 0; k < grid->count - 1; k++) {
        const dm passed = d_le(d_set(grid->midpoints[k]), y);
        result.code = d_select(passed, d_set((double)(k + 1)), result.code);
        result.value = d_select(passed, d_set(grid->entries[k + 1]), result.value);
    }
    return result;
}

#endif

RDL_INLINE struct nearest nearest_of_many(const struct rdl_exact_grid *grid, vd y)
{
    double of[8], codes[8], values[8];
    d_store(of, y);
    for (int lane = 0; lane < 8; lane++) {
        int code = 0;
        for (int step = grid->power / 2; step > 0; step /= 2)
            code += of[lane] >= grid->midpoints[code + step - 1] ? step : 0;
        codes[lane] = (double)code;
        values[lane] = grid->entries[code];
    }
    return (struct nearest){d_load(codes), d_load(values)};
}

/* How values are found; constant where a body is expanded. */
enum search {
    INTEGERS,
    FEW,
    MANY
};

static enum search search_of(const struct rdl_exact_grid *grid)
{
    return !grid->is_table ? INTEGERS : grid->count <= FEW_ENTRIES ? FEW : MANY;
}

RDL_INLINE struct nearest nearest_of(const struct rdl_exact_grid *grid, enum search search, vd y)
{
    return search == INTEGERS ? nearest_integer(grid, y)
           : search == FEW    ? nearest_of_few(grid, y)
                              : nearest_of_many(grid, y);
}

RDL_INLINE void find_nearest(const struct rdl_exact_grid *grid, enum search search, int n,
                             const double *x, double t, uint8_t *codes, double *values)
{
    for (int i = 0; i < n; i += 8) {
        const struct nearest nearest = nearest_of(grid, search, d_mul(d_set(t), d_load(x + i)));
        d_to_codes(codes + i, nearest.code);
        d_store(values + i, nearest.value);
    }
}

void RDL_TARGET_NAME(rdl_exact_nearest)(const struct rdl_exact_grid *grid, int n, const double *x,
                                        double t, uint8_t *codes, double *values)
{
    switch (search_of(grid)) {
    case INTEGERS:
        find_nearest(grid, INTEGERS, n, x, t, codes, values);
        break;
    case FEW:
        find_nearest(grid, FEW, n, x, t, codes, values);
        break;
    case MANY:
        find_nearest(grid, MANY, n, x, t, codes, values);
        break;
    }
}

void RDL_TARGET_NAME(rdl_exact_scale_fit)(const struct rdl_exact_block *block, const double *values,
                                          struct rdl_exact_scale_fit *fit)
{
    vd xv = d_set(0.0), vv = xv, error = xv;
    for (int i = 0; i < block->n; i += 8) {
        const vd w = d_load(block->w + i), v = d_load(values + i);
        xv = d_add(xv, d_mul(d_mul(w, d_load(block->x + i)), v));
        vv = d_add(vv, d_mul(d_mul(w, v), v));
    }
    fit->xv = d_sum(xv);
    fit->vv = d_sum(vv);
    const vd scale = d_set(fit->xv / fit->vv);
    for (int i = 0; i < block->n; i += 8) {
        const vd r = d_sub(d_load(block->x + i), d_mul(scale, d_load(values + i)));
        error = d_add(error, d_mul(d_mul(d_load(block->w + i), r), r));
    }
    fit->error = d_sum(error);
}

RDL_INLINE bool find_ends(const struct rdl_exact_block *block, const struct rdl_exact_grid *grid,
                          enum search search, double from, double to,
                          struct rdl_exact_scale_fit *fit)
{
    vd xv = d_set(0.0), vv = xv;
    unsigned changed = 0;
    for (int i = 0; i < block->n; i += 8) {
        const vd w = d_load(block->w + i), x = d_load(block->x + i);
        const vd v = nearest_of(grid, search, d_mul(d_set(from), x)).value;
        const vd end = nearest_of(grid, search, d_mul(d_set(to), x)).value;
        changed |= dm_bits(d_lt(v, end)) | dm_bits(d_lt(end, v));
        xv = d_add(xv, d_mul(d_mul(w, x), v));
        vv = d_add(vv, d_mul(d_mul(w, v), v));
    }
    fit->xv = d_sum(xv);
    fit->vv = d_sum(vv);
    return changed != 0;
}

bool RDL_TARGET_NAME(rdl_exact_ends)(const struct rdl_exact_block *block,
                                     const struct rdl_exact_grid *grid, double from, double to,
                                     struct rdl_exact_scale_fit *fit)
{
    switch (search_of(grid)) {
    case INTEGERS:
        return find_ends(block, grid, INTEGERS, from, to, fit);
    case FEW:
        return find_ends(block, grid, FEW, from, to, fit);
    case MANY:
        break;
    }
    return find_ends(block, grid, MANY, from, to, fit);
}

/* ------------------------------------------------------------------------------------------------
 * Points and gaps
 */

RDL_INLINE float least_lane(vf a)
{
#if defined(RDL_SIMD_AVX512)
    return _mm512_reduce_min_ps(a.r0);
#else
    float lanes[RDL_LANES];
    v_store(lanes, a);
    for (int half = RDL_LANES / 2; half > 0; half /= 2)
        for (int k = 0; k < half; k++)
            lanes[k] = lanes[k + half] < lanes[k] ? lanes[k + half] : lanes[k];
    return lanes[0];
#endif
}

int RDL_TARGET_NAME(rdl_exact_least)(const struct rdl_exact_probes *probes)
{
    float errors[RDL_EXACT_MAX_POINTS];
    vf least = v_set(INFINITY);
    for (int p = 0; p < probes->count; p += RDL_LANES) {
        const vf t = v_load(probes->t + p), error = v_div(v_div(v_load(probes->g + p), t), t);
        v_store(errors + p, error);
        least = v_min(least, error);
    }
    const float of_all = least_lane(least);
    for (int p = 0; of_all < INFINITY && p < probes->count; p += RDL_WIDTH) {
        const unsigned bits = r_mask_bits(r_eq(r_load(errors + p), r_set(of_all)));
        if (bits)
            return p + __builtin_ctz(bits);
    }
    return 0;
}

/* Appends the intervals of the lanes that are set; stores whole eights. */
RDL_INLINE void append(struct rdl_exact_intervals *open, unsigned bits, vd from, vd to)
{
#if defined(RDL_SIMD_AVX512)
    _mm512_storeu_pd(open->from + open->count, _mm512_maskz_compress_pd((__mmask8)bits, from));
    _mm512_storeu_pd(open->to + open->count, _mm512_maskz_compress_pd((__mmask8)bits, to));
    open->count += __builtin_popcount(bits);
#else
    double starts[RDL_DOUBLES], ends[RDL_DOUBLES];
    d_store(starts, from);
    d_store(ends, to);
    for (; bits; bits &= bits - 1) {
        const int lane = __builtin_ctz(bits);
        open->from[open->count] = starts[lane];
        open->to[open->count++] = ends[lane];
    }
#endif
}

void RDL_TARGET_NAME(rdl_exact_open)(const struct rdl_exact_probes *probes,
                                     const struct rdl_exact_radius *radius,
                                     struct rdl_exact_intervals *open)
{
    double above[RDL_EXACT_MAX_POINTS + 16], below[RDL_EXACT_MAX_POINTS + 16];
    const int count = probes->count;
    const vd of_g = d_set(radius->of_g), of_tt = d_set(radius->of_tt);
    const vd per_xx = d_set(radius->per_xx), largest = d_set((double)FLT_MAX);
    above[0] = above[1] = -(double)INFINITY; /* of probes -2 and -1 */
    for (int p = 0; p < count; p += 8) {
        const vd t = d_load_floats(probes->t + p);
        const vd g = d_min(largest, d_load_floats(probes->g + p));
        const vd excess = d_sub(d_sub(d_mul(of_g, g), d_mul(of_tt, d_mul(t, t))), d_set(0x1p-119));
        const vd positive = d_mul(d_max(d_set(0.0), excess), per_xx);
        const vd r = d_mul(d_sqrt(positive), d_set(1.0 - 1e-6));
        d_store(above + p + 2, d_add(t, r));
        d_store(below + p, d_sub(t, r));
    }
    below[count] = below[count + 1] = (double)INFINITY;
    open->count = 0;
    for (int p = 0; p <= count; p += 8) {
        const unsigned beyond = p + 7 <= count ? 0xFFu : 0xFFu >> (p + 7 - count);
        const vd from = d_max(d_load(above + p), d_load(above + p + 1));
        const vd to = d_min(d_load(below + p), d_load(below + p + 1));
        append(open, dm_bits(d_lt(from, to)) & beyond, from, to);
    }
}
