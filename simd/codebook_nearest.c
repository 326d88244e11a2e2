/*
 * Encoders of IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS and IQ3_S with rounding `nearest`: no search of
 * scales, and for each group the nearest of all rows for the scale as stored. Lanes are sub-blocks,
 * the groups of which are looked at one after another.
 */
#include "simd.h"

#define RDL_REGISTERS (16 / RDL_WIDTH)

#include "codebook_packing.h"
#include "codebook_scales.h"
#include "row_runs.h"
#include "sign_parity.h"
#include "tile.h"

enum {
    MAX_CELLS = RDL_SLAB * RDL_MAX_SUB_BLOCKS, /* sub-blocks of a slab */
    SIGNS = RDL_SUPER_BLOCK / SIGN_GROUP       /* masks of a super-block */
};

/* What tells one format of this kind from another; a constant wherever it is used. */
struct layout {
    size_t block_bytes, sub_block;
    const struct rdl_codebook *codebook;
    size_t length; /* of its rows */
    int levels;    /* of its weights */
    float unit;    /* x = d * (2 * scale + 1) * unit * magnitude * sign */
    bool even_signs;
    void (*pack)(const struct codebook_fields *fields, uint8_t *bytes);
};

/* Errors of all halves: sums over the weights in order. */
RDL_INLINE void fill_errors(const struct layout *layout, const struct rdl_halved_codebook *codebook,
                            const float *magnitudes, vf scale, float *errors)
{
    size_t count = 1;
    v_store(errors, v_set(0.0f));
    for (size_t i = 0; i < layout->length / 2; i++) {
        for (size_t l = (size_t)layout->levels; l-- > 0;) {
            const vf difference = v_sub(v_mul(scale, v_set(codebook->magnitudes[l])),
                                        v_load(magnitudes + i * RDL_LANES));
            const vf square = v_mul(difference, difference);
            for (size_t k = 0; k < count; k++)
                v_store(errors + (l * count + k) * RDL_LANES,
                        v_add(v_load(errors + k * RDL_LANES), square));
        }
        count *= (size_t)layout->levels;
    }
}

/* The rows of least error of a group, the first of equals. */
RDL_INLINE void nearest_rows(const struct layout *layout,
                             const struct rdl_halved_codebook *codebook, const float *magnitudes,
                             vf scale, uint16_t *rows)
{
    struct half_costs errors;
    bool sure[RDL_LANES]; /* whatever is not is not worth a second look */
    fill_errors(layout, codebook, magnitudes, scale, errors.first);
    fill_errors(layout, codebook, magnitudes + layout->length / 2 * RDL_LANES, scale, errors.last);
    find_least_rows(codebook, &errors, false, rows, sure);
}

/* ------------------------------------------------------------------------------------------------
 * Slabs
 */

/* The scales that send the largest magnitude of each sub-block to that of the codebook. */
RDL_INLINE void fill_scales(const struct layout *layout, const struct rdl_halved_codebook *codebook,
                            const float *x, size_t count, float *scales)
{
    const float top = layout->unit * codebook->magnitudes[layout->levels - 1];
    for (size_t s = 0; s < count; s += RDL_LANES) {
        float tile[RDL_TILE];
        tile_load(layout->sub_block, x + s * layout->sub_block, count - s, tile);
        vf largest = v_set(0.0f);
        for (size_t i = 0; i < layout->sub_block; i++)
            largest = v_max(largest, v_abs(v_load(tile + i * RDL_LANES)));
        v_store(scales + s, v_div(largest, v_set(top)));
    }
}

/* The decoder's scales of 16 sub-blocks from s on. */
RDL_INLINE vf stored_scales(const struct layout *layout, const uint16_t *d, const uint8_t *codes,
                            size_t s)
{
    uint16_t units[RDL_LANES];
    const size_t per_block = RDL_SUPER_BLOCK / layout->sub_block;
    for (size_t k = 0; k < RDL_LANES; k++)
        units[k] = d[(s + k) / per_block];
    const vi odd = v_iadd(v_shl(v_load_u8(codes + s), 1), v_iset(1));
    return v_mul(v_mul(v_from_f16(v_load_u16(units)), v_to_float(odd)), v_set(layout->unit));
}

