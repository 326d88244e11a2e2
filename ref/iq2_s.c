/*
 * IQ2_S: super-blocks of 256 weights in sub-blocks of 16, groups of 8, 1024 rows, all signs.
 *
 *   bytes 0..1 d (binary16), 2..33 low bytes of the rows, 34..65 signs, 66..73 high two bits of the
 *   rows, four to a byte, 74..81 scales
 */
#include "codebook_nearest.h"
#include "codebook_packing.h"
#include "codebook_super_block.h"
#include "search/codebook_blocks.h"
#include "searches.h"

enum {
    BLOCK_BYTES = 82,
    SUB_BLOCK = 16,
    SUB_BLOCKS = RDL_SUPER_BLOCK / SUB_BLOCK,
    GROUPS = RDL_SUPER_BLOCK / 8
};

static void pack(const struct rdl_codebook_super_block *block, uint8_t *bytes)
{
    memcpy(bytes, &block->d, 2);
    memset(bytes + 66, 0, GROUPS / 4);
    for (int g = 0; g < GROUPS; g++) {
        bytes[2 + g] = (uint8_t)block->rows[g];
        bytes[66 + g / 4] |= (uint8_t)(block->rows[g] >> 8 << 2 * (g % 4));
    }
    memcpy(bytes + 34, block->signs, GROUPS);
    rdl_scale_nibbles_pack(SUB_BLOCKS, block->scales, bytes + 74);
}

static void unpack(const uint8_t *bytes, struct rdl_codebook_super_block *block)
{
    memcpy(&block->d, bytes, 2);
    for (int g = 0; g < GROUPS; g++)
        block->rows[g] = (uint16_t)(bytes[2 + g] | (bytes[66 + g / 4] >> 2 * (g % 4) & 3) << 8);
    memcpy(block->signs, bytes + 34, GROUPS);
    rdl_scale_nibbles_unpack(SUB_BLOCKS, bytes + 74, block->scales);
}

static const struct rdl_codebook_layout layout = {
    .block_bytes = BLOCK_BYTES,
    .codebook = &rdl_codebook_iq2_s,
    .words = rdl_levels_iq2_s,
    .sub_block = SUB_BLOCK,
    .unit = 0.125f,
    .even_signs = false,
    .pack = pack,
    .unpack = unpack,
};

static const struct rdl_codebook_method method = {
    .sigma2_factor = 2.0f,
    .share = 0.25f,
    .threshold = 1e-8f,
    .fudge = 0.9875f,
    .scan = {.top = 5, .last = 9, .step = 0.1f},
    .search = rdl_codebook_search,
};

void rdl_iq2_s_encode_ggml(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_codebook_encode(&layout, &method, rows, blocks);
}

void rdl_iq2_s_encode_exact(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_codebook_encode_exact(&layout, &method, rows, blocks);
}

size_t rdl_iq2_s_exact_scratch(const struct rdl_rows *rows)
{
    return rdl_codebook_exact_scratch(&layout, rows);
}

void rdl_iq2_s_encode_nearest(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_codebook_encode_nearest(&layout, rows, blocks);
}

void rdl_iq2_s_decode(const uint8_t *blocks, size_t nblocks, float *x)
{
    rdl_codebook_decode(&layout, blocks, nblocks, x);
}
