/*
 * Q6_K: super-blocks of 256 weights in 16 sub-blocks, x = d * scale * level, scales -128 .. 127,
 * levels -32 .. 31.
 *
 *   bytes 0..127 low four bits, 128..191 high two bits, 192..207 scales, 208..209 d (binary16)
 *
 * In half h, weight 128 h + 32 t + l has its low bits in nibble t div 2 of byte 64 h + 32 (t mod 2)
 * + l and its high bits in bits 2t .. 2t + 1 of byte 128 + 32 h + l.
 */
#include "symmetric_super_block.h"

#include "block_stats.h"
#include "row_blocks.h"

#include <string.h>

enum {
    BLOCK_BYTES = 210,
    HALF_RANGE = 32,
    SCALE_LIMIT = 128,
    HIGH = 128,
    SCALES = 192,
    D = 208
};

static void pack(const struct rdl_symmetric_super_block *block, uint8_t *bytes)
{
    uint8_t high[RDL_SUPER_BLOCK];
    for (int w = 0; w < RDL_SUPER_BLOCK; w++)
        high[w] = block->codes[w] >> 4;
    for (int h = 0; h < 2; h++)
        for (int l = 0; l < 64; l++) {
            const uint8_t *code = block->codes + 128 * h + l;
            bytes[64 * h + l] = (uint8_t)((code[0] & 15) | (code[64] & 15) << 4);
        }
    rdl_pairs_pack(high, bytes + HIGH);
    memcpy(bytes + SCALES, block->scales, RDL_SYMMETRIC_SUB_BLOCKS);
    memcpy(bytes + D, &block->d, 2);
}

static void unpack(const uint8_t *bytes, struct rdl_symmetric_super_block *block)
{
    uint8_t high[RDL_SUPER_BLOCK];
    rdl_pairs_unpack(bytes + HIGH, high);
    for (int h = 0; h < 2; h++)
        for (int l = 0; l < 64; l++) {
            block->codes[128 * h + l] = bytes[64 * h + l] & 15;
            block->codes[128 * h + 64 + l] = bytes[64 * h + l] >> 4;
        }
    for (int w = 0; w < RDL_SUPER_BLOCK; w++)
        block->codes[w] |= (uint8_t)(high[w] << 4);
    memcpy(block->scales, bytes + SCALES, RDL_SYMMETRIC_SUB_BLOCKS);
    memcpy(&block->d, bytes + D, 2);
}

/* Codes the scales and weights of the sub-blocks; a super-block without scales is all zero bytes.
 */
static void store(const float *x, const float *scales, float smallest,
                  struct rdl_symmetric_super_block *block, uint8_t *bytes)
{
    if (!rdl_symmetric_code_scales(scales, SCALE_LIMIT, smallest, block)) {
        memset(bytes, 0, BLOCK_BYTES);
        return;
    }
    rdl_symmetric_requantize(x, HALF_RANGE, block);
    pack(block, bytes);
}

/* Weights: the importance as it is, else x^2. */
static void encode_ggml(const float *x, const float *importance, uint8_t *bytes)
{
    struct rdl_symmetric_super_block block;
    float scales[RDL_SYMMETRIC_SUB_BLOCKS];
    for (int j = 0; j < RDL_SYMMETRIC_SUB_BLOCKS; j++) {
        const int first = RDL_SYMMETRIC_SUB_BLOCK * j;
        float w[RDL_SYMMETRIC_SUB_BLOCK];
        for (int i = 0; i < RDL_SYMMETRIC_SUB_BLOCK; i++)
            w[i] = importance ? importance[first + i] : x[first + i] * x[first + i];
        scales[j] = rdl_symmetric_search(RDL_SYMMETRIC_SUB_BLOCK, rdl_symmetric_levels(HALF_RANGE),
                                         x + first, w, block.codes + first);
    }
    store(x, scales, RDL_SEARCH_EPSILON, &block, bytes);
}

void rdl_q6_k_encode_ggml(const struct rdl_rows *rows, uint8_t *blocks)
{
    const size_t nblocks = rdl_count_blocks(rows, RDL_SUPER_BLOCK);
    for (size_t b = 0; b < nblocks; b++)
        encode_ggml(rows->x + b * RDL_SUPER_BLOCK, rdl_block_importance(rows, RDL_SUPER_BLOCK, b),
                    blocks + b * BLOCK_BYTES);
}

void rdl_q6_k_encode_nearest(const struct rdl_rows *rows, uint8_t *blocks)
{
    const size_t nblocks = rdl_count_blocks(rows, RDL_SUPER_BLOCK);
    for (size_t b = 0; b < nblocks; b++) {
        const float *x = rows->x + b * RDL_SUPER_BLOCK;
        struct rdl_symmetric_super_block block;
        float scales[RDL_SYMMETRIC_SUB_BLOCKS];
        rdl_symmetric_begin_nearest(x, HALF_RANGE, scales, &block);
        store(x, scales, 0.0f, &block, blocks + b * BLOCK_BYTES);
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
    .grid = &rdl_format_grids[RDL_Q6_K],
    .scale_first = -SCALE_LIMIT,
    .scale_last = SCALE_LIMIT - 1,
    .pack = pack_found,
};

void rdl_q6_k_encode_search(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_search_encode(&search, rows, blocks);
}

size_t rdl_q6_k_search_scratch(const struct rdl_rows *rows)
{
    return rdl_search_scratch(&search, rows);
}

void rdl_q6_k_decode(const uint8_t *blocks, size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++) {
        struct rdl_symmetric_super_block block;
        unpack(blocks + b * BLOCK_BYTES, &block);
        rdl_symmetric_super_block_decode(&block, HALF_RANGE, x + b * RDL_SUPER_BLOCK);
    }
}
