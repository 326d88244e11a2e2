/*
 * Q3_K: super-blocks of 256 weights in 16 sub-blocks, x = d * scale * level, scales -32 .. 31,
 * levels -4 .. 3.
 *
 *   bytes 0..31 high bits, 32..95 low two bits, 96..107 scales, 108..109 d (binary16)
 *
 * Bit w div 32 of byte w mod 32 is the high bit of weight w. Scale code j (scale + 32) has its low
 * nibble in byte j mod 8 of the scale field, low half for j < 8, and its high two bits at bit
 * 2 (j div 4) of byte 8 + j mod 4.
 */
#include "symmetric_super_block.h"

#include "block_stats.h"
#include "row_blocks.h"

enum {
    BLOCK_BYTES = 110,
    HALF_RANGE = 4,
    SCALE_LIMIT = 32,
    LOW = 32,
    SCALES = 96,
    D = 108,
    N = RDL_SYMMETRIC_SUB_BLOCK,
    SUB_BLOCKS = RDL_SYMMETRIC_SUB_BLOCKS
};

static void pack(const struct rdl_symmetric_super_block *block, uint8_t *bytes)
{
    memset(bytes, 0, BLOCK_BYTES);
    for (int w = 0; w < RDL_SUPER_BLOCK; w++)
        bytes[w % 32] |= (uint8_t)((block->codes[w] >> 2) << (w / 32));
    rdl_pairs_pack(block->codes, bytes + LOW);
    for (int j = 0; j < SUB_BLOCKS; j++) {
        const unsigned code = (unsigned)(block->scales[j] + SCALE_LIMIT);
        bytes[SCALES + j % 8] |= (uint8_t)((code & 15) << 4 * (j / 8));
        bytes[SCALES + 8 + j % 4] |= (uint8_t)((code >> 4) << 2 * (j / 4));
    }
    memcpy(bytes + D, &block->d, 2);
}

static void unpack(const uint8_t *bytes, struct rdl_symmetric_super_block *block)
{
    rdl_pairs_unpack(bytes + LOW, block->codes);
    for (int w = 0; w < RDL_SUPER_BLOCK; w++)
        block->codes[w] |= (uint8_t)((bytes[w % 32] >> (w / 32) & 1) << 2);
    for (int j = 0; j < SUB_BLOCKS; j++) {
        const int low = bytes[SCALES + j % 8] >> 4 * (j / 8) & 15;
        const int high = bytes[SCALES + 8 + j % 4] >> 2 * (j / 4) & 3;
        block->scales[j] = (int8_t)(low + 16 * high - SCALE_LIMIT);
    }
    memcpy(&block->d, bytes + D, 2);
}

/* Scales coded by their largest magnitude. Where all are zero the reference's field of zero bytes
 * means -32; d is zero there. */
static void code_scales(const float *scales, struct rdl_symmetric_super_block *block)
{
    if (!rdl_symmetric_code_scales(scales, SCALE_LIMIT, 0.0f, block))
        memset(block->scales, -SCALE_LIMIT, SUB_BLOCKS);
}

static void encode_plain(const float *x, bool as_reference, struct rdl_symmetric_super_block *block)
{
    float scales[SUB_BLOCKS];
    for (int j = 0; j < SUB_BLOCKS; j++)
        scales[j] = rdl_symmetric_descent(N, rdl_symmetric_levels(HALF_RANGE), x + N * j,
                                          as_reference, block->codes + N * j);
    code_scales(scales, block);
}

/* Weights importance * sqrt(sigma2 + x^2), sigma2 twice the mean square of the super-block; the
 * scales are coded by the same search as the weights, each with the sum of its weights. */
