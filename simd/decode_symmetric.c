/* Decoders of Q3_K and Q6_K: x = (d * scale) * level. */
#include "simd.h"

#include "decode.h"

/* A sub-block of 16 weights from codes of a byte each: level + half range. */
RDL_INLINE void decode_sub_block(float scale, const int32_t *codes, int half_range, float *x)
{
    const uint8_t *bytes = (const uint8_t *)codes;
    for (int i = 0; i < 16; i += RDL_WIDTH) {
        const ri level = r_isub(r_load_u8(bytes + i), r_iset(half_range));
        r_store(x + i, r_mul(r_set(scale), r_to_float(level)));
    }
}

/* Scale j has its low nibble in byte j mod 8 of the field, low half for j < 8, and its high two
 * bits at bit 2 (j div 4) of byte 8 + j mod 4. */
RDL_INLINE void load_q3_k_scales(const uint8_t *field, rf d, float *scales)
{
    const ri first = load_word(field), second = load_word(field + 4), high = load_word(field + 8);
    for (int k = 0; k < 16; k += RDL_WIDTH) {
        const ri j = r_iadd(lane_numbers(), r_iset(k));
        const ri in_word = r_shl(r_and(j, r_iset(3)), 3);
        const rm in_first = r_ieq(r_and(j, r_iset(4)), r_iset(0));
        const ri low = r_shrv(r_iselect(in_first, first, second),
                              r_or(in_word, r_shr(r_and(j, r_iset(8)), 1)));
        const ri top = r_shrv(high, r_or(in_word, r_shl(r_shr(j, 2), 1)));
        const ri code = r_or(r_and(low, r_iset(15)), r_shl(r_and(top, r_iset(3)), 4));
        r_store(scales + k, r_mul(d, r_to_float(r_isub(code, r_iset(32)))));
    }
}

/* Bit 2 of the codes of weights 32 c .. is bit c of the 32 bytes at 0. */
void RDL_TARGET_NAME(rdl_q3_k_decode)(const uint8_t *blocks, size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++) {
        RDL_ALIGNED float scales[16];
        load_q3_k_scales(blocks + 96, load_half(blocks + 108), scales);
        THROUGH_MEMORY(scales);
        RDL_ALIGNED int32_t codes[4][16]; /* field t of the 64 bytes */
        for (int k = 0; k < 16; k += RDL_WIDTH) {
            const ri number = r_iadd(lane_numbers(), r_iset(k));
            const ri second = r_shl(r_shr(number, 3), 2); /* 4 in the second half */
            const ri high = r_shrv(r_load_32_bytes(blocks + 4 * (k % 8)), second);
            const ri pairs = r_load_bytes(blocks + 32 + 4 * k);
            for (int t = 0; t < 4; t++)
                r_istore(codes[t] + k,
                         r_or(byte_field(pairs, 2 * t, 3), r_shl(byte_field(high, t, 1), 2)));
        }
        THROUGH_MEMORY(codes);
        for (int t = 0; t < 4; t++)
            for (int run = 0; run < 4; run++) {
                const int h = run / 2, half = run % 2;
                decode_sub_block(scales[8 * h + 2 * t + half], codes[t] + 4 * run, 4,
                                 x + 128 * h + 32 * t + 16 * half);
            }
        blocks += 110;
        x += RDL_SUPER_BLOCK;
    }
}

void RDL_TARGET_NAME(rdl_q6_k_decode)(const uint8_t *blocks, size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++) {
        RDL_ALIGNED float scales[16];
        const rf d = load_half(blocks + 208);
        for (int j = 0; j < 16; j += RDL_WIDTH)
            r_store(scales + j, r_mul(d, r_to_float(r_load_i8(blocks + 192 + j))));
        THROUGH_MEMORY(scales);
        RDL_ALIGNED int32_t codes[4][16]; /* weights 64 c .. */
        for (int h = 0; h < 2; h++)
            for (int k = 0; k < 16; k += RDL_WIDTH) {
                const ri number = r_iadd(lane_numbers(), r_iset(k));
                const ri second = r_shl(r_shr(number, 3), 1); /* 2 in the second half */
                const ri high =
                    r_shrv(r_load_32_bytes(blocks + 128 + 32 * h + 4 * (k % 8)), second);
                const ri nibbles = r_load_bytes(blocks + 64 * h + 4 * k);
                r_istore(codes[2 * h] + k,
                         r_or(byte_field(nibbles, 0, 15), r_shl(byte_field(high, 0, 3), 4)));
                r_istore(codes[2 * h + 1] + k,
                         r_or(byte_field(nibbles, 4, 15), r_shl(byte_field(high, 4, 3), 4)));
            }
        THROUGH_MEMORY(codes);
        for (int j = 0; j < 16; j++)
            decode_sub_block(scales[j], codes[j / 4] + 4 * (j % 4), 32, x + 16 * j);
        blocks += 210;
        x += RDL_SUPER_BLOCK;
    }
}
