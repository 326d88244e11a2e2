/* Decoders of IQ1_S and IQ1_M: x = (d * (2 scale + 1)) * (g + delta), g in -1, 0, 1. */
#include "simd.h"

#include "codebook_levels.h"
#include "decode.h"

/* delta of two groups of 8 weights, by the two bits that stand for -1/8. */
#define PLUS  0.125f, 0.125f, 0.125f, 0.125f, 0.125f, 0.125f, 0.125f, 0.125f
#define MINUS -0.125f, -0.125f, -0.125f, -0.125f, -0.125f, -0.125f, -0.125f, -0.125f
static const float deltas[4][16] = {{PLUS, PLUS}, {MINUS, PLUS}, {PLUS, MINUS}, {MINUS, MINUS}};

/* 16 weights: two rows. */
RDL_INLINE void decode_rows(rf scale, unsigned first, unsigned second, const float *delta, float *x)
{
    static const float entries[4] = {-1, 0, 1, 0}; /* there is no level 3 */
    const uint32_t levels = rdl_levels_iq1_s[first] | (uint32_t)rdl_levels_iq1_s[second] << 16;
    for (int i = 0; i < 16; i += RDL_WIDTH) {
        const ri number = r_iadd(lane_numbers(), r_iset(i));
        const ri level = r_shrv(r_iset((int32_t)levels), r_shl(number, 1));
        const rf sum = r_add(r_table4(entries, level), r_load(delta + i));
        r_store(x + i, r_mul(scale, sum));
    }
}

/* d * (2 code + 1), the code in the low three bits. */
RDL_INLINE rf odd_scale(rf d, unsigned code)
{
    return r_mul(d, r_to_float(r_iset((int32_t)(2 * (code & 7) + 1))));
}

void RDL_TARGET_NAME(rdl_iq1_s_decode)(const uint8_t *blocks, size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++) {
        const rf d = load_half(blocks);
        for (int j = 0; j < 8; j++) {
            const uint8_t *rows = blocks + 2 + 4 * j;
            uint16_t half;
            memcpy(&half, blocks + 34 + 2 * j, sizeof half);
            const unsigned word = half;
            const rf scale = odd_scale(d, word >> 12);
            const float *delta = deltas[word & 0x8000 ? 3 : 0];
            decode_rows(scale, rows[0] | (word << 8 & 0x700), rows[1] | (word << 5 & 0x700), delta,
                        x + 32 * j);
            decode_rows(scale, rows[2] | (word << 2 & 0x700), rows[3] | (word >> 1 & 0x700), delta,
                        x + 32 * j + 16);
        }
        blocks += 50;
        x += RDL_SUPER_BLOCK;
    }
}

/* d is in the top nibbles of four halves, the scales are in their low twelve bits. */
void RDL_TARGET_NAME(rdl_iq1_m_decode)(const uint8_t *blocks, size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++) {
        uint16_t halves[4];
        memcpy(halves, blocks + 48, sizeof halves);
        const rf d = r_from_f16(r_iset((halves[0] >> 12) | (halves[1] >> 8 & 0xF0) |
                                       (halves[2] >> 4 & 0xF00) | (halves[3] & 0xF000)));
        for (int j = 0; j < 16; j++) {
            const unsigned high = blocks[32 + j];
            const rf scale = odd_scale(d, (unsigned)halves[j / 4] >> 3 * (j % 4));
            decode_rows(scale, blocks[2 * j] | (high << 8 & 0x700),
                        blocks[2 * j + 1] | (high << 4 & 0x700),
                        deltas[(high >> 3 & 1) | (high >> 6 & 2)], x + 16 * j);
        }
        blocks += 56;
        x += RDL_SUPER_BLOCK;
    }
}