static void encode_with_importance(const float *x, const float *importance,
                                   struct rdl_symmetric_super_block *block)
{
    const float sigma2 = 2.0f * rdl_add_squares(0.0f, x, RDL_SUPER_BLOCK) / (float)RDL_SUPER_BLOCK;
    float scales[SUB_BLOCKS], sums_of_weights[SUB_BLOCKS];
    for (int j = 0; j < SUB_BLOCKS; j++) {
        const float *sub_x = x + N * j;
        float w[N];
        sums_of_weights[j] = rdl_importance_weights(N, sub_x, importance + N * j, sigma2, w);
        scales[j] = rdl_symmetric_search(N, rdl_symmetric_levels(HALF_RANGE), sub_x, w,
                                         block->codes + N * j);
    }
    uint8_t codes[SUB_BLOCKS];
    block->d = rdl_f32_to_f16(rdl_symmetric_search(SUB_BLOCKS, rdl_symmetric_levels(SCALE_LIMIT),
                                                   scales, sums_of_weights, codes));
    for (int j = 0; j < SUB_BLOCKS; j++)
        block->scales[j] = (int8_t)(codes[j] - SCALE_LIMIT);
}

static void store(const float *x, struct rdl_symmetric_super_block *block, uint8_t *bytes)
{
    rdl_symmetric_requantize(x, HALF_RANGE, block);
    pack(block, bytes);
}

static void encode_ggml(const struct rdl_rows *rows, bool as_reference, uint8_t *blocks)
{
    const size_t nblocks = rdl_count_blocks(rows, RDL_SUPER_BLOCK);
    for (size_t b = 0; b < nblocks; b++) {
        const float *x = rows->x + b * RDL_SUPER_BLOCK;
        const float *importance = rdl_block_importance(rows, RDL_SUPER_BLOCK, b);
        struct rdl_symmetric_super_block block;
        if (importance)
            encode_with_importance(x, importance, &block);
        else
            encode_plain(x, as_reference, &block);
        store(x, &block, blocks + b * BLOCK_BYTES);
    }
}

void rdl_q3_k_encode_ggml(const struct rdl_rows *rows, uint8_t *blocks)
{
    encode_ggml(rows, true, blocks);
}

void rdl_q3_k_encode_ggml_fixed(const struct rdl_rows *rows, uint8_t *blocks)
{
    encode_ggml(rows, false, blocks);
}

void rdl_q3_k_encode_nearest(const struct rdl_rows *rows, uint8_t *blocks)
{
    const size_t nblocks = rdl_count_blocks(rows, RDL_SUPER_BLOCK);
    for (size_t b = 0; b < nblocks; b++) {
        const float *x = rows->x + b * RDL_SUPER_BLOCK;
        struct rdl_symmetric_super_block block;
        float scales[SUB_BLOCKS];
        rdl_symmetric_begin_nearest(x, HALF_RANGE, scales, &block);
        code_scales(scales, &block);
        store(x, &block, blocks + b * BLOCK_BYTES);
    }
}

static void pack_found(const struct rdl_search_block *found, uint8_t *bytes)
{
    const struct rdl_symmetric_super_block block = rdl_symmetric_found(found);
    pack(&block, bytes);
}

static const struct rdl_search_layout search = {
    .block_bytes = BLOCK_BYTES,
    .sub_blocks = RDL_SYMMETRIC_SUB_BLOCKS,
    .length = RDL_SYMMETRIC_SUB_BLOCK,
    .grid = &rdl_format_grids[RDL_Q3_K],
    .scale_first = -SCALE_LIMIT,
    .scale_last = SCALE_LIMIT - 1,
    .pack = pack_found,
};

void rdl_q3_k_encode_search(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_search_encode(&search, rows, blocks);
}

size_t rdl_q3_k_search_scratch(const struct rdl_rows *rows)
{
    return rdl_search_scratch(&search, rows);
}

void rdl_q3_k_decode(const uint8_t *blocks, size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++) {
        struct rdl_symmetric_super_block block;
        unpack(blocks + b * BLOCK_BYTES, &block);
        rdl_symmetric_super_block_decode(&block, HALF_RANGE, x + b * RDL_SUPER_BLOCK);
    }
}
