/*
 * IQ2_XS: super-blocks of 256 weights in sub-blocks of 16, groups of 8, 512 rows, seven of eight
 * signs.
 *
 *   bytes 0..1 d (binary16), 2..65 a 16-bit word for each group: row and signs, 66..73 scales
 *
 * The reference insists on importance. Without it, `ggml-fixed` weighs by sqrt(sigma2 + x^2); see
 * IQ2_XXS.
 */
#include "codebook_nearest.h"
#include "codebook_packing.h"
#include "codebook_super_block.h"
#include "search/codebook_blocks.h"
#include "searches.h"

enum {
    BLOCK_BYTES = 74,
    SUB_BLOCK = 16,
    SUB_BLOCKS = RDL_SUPER_BLOCK / SUB_BLOCK,
    GROUPS = RDL_SUPER_BLOCK / 8
};

static void pack(const struct rdl_codebook_super_block *block, uint8_t *bytes)
{
    memcpy(bytes, &block->d, 2);
    for (int g = 0; g < GROUPS; g++) {
        const uint16_t word = (uint16_t)(block->rows[g] | (block->signs[g] & 127) << 9);
        memcpy(bytes + 2 + 2 * g, &word, 2);
    }
    rdl_scale_nibbles_pack(SUB_BLOCKS, block->scales, bytes + 66);
}

static void unpack(const uint8_t *bytes, struct rdl_codebook_super_block *block)
{
    memcpy(&block->d, bytes, 2);
    for (int g = 0; g < GROUPS; g++) {
        uint16_t word;
        memcpy(&word, bytes + 2 + 2 * g, 2);
        block->rows[g] = word & 511;
        block->signs[g] = rdl_codebook_signs7[word >> 9];
    }
    rdl_scale_nibbles_unpack(SUB_BLOCKS, bytes + 66, block->scales);
}

static const struct rdl_codebook_layout layout = {
    .block_bytes = BLOCK_BYTES,
    .codebook = &rdl_codebook_iq2_xs,
    .words = rdl_levels_iq2_xs,
    .sub_block = SUB_BLOCK,
    .unit = 0.125f,
    .even_signs = true,
    .pack = pack,
    .unpack = unpack,
};

static const struct rdl_codebook_method method = {
    .sigma2_factor = 1.0f,
    .share = 1.0f,
    .root = true,
    .threshold = 1e-15f,
    .fudge = 1.0f,
    .scan = {.top = 5, .last = 9, .step = 0.1f},
    .search = rdl_codebook_search,
};

void rdl_iq2_xs_encode_ggml(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_codebook_encode(&layout, &method, rows, blocks);
}

void rdl_iq2_xs_encode_exact(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_codebook_encode_exact(&layout, &method, rows, blocks);
}

size_t rdl_iq2_xs_exact_scratch(const struct rdl_rows *rows)
{
    return rdl_codebook_exact_scratch(&layout, rows);
}

void rdl_iq2_xs_encode_nearest(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_codebook_encode_nearest(&layout, rows, blocks);
}

void rdl_iq2_xs_decode(const uint8_t *blocks, size_t nblocks, float *x)
{
    rdl_codebook_decode(&layout, blocks, nblocks, x);
}
