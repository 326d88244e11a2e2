/*
 * Q4_K: super-blocks of 256 weights, x = d * scale * code - dmin * min, codes 0 .. 15.
 *
 *   bytes 0..1 d, 2..3 dmin (binary16), 4..15 scale field, 16..143 nibbles
 */
#include "scale_field.h"

#include <string.h>

enum {
    BLOCK_BYTES = 144,
    CODE_MAX = 15,
    NIBBLES = 16
};

static void pack(const struct rdl_affine_super_block *block, uint8_t *bytes)
{
    memcpy(bytes, &block->d, 2);
    memcpy(bytes + 2, &block->dmin, 2);
    rdl_scale_field_pack(block, bytes + 4);
    rdl_nibbles_pack(block->codes, bytes + NIBBLES);
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
};

void rdl_q4_k_encode_ggml(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_affine_encode_ggml(&layout, rows, blocks);
}

void rdl_q4_k_encode_nearest(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_affine_encode_nearest(&layout, rows, blocks);
}

static void pack_found(const struct rdl_search_block *found, uint8_t *bytes)
{
    const struct rdl_affine_super_block block = rdl_affine_found(found);
    pack(&block, bytes);
}

static const struct rdl_search_layout search = {
    .block_bytes = BLOCK_BYTES,
    .sub_blocks = 8,
    .length = 32,
    .grid = &rdl_format_grids[RDL_Q4_K],
    .scale_first = 0,
    .scale_last = 63,
    .min_last = 63,
    .pack = pack_found,
};

void rdl_q4_k_encode_search(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_search_encode(&search, rows, blocks);
}

size_t rdl_q4_k_search_scratch(const struct rdl_rows *rows)
{
    return rdl_search_scratch(&search, rows);
}

void rdl_q4_k_decode(const uint8_t *blocks, size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++) {
        float scales[8], mins[8];
        rdl_scale_field_unpack(blocks, scales, mins);
        const uint8_t *nibbles = blocks + NIBBLES;
        for (int j = 0; j < 8; j += 2) {
            rdl_affine_decode(32, scales[j], mins[j], nibbles, 0, 15, x);
            rdl_affine_decode(32, scales[j + 1], mins[j + 1], nibbles, 4, 15, x + 32);
            nibbles += 32;
            x += 64;
        }
        blocks += BLOCK_BYTES;
    }
}
