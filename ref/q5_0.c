/*
 * Q5_0: blocks of 32 weights, x = d * (code - 16), codes 0 .. 31.
 *
 *   bytes 0..1 d (binary16), 2..5 bit 4 of each code, 6..21 nibbles
 */
#include "search/search.h"
#include "symmetric_block.h"

#include <string.h>

static void pack(const struct rdl_symmetric_block *block, uint8_t *bytes)
{
    uint32_t high = 0;
    for (int i = 0; i < RDL_BLOCK; i++)
        high |= (uint32_t)(block->codes[i] >> 4) << i;
    memcpy(bytes, &block->d, 2);
    memcpy(bytes + 2, &high, 4);
    rdl_block_nibbles_pack(block->codes, bytes + 6);
}

static void unpack(const uint8_t *bytes, struct rdl_symmetric_block *block)
{
    uint32_t high;
    memcpy(&block->d, bytes, 2);
    memcpy(&high, bytes + 2, 4);
    rdl_block_nibbles_unpack(bytes + 6, block->codes);
    for (int i = 0; i < RDL_BLOCK; i++)
        block->codes[i] |= (uint8_t)((high >> i & 1) << 4);
}

static const struct rdl_symmetric_block_layout layout = {
    .block_bytes = 22,
    .half_range = 16,
    .pack = pack,
    .unpack = unpack,
};

void rdl_q5_0_encode_ggml(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_symmetric_block_encode_ggml(&layout, rows, blocks);
}

void rdl_q5_0_encode_nearest(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_symmetric_block_encode_nearest(&layout, rows, blocks);
}

static void pack_found(const struct rdl_search_block *found, uint8_t *bytes)
{
    struct rdl_symmetric_block block = {.d = found->d};
    memcpy(block.codes, found->codes, sizeof block.codes);
    pack(&block, bytes);
}

static const struct rdl_search_layout search = {
    .block_bytes = 22,
    .sub_blocks = 1,
    .length = RDL_BLOCK,
    .grid = &rdl_format_grids[RDL_Q5_0],
    .scale_first = 1,
    .scale_last = 1,
    .pack = pack_found,
};

void rdl_q5_0_encode_search(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_search_encode(&search, rows, blocks);
}

size_t rdl_q5_0_search_scratch(const struct rdl_rows *rows)
{
    return rdl_search_scratch(&search, rows);
}

void rdl_q5_0_decode(const uint8_t *blocks, size_t nblocks, float *x)
{
    rdl_symmetric_block_decode(&layout, blocks, nblocks, x);
}
