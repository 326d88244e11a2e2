/*
 * Encoders of IQ4_NL and IQ4_XS. The search has sub-blocks in its lanes, the coding of the scales
 * of IQ4_XS has super-blocks, and the final codes are found in the order of the weights.
 */
#include "simd.h"

#define RDL_REGISTERS 4 /* the constants stay in registers or near */

#include "iq4_search.h"
#include "super_blocks.h"
#include "tile.h"
#include "weights.h"

enum {
    NL_BYTES = 2 + IQ4_LENGTH / 2,
    XS_BYTES = 136,
    XS_SCALES = 4, /* offsets in a block */
    XS_CODES = 8,
    XS_SCALE_LIMIT = 32,
    SUB_BLOCKS = RDL_SUPER_BLOCK / IQ4_LENGTH,
    SLAB_SUB_BLOCKS = RDL_SLAB * SUB_BLOCKS
};

enum method {
    SEARCH,  /* `ggml` */
    ONE_FIT, /* `ggml-reduced` */
    EXTREME  /* `nearest` */
};

/* ------------------------------------------------------------------------------------------------
 * Scales of sub-blocks
 */

RDL_INLINE rf r_inverse_of(rf scale)
{
    const rf zero = r_set(0.0f);
    return r_select(r_eq(scale, zero), zero, r_div(r_set(1.0f), scale));
}

RDL_LANES_OP(vf, inverse_of(vf scale), RDL_MAP1(r_inverse_of, scale))

RDL_INLINE vf add_squares(const float *x)
{
    vf sum = v_set(0.0f);
    for (size_t i = 0; i < IQ4_LENGTH; i++) {
        const vf value = v_load(x + i * RDL_LANES);
        sum = v_add(sum, v_mul(value, value));
    }
    return sum;
}

struct fit {
    vf scale;
    vf inverse; /* of the scale; with ONE_FIT, of the scale before the fit */
};

/* Lanes of a tile x. w has the importance, or is there to be filled. sigma2 is NULL without
 * importance. */
RDL_INLINE struct fit fit(enum method method, enum rdl_nearest_variant variant, const float *x,
                          float *w, const vf *sigma2)
{
    const vf zero = v_set(0.0f);
    struct fit result;
    if (method == SEARCH) {
        if (sigma2)
            (void)weigh_by_importance(IQ4_LENGTH, x, *sigma2, w);
        else
            weigh_by_squares(IQ4_LENGTH, x, w);
        result.scale = iq4_search(variant, x, w);
        result.inverse = inverse_of(result.scale);
        return result;
    }
    vm empty;
    const vf extreme = table_extreme(IQ4_LENGTH, x, &empty);
    result.scale = v_select(empty, zero, v_div(extreme, v_set((float)rdl_codebook_iq4_nl[0])));
    result.inverse = inverse_of(result.scale);
    if (method == ONE_FIT) {
        weigh_by_squares(IQ4_LENGTH, x, w);
        result.scale = v_select(empty, zero, iq4_fit_scale(variant, x, w, result.inverse));
    }
    return result;
}

/* ------------------------------------------------------------------------------------------------
 * Codes
 */

/* Codes of a sub-block; byte j holds codes j (low) and j + 16 (high). Where the scale is far below
 * the weights, their products with the inverse may be any float. */
RDL_INLINE void pack_codes(const float *x, float inverse, uint8_t *bytes)
{
    const rf factor = r_set(inverse);
    for (size_t j = 0; j < IQ4_LENGTH / 2; j += RDL_WIDTH) {
        const ri low = r_nearest_iq4(NEAREST_IQ4, r_mul(factor, r_load(x + j)));
        const ri high = r_nearest_iq4(NEAREST_IQ4, r_mul(factor, r_load(x + j + IQ4_LENGTH / 2)));
        r_store_u8(bytes + j, r_or(low, r_shl(high, 4)));
    }
}

