/*
 * Q2_K: super-blocks of 256 weights in 16 sub-blocks, x = d * scale * code - dmin * min, codes 0 ..
 * 3, scales and mins 0 .. 15.
 *
 *   bytes 0..15 scale (low nibble) and min of each sub-block, 16..79 codes, 80..81 d, 82..83 dmin
 */
#include "affine_super_block.h"

#include <math.h>
#include <string.h>

enum {
    BLOCK_BYTES = 84,
    SUB_BLOCKS = 16,
    CODE_MAX = 3,
    CODES = 16,
    D = 80,
    DMIN = 82
};

static void absolute_weights(int n, const float *x, float *w)
{
    for (int i = 0; i < n; i++)
        w[i] = fabsf(x[i]);
}

static uint8_t scale_byte(const struct rdl_affine_super_block *block, int j)
{
    return (uint8_t)(block->scales[j] | block->mins[j] << 4);
}

static void split_scale_byte(uint8_t byte, struct rdl_affine_super_block *block, int j)
{
    block->scales[j] = byte & 15;
    block->mins[j] = byte >> 4;
}

/* The reference ORs the two into their byte without a limit, and so a scale beyond 15 spills over.
 */
static void fit_field(struct rdl_affine_super_block *block)
{
    for (int j = 0; j < SUB_BLOCKS; j++)
        split_scale_byte(scale_byte(block, j), block, j);
}

static void pack(const struct rdl_affine_super_block *block, uint8_t *bytes)
{
    for (int j = 0; j < SUB_BLOCKS; j++)
        bytes[j] = scale_byte(block, j);
    rdl_pairs_pack(block->codes, bytes + CODES);
    memcpy(bytes + D, &block->d, 2);
    memcpy(bytes + DMIN, &block->dmin, 2);
}

static void unpack(const uint8_t *bytes, struct rdl_affine_super_block *block)
{
    for (int j = 0; j < SUB_BLOCKS; j++)
        split_scale_byte(bytes[j], block, j);
    rdl_pairs_unpack(bytes + CODES, block->codes);
    memcpy(&block->d, bytes + D, 2);
    memcpy(&block->dmin, bytes + DMIN, 2);
}

static const struct rdl_affine_layout layout = {
    .block_bytes = BLOCK_BYTES,
    .sub_blocks = SUB_BLOCKS,
    .length = 16,
    .field_max = 15,
    .plain_grid =
        {.code_max = CODE_MAX, .first = -0.5f, .step = 0.1f, .last = 15, .absolute = true},
    .plain_weights = absolute_weights,
    .sigma2_factor = 1.0f,
    .fit_field = fit_field,
    .pack = pack,
    .unpack = unpack,
};

void rdl_q2_k_encode_ggml(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_affine_encode_ggml(&layout, rows, blocks);
}

void rdl_q2_k_encode_nearest(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_affine_encode_nearest(&layout, rows, blocks);
}

void rdl_q2_k_decode(const uint8_t *blocks, size_t nblocks, float *x)
{
    rdl_affine_decode(&layout, blocks, nblocks, x);
}