/* Rows and signs of `count` sub-blocks. */
RDL_INLINE void fill_rows(const struct layout *layout, const struct rdl_halved_codebook *codebook,
                          const float *x, size_t count, vf scale, uint16_t *rows, uint8_t *signs)
{
    const size_t n = layout->sub_block, ngroups = n / layout->length, nsigns = n / SIGN_GROUP;
    const size_t nlanes = count < RDL_LANES ? count : RDL_LANES;
    float tile[RDL_TILE], magnitudes[RDL_TILE];
    tile_load(n, x, count, tile);
    for (size_t h = 0; h < nsigns; h++) {
        const size_t row = SIGN_GROUP * h * RDL_LANES;
        uint8_t masks[RDL_LANES];
        vi mask = split_signs(tile + row, magnitudes + row);
        if (layout->even_signs)
            mask = make_signs_even(tile + row, NULL, magnitudes + row, mask);
        v_store_u8(masks, mask);
        for (size_t k = 0; k < nlanes; k++)
            signs[nsigns * k + h] = masks[k];
    }
    for (size_t g = 0; g < ngroups; g++) {
        uint16_t nearest[RDL_LANES];
        nearest_rows(layout, codebook, magnitudes + layout->length * g * RDL_LANES, scale, nearest);
        for (size_t k = 0; k < nlanes; k++)
            rows[ngroups * k + g] = nearest[k];
    }
}

RDL_INLINE void encode_slab(const struct layout *layout, const struct rdl_halved_codebook *codebook,
                            const float *x, size_t count, uint8_t *blocks)
{
    const size_t n = layout->sub_block, per_block = RDL_SUPER_BLOCK / n;
    float scales[MAX_CELLS] = {0.0f};
    uint16_t d[RDL_SLAB], rows[RDL_SLAB * RDL_SUPER_BLOCK / 4];
    uint8_t codes[MAX_CELLS], positive[RDL_SLAB], signs[RDL_SLAB * SIGNS];
    fill_scales(layout, codebook, x, count * per_block, scales);
    codebook_code_scales(per_block, scales, 1.0f, d, codes, positive);
    for (size_t s = 0; s < count * per_block; s += RDL_LANES)
        fill_rows(layout, codebook, x + s * n, count * per_block - s,
                  stored_scales(layout, d, codes, s), rows + s * (n / layout->length),
                  signs + s * (n / SIGN_GROUP));
    for (size_t k = 0; k < count; k++) {
        const struct codebook_fields fields = {d[k], codes + k * per_block,
                                               rows + k * (RDL_SUPER_BLOCK / layout->length),
                                               signs + k * SIGNS};
        layout->pack(&fields, blocks + k * layout->block_bytes);
    }
}

RDL_INLINE void encode(const struct layout *layout, const struct rdl_rows *rows, uint8_t *blocks)
{
    const size_t nblocks = rows->nrows * (rows->ncols / RDL_SUPER_BLOCK);
    struct rdl_halved_codebook codebook;
    rdl_halve_codebook(layout->codebook, &codebook);
    for (size_t first = 0; first < nblocks; first += RDL_SLAB)
        encode_slab(layout, &codebook, rows->x + first * RDL_SUPER_BLOCK,
                    nblocks - first < RDL_SLAB ? nblocks - first : RDL_SLAB,
                    blocks + first * layout->block_bytes);
}

#define NEAREST_ENCODER(format, ...)                                                               \
    void RDL_TARGET_NAME(rdl_##format##_encode_nearest)(const struct rdl_rows *rows,               \
                                                        uint8_t *blocks)                           \
    {                                                                                              \
        static const struct layout layout = {                                                      \
            .codebook = &rdl_codebook_##format, .pack = pack_##format, __VA_ARGS__};               \
        encode(&layout, rows, blocks);                                                             \
    }

NEAREST_ENCODER(iq2_xxs, .block_bytes = 66, .sub_block = 32, .length = 8, .levels = 3,
                .unit = 0.125f, .even_signs = true)
NEAREST_ENCODER(iq2_xs, .block_bytes = 74, .sub_block = 16, .length = 8, .levels = 3,
                .unit = 0.125f, .even_signs = true)
NEAREST_ENCODER(iq2_s, .block_bytes = 82, .sub_block = 16, .length = 8, .levels = 3, .unit = 0.125f)
NEAREST_ENCODER(iq3_xxs, .block_bytes = 98, .sub_block = 32, .length = 4, .levels = 8,
                .unit = 0.25f, .even_signs = true)
NEAREST_ENCODER(iq3_s, .block_bytes = 110, .sub_block = 32, .length = 4, .levels = 8, .unit = 1.0f)
