/* Decoders of Q2_K, Q4_K and Q5_K: x = (d * scale) * code - dmin * min. */
#include "simd.h"

#include "decode_slab.h"

/* n weights of a sub-block from codes of a byte each. */
RDL_INLINE void store_affine(int n, float scale, float min, const uint8_t *codes, float *x)
{
    for (int i = 0; i < n; i += RDL_WIDTH)
        r_store(x + i, r_sub(r_mul(r_set(scale), r_to_float(r_load_u8(codes + i))), r_set(min)));
}

/* ------------------------------------------------------------------------------------------------
 * Q2_K
 */

/* A sub-block has a table of four weights. */
RDL_INLINE void prepare_q2_k(const uint8_t *block, struct prepared *prepared)
{
    const rf d = load_half(block + 80), dmin = load_half(block + 82);
    for (int j = 0; j < 16; j += RDL_WIDTH) {
        const ri byte = r_load_u8(block + j);
        r_store(prepared->scales + j, r_mul(d, r_to_float(r_and(byte, r_iset(15)))));
        r_store(prepared->mins + j, r_mul(dmin, r_to_float(r_shr(byte, 4))));
    }
    const rf codes = r_to_float(r_and(lane_numbers(), r_iset(3)));
    for (int k = 0; k < 64; k += RDL_WIDTH) {
        const ri j = r_shr(r_iadd(lane_numbers(), r_iset(k)), 2);
        const rf scales = r_table16(prepared->scales, j), mins = r_table16(prepared->mins, j);
        r_store(prepared->table + k, r_sub(r_mul(scales, codes), mins));
    }
}

RDL_INLINE void store_q2_k(const uint8_t *block, const struct prepared *prepared, float *x)
{
    for (int l = 0; l < 64; l += RDL_WIDTH) {
        const int h = l / 32, half = l % 32 / 16;
        const ri pairs = r_load_u8(block + 16 + l);
        for (int t = 0; t < 4; t++)
            r_store(x + 128 * h + 32 * t + l % 32,
                    r_table4(prepared->table + 4 * (8 * h + 2 * t + half), r_shr(pairs, 2 * t)));
    }
}

void RDL_TARGET_NAME(rdl_q2_k_decode)(const uint8_t *blocks, size_t nblocks, float *x)
{
    decode_slabs(84, prepare_q2_k, store_q2_k, blocks, nblocks, x);
}

/* ------------------------------------------------------------------------------------------------
 * Q4_K and Q5_K: the field of 8 scales and 8 mins of six bits
 */

/*
 * The eight scales, and behind them the eight mins. Of scales 0 .. 3 the first word has the low six
 * bits of a byte each, of mins the second word; above them are the high two bits of numbers 4 .. 7,
 * whose low four bits are in the third word, low nibbles for scales.
 */
RDL_INLINE void prepare_factors(const uint8_t *block, struct prepared *prepared)
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
        r_store(prepared->scales + k, r_mul(r_select(scale, d, dmin), r_to_float(code)));
    }
}

RDL_INLINE void fill_affine_table(float scale, float min, float *table)
{
    static const float codes[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    for (int k = 0; k < 16; k += RDL_WIDTH)
        r_store(table + k, r_sub(r_mul(r_set(scale), r_load(codes + k)), r_set(min)));
}

RDL_INLINE void store_q4_k(const uint8_t *block, const struct prepared *prepared, float *x)
{
    for (int c = 0; c < 4; c++) {
        const float *scales = prepared->scales + 2 * c, *mins = scales + 8;
        float low[16], high[16];
        fill_affine_table(scales[0], mins[0], low);
        fill_affine_table(scales[1], mins[1], high);
        decode_nibbles(32, block + 16 + 32 * c, low, high, x + 64 * c, x + 64 * c + 32);
    }
}

void RDL_TARGET_NAME(rdl_q4_k_decode)(const uint8_t *blocks, size_t nblocks, float *x)
{
    decode_slabs(144, prepare_factors, store_q4_k, blocks, nblocks, x);
}

/* Bit 4 of the codes is one of the eight bits of each byte at 16, sub-block 0 lowest. */
RDL_INLINE void prepare_q5_k(const uint8_t *block, struct prepared *prepared)
{
    prepare_factors(block, prepared);
    for (int k = 0; k < 16; k += RDL_WIDTH) {
        const ri second = r_shr(r_iadd(lane_numbers(), r_iset(k)), 3); /* sub-block 2 c + 1 */
        const ri fifth = r_shrv(r_load_32_bytes(block + 16 + 4 * (k % 8)), second);
        for (int c = 0; c < 4; c++) {
            const ri bytes = r_load_32_bytes(block + 48 + 32 * c + 4 * (k % 8));
            const ri nibbles = byte_field(r_shrv(bytes, r_shl(second, 2)), 0, 15);
            store_codes(prepared->codes + 64 * c + 4 * k,
                        r_or(nibbles, r_shl(byte_field(fifth, 2 * c, 1), 4)));
        }
    }
}

RDL_INLINE void store_q5_k(const uint8_t *block, const struct prepared *prepared, float *x)
{
    (void)block;
    for (int j = 0; j < 8; j++)
        store_affine(32, prepared->scales[j], prepared->scales[8 + j], prepared->codes + 32 * j,
                     x + 32 * j);
}

void RDL_TARGET_NAME(rdl_q5_k_decode)(const uint8_t *blocks, size_t nblocks, float *x)
{
    decode_slabs(176, prepare_q5_k, store_q5_k, blocks, nblocks, x);
}
