/*
 * Encoders of IQ4_NL and IQ4_XS. The search has sub-blocks in its lanes, the coding of the scales
 * of IQ4_XS has super-blocks, and the final codes are found in the order of the weights.
 */
#include "simd.h"

#define RDL_REGISTERS 4 /* the constants stay in registers or near */

#include "iq4_search.h"
#include "nearest.h"
#include "super_blocks.h"
#include "tile.h"

enum {
    NL_BYTES = 2 + IQ4_LENGTH / 2,
    XS_BYTES = 136,
    XS_SCALES = 4, /* offsets in a block */
    XS_CODES = 8,
    XS_SCALE_LIMIT = 32,
    SUB_BLOCKS = RDL_SUPER_BLOCK / IQ4_LENGTH,
    SLAB_SUB_BLOCKS = RDL_SLAB * SUB_BLOCKS,
    STRETCH = SLAB_SUB_BLOCKS + RDL_LANES /* with room for whole vectors */
};

enum method {
    SEARCH,  /* `ggml` */
    ONE_FIT, /* `ggml-reduced` */
    EXTREME  /* `nearest` */
};

/* ------------------------------------------------------------------------------------------------
 * Scales of sub-blocks
 */

RDL_INLINE vf inverse_of(vf scale)
{
    const vf zero = v_set(0.0f);
    return v_select(v_eq(scale, zero), zero, v_div(v_set(1.0f), scale));
}

RDL_INLINE vf add_squares(const float *x)
{
    vf sum = v_set(0.0f);
    for (size_t i = 0; i < IQ4_LENGTH; i++) {
        const vf value = v_load(x + i * RDL_LANES);
        sum = v_add(sum, v_mul(value, value));
    }
    return sum;
}

RDL_INLINE void fill_plain_weights(const float *x, float *w)
{
    for (size_t i = 0; i < IQ4_LENGTH; i++) {
        const vf value = v_load(x + i * RDL_LANES);
        v_store(w + i * RDL_LANES, v_mul(value, value));
    }
}

/* w is the importance before. */
RDL_INLINE void fill_importance_weights(const float *x, vf sigma2, float *w)
{
    for (size_t i = 0; i < IQ4_LENGTH; i++) {
        const vf value = v_load(x + i * RDL_LANES);
        const vf root = v_sqrt(v_add(sigma2, v_mul(value, value)));
        v_store(w + i * RDL_LANES, v_mul(v_load(w + i * RDL_LANES), root));
    }
}

/* The results for a stretch of sub-blocks. */
struct fits {
    float scales[STRETCH];
    float inverses[STRETCH]; /* 1 / scale; for ONE_FIT that of the scale before the fit */
};

/* `count` sub-blocks, the first being number `first` of the rows. sigma2: one a sub-block, or NULL
 * for the mean over the sub-block, times 2 either way. */
