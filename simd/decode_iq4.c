/* Decoders of IQ4_NL and IQ4_XS: x = scale * V[code]. */
#include "simd.h"

#include "decode_slab.h"

/* V: rdl_codebook_iq4_nl of codebooks.h as floats. */
static const float values[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                 1,    13,   25,  38,  53,  69,  89,  113};

RDL_INLINE void decode_sub_block(rf scale, const uint8_t *nibbles, float *x)
{
    float table[16];
    fill_table(scale, values, table);
    decode_nibbles(16, nibbles, table, table, x, x + 16);
}

void RDL_TARGET_NAME(rdl_iq4_nl_decode)(const uint8_t *blocks, size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++)
        decode_sub_block(load_half(blocks + 18 * b), blocks + 18 * b + 2, x + 32 * b);
}

/* Scale j: its low nibble is nibble j of the word at 4, its high two bits are pair j of the half at
 * 2, and thus of the upper half of the word at 0. */
RDL_INLINE void prepare_iq4_xs(const uint8_t *block, struct prepared *prepared)
{
    const rf d = load_half(block);
    for (int j = 0; j < 8; j += RDL_WIDTH) {
        const ri number = r_iadd(r_and(lane_numbers(), r_iset(7)), r_iset(j));
        const ri low = r_shrv(load_word(block + 4), r_shl(number, 2));
        const ri high = r_shrv(load_word(block), r_iadd(r_shl(number, 1), r_iset(16)));
        const ri code = r_or(r_and(low, r_iset(15)), r_shl(r_and(high, r_iset(3)), 4));
        r_store(prepared->scales + j, r_mul(d, r_to_float(r_isub(code, r_iset(32)))));
    }
}

RDL_INLINE void store_iq4_xs(const uint8_t *block, const struct prepared *prepared, float *x)
{
    for (int j = 0; j < 8; j++)
        decode_sub_block(r_set(prepared->scales[j]), block + 8 + 16 * j, x + 32 * j);
}

void RDL_TARGET_NAME(rdl_iq4_xs_decode)(const uint8_t *blocks, size_t nblocks, float *x)
{
    decode_slabs(136, prepare_iq4_xs, store_iq4_xs, blocks, nblocks, x);
}
