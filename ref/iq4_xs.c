/*
 * IQ4_XS: super-blocks of 256 weights in 8 sub-blocks, x = d * scale * V[code] with the 16-value
 * table of codebooks.h, scales -32 .. 31.
 *
 *   bytes 0..1 d (binary16), 2..3 high two bits of the scale codes, 4..7 their low nibbles,
 *   8..135 nibbles of the codes, 16 bytes a sub-block
 */
#include "block_stats.h"
#include "iq4_search.h"
#include "kernel.h"
#include "nearest.h"
#include "row_blocks.h"
#include "search/search.h"

enum {
    N = RDL_IQ4_SUB_BLOCK,
    SUB_BLOCKS = RDL_SUPER_BLOCK / N,
    BLOCK_BYTES = 136,
    SCALE_LIMIT = 32,
    SCALES = 4,
    CODES = 8
};

static void pack_scales(const int *scales, uint8_t *bytes)
{
    unsigned high = 0;
    memset(bytes + SCALES, 0, SUB_BLOCKS / 2);
    for (int j = 0; j < SUB_BLOCKS; j++) {
        const unsigned code = (unsigned)(scales[j] + SCALE_LIMIT);
        bytes[SCALES + j / 2] |= (uint8_t)((code & 15) << 4 * (j % 2));
        high |= (code >> 4) << 2 * j;
    }
    bytes[2] = (uint8_t)high;
    bytes[3] = (uint8_t)(high >> 8);
}

static int unpack_scale(const uint8_t *bytes, int j)
{
    const int low = bytes[SCALES + j / 2] >> 4 * (j % 2) & 15;
    const int high = bytes[2 + j / 4] >> 2 * (j % 4) & 3;
    return low + 16 * high - SCALE_LIMIT;
}

static void pack_codes(const float *x, float scale, uint8_t *bytes)
{
    const float inverse = scale != 0.0f ? 1.0f / scale : 0.0f;
    uint8_t codes[N];
    for (int i = 0; i < N; i++)
        codes[i] = (uint8_t)rdl_nearest_iq4_nl(inverse * x[i]);
    rdl_block_nibbles_pack(codes, bytes);
}

/* Codes the scales of the sub-blocks in units of largest / -32 and stores all; the codes are the
 * nearest for the unit as it was before rounding to binary16 (the reference's choice) or after. */
static void store(const float *x, const float *scales, bool for_stored_unit, uint8_t *bytes)
{
    float extreme;
    rdl_signed_absmax(SUB_BLOCKS, scales, &extreme);
    float d = -extreme / (float)SCALE_LIMIT;
    const float inverse = d != 0.0f ? 1.0f / d : 0.0f;
    const uint16_t stored = rdl_f32_to_f16(d);
    memcpy(bytes, &stored, 2);
    if (for_stored_unit)
        d = rdl_f16_to_f32(stored);
    int coded[SUB_BLOCKS];
    for (int j = 0; j < SUB_BLOCKS; j++) {
        coded[j] = rdl_clamp(rdl_nearest_int(inverse * scales[j]), -SCALE_LIMIT, SCALE_LIMIT - 1);
        pack_codes(x + N * j, d * (float)coded[j], bytes + CODES + N / 2 * j);
    }
    pack_scales(coded, bytes);
}

static void encode_ggml(const float *x, const float *importance, uint8_t *bytes)
{
    const float sigma2 =
        rdl_add_squares(0.0f, x, RDL_SUPER_BLOCK) * (2.0f / (float)RDL_SUPER_BLOCK);
    float scales[SUB_BLOCKS];
    for (int j = 0; j < SUB_BLOCKS; j++) {
        float w[N];
        rdl_native_weights(N, x + N * j, importance ? importance + N * j : NULL, sigma2, w);
        scales[j] = rdl_iq4_search(x + N * j, w);
    }
    store(x, scales, false, bytes);
}

void rdl_iq4_xs_encode_ggml(const struct rdl_rows *rows, uint8_t *blocks)
{
    const size_t nblocks = rdl_count_blocks(rows, RDL_SUPER_BLOCK);
    for (size_t b = 0; b < nblocks; b++)
        encode_ggml(rows->x + b * RDL_SUPER_BLOCK, rdl_block_importance(rows, RDL_SUPER_BLOCK, b),
                    blocks + b * BLOCK_BYTES);
}

void rdl_iq4_xs_encode_nearest(const struct rdl_rows *rows, uint8_t *blocks)
{
    const size_t nblocks = rdl_count_blocks(rows, RDL_SUPER_BLOCK);
    for (size_t b = 0; b < nblocks; b++) {
        const float *x = rows->x + b * RDL_SUPER_BLOCK;
        float scales[SUB_BLOCKS];
        for (int j = 0; j < SUB_BLOCKS; j++)
            scales[j] = rdl_iq4_extreme_scale(x + N * j);
        store(x, scales, true, blocks + b * BLOCK_BYTES);
    }
}

static void pack_found(const struct rdl_search_block *found, uint8_t *bytes)
{
    int scales[SUB_BLOCKS];
    for (int j = 0; j < SUB_BLOCKS; j++) {
        scales[j] = found->scales[j];
        rdl_block_nibbles_pack(found->codes + N * j, bytes + CODES + N / 2 * j);
    }
    memcpy(bytes, &found->d, 2);
    pack_scales(scales, bytes);
}

static const struct rdl_search_layout search = {
    .block_bytes = BLOCK_BYTES,
    .sub_blocks = SUB_BLOCKS,
    .length = N,
    .grid = &rdl_format_grids[RDL_IQ4_XS],
    .scale_first = -SCALE_LIMIT,
    .scale_last = SCALE_LIMIT - 1,
    .pack = pack_found,
};

void rdl_iq4_xs_encode_search(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_search_encode(&search, rows, blocks);
}

size_t rdl_iq4_xs_search_scratch(const struct rdl_rows *rows)
{
    return rdl_search_scratch(&search, rows);
}

void rdl_iq4_xs_decode(const uint8_t *blocks, size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++) {
        const uint8_t *bytes = blocks + b * BLOCK_BYTES;
        uint16_t stored;
        memcpy(&stored, bytes, 2);
        const float d = rdl_f16_to_f32(stored);
        for (int j = 0; j < SUB_BLOCKS; j++)
            rdl_iq4_decode(d * (float)unpack_scale(bytes, j), bytes + CODES + N / 2 * j,
                           x + b * RDL_SUPER_BLOCK + N * j);
    }
}
