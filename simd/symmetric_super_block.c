/*
 * Encoders of Q3_K and Q6_K: super-blocks of 256 weights in 16 sub-blocks of 16, which each have a
 * signed integer scale. The searches have sub-blocks in their lanes, the coding of scales has
 * super-blocks, and the final codes are found in the order of the weights.
 */
#include "simd.h"

#define RDL_REGISTERS 4

#include "packing.h"
#include "symmetric_compaction.h"
#include "symmetric_scales.h"
#include "symmetric_search.h"
#include "tile.h"
#include "weights.h"

enum {
    N = 16, /* weights of a sub-block */
    SUB_BLOCKS = SYMMETRIC_SUB_BLOCKS,
    CELLS = SYMMETRIC_SCALES
};

enum format {
    Q3_K,
    Q6_K
};

/* What tells one format from the other; a constant wherever it is used. */
struct layout {
    enum format format;
    size_t block_bytes;
    int half_range, scale_limit;
};

enum rounding {
    NEAREST,
    SEARCH,
    DESCENT,
    DESCENT_AS_REFERENCE
};

/* The results of a search for the sub-blocks of a slab. Sub-blocks whose stored scale is zero keep
 * its codes, those of inverse * x + base. */
struct fits {
    float scales[CELLS + RDL_LANES];
    float inverses[CELLS + RDL_LANES], bases[CELLS + RDL_LANES];
    float sums_of_weights[CELLS + RDL_LANES];
};

/* ------------------------------------------------------------------------------------------------
 * Search
 */

RDL_INLINE void search(const struct layout *layout, const struct rdl_rows *rows, size_t first,
                       size_t count, struct fits *fits)
{
    const float *x = rows->x + first * RDL_SUPER_BLOCK;
    float sigma2[CELLS + RDL_LANES] = {0.0f};
    if (layout->format == Q3_K)
        slab_fill_sigma2(SUB_BLOCKS, 2.0f, x, count, sigma2);
    for (size_t s = 0; s < count * SUB_BLOCKS; s += RDL_LANES) {
        float tile[RDL_TILE], w[RDL_TILE], products[RDL_TILE];
        const size_t rest = count * SUB_BLOCKS - s;
        tile_load(N, x + s * N, rest, tile);
        if (rows->importance)
            tile_load_importance(N, rows->importance, rows->ncols, first * SUB_BLOCKS + s, rest, w);
        else
            weigh_by_squares(N, tile, w);
        if (layout->format == Q3_K)
            v_store(fits->sums_of_weights + s, weigh_by_importance(N, tile, v_load(sigma2 + s), w));
        const struct symmetric_fit fit =
            symmetric_search(N, symmetric_half_range(layout->half_range), tile, w, products);
        const vf zero = v_set(0.0f), lowest = v_set(-(float)layout->half_range);
        v_store(fits->scales + s, fit.scale);
        v_store(fits->inverses + s, v_select(fit.empty, zero, fit.inverse));
        v_store(fits->bases + s, v_select(fit.empty, lowest, zero));
    }
}

/* The extreme element to -N, without a search; levels 0 where a scale is lost. */
RDL_INLINE void fit_extremes(const struct layout *layout, const float *x, size_t count,
                             struct fits *fits)
{
    for (size_t s = 0; s < count * SUB_BLOCKS; s += RDL_LANES) {
        float tile[RDL_TILE];
        tile_load(N, x + s * N, count * SUB_BLOCKS - s, tile);
        vf extreme;
        const vf largest = symmetric_absmax(N, tile, &extreme);
        const vf scale = v_div(extreme, v_set(-(float)layout->half_range));
        v_store(fits->scales + s,
                v_select(v_lt(largest, v_set(SYMMETRIC_EPSILON)), v_set(0.0f), scale));
        v_store(fits->inverses + s, v_set(0.0f));
        v_store(fits->bases + s, v_set(0.0f));
    }
}

/* ------------------------------------------------------------------------------------------------
 * Storing
 */

/* The scales that a decoder will see. */
static void decode_scales(const struct symmetric_scales *coded, float *scales)
{
    for (size_t k = 0; k < RDL_SLAB; k++) {
        const rf d = r_from_f16(r_iset(coded->d[k]));
        for (size_t s = k * SUB_BLOCKS; s < (k + 1) * SUB_BLOCKS; s += RDL_WIDTH) {
            const ri code = r_load_i8((const uint8_t *)coded->codes + s);
            r_store(scales + s, r_mul(d, r_to_float(code)));
        }
    }
}

