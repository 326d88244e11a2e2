/* Decoders of Q2_K, Q4_K and Q5_K: x = (d * scale) * code - dmin * min. */
#include "simd.h"

#include "decode.h"

/* Scales and mins of the sub-blocks. */
struct factors {
    RDL_ALIGNED float scales[16];
    RDL_ALIGNED float mins[16];
};

/* n weights of a sub-block from codes of a byte each. */
RDL_INLINE void decode_affine(int n, float scale, float min, const int32_t *codes, float *x)
{
    const uint8_t *bytes = (const uint8_t *)codes;
    for (int i = 0; i < n; i += RDL_WIDTH)
        r_store(x + i, r_sub(r_mul(r_set(scale), r_to_float(r_load_u8(bytes + i))), r_set(min)));
}

/* ------------------------------------------------------------------------------------------------
 * Q2_K
 */

RDL_INLINE void load_q2_k_factors(const uint8_t *block, struct factors *factors)
{
    const rf d = load_half(block + 80), dmin = load_half(block + 82);
    for (int j = 0; j < 16; j += RDL_WIDTH) {
        const ri byte = r_load_u8(block + j);
        r_store(factors->scales + j, r_mul(d, r_to_float(r_and(byte, r_iset(15)))));
        r_store(factors->mins + j, r_mul(dmin, r_to_float(r_shr(byte, 4))));
    }
}

void RDL_TARGET_NAME(rdl_q2_k_decode)(const uint8_t *blocks, size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++) {
        struct factors factors;
        load_q2_k_factors(blocks, &factors);
        THROUGH_MEMORY(factors);
        RDL_ALIGNED int32_t codes[4][16]; /* field t of the 64 bytes */
        for (int k = 0; k < 16; k += RDL_WIDTH) {
            const ri pairs = r_load_bytes(blocks + 16 + 4 * k);
            for (int t = 0; t < 4; t++)
                r_istore(codes[t] + k, byte_field(pairs, 2 * t, 3));
        }
        THROUGH_MEMORY(codes);
        for (int t = 0; t < 4; t++)
            for (int run = 0; run < 4; run++) { /* 16 bytes, those of a sub-block */
                const int h = run / 2, half = run % 2, j = 8 * h + 2 * t + half;
                decode_affine(16, factors.scales[j], factors.mins[j], codes[t] + 4 * run,
                              x + 128 * h + 32 * t + 16 * half);
            }
        blocks += 84;
        x += RDL_SUPER_BLOCK;
    }
}

/* ------------------------------------------------------------------------------------------------
 * Q4_K and Q5_K: the field of 8 scales and 8 mins of six bits
 */

/*
 * The eight scales, then the eight mins. Of scales 0 .. 3 the first word has the low six bits of a
 * byte each, of mins the second word; above them are the high two bits of numbers 4 .. 7, whose low
 * four bits are in the third word, low nibbles for scales.
 */
RDL_INLINE void load_factors(const uint8_t *block, float *factors)
{
    const rf d = load_half(block), dmin = load_half(block + 2);
    const ri first = load_word(block + 4), second = load_word(block + 8);
    const ri third = load_word(block + 12);
    for (int k = 0; k < 16; k += RDL_WIDTH) {
        const ri number = r_iadd(lane_numbers(), r_iset(k));
        const ri byte = r_shl(r_and(number, r_iset(3)), 3);
        const rm scale = r_ilt(number, r_iset(8));
        const rm whole = r_ieq(r_and(number, r_iset(4)), r_iset(0));
        const ri nibble = r_iselect(scale, byte, r_iadd(byte, r_iset(4)));
        const ri word = r_iselect(scale, first, second);
        const ri low = r_shrv(r_iselect(whole, word, third), r_iselect(whole, byte, nibble));
        const ri high = r_shrv(word, r_iadd(byte, r_iselect(whole, r_iset(4), r_iset(6))));
        const ri code = r_or(r_and(low, r_iset(15)), r_shl(r_and(high, r_iset(3)), 4));
        r_store(factors + k, r_mul(r_select(scale, d, dmin), r_to_float(code)));
    }
}

RDL_INLINE void fill_affine_table(float scale, float min, float *table)
{
    static const float codes[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    for (int k = 0; k < 16; k += RDL_WIDTH)
        r_store(table + k, r_sub(r_mul(r_set(scale), r_load(codes + k)), r_set(min)));
}

void RDL_TARGET_NAME(rdl_q4_k_decode)(const uint8_t *blocks, size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++) {
        RDL_ALIGNED float factors[16];
        const float *scales = factors, *mins = factors + 8;
        load_factors(blocks, factors);
        THROUGH_MEMORY(factors);
        for (int c = 0; c < 4; c++) {
            float low[16], high[16];
            fill_affine_table(scales[2 * c], mins[2 * c], low);
            fill_affine_table(scales[2 * c + 1], mins[2 * c + 1], high);
            decode_nibbles(32, blocks + 16 + 32 * c, low, high, x + 64 * c, x + 64 * c + 32);
        }
        blocks += 144;
        x += RDL_SUPER_BLOCK;
    }
}

/* Bit 4 of the codes is one of the eight bits of each byte at 16, sub-block 0 lowest. */
void RDL_TARGET_NAME(rdl_q5_k_decode)(const uint8_t *blocks, size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++) {
        RDL_ALIGNED float factors[16];
        const float *scales = factors, *mins = factors + 8;
        load_factors(blocks, factors);
        THROUGH_MEMORY(factors);
        RDL_ALIGNED int32_t codes[4][16]; /* sub-blocks 2 c and 2 c + 1 */
        for (int k = 0; k < 16; k += RDL_WIDTH) {
            const ri number = r_iadd(lane_numbers(), r_iset(k));
            const ri second = r_shr(number, 3); /* 1 in the lanes of the odd sub-blocks */
            const ri fifth = r_shrv(r_load_32_bytes(blocks + 16 + 4 * (k % 8)), second);
            for (int c = 0; c < 4; c++) {
                const ri bytes = r_load_32_bytes(blocks + 48 + 32 * c + 4 * (k % 8));
                const ri nibbles = byte_field(r_shrv(bytes, r_shl(second, 2)), 0, 15);
                r_istore(codes[c] + k, r_or(nibbles, r_shl(byte_field(fifth, 2 * c, 1), 4)));
            }
        }
        THROUGH_MEMORY(codes);
        for (int j = 0; j < 8; j++)
            decode_affine(32, scales[j], mins[j], codes[j / 2] + 8 * (j % 2), x + 32 * j);
        blocks += 176;
        x += RDL_SUPER_BLOCK;
    }
}
