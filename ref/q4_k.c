/*
 * Q4_K: super-blocks of 256 weights, x = d * scale * code - dmin * min, codes 0 .. 15.
 *
 *   bytes 0..1 d, 2..3 dmin (binary16), 4..15 scale field, 16..143 nibbles
 */
#include "scale_field.h"

#include <string.h>

enum {
    BLOCK_BYTES = 144,
    CODE_MAX = 15
};

static void pack(const struct rdl_affine_super_block *block, uint8_t *bytes)
{
    memcpy(bytes, &block->d, 2);
    memcpy(bytes + 2, &block->dmin, 2);
    rdl_scale_field_pack(block, bytes + 4);
    rdl_nibbles_pack(block->codes, bytes + 16);
}

static void unpack(const uint8_t *bytes, struct rdl_affine_super_block *block)
{
    memcpy(&block->d, bytes, 2);
    memcpy(&block->dmin, bytes + 2, 2);
    rdl_scale_field_unpack(bytes + 4, block);
    rdl_nibbles_unpack(bytes + 16, block->codes);
}

static const struct rdl_affine_layout layout = {
    .block_bytes = BLOCK_BYTES,
    .sub_blocks = 8,
    .length = 32,
    .field_max = 63,
    .plain_grid = {.code_max = CODE_MAX, .first = -1.0f, .step = 0.1f, .last = 20},
    .plain_weights = rdl_rms_weights,
    .sigma2_factor = 2.0f,
    .fit_field = rdl_scale_field_fit,
    .pack = pack,
    .unpack = unpack,
};

void rdl_q4_k_encode_ggml(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_affine_encode_ggml(&layout, rows, blocks);
}

void rdl_q4_k_encode_nearest(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_affine_encode_nearest(&layout, rows, blocks);
}

void rdl_q4_k_decode(const uint8_t *blocks, size_t nblocks, float *x)
{
    rdl_affine_decode(&layout, blocks, nblocks, x);
}