RDL_INLINE void store_level(rf level, int half_range, uint8_t *codes)
{
    const ri code = r_iadd(r_nearest_int(level), r_iset(half_range));
    r_store_u8(codes, r_clamp(code, 0, 2 * half_range - 1));
}

/* The codes of a search or, without fits, those that are there already. */
RDL_INLINE void keep_codes(int half_range, const float *x, const struct fits *fits, size_t s,
                           uint8_t *codes)
{
    if (!fits)
        return;
    const rf inverse = r_set(fits->inverses[s]), base = r_set(fits->bases[s]);
    for (size_t i = 0; i < N; i += RDL_WIDTH)
        store_level(r_add(r_mul(inverse, r_load(x + i)), base), half_range, codes + i);
}

/* The code of every weight of super-block k for those scales. */
RDL_INLINE void find_codes(int half_range, const float *x, const struct fits *fits,
                           const float *scales, size_t k, uint8_t *codes)
{
    for (size_t s = k * SUB_BLOCKS; s < (k + 1) * SUB_BLOCKS; s++) {
        const rf scale = r_set(scales[s]);
        if (scales[s] == 0.0f)
            keep_codes(half_range, x + s * N, fits, s, codes + s * N);
        else
            for (size_t i = s * N; i < (s + 1) * N; i += RDL_WIDTH)
                store_level(r_div(r_load(x + i), scale), half_range, codes + i);
    }
}

/* High bits, pairs, scales in six bits, d. */
static void pack_q3_k(const int8_t *scales, const uint16_t *d, const uint8_t *codes, uint8_t *bytes)
{
    pack_bit(codes, 2, bytes);
    pack_pairs(codes, bytes + 32);
    uint8_t code[SUB_BLOCKS];
    for (size_t j = 0; j < SUB_BLOCKS; j++)
        code[j] = (uint8_t)(scales[j] + 32);
    for (size_t j = 0; j < 8; j++)
        bytes[96 + j] = (uint8_t)((code[j] & 15) | (code[j + 8] & 15) << 4);
    for (size_t j = 0; j < 4; j++)
        bytes[104 + j] = (uint8_t)(code[j] >> 4 | code[j + 4] >> 4 << 2 | code[j + 8] >> 4 << 4 |
                                   code[j + 12] >> 4 << 6);
    memcpy(bytes + 108, d, 2);
}

/* Nibbles, high pairs, scales, d. In each half of the codes, byte l has the nibbles of codes l and
 * 64 + l. */
static void pack_q6_k(const int8_t *scales, const uint16_t *d, const uint8_t *codes, uint8_t *bytes)
{
    uint8_t high[RDL_SUPER_BLOCK];
    for (size_t i = 0; i < RDL_SUPER_BLOCK; i++)
        high[i] = codes[i] >> 4;
    for (size_t h = 0; h < 2; h++)
        for (size_t l = 0; l < 64; l++) {
            const uint8_t *code = codes + 128 * h + l;
            bytes[64 * h + l] = (uint8_t)((code[0] & 15) | (uint8_t)(code[64] << 4));
        }
    pack_pairs(high, bytes + 128);
    memcpy(bytes + 192, scales, SUB_BLOCKS);
    memcpy(bytes + 208, d, 2);
}

/* The codes of a descent for sub-blocks whose stored scale is zero. */
static void find_lost_codes(const float *x, size_t count, bool as_reference, const float *scales,
                            uint8_t *codes)
{
    struct sub_block_list lost = {.count = 0};
    for (size_t s = 0; s < count * SUB_BLOCKS; s++) {
        lost.numbers[lost.count] = (uint16_t)s;
        lost.count += scales[s] == 0.0f;
    }
    descend_to_codes(x, &lost, as_reference, codes);
}

