/*
 * IQ1_M: super-blocks of 256 weights in 16 sub-blocks, x = d * (2 scale + 1) * (g + delta), g rows
 * of the ternary codebook of 2048 x 8, delta +-1/8 for each group of 8.
 *
 *   bytes 0..31 low bits of the row of each group, 32..47 a nibble a group: bits 8..10 of the row,
 * and delta, 48..55 four 16-bit words: in the low 12 bits of word j div 4 the scale of sub-block j,
 * in the high four bits of word i bits 4i .. 4i + 3 of d (binary16)
 */
#include "block_stats.h"
#include "codebooks.h"
#include "iq1_search.h"
#include "nearest.h"
#include "packing.h"
#include "row_blocks.h"

enum {
    N = 16,
    SUB_BLOCKS = 16,
    GROUPS = 2,
    BLOCK_BYTES = 56,
    HIGH = 32,
    WORDS = 48,
    SCALE_MAX = 7
};

static void pack(const struct rdl_iq1_fit *fits, const int *scales, float d, uint8_t *bytes)
{
    memset(bytes, 0, BLOCK_BYTES);
    uint16_t words[4];
    const uint16_t stored = rdl_f32_to_f16(d);
    for (int i = 0; i < 4; i++)
        words[i] = (uint16_t)((stored >> 4 * i & 15) << 12);
    for (int j = 0; j < SUB_BLOCKS; j++) {
        words[j / 4] |= (uint16_t)(scales[j] << 3 * (j % 4));
        for (int k = 0; k < GROUPS; k++) {
            const unsigned high = (unsigned)(fits[j].rows[k] >> 8 | fits[j].delta[k] << 3);
            bytes[GROUPS * j + k] = (uint8_t)fits[j].rows[k];
            bytes[HIGH + j] |= (uint8_t)(high << 4 * k);
        }
    }
    memcpy(bytes + WORDS, words, sizeof words);
}

/* The least-squares unit of the scales for all codes as chosen. */
static float refit_unit(const float *x, const float *w, const struct rdl_iq1_fit *fits,
                        const int *scales, float unit)
{
    float num = 0.0f, den = 0.0f;
    for (int j = 0; j < SUB_BLOCKS; j++)
        for (int i = 0; i < N; i++) {
            const uint8_t delta = fits[j].delta[i / RDL_IQ1_GROUP];
            const float value =
                rdl_iq1_values[delta][fits[j].levels[i]] * (float)(2 * scales[j] + 1);
            num += w[N * j + i] * value * x[N * j + i];
            den += w[N * j + i] * value * value;
        }
    return den > 0.0f ? num / den : unit;
}

static void encode_block(const float *x, const float *importance,
                         const struct rdl_neighbours *neighbours, uint8_t *bytes)
{
    const float sigma2 = 2.0f * rdl_add_squares(0.0f, x, RDL_SUPER_BLOCK) / (float)RDL_SUPER_BLOCK;
    struct rdl_iq1_fit fits[SUB_BLOCKS];
    float w[RDL_SUPER_BLOCK], largest = 0.0f;
    rdl_native_weights(RDL_SUPER_BLOCK, x, importance, sigma2, w);
    for (int j = 0; j < SUB_BLOCKS; j++) {
        fits[j] = rdl_iq1_m_search(x + N * j, w + N * j, neighbours);
        largest = fits[j].scale > largest ? fits[j].scale : largest;
    }
    int scales[SUB_BLOCKS] = {0};
    float unit = largest / 15.0f;
    if (largest > 0.0f) {
        const float inverse = 1.0f / unit;
        for (int j = 0; j < SUB_BLOCKS; j++)
            scales[j] = rdl_odd_scale_code(fits[j].scale, inverse, SCALE_MAX);
        unit = refit_unit(x, w, fits, scales, unit);
    }
    /* The factor makes up for the rounding to the grid, which shrinks. */
    pack(fits, scales, unit * 1.1125f, bytes);
}

void rdl_iq1_m_encode_ggml(const struct rdl_rows *rows, uint8_t *blocks)
{
    const struct rdl_neighbours neighbours = rdl_neighbours(rows->tables);
    const size_t nblocks = rdl_count_blocks(rows, RDL_SUPER_BLOCK);
    for (size_t b = 0; b < nblocks; b++)
        encode_block(rows->x + b * RDL_SUPER_BLOCK, rdl_block_importance(rows, RDL_SUPER_BLOCK, b),
                     &neighbours, blocks + b * BLOCK_BYTES);
}

void rdl_iq1_m_decode(const uint8_t *blocks, size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++) {
        const uint8_t *bytes = blocks + b * BLOCK_BYTES;
        uint16_t words[4];
        memcpy(words, bytes + WORDS, sizeof words);
        const float d = rdl_f16_to_f32((uint16_t)(words[0] >> 12 | words[1] >> 12 << 4 |
                                                  words[2] >> 12 << 8 | words[3] >> 12 << 12));
        for (int j = 0; j < SUB_BLOCKS; j++) {
            const float scale = d * (float)(2 * (words[j / 4] >> 3 * (j % 4) & SCALE_MAX) + 1);
            for (int k = 0; k < GROUPS; k++) {
                const int high = bytes[HIGH + j] >> 4 * k & 15;
                rdl_iq1_decode_group(bytes[GROUPS * j + k] | (high & 7) << 8, high >> 3, scale, x);
                x += RDL_IQ1_GROUP;
            }
        }
    }
}
