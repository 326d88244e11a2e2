/*
 * Encoders of Q2_K, Q4_K and Q5_K: super-blocks of 256 weights in sub-blocks that each have an
 * integer scale and min. The searches have sub-blocks in their lanes, the coding of scales has
 * super-blocks, and the final codes are found in the order of the weights.
 */
#include "affine_search.h"
#include "packing.h"
#include "super_blocks.h"
#include "tile.h"
#include "weights.h"

enum weights {
    RMS_ABS, /* rms of the sub-block + |x| */
    ABS      /* |x| */
};

enum field {
    SIX_BITS, /* Q4_K, Q5_K */
    NIBBLES   /* Q2_K */
};

/* What tells one format of this kind from another; a constant wherever it is used. */
struct layout {
    size_t block_bytes;
    size_t sub_blocks, length; /* their product is 256 */
    int field_max;             /* largest scale and min */
    enum weights plain_weights;
    struct affine_grid plain_grid;
    float sigma2_factor; /* with importance: sigma2 is this many times the mean square */
    enum field field;
};

enum {
    SLAB_SUB_BLOCKS = RDL_SLAB * RDL_MAX_SUB_BLOCKS,
    PADDED_SUB_BLOCKS = SLAB_SUB_BLOCKS + AFFINE_LANES
};

/* The results of the search for the sub-blocks of a slab. */
struct fits {
    float scales[PADDED_SUB_BLOCKS];
    float mins[PADDED_SUB_BLOCKS];
    float inverses[PADDED_SUB_BLOCKS];
    float from[PADDED_SUB_BLOCKS];
    float sums_of_weights[PADDED_SUB_BLOCKS];
};

/* ------------------------------------------------------------------------------------------------
 * Search
 */

RDL_INLINE void fill_plain_weights(const struct layout *layout, const float *x, float *w)
{
    vf base = v_set(0.0f);
    if (layout->plain_weights == RMS_ABS) {
        for (size_t i = 0; i < layout->length; i++) {
            const vf value = v_load(x + i * RDL_LANES);
            base = v_add(base, v_mul(value, value));
        }
        base = v_sqrt(v_div(base, v_set((float)layout->length)));
    }
    for (size_t i = 0; i < layout->length; i++) {
        const vf magnitude = v_abs(v_load(x + i * RDL_LANES));
        v_store(w + i * RDL_LANES,
                layout->plain_weights == RMS_ABS ? v_add(base, magnitude) : magnitude);
    }
}

/* The memory of a group, in whole cache lines. */
struct tiles {
    _Alignas(64) float x[RDL_TILE], w[RDL_TILE], codes[RDL_TILE];
};

/* Loads the sub-blocks of a slab from number s on, `count` of them at most. */
RDL_INLINE void load_group(const struct layout *layout, const struct rdl_rows *rows, size_t first,
                           size_t s, size_t count, const float *sigma2, float *sums_of_weights,
                           struct tiles *tiles)
{
    const size_t n = layout->length;
    tile_load(n, rows->x + first * RDL_SUPER_BLOCK + s * n, count, tiles->x);
    if (rows->importance) {
        tile_load_importance(n, rows->importance, rows->ncols, first * layout->sub_blocks + s,
                             count, tiles->w);
        v_store(sums_of_weights + s,
                weigh_by_importance(n, tiles->x, v_load(sigma2 + s), tiles->w));
    } else {
        fill_plain_weights(layout, tiles->x, tiles->w);
    }
}

static void store_fit(const struct affine_fit *fit, size_t s, struct fits *fits)
{
    v_store(fits->scales + s, fit->scale);
    v_store(fits->mins + s, v_sub(v_set(-0.0f), fit->offset));
    v_store(fits->inverses + s, fit->inverse);
    v_store(fits->from + s, fit->from);
}

RDL_INLINE void search(const struct layout *layout, const struct rdl_rows *rows, size_t first,
                       size_t count, struct fits *fits)
{
    const size_t sub_blocks = count * layout->sub_blocks;
    struct affine_grid grid = layout->plain_grid;
    float sigma2[PADDED_SUB_BLOCKS] = {0.0f};
    if (rows->importance) {
        grid = (struct affine_grid){grid.code_max, -0.9f, 0.05f, 36, false};
        slab_fill_sigma2(layout->sub_blocks, layout->sigma2_factor,
                         rows->x + first * RDL_SUPER_BLOCK, count, sigma2);
    }
    for (size_t start = 0; start < sub_blocks; start += AFFINE_LANES) {
        struct affine_group groups[AFFINE_GROUPS];
        struct tiles tiles[AFFINE_GROUPS];
        for (size_t g = 0; g < AFFINE_GROUPS; g++) {
            const size_t s = start + g * RDL_LANES;
            load_group(layout, rows, first, s, s < sub_blocks ? sub_blocks - s : 0, sigma2,
                       fits->sums_of_weights, &tiles[g]);
            groups[g].x = tiles[g].x;
            groups[g].w = tiles[g].w;
            groups[g].codes = tiles[g].codes;
        }
        affine_search(layout->length, grid, groups, AFFINE_GROUPS);
        for (size_t g = 0; g < AFFINE_GROUPS; g++)
            store_fit(&groups[g].fit, start + g * RDL_LANES, fits);
    }
}

