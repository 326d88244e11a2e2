/* Decoders of Q3_K and Q6_K: x = (d * scale) * level. */
#include "simd.h"

#include "decode_slab.h"

/* A sub-block of 16 weights from codes of a byte each: level + half range. */
RDL_INLINE void store_sub_block(float scale, const uint8_t *codes, int half_range, float *x)
{
    for (int i = 0; i < 16; i += RDL_WIDTH) {
        const ri level = r_isub(r_load_u8(codes + i), r_iset(half_range));
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

/* Bit 2 of the codes of weights 32 c .. is bit c of the 32 bytes at 0. Codes: as those of Q2_K. */
RDL_INLINE void prepare_q3_k(const uint8_t *block, struct prepared *prepared)
{
    load_q3_k_scales(block + 96, load_half(block + 108), prepared->scales);
    for (int k = 0; k < 16; k += RDL_WIDTH) {
        const ri number = r_iadd(lane_numbers(), r_iset(k));
        const ri second = r_shl(r_shr(number, 3), 2); /* 4 in the second half */
        const ri high = r_shrv(r_load_32_bytes(block + 4 * (k % 8)), second);
        const ri pairs = r_load_bytes(block + 32 + 4 * k);
        for (int t = 0; t < 4; t++)
            store_codes(prepared->codes + 64 * t + 4 * k,
                        r_or(byte_field(pairs, 2 * t, 3), r_shl(byte_field(high, t, 1), 2)));
    }
}

RDL_INLINE void store_q3_k(const uint8_t *block, const struct prepared *prepared, float *x)
{
    (void)block;
    for (int j = 0; j < 16; j++) {
        const int t = j / 2 % 4, run = j / 8 * 2 + j % 2;
        store_sub_block(prepared->scales[j], prepared->codes + 64 * t + 16 * run, 4, x + 16 * j);
    }
}

void RDL_TARGET_NAME(rdl_q3_k_decode)(const uint8_t *blocks, size_t nblocks, float *x)
{
    decode_slabs(110, prepare_q3_k, store_q3_k, blocks, nblocks, x);
}

RDL_INLINE void prepare_q6_k(const uint8_t *block, struct prepared *prepared)
{
    const rf d = load_half(block + 208);
    for (int j = 0; j < 16; j += RDL_WIDTH)
        r_store(prepared->scales + j, r_mul(d, r_to_float(r_load_i8(block + 192 + j))));
    for (int h = 0; h < 2; h++)
        for (int k = 0; k < 16; k += RDL_WIDTH) {
            const ri number = r_iadd(lane_numbers(), r_iset(k));
            const ri second = r_shl(r_shr(number, 3), 1); /* 2 in the second half */
            const ri high = r_shrv(r_load_32_bytes(block + 128 + 32 * h + 4 * (k % 8)), second);
            const ri nibbles = r_load_bytes(block + 64 * h + 4 * k);
            uint8_t *codes = prepared->codes + 128 * h + 4 * k;
            store_codes(codes, r_or(byte_field(nibbles, 0, 15), r_shl(byte_field(high, 0, 3), 4)));
            store_codes(codes + 64,
                        r_or(byte_field(nibbles, 4, 15), r_shl(byte_field(high, 4, 3), 4)));
        }
}

RDL_INLINE void store_q6_k(const uint8_t *block, const struct prepared *prepared, float *x)
{
    (void)block;
    for (int j = 0; j < 16; j++)
        store_sub_block(prepared->scales[j], prepared->codes + 16 * j, 32, x + 16 * j);
}

void RDL_TARGET_NAME(rdl_q6_k_decode)(const uint8_t *blocks, size_t nblocks, float *x)
{
    decode_slabs(210, prepare_q6_k, store_q6_k, blocks, nblocks, x);
}
