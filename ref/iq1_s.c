/*
 * IQ1_S: super-blocks of 256 weights in 8 sub-blocks, x = d * (2 scale + 1) * (g + delta), g rows
 * of the ternary codebook of 2048 x 8, delta +-1/8.
 *
 *   bytes 0..1 d (binary16), 2..33 low bits of the row of each group of 8 weights, 34..49 a 16-bit
 * word a sub-block: bits 3k .. 3k + 2 bits 8..10 of the row of its group k, bits 12..14 scale, bit
 * 15 delta
 */
#include "block_stats.h"
#include "codebooks.h"
#include "iq1_search.h"
#include "nearest.h"
#include "packing.h"
#include "row_blocks.h"

enum {
    N = 32,
    SUB_BLOCKS = 8,
    GROUPS = 4,
    BLOCK_BYTES = 50,
    ROWS = 2,
    WORDS = 34,
    SCALE_MAX = 7
};

static void pack(const struct rdl_iq1_fit *fits, const int *scales, float d, uint8_t *bytes)
{
    const uint16_t stored = rdl_f32_to_f16(d);
    memcpy(bytes, &stored, 2);
    for (int j = 0; j < SUB_BLOCKS; j++) {
        unsigned word = (unsigned)scales[j] << 12 | (unsigned)fits[j].delta[0] << 15;
        for (int k = 0; k < GROUPS; k++) {
            bytes[ROWS + GROUPS * j + k] = (uint8_t)fits[j].rows[k];
            word |= (unsigned)(fits[j].rows[k] >> 8) << 3 * k;
        }
        const uint16_t word16 = (uint16_t)word;
        memcpy(bytes + WORDS + 2 * j, &word16, 2);
    }
}

/* Without importance, which the reference refuses, the weights are x^2, as in IQ1_M. */
static void encode_block(const float *x, const float *importance,
                         const struct rdl_neighbours *neighbours, uint8_t *bytes)
{
    const float sigma2 = 2.0f * rdl_add_squares(0.0f, x, RDL_SUPER_BLOCK) / (float)RDL_SUPER_BLOCK;
    struct rdl_iq1_fit fits[SUB_BLOCKS];
    float largest = 0.0f;
    for (int j = 0; j < SUB_BLOCKS; j++) {
        float w[N];
        rdl_native_weights(N, x + N * j, importance ? importance + N * j : NULL, sigma2, w);
        fits[j] = rdl_iq1_s_search(x + N * j, w, neighbours);
        largest = fits[j].scale > largest ? fits[j].scale : largest;
    }
    int scales[SUB_BLOCKS] = {0};
    const float unit = largest / 15.0f;
    for (int j = 0; j < SUB_BLOCKS && largest > 0.0f; j++)
        scales[j] = rdl_odd_scale_code(fits[j].scale, 1.0f / unit, SCALE_MAX);
    /* The factor makes up for the rounding to the grid, which shrinks. */
    pack(fits, scales, unit * 1.125f, bytes);
}

void rdl_iq1_s_encode_ggml(const struct rdl_rows *rows, uint8_t *blocks)
{
    const struct rdl_neighbours neighbours = rdl_neighbours(rows->tables);
    const size_t nblocks = rdl_count_blocks(rows, RDL_SUPER_BLOCK);
    for (size_t b = 0; b < nblocks; b++)
        encode_block(rows->x + b * RDL_SUPER_BLOCK, rdl_block_importance(rows, RDL_SUPER_BLOCK, b),
                     &neighbours, blocks + b * BLOCK_BYTES);
}

void rdl_iq1_s_decode(const uint8_t *blocks, size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++) {
        const uint8_t *bytes = blocks + b * BLOCK_BYTES;
        uint16_t stored;
        memcpy(&stored, bytes, 2);
        const float d = rdl_f16_to_f32(stored);
        for (int j = 0; j < SUB_BLOCKS; j++) {
            uint16_t word;
            memcpy(&word, bytes + WORDS + 2 * j, 2);
            const float scale = d * (float)(2 * (word >> 12 & SCALE_MAX) + 1);
            for (int k = 0; k < GROUPS; k++) {
                const int row = bytes[ROWS + GROUPS * j + k] | (word >> 3 * k & 7) << 8;
                rdl_iq1_decode_group(row, word >> 15, scale, x);
                x += RDL_IQ1_GROUP;
            }
        }
    }
}