/* Minimum and maximum to code 0 and code_max, without a search; codes 0 where a scale is lost. */
RDL_INLINE void fit_range(const struct layout *layout, const struct rdl_rows *rows, size_t first,
                          size_t count, struct fits *fits)
{
    const size_t n = layout->length, sub_blocks = count * layout->sub_blocks;
    for (size_t s = 0; s < sub_blocks; s += RDL_LANES) {
        float tile[RDL_TILE];
        tile_load(n, rows->x + first * RDL_SUPER_BLOCK + s * n, sub_blocks - s, tile);
        vf min, max;
        affine_range(n, tile, &min, &max);
        v_store(fits->scales + s,
                v_div(v_sub(max, min), v_set((float)layout->plain_grid.code_max)));
        v_store(fits->mins + s, v_sub(v_set(-0.0f), min));
        v_store(fits->inverses + s, v_set(0.0f));
        v_store(fits->from + s, v_set(0.0f));
    }
}

/* ------------------------------------------------------------------------------------------------
 * Storing
 */

/* The coded scales and mins of a slab. */
struct coded {
    uint16_t d[RDL_SLAB], dmin[RDL_SLAB]; /* binary16 */
    uint8_t scales[SLAB_SUB_BLOCKS], mins[SLAB_SUB_BLOCKS];
};

/* Codes as the field will hold them: at most 63; in nibbles, the reference ORs the two into their
 * byte without a limit, and so a scale beyond 15 spills over into the min. */
RDL_INLINE void fit_field(const struct layout *layout, struct coded *coded)
{
    for (size_t i = 0; i < RDL_SLAB * layout->sub_blocks; i++) {
        const uint8_t scale = coded->scales[i], min = coded->mins[i];
        if (layout->field == SIX_BITS) {
            coded->scales[i] = scale < 63 ? scale : 63;
            coded->mins[i] = min < 63 ? min : 63;
        } else {
            coded->scales[i] = scale & 15;
            coded->mins[i] = (uint8_t)((min | scale >> 4) & 15);
        }
    }
}

/* The code of every weight for the scale and min that a decoder will see; where that scale is zero,
 * the code of the search. */
RDL_INLINE void find_codes(const struct layout *layout, const float *x, const struct fits *fits,
                           const struct coded *coded, size_t k, uint8_t *codes)
{
    const rf d = r_from_f16(r_iset(coded->d[k])), dmin = r_from_f16(r_iset(coded->dmin[k]));
    const int code_max = layout->plain_grid.code_max;
    for (size_t j = 0; j < layout->sub_blocks; j++) {
        const size_t s = k * layout->sub_blocks + j;
        const rf scale = r_mul(d, r_set((float)coded->scales[s]));
        const rf min = r_mul(dmin, r_set((float)coded->mins[s]));
        const rf inverse = r_set(fits->inverses[s]), from = r_set(fits->from[s]);
        const int lost = r_any(r_eq(scale, r_set(0.0f)));
        for (size_t i = j * layout->length; i < (j + 1) * layout->length; i += RDL_WIDTH) {
            const rf value = r_load(x + i);
            const rf level =
                lost ? r_mul(inverse, r_sub(value, from)) : r_div(r_add(value, min), scale);
            r_store_u8(codes + i, r_clamp(r_nearest_int(level), 0, code_max));
        }
    }
}

/* Sub-blocks 0..3 have scale and min in the low six bits of bytes j and j + 4. Sub-blocks 4..7 have
 * their low nibbles together in byte j + 4, and their high two bits on top of bytes j - 4 and j. */
static void pack_six_bits(const uint8_t *scales, const uint8_t *mins, uint8_t *field)
{
    for (int j = 0; j < 4; j++) {
        field[j] = (uint8_t)(scales[j] | scales[j + 4] >> 4 << 6);
        field[j + 4] = (uint8_t)(mins[j] | mins[j + 4] >> 4 << 6);
        field[j + 8] = (uint8_t)((scales[j + 4] & 15) | (mins[j + 4] & 15) << 4);
    }
}

