/*
 * IQ3_XXS: super-blocks of 256 weights in sub-blocks of 32, groups of 4, 256 rows, seven of eight
 * signs.
 *
 *   bytes 0..1 d (binary16), 2..65 rows, 66..97 a word of signs and scale for each sub-block
 */
#include "codebook_nearest.h"
#include "codebook_packing.h"
#include "codebook_super_block.h"
#include "search/codebook_blocks.h"
#include "searches.h"

enum {
    BLOCK_BYTES = 98,
    SUB_BLOCK = 32,
    SUB_BLOCKS = RDL_SUPER_BLOCK / SUB_BLOCK,
    GROUPS = RDL_SUPER_BLOCK / 4
};

static void pack(const struct rdl_codebook_super_block *block, uint8_t *bytes)
{
    memcpy(bytes, &block->d, 2);
    for (int g = 0; g < GROUPS; g++)
        bytes[2 + g] = (uint8_t)block->rows[g];
    for (int j = 0; j < SUB_BLOCKS; j++)
        rdl_signs_and_scale_pack(block->signs + 4 * j, block->scales[j], bytes + 66 + 4 * j);
}

static void unpack(const uint8_t *bytes, struct rdl_codebook_super_block *block)
{
    memcpy(&block->d, bytes, 2);
    for (int g = 0; g < GROUPS; g++)
        block->rows[g] = bytes[2 + g];
    for (int j = 0; j < SUB_BLOCKS; j++)
        block->scales[j] = rdl_signs_and_scale_unpack(bytes + 66 + 4 * j, block->signs + 4 * j);
}

static const struct rdl_codebook_layout layout = {
    .block_bytes = BLOCK_BYTES,
    .codebook = &rdl_codebook_iq3_xxs,
    .words = rdl_levels_iq3_xxs,
    .sub_block = SUB_BLOCK,
    .unit = 0.25f,
    .even_signs = true,
    .pack = pack,
    .unpack = unpack,
};

static const struct rdl_codebook_method method = {
    .sigma2_factor = 2.0f,
    .share = 0.0f,
    .threshold = 1e-8f,
    .fudge = 1.0125f,
    .scan = {.top = 15, .last = 15, .step = 0.2f},
    .search = rdl_codebook_search,
};

void rdl_iq3_xxs_encode_ggml(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_codebook_encode(&layout, &method, rows, blocks);
}

void rdl_iq3_xxs_encode_exact(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_codebook_encode_exact(&layout, &method, rows, blocks);
}

size_t rdl_iq3_xxs_exact_scratch(const struct rdl_rows *rows)
{
    return rdl_codebook_exact_scratch(&layout, rows);
}

void rdl_iq3_xxs_encode_nearest(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_codebook_encode_nearest(&layout, rows, blocks);
}

void rdl_iq3_xxs_decode(const uint8_t *blocks, size_t nblocks, float *x)
{
    rdl_codebook_decode(&layout, blocks, nblocks, x);
}
