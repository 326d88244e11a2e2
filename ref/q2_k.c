/*
 * Q2_K: super-blocks of 256 weights in 16 sub-blocks, x = d * scale * code - dmin * min, codes 0 ..
 * 3, scales and mins 0 .. 15.
 *
 *   bytes 0..15 scale (low nibble) and min of each sub-block, 16..79 codes, 80..81 d, 82..83 dmin
 */
#include "affine_super_block.h"
#include "binary16.h"

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
};

void rdl_q2_k_encode_ggml(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_affine_encode_ggml(&layout, rows, blocks);
}

void rdl_q2_k_encode_nearest(const struct rdl_rows *rows, uint8_t *blocks)
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
    .sub_blocks = SUB_BLOCKS,
    .length = 16,
    .grid = &rdl_format_grids[RDL_Q2_K],
    .scale_first = 0,
    .scale_last = 15,
    .min_last = 15,
    .pack = pack_found,
};

void rdl_q2_k_encode_search(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_search_encode(&search, rows, blocks);
}

size_t rdl_q2_k_search_scratch(const struct rdl_rows *rows)
{
    return rdl_search_scratch(&search, rows);
}

void rdl_q2_k_decode(const uint8_t *blocks, size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++) {
        float scales[SUB_BLOCKS], mins[SUB_BLOCKS];
        uint16_t stored[2];
        memcpy(stored, blocks + D, sizeof stored);
        const float d = rdl_f16_to_f32(stored[0]), dmin = rdl_f16_to_f32(stored[1]);
        for (int j = 0; j < SUB_BLOCKS; j++) {
            scales[j] = d * (float)(blocks[j] & 15);
            mins[j] = dmin * (float)(blocks[j] >> 4);
        }
        for (int h = 0; h < 2; h++)
            for (int half = 0; half < 2; half++) {
                const uint8_t *pairs = blocks + CODES + 32 * h + 16 * half;
                const int j = 8 * h + half;
                float *out = x + 128 * h + 16 * half;
                rdl_affine_decode(16, scales[j], mins[j], pairs, 0, 3, out);
                rdl_affine_decode(16, scales[j + 2], mins[j + 2], pairs, 2, 3, out + 32);
                rdl_affine_decode(16, scales[j + 4], mins[j + 4], pairs, 4, 3, out + 64);
                rdl_affine_decode(16, scales[j + 6], mins[j + 6], pairs, 6, 3, out + 96);
            }
        x += RDL_SUPER_BLOCK;
        blocks += BLOCK_BYTES;
    }
}