/* ------------------------------------------------------------------------------------------------
 * IQ4_NL: d (binary16), nibbles
 */

RDL_INLINE struct fit fit_blocks(enum method method, enum rdl_nearest_variant variant,
                                 const struct rdl_rows *rows, size_t first, size_t count)
{
    float tile[RDL_TILE], w[RDL_TILE];
    tile_load(IQ4_LENGTH, rows->x + first * IQ4_LENGTH, count, tile);
    if (method != SEARCH || !rows->importance)
        return fit(method, variant, tile, w, NULL);
    tile_load_importance(IQ4_LENGTH, rows->importance, rows->ncols, first, count, w);
    const vf sigma2 = v_mul(add_squares(tile), v_set(2.0f / IQ4_LENGTH));
    return fit(method, variant, tile, w, &sigma2);
}

RDL_INLINE void encode_nl(enum method method, enum rdl_nearest_variant variant,
                          const struct rdl_rows *rows, uint8_t *blocks)
{
    const size_t nblocks = rows->nrows * (rows->ncols / IQ4_LENGTH);
    for (size_t first = 0; first < nblocks; first += RDL_LANES) {
        const size_t count = nblocks - first < RDL_LANES ? nblocks - first : RDL_LANES;
        uint16_t stored[RDL_LANES];
        float inverses[RDL_LANES];
        const struct fit result = fit_blocks(method, variant, rows, first, count);
        const vi d = v_to_f16(result.scale);
        v_store_u16(stored, d);
        v_store(inverses, method == EXTREME ? inverse_of(v_from_f16(d)) : result.inverse);
        for (size_t k = 0; k < count; k++) {
            uint8_t *bytes = blocks + (first + k) * NL_BYTES;
            memcpy(bytes, stored + k, sizeof *stored);
            pack_codes(rows->x + (first + k) * IQ4_LENGTH, inverses[k], bytes + 2);
        }
    }
}

/* ------------------------------------------------------------------------------------------------
 * IQ4_XS: d (binary16), high two bits of the scale codes, their low nibbles, nibbles of the codes
 */

/*
 * A slab in lanes: sub-block j of super-block k is lane j * RDL_SLAB + k, so that sub-blocks of one
 * super-block are in the same place of different registers. Tiles of RDL_LANES such lanes follow
 * each other.
 */
_Static_assert(SLAB_SUB_BLOCKS % RDL_LANES == 0 && RDL_SLAB % RDL_WIDTH == 0, "whole tiles");

enum {
    SLAB_TILES = RDL_SLAB * RDL_SUPER_BLOCK /* floats */
};

/* Where weight 0 of a lane is; the others are RDL_LANES apart. */
RDL_INLINE size_t lane_at(size_t lane)
{
    return lane / RDL_LANES * (IQ4_LENGTH * RDL_LANES) + lane % RDL_LANES;
}

/* Loads `count` super-blocks of rows that begin anew every ncols weights; the others are zeros. */
static void load_slab(const float *from, size_t ncols, size_t first, size_t count, float *tiles)
{
    float padded[SLAB_TILES];
    const size_t start = first * RDL_SUPER_BLOCK % ncols;
    from += start;
    if (count < RDL_SLAB || ncols - start < SLAB_TILES) {
        memset(padded, 0, sizeof padded);
        for (size_t k = 0; k < count; k++)
            memcpy(padded + k * RDL_SUPER_BLOCK,
                   from - start + (start + k * RDL_SUPER_BLOCK) % ncols,
                   RDL_SUPER_BLOCK * sizeof *padded);
        from = padded;
    }
    for (size_t j = 0; j < SUB_BLOCKS; j++)
        for (size_t k = 0; k < RDL_SLAB; k += RDL_WIDTH)
            for (size_t i = 0; i < IQ4_LENGTH; i += RDL_WIDTH)
                r_transpose(from + k * RDL_SUPER_BLOCK + j * IQ4_LENGTH + i, RDL_SUPER_BLOCK,
                            tiles + lane_at(j * RDL_SLAB + k) + i * RDL_LANES, RDL_LANES);
}

