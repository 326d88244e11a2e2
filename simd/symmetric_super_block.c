/*
 * Encoders of Q3_K and Q6_K: super-blocks of 256 weights in 16 sub-blocks of 16, which each have a
 * signed integer scale. The searches have sub-blocks in their lanes, the coding of scales has
 * super-blocks, and the final codes are found in the order of the weights.
 */
#include "packing.h"
#include "symmetric_descent.h"
#include "symmetric_scales.h"
#include "symmetric_search.h"
#include "tile.h"

enum {
    N = DESCENT_LENGTH,
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

/* The results for the sub-blocks of a slab. Sub-blocks whose stored scale is zero keep the codes of
 * the search, NI(inverse * x + base) for those that searched scales. */
struct fits {
    float scales[CELLS + RDL_LANES];
    float inverses[CELLS + RDL_LANES], bases[CELLS + RDL_LANES];
    float sums_of_weights[CELLS + RDL_LANES];
};

/* Numbers of sub-blocks of a slab. */
struct list {
    size_t count;
    uint16_t numbers[CELLS + RDL_LANES];
};

/* ------------------------------------------------------------------------------------------------
 * Search
 */

/* Q3_K: importance * sqrt(sigma2 + x^2), sigma2 twice the mean square of the super-block. */
RDL_INLINE void scale_importance(const float *x, const float *sigma2, float *w, float *sums)
{
    vf sum = v_set(0.0f);
    const vf base = v_load(sigma2);
    for (size_t i = 0; i < N; i++) {
        const vf value = v_load(x + i * RDL_LANES);
        const vf root = v_sqrt(v_add(base, v_mul(value, value)));
        const vf weight = v_mul(v_load(w + i * RDL_LANES), root);
        v_store(w + i * RDL_LANES, weight);
        sum = v_add(sum, weight);
    }
    v_store(sums, sum);
}

static void fill_sigma2(const float *x, size_t count, float *sigma2)
{
    float squares[RDL_SLAB];
    slab_squares(x, count, squares);
    for (size_t k = 0; k < count; k++)
        for (size_t j = 0; j < SUB_BLOCKS; j++)
            sigma2[k * SUB_BLOCKS + j] = 2.0f * squares[k] / (float)RDL_SUPER_BLOCK;
}

RDL_INLINE void search(const struct layout *layout, const struct rdl_rows *rows, size_t first,
                       size_t count, struct fits *fits)
{
    const float *x = rows->x + first * RDL_SUPER_BLOCK;
    float sigma2[CELLS + RDL_LANES] = {0.0f};
    if (layout->format == Q3_K)
        fill_sigma2(x, count, sigma2);
    for (size_t s = 0; s < count * SUB_BLOCKS; s += RDL_LANES) {
        float tile[RDL_TILE], w[RDL_TILE], products[RDL_TILE];
        const size_t rest = count * SUB_BLOCKS - s;
        tile_load(N, x + s * N, rest, tile);
        if (rows->importance)
            tile_load_importance(N, rows->importance, rows->ncols, first * SUB_BLOCKS + s, rest, w);
        else
            for (size_t i = 0; i < N; i++) {
                const vf value = v_load(tile + i * RDL_LANES);
                v_store(w + i * RDL_LANES, v_mul(value, value));
            }
        if (layout->format == Q3_K)
            scale_importance(tile, sigma2 + s, w, fits->sums_of_weights + s);
        const struct symmetric_fit fit =
            symmetric_search(N, layout->half_range, tile, w, products, 0);
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
 * Descent
 */

/* Appends the first `count` lanes of a mask to a list, the lanes being sub-blocks first, first + 1,
 * ... */
RDL_INLINE void list_lanes(vm mask, size_t first, size_t count, struct list *list)
{
    uint8_t flags[RDL_LANES];
    v_store_u8(flags, v_iselect(mask, v_iset(1), v_iset(0)));
    for (size_t k = 0; k < RDL_LANES && k < count; k++) {
        list->numbers[list->count] = (uint16_t)(first + k);
        list->count += flags[k];
    }
}

/* The tile of sub-blocks numbers[0], numbers[1], ... of x; lanes from `count` on repeat the last.
 */
RDL_INLINE void tile_load_listed(const float *x, const uint16_t *numbers, size_t count, float *tile)
{
    for (size_t k = 0; k < RDL_LANES; k += RDL_WIDTH) {
        float gathered[RDL_WIDTH * N];
        for (size_t lane = 0; lane < RDL_WIDTH; lane++) {
            const size_t place = k + lane < count ? k + lane : count - 1;
            memcpy(gathered + lane * N, x + (size_t)numbers[place] * N, N * sizeof *x);
        }
        tile_transpose(N, gathered, k, tile);
    }
}

/* The whole descent in the listed sub-blocks: their scales, or their codes. */
RDL_INLINE void descend_listed(const struct layout *layout, bool as_reference, const float *x,
                               const struct list *list, float *scales, uint8_t *codes)
{
    for (size_t first = 0; first < list->count; first += RDL_LANES) {
        struct descent descent;
        const uint16_t *numbers = list->numbers + first;
        const size_t rest = list->count - first, count = rest < RDL_LANES ? rest : RDL_LANES;
        tile_load_listed(x, numbers, count, descent.x);
        const vm empty = descent_begin(&descent, layout->half_range, as_reference);
        descend(&descent, layout->half_range, DESCENT_PASSES);
        if (scales) {
            float results[RDL_LANES];
            v_store(results, descent_scale(&descent));
            for (size_t k = 0; k < count; k++)
                scales[numbers[k]] = results[k];
            continue;
        }
        uint8_t is_empty[RDL_LANES];
        v_store_u8(is_empty, v_iselect(empty, v_iset(1), v_iset(0)));
        for (size_t k = 0; k < count; k++)
            for (size_t i = 0; i < N; i++)
                codes[(size_t)numbers[k] * N + i] =
                    is_empty[k]
                        ? 0
                        : (uint8_t)((int)descent.levels[i * RDL_LANES + k] + layout->half_range);
    }
}

/*
 * Sub-blocks that their first pass improves need more of them: one in five, but not the same number
 * of passes, and a vector needs as many as the slowest of its lanes. So these begin anew together.
 */
RDL_INLINE void descend_slab(const struct layout *layout, bool as_reference, const float *x,
                             size_t count, struct fits *fits)
{
    struct list unsettled = {.count = 0};
    for (size_t s = 0; s < count * SUB_BLOCKS; s += RDL_LANES) {
        struct descent descent;
        const size_t rest = count * SUB_BLOCKS - s;
        tile_load(N, x + s * N, rest, descent.x);
        descent_begin(&descent, layout->half_range, as_reference);
        v_store(fits->scales + s, descent_scale(&descent));
        list_lanes(descent_unsettled(&descent, layout->half_range), s, rest, &unsettled);
    }
    descend_listed(layout, as_reference, x, &unsettled, fits->scales, NULL);
}

/* The codes of sub-blocks whose stored scale is zero. */
RDL_INLINE void find_lost_codes(const struct layout *layout, bool as_reference, const float *x,
                                size_t count, const float *scales, uint8_t *codes)
{
    struct list lost = {.count = 0};
    for (size_t s = 0; s < count * SUB_BLOCKS; s++) {
        lost.numbers[lost.count] = (uint16_t)s;
        lost.count += scales[s] == 0.0f;
    }
    descend_listed(layout, as_reference, x, &lost, NULL, codes);
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

/* The code of every weight of a super-block for those scales. */
RDL_INLINE void find_codes(const struct layout *layout, enum rounding rounding, const float *x,
                           const struct fits *fits, const float *scales, size_t k, uint8_t *codes)
{
    const int half_range = layout->half_range;
    for (size_t j = 0; j < SUB_BLOCKS; j++) {
        const size_t s = k * SUB_BLOCKS + j;
        const bool lost = scales[s] == 0.0f;
        if (lost && rounding >= DESCENT)
            continue;
        const rf scale = r_set(scales[s]), inverse = r_set(fits->inverses[s]);
        const rf base = r_set(fits->bases[s]);
        for (size_t i = j * N; i < (j + 1) * N; i += RDL_WIDTH) {
            const rf value = r_load(x + i);
            const rf level = lost ? r_add(r_mul(inverse, value), base) : r_div(value, scale);
            const ri code = r_iadd(r_nearest_int(level), r_iset(half_range));
            r_store_u8(codes + i, r_clamp(code, 0, 2 * half_range - 1));
        }
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

RDL_INLINE void store(const struct layout *layout, enum rounding rounding, const float *x,
                      size_t count, const struct fits *fits, const struct symmetric_scales *coded,
                      uint8_t *blocks)
{
    float scales[CELLS];
    uint8_t codes[RDL_SLAB * RDL_SUPER_BLOCK];
    decode_scales(coded, scales);
    if (rounding >= DESCENT)
        find_lost_codes(layout, rounding == DESCENT_AS_REFERENCE, x, count, scales, codes);
    for (size_t k = 0; k < count; k++) {
        uint8_t *bytes = blocks + k * layout->block_bytes, *own = codes + k * RDL_SUPER_BLOCK;
        find_codes(layout, rounding, x + k * RDL_SUPER_BLOCK, fits, scales, k, own);
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
        else if (rounding == SEARCH)
            search(layout, rows, first, count, &fits);
        else
            descend_slab(layout, rounding == DESCENT_AS_REFERENCE, x, count, &fits);
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
        encode(&q3_k, DESCENT_AS_REFERENCE, rows, blocks);
}

void RDL_TARGET_NAME(rdl_q3_k_encode_ggml_fixed)(const struct rdl_rows *rows, uint8_t *blocks)
{
    if (rows->importance)
        encode(&q3_k, SEARCH, rows, blocks);
    else
        encode(&q3_k, DESCENT, rows, blocks);
}

void RDL_TARGET_NAME(rdl_q6_k_encode_nearest)(const struct rdl_rows *rows, uint8_t *blocks)
{
    encode(&q6_k, NEAREST, rows, blocks);
}

void RDL_TARGET_NAME(rdl_q6_k_encode_ggml)(const struct rdl_rows *rows, uint8_t *blocks)
{
    encode(&q6_k, SEARCH, rows, blocks);
}