RDL_INLINE void fit(enum method method, enum rdl_nearest_variant variant,
                    const struct rdl_rows *rows, size_t first, size_t count, const float *sigma2,
                    struct fits *fits)
{
    const float *x = rows->x + first * IQ4_LENGTH;
    for (size_t s = 0; s < count; s += RDL_LANES) {
        float tile[RDL_TILE], w[RDL_TILE];
        tile_load(IQ4_LENGTH, x + s * IQ4_LENGTH, count - s, tile);
        if (method == SEARCH && rows->importance) {
            tile_load_importance(IQ4_LENGTH, rows->importance, rows->ncols, first + s, count - s,
                                 w);
            fill_importance_weights(tile,
                                    sigma2 ? v_load(sigma2 + s)
                                           : v_mul(add_squares(tile), v_set(2.0f / IQ4_LENGTH)),
                                    w);
        } else if (method != EXTREME) {
            fill_plain_weights(tile, w);
        }
        vf scale, inverse;
        if (method == SEARCH) {
            scale = iq4_search(variant, tile, w);
            inverse = inverse_of(scale);
        } else {
            vm empty;
            const vf extreme = iq4_extreme(tile, &empty);
            const vf zero = v_set(0.0f);
            scale = v_select(empty, zero, v_div(extreme, v_set((float)rdl_codebook_iq4_nl[0])));
            inverse = inverse_of(scale);
            if (method == ONE_FIT)
                scale = v_select(empty, zero, iq4_scale(iq4_fit(variant, tile, w, inverse)));
        }
        v_store(fits->scales + s, scale);
        v_store(fits->inverses + s, inverse);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Codes
 */

/* Codes of a sub-block; byte j holds codes j (low) and j + 16 (high). */
RDL_INLINE void pack_codes(enum rdl_nearest_variant variant, const float *x, float inverse,
                           uint8_t *bytes)
{
    const rf factor = r_set(inverse);
    for (size_t j = 0; j < IQ4_LENGTH / 2; j += RDL_WIDTH) {
        const ri low = r_nearest_iq4(variant, r_mul(factor, r_load(x + j)));
        const ri high = r_nearest_iq4(variant, r_mul(factor, r_load(x + j + IQ4_LENGTH / 2)));
        r_store_u8(bytes + j, r_or(low, r_shl(high, 4)));
    }
}

/* ------------------------------------------------------------------------------------------------
 * IQ4_NL: d (binary16), nibbles
 */

RDL_INLINE void encode_nl(enum method method, enum rdl_nearest_variant variant,
                          const struct rdl_rows *rows, uint8_t *blocks)
{
    const size_t nblocks = rows->nrows * (rows->ncols / IQ4_LENGTH);
    for (size_t first = 0; first < nblocks; first += RDL_LANES) {
        const size_t count = nblocks - first < RDL_LANES ? nblocks - first : RDL_LANES;
        struct fits fits;
        uint16_t stored[RDL_LANES];
        fit(method, variant, rows, first, count, NULL, &fits);
        const vi d = v_to_f16(v_load(fits.scales));
        v_store_u16(stored, d);
        if (method == EXTREME)
            v_store(fits.inverses, inverse_of(v_from_f16(d)));
        for (size_t k = 0; k < count; k++) {
            uint8_t *bytes = blocks + (first + k) * NL_BYTES;
            memcpy(bytes, stored + k, sizeof *stored);
            pack_codes(variant, rows->x + (first + k) * IQ4_LENGTH, fits.inverses[k], bytes + 2);
        }
    }
}

/* ------------------------------------------------------------------------------------------------
 * IQ4_XS: d (binary16), high two bits of the scale codes, their low nibbles, nibbles of the codes
 */

/* What is stored of the scales of a slab, and the inverses of the scales that they stand for. */
struct coded {
    uint16_t d[RDL_SLAB];
    uint8_t scales[SLAB_SUB_BLOCKS];
    float inverses[SLAB_SUB_BLOCKS];
};

/* The first of largest magnitude of a super-block's scales, in lanes; compared as bits, as scales
 * may be NaN. */
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

RDL_INLINE rf r_inverse_of(rf scale)
{
    const rf zero = r_set(0.0f);
    return r_select(r_eq(scale, zero), zero, r_div(r_set(1.0f), scale));
}

/* Codes the scales in units of the extreme one / -32. The weights' codes are for the unit as it was
 * before rounding to binary16 (the reference's choice) or after. */
static void code_scales(const float *scales, bool for_stored_unit, struct coded *coded)
{
    float by_sub_block[SLAB_SUB_BLOCKS], inverses[SLAB_SUB_BLOCKS];
    uint8_t codes[SLAB_SUB_BLOCKS];
    for (size_t k = 0; k < RDL_SLAB; k++)
        for (size_t j = 0; j < SUB_BLOCKS; j++)
            by_sub_block[j * RDL_SLAB + k] = scales[k * SUB_BLOCKS + j];
    for (size_t k = 0; k < RDL_SLAB; k += RDL_WIDTH) {
        const rf unit = r_div(r_sub(r_set(-0.0f), extreme_scale(by_sub_block + k)),
                              r_set((float)XS_SCALE_LIMIT));
        const rf inverse = r_inverse_of(unit);
        const ri stored = r_to_f16(unit);
        const rf d = for_stored_unit ? r_from_f16(stored) : unit;
        r_store_u16(coded->d + k, stored);
        for (size_t j = 0; j < SUB_BLOCKS; j++) {
            const size_t at = j * RDL_SLAB + k;
            const ri code = r_clamp(r_nearest_int(r_mul(inverse, r_load(by_sub_block + at))),
                                    -XS_SCALE_LIMIT, XS_SCALE_LIMIT - 1);
            r_store_u8(codes + at, r_iadd(code, r_iset(XS_SCALE_LIMIT)));
            r_store(inverses + at, r_inverse_of(r_mul(d, r_to_float(code))));
        }
    }
    for (size_t k = 0; k < RDL_SLAB; k++)
        for (size_t j = 0; j < SUB_BLOCKS; j++) {
            coded->scales[k * SUB_BLOCKS + j] = codes[j * RDL_SLAB + k];
            coded->inverses[k * SUB_BLOCKS + j] = inverses[j * RDL_SLAB + k];
        }
}

static void pack_scales(const uint8_t *codes, uint8_t *bytes)
{
    unsigned high = 0;
    for (int j = 0; j < SUB_BLOCKS; j += 2)
        bytes[XS_SCALES + j / 2] = (uint8_t)((codes[j] & 15) | (codes[j + 1] & 15) << 4);
    for (int j = 0; j < SUB_BLOCKS; j++)
        high |= (unsigned)(codes[j] >> 4) << 2 * j;
    bytes[2] = (uint8_t)high;
    bytes[3] = (uint8_t)(high >> 8);
}

/* sigma2 of the sub-blocks of a slab. */
static void fill_sigma2(const float *x, size_t count, float *sigma2)
{
    float squares[RDL_SLAB];
    slab_squares(x, count, squares);
    for (size_t s = 0; s < count * SUB_BLOCKS; s++)
        sigma2[s] = squares[s / SUB_BLOCKS] * (2.0f / RDL_SUPER_BLOCK);
}

RDL_INLINE void encode_xs(enum method method, const struct rdl_rows *rows, uint8_t *blocks)
{
    const size_t nblocks = rows->nrows * (rows->ncols / RDL_SUPER_BLOCK);
    for (size_t first = 0; first < nblocks; first += RDL_SLAB) {
        const size_t count = nblocks - first < RDL_SLAB ? nblocks - first : RDL_SLAB;
        const float *x = rows->x + first * RDL_SUPER_BLOCK;
        struct fits fits = {.scales = {0.0f}};
        struct coded coded;
        float sigma2[STRETCH] = {0.0f};
        if (method == SEARCH && rows->importance)
            fill_sigma2(x, count, sigma2);
        fit(method, NEAREST_IQ4, rows, first * SUB_BLOCKS, count * SUB_BLOCKS, sigma2, &fits);
        code_scales(fits.scales, method == EXTREME, &coded);
        for (size_t k = 0; k < count; k++) {
            uint8_t *bytes = blocks + (first + k) * XS_BYTES;
            memcpy(bytes, coded.d + k, sizeof *coded.d);
            pack_scales(coded.scales + k * SUB_BLOCKS, bytes);
            for (size_t j = 0; j < SUB_BLOCKS; j++)
                pack_codes(NEAREST_IQ4, x + k * RDL_SUPER_BLOCK + j * IQ4_LENGTH,
                           coded.inverses[k * SUB_BLOCKS + j],
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