RDL_INLINE void store(const struct layout *layout, enum rounding rounding, const float *x,
                      size_t count, const struct fits *fits, const struct symmetric_scales *coded,
                      uint8_t *blocks)
{
    float scales[CELLS];
    uint8_t codes[RDL_SLAB * RDL_SUPER_BLOCK];
    decode_scales(coded, scales);
    if (rounding >= DESCENT)
        find_lost_codes(x, count, rounding == DESCENT_AS_REFERENCE, scales, codes);
    for (size_t k = 0; k < count; k++) {
        uint8_t *bytes = blocks + k * layout->block_bytes, *own = codes + k * RDL_SUPER_BLOCK;
        find_codes(layout->half_range, x, fits, scales, k, codes);
        if (layout->format == Q3_K)
            pack_q3_k(coded->codes + k * SUB_BLOCKS, coded->d + k, own, bytes);
        else if (coded->zero[k])
            memset(bytes, 0, layout->block_bytes);
        else
            pack_q6_k(coded->codes + k * SUB_BLOCKS, coded->d + k, own, bytes);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Encoders
 */

RDL_INLINE void encode(const struct layout *layout, enum rounding rounding,
                       const struct rdl_rows *rows, uint8_t *blocks)
{
    const size_t nblocks = rows->nrows * (rows->ncols / RDL_SUPER_BLOCK);
    for (size_t first = 0; first < nblocks; first += RDL_SLAB) {
        const size_t count = nblocks - first < RDL_SLAB ? nblocks - first : RDL_SLAB;
        const float *x = rows->x + first * RDL_SUPER_BLOCK;
        struct fits fits;
        struct symmetric_scales coded;
        if (count < RDL_SLAB)
            memset(&fits, 0, sizeof fits);
        if (rounding == NEAREST)
            fit_extremes(layout, x, count, &fits);
        else
            search(layout, rows, first, count, &fits);
        if (layout->format == Q3_K && rounding == SEARCH)
            symmetric_code_by_search(layout->scale_limit, fits.scales, fits.sums_of_weights,
                                     &coded);
        else
            symmetric_code_by_extreme(layout->scale_limit,
                                      rounding == SEARCH ? SYMMETRIC_EPSILON : 0.0f, fits.scales,
                                      &coded);
        store(layout, rounding, x, count, &fits, &coded, blocks + first * layout->block_bytes);
    }
}

/* Descends in several slabs at once. */
RDL_INLINE void encode_by_descent(const struct layout *layout, enum rounding rounding,
                                  const struct rdl_rows *rows, uint8_t *blocks)
{
    const size_t nblocks = rows->nrows * (rows->ncols / RDL_SUPER_BLOCK);
    const size_t most = COMPACTION_SUB_BLOCKS / SUB_BLOCKS;
    for (size_t first = 0; first < nblocks; first += most) {
        const size_t count = nblocks - first < most ? nblocks - first : most;
        const float *x = rows->x + first * RDL_SUPER_BLOCK;
        float scales[COMPACTION_SUB_BLOCKS + COMPACTION_PADDING];
        if (count < most)
            memset(scales, 0, sizeof scales);
        descend_to_scales(x, count * SUB_BLOCKS, rounding == DESCENT_AS_REFERENCE, scales);
        for (size_t k = 0; k < count; k += RDL_SLAB) {
            struct symmetric_scales coded;
            symmetric_code_by_extreme(layout->scale_limit, 0.0f, scales + k * SUB_BLOCKS, &coded);
            store(layout, rounding, x + k * RDL_SUPER_BLOCK,
                  count - k < RDL_SLAB ? count - k : RDL_SLAB, NULL, &coded,
                  blocks + (first + k) * layout->block_bytes);
        }
    }
}

static const struct layout q3_k = {
    .format = Q3_K, .block_bytes = 110, .half_range = 4, .scale_limit = 32};
static const struct layout q6_k = {
    .format = Q6_K, .block_bytes = 210, .half_range = 32, .scale_limit = 128};

void RDL_TARGET_NAME(rdl_q3_k_encode_nearest)(const struct rdl_rows *rows, uint8_t *blocks)
{
    encode(&q3_k, NEAREST, rows, blocks);
}

void RDL_TARGET_NAME(rdl_q3_k_encode_ggml)(const struct rdl_rows *rows, uint8_t *blocks)
{
    if (rows->importance)
        encode(&q3_k, SEARCH, rows, blocks);
    else
        encode_by_descent(&q3_k, DESCENT_AS_REFERENCE, rows, blocks);
}

void RDL_TARGET_NAME(rdl_q3_k_encode_ggml_fixed)(const struct rdl_rows *rows, uint8_t *blocks)
{
    if (rows->importance)
        encode(&q3_k, SEARCH, rows, blocks);
    else
        encode_by_descent(&q3_k, DESCENT, rows, blocks);
}

void RDL_TARGET_NAME(rdl_q6_k_encode_nearest)(const struct rdl_rows *rows, uint8_t *blocks)
{
    encode(&q6_k, NEAREST, rows, blocks);
}

void RDL_TARGET_NAME(rdl_q6_k_encode_ggml)(const struct rdl_rows *rows, uint8_t *blocks)
{
    encode(&q6_k, SEARCH, rows, blocks);
}