/* Q4_K and Q5_K: d, dmin, scale field, high bits, nibbles. */
RDL_INLINE void pack_six_bit_format(const struct layout *layout, const struct coded *coded,
                                    size_t k, const uint8_t *codes, uint8_t *bytes)
{
    memcpy(bytes, &coded->d[k], 2);
    memcpy(bytes + 2, &coded->dmin[k], 2);
    pack_six_bits(coded->scales + 8 * k, coded->mins + 8 * k, bytes + 4);
    bytes += 16;
    if (layout->plain_grid.code_max > 15) {
        pack_fifth_bits(codes, bytes);
        bytes += 32;
    }
    pack_nibbles(codes, bytes);
}

/* Q2_K: a byte of scale and min for each sub-block, pairs, d, dmin. */
static void pack_q2_k(const struct coded *coded, size_t k, const uint8_t *codes, uint8_t *bytes)
{
    for (size_t j = 0; j < 16; j++)
        bytes[j] = (uint8_t)(coded->scales[16 * k + j] | coded->mins[16 * k + j] << 4);
    pack_pairs(codes, bytes + 16);
    memcpy(bytes + 80, &coded->d[k], 2);
    memcpy(bytes + 82, &coded->dmin[k], 2);
}

RDL_INLINE void store(const struct layout *layout, const float *x, size_t count,
                      const struct fits *fits, struct coded *coded, uint8_t *blocks)
{
    fit_field(layout, coded);
    for (size_t k = 0; k < count; k++) {
        uint8_t codes[RDL_SUPER_BLOCK], *bytes = blocks + k * layout->block_bytes;
        find_codes(layout, x + k * RDL_SUPER_BLOCK, fits, coded, k, codes);
        if (layout->field == SIX_BITS)
            pack_six_bit_format(layout, coded, k, codes, bytes);
        else
            pack_q2_k(coded, k, codes, bytes);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Encoders
 */

static void code_fits(const struct layout *layout, bool search, const struct fits *fits,
                      struct coded *coded)
{
    const size_t n = layout->sub_blocks;
    const int most = layout->field_max;
    if (search) {
        slab_code_by_search(n, most, fits->scales, fits->sums_of_weights, coded->d, coded->scales);
        slab_code_by_search(n, most, fits->mins, fits->sums_of_weights, coded->dmin, coded->mins);
    } else {
        slab_code_by_largest(n, most, fits->scales, coded->d, coded->scales);
        slab_code_by_largest(n, most, fits->mins, coded->dmin, coded->mins);
    }
}

RDL_INLINE void encode(const struct layout *layout, bool nearest, const struct rdl_rows *rows,
                       uint8_t *blocks)
{
    const size_t nblocks = rows->nrows * (rows->ncols / RDL_SUPER_BLOCK);
    for (size_t first = 0; first < nblocks; first += RDL_SLAB) {
        const size_t count = nblocks - first < RDL_SLAB ? nblocks - first : RDL_SLAB;
        struct fits fits;
        struct coded coded;
        if (count < RDL_SLAB)
            memset(&fits, 0, sizeof fits);
        if (nearest)
            fit_range(layout, rows, first, count, &fits);
        else
            search(layout, rows, first, count, &fits);
        code_fits(layout, !nearest && rows->importance, &fits, &coded);
        store(layout, rows->x + first * RDL_SUPER_BLOCK, count, &fits, &coded,
              blocks + first * layout->block_bytes);
    }
}

#define AFFINE_ENCODERS(format, ...)                                                               \
    static const struct layout format##_layout = {__VA_ARGS__};                                    \
    void RDL_TARGET_NAME(rdl_##format##_encode_ggml)(const struct rdl_rows *rows, uint8_t *blocks) \
    {                                                                                              \
        encode(&format##_layout, false, rows, blocks);                                             \
    }                                                                                              \
    void RDL_TARGET_NAME(rdl_##format##_encode_nearest)(const struct rdl_rows *rows,               \
                                                        uint8_t *blocks)                           \
    {                                                                                              \
        encode(&format##_layout, true, rows, blocks);                                              \
    }

AFFINE_ENCODERS(q2_k, .block_bytes = 84, .sub_blocks = 16, .length = 16, .field_max = 15,
                .plain_weights = ABS, .plain_grid = {3, -0.5f, 0.1f, 15, true},
                .sigma2_factor = 1.0f, .field = NIBBLES)
AFFINE_ENCODERS(q4_k, .block_bytes = 144, .sub_blocks = 8, .length = 32, .field_max = 63,
                .plain_weights = RMS_ABS, .plain_grid = {15, -1.0f, 0.1f, 20, false},
                .sigma2_factor = 2.0f, .field = SIX_BITS)
AFFINE_ENCODERS(q5_k, .block_bytes = 176, .sub_blocks = 8, .length = 32, .field_max = 63,
                .plain_weights = RMS_ABS, .plain_grid = {31, -0.5f, 0.1f, 15, false},
                .sigma2_factor = 2.0f, .field = SIX_BITS)