/* sigma2 of the super-blocks, in every RDL_SLAB lanes. */
RDL_INLINE vf slab_sigma2(const float *tiles)
{
    float sigma2[RDL_LANES];
    rf sums[RDL_SLAB / RDL_WIDTH];
    for (size_t r = 0; r < RDL_SLAB / RDL_WIDTH; r++)
        sums[r] = r_set(0.0f);
    for (size_t j = 0; j < SUB_BLOCKS; j++)
        for (size_t i = 0; i < IQ4_LENGTH; i++)
            for (size_t r = 0; r < RDL_SLAB / RDL_WIDTH; r++) {
                const rf value =
                    r_load(tiles + lane_at(j * RDL_SLAB + r * RDL_WIDTH) + i * RDL_LANES);
                sums[r] = r_add(sums[r], r_mul(value, value));
            }
    for (size_t lane = 0; lane < RDL_LANES; lane += RDL_WIDTH)
        r_store(sigma2 + lane,
                r_mul(sums[lane % RDL_SLAB / RDL_WIDTH], r_set(2.0f / RDL_SUPER_BLOCK)));
    return v_load(sigma2);
}

RDL_INLINE void fit_slab(enum method method, const struct rdl_rows *rows, size_t first,
                         size_t count, float *scales)
{
    float x[SLAB_TILES], w[SLAB_TILES];
    vf sigma2;
    const bool weighted = method == SEARCH && rows->importance;
    load_slab(rows->x, SIZE_MAX, first, count, x);
    if (weighted) {
        load_slab(rows->importance, rows->ncols, first, count, w);
        sigma2 = slab_sigma2(x);
    }
    for (size_t lane = 0; lane < SLAB_SUB_BLOCKS; lane += RDL_LANES) {
        const struct fit result = fit(method, NEAREST_IQ4, x + lane_at(lane), w + lane_at(lane),
                                      weighted ? &sigma2 : NULL);
        v_store(scales + lane, result.scale);
    }
}

/* What is stored of the scales of a slab, and the inverses of the scales that they stand for. */
struct coded {
    uint16_t d[RDL_SLAB];
    uint8_t scales[SLAB_SUB_BLOCKS];
    float inverses[SLAB_SUB_BLOCKS];
};

/* The first of largest magnitude of a super-block's scales; compared as bits, as the reference
 * does: they may be NaN. */
RDL_INLINE rf extreme_scale(const float *scales)
{
    ri largest = r_iset(0);
    rf extreme = r_set(0.0f);
    for (size_t j = 0; j < SUB_BLOCKS; j++) {
        const rf scale = r_load(scales + j * RDL_SLAB);
        const ri magnitude = r_bits(r_abs(scale));
        extreme = r_select(r_ilt(largest, magnitude), scale, extreme);
        largest = r_imax(largest, magnitude);
    }
    return extreme;
}

/* Codes the scales in units of the extreme one / -32. The weights' codes are for the unit as it was
 * before rounding to binary16 (the reference's choice) or after. */
static void code_scales(const float *scales, bool for_stored_unit, struct coded *coded)
{
    for (size_t k = 0; k < RDL_SLAB; k += RDL_WIDTH) {
        const rf unit =
            r_div(r_sub(r_set(-0.0f), extreme_scale(scales + k)), r_set((float)XS_SCALE_LIMIT));
        const rf inverse = r_inverse_of(unit);
        const ri stored = r_to_f16(unit);
        const rf d = for_stored_unit ? r_from_f16(stored) : unit;
        r_store_u16(coded->d + k, stored);
        for (size_t j = 0; j < SUB_BLOCKS; j++) {
            const size_t lane = j * RDL_SLAB + k;
            const ri code = r_clamp(r_nearest_int(r_mul(inverse, r_load(scales + lane))),
                                    -XS_SCALE_LIMIT, XS_SCALE_LIMIT - 1);
            r_store_u8(coded->scales + lane, r_iadd(code, r_iset(XS_SCALE_LIMIT)));
            r_store(coded->inverses + lane, r_inverse_of(r_mul(d, r_to_float(code))));
        }
    }
}

