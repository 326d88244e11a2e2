/* Decoders of the formats of 32 weights with one scale: Q8_0, Q4_0, Q5_0, MXFP4. */
#include "simd.h"

#include "binary16.h"
#include "decode.h"

enum {
    N = 32
};

void RDL_TARGET_NAME(rdl_q8_0_decode)(const uint8_t *blocks, size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++) {
        const rf d = load_half(blocks);
        for (int i = 0; i < N; i += RDL_WIDTH)
            r_store(x + i, r_mul(r_to_float(r_load_i8(blocks + 2 + i)), d));
        blocks += 34;
        x += N;
    }
}

void RDL_TARGET_NAME(rdl_q4_0_decode)(const uint8_t *blocks, size_t nblocks, float *x)
{
    static const float levels[16] = {-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7};
    for (size_t b = 0; b < nblocks; b++) {
        float table[16];
        fill_table(load_half(blocks), levels, table);
        decode_nibbles(16, blocks + 2, table, table, x, x + 16);
        blocks += 18;
        x += N;
    }
}

/* Bit i of the word at 2 is bit 4 of code i. */
RDL_INLINE void store_q5_0(float *to, rf d, ri nibble, ri word, int i)
{
    const ri fifth = r_shrv(word, r_iadd(lane_numbers(), r_iset(i)));
    const ri code = r_or(nibble, r_shl(r_and(fifth, r_iset(1)), 4));
    r_store(to + i, r_mul(r_to_float(r_isub(code, r_iset(16))), d));
}

void RDL_TARGET_NAME(rdl_q5_0_decode)(const uint8_t *blocks, size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++) {
        const rf d = load_half(blocks);
        const ri word = load_word(blocks + 2);
        for (int l = 0; l < 16; l += RDL_WIDTH) {
            const ri byte = r_load_u8(blocks + 6 + l);
            store_q5_0(x, d, r_and(byte, r_iset(15)), word, l);
            store_q5_0(x, d, r_shr(byte, 4), word, 16 + l);
        }
        blocks += 22;
        x += N;
    }
}

/* 2^(e - 128); the first two are subnormal. */
static inline float power_of_two(uint8_t e)
{
    return rdl_bits_float(e < 2 ? 0x00200000u << e : (uint32_t)(e - 1) << 23);
}

void RDL_TARGET_NAME(rdl_mxfp4_decode)(const uint8_t *blocks, size_t nblocks, float *x)
{
    /* rdl_codebook_mxfp4 of codebooks.h as floats: code 8 is a zero without a sign. */
    static const float doubled[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};
    for (size_t b = 0; b < nblocks; b++) {
        float table[16];
        fill_table(r_set(power_of_two(blocks[0])), doubled, table);
        decode_nibbles(16, blocks + 1, table, table, x, x + 16);
        blocks += 17;
        x += N;
    }
}