/* The scale codes of a super-block, each RDL_SLAB after the other. */
static void pack_scales(const uint8_t *codes, uint8_t *bytes)
{
    unsigned high = 0;
    for (int j = 0; j < SUB_BLOCKS; j += 2)
        bytes[XS_SCALES + j / 2] =
            (uint8_t)((codes[j * RDL_SLAB] & 15) | (codes[(j + 1) * RDL_SLAB] & 15) << 4);
    for (int j = 0; j < SUB_BLOCKS; j++)
        high |= (unsigned)(codes[j * RDL_SLAB] >> 4) << 2 * j;
    bytes[2] = (uint8_t)high;
    bytes[3] = (uint8_t)(high >> 8);
}

RDL_INLINE void encode_xs(enum method method, const struct rdl_rows *rows, uint8_t *blocks)
{
    const size_t nblocks = rows->nrows * (rows->ncols / RDL_SUPER_BLOCK);
    for (size_t first = 0; first < nblocks; first += RDL_SLAB) {
        const size_t count = nblocks - first < RDL_SLAB ? nblocks - first : RDL_SLAB;
        float scales[SLAB_SUB_BLOCKS];
        struct coded coded;
        fit_slab(method, rows, first, count, scales);
        code_scales(scales, method == EXTREME, &coded);
        for (size_t k = 0; k < count; k++) {
            const float *x = rows->x + (first + k) * RDL_SUPER_BLOCK;
            uint8_t *bytes = blocks + (first + k) * XS_BYTES;
            memcpy(bytes, coded.d + k, sizeof *coded.d);
            pack_scales(coded.scales + k, bytes);
            for (size_t j = 0; j < SUB_BLOCKS; j++)
                pack_codes(x + j * IQ4_LENGTH, coded.inverses[j * RDL_SLAB + k],
                           bytes + XS_CODES + j * (IQ4_LENGTH / 2));
        }
    }
}

/* ------------------------------------------------------------------------------------------------
 * Encoders
 */

#define IQ4_ENCODER(name, call)                                                                    \
    void RDL_TARGET_NAME(name)(const struct rdl_rows *rows, uint8_t *blocks)                       \
    {                                                                                              \
        call;                                                                                      \
    }

IQ4_ENCODER(rdl_iq4_nl_encode_ggml, encode_nl(SEARCH, NEAREST_IQ4, rows, blocks))
IQ4_ENCODER(rdl_iq4_nl_encode_ggml_reduced, encode_nl(ONE_FIT, NEAREST_IQ4, rows, blocks))
IQ4_ENCODER(rdl_iq4_nl_encode_nearest, encode_nl(EXTREME, NEAREST_IQ4, rows, blocks))
IQ4_ENCODER(rdl_iq4_xs_encode_ggml, encode_xs(SEARCH, rows, blocks))
IQ4_ENCODER(rdl_iq4_xs_encode_nearest, encode_xs(EXTREME, rows, blocks))

/* Rounding `ggml` of IQ4_NL with each variant in the search. */
#define RDL_NEAREST_SCALAR(variant, name)
#define RDL_NEAREST_SIMD(variant, name)                                                            \
    rdl_encode_fn RDL_TARGET_NAME(rdl_iq4_nl_encode_##name);                                       \
    IQ4_ENCODER(rdl_iq4_nl_encode_##name, encode_nl(SEARCH, RDL_NEAREST_##variant, rows, blocks))
#include "nearest.def"
