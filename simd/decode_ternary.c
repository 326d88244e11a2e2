/* Decoders of TQ1_0 and TQ2_0: x = (digit - 1) * d. */
#include "simd.h"

#include "decode.h"

RDL_INLINE void store_ternary(float *to, rf d, ri digit)
{
    r_store(to, r_mul(r_to_float(r_isub(digit, r_iset(1))), d));
}

/*
 * A byte holds five digits as a base-3 fraction: the topmost is three times the byte over 256, and
 * the rest of that product is the fraction of the digits after it.
 */
RDL_INLINE ri times_three(ri fraction)
{
    return r_iadd(r_shl(fraction, 1), fraction);
}

/* Five digits of each byte; digit t of byte m is weight m + stride t. */
RDL_INLINE void decode_fives(const uint8_t *bytes, int stride, rf d, float *x)
{
    for (int m = 0; m < stride; m += RDL_WIDTH) {
        ri fraction = r_load_u8(bytes + m);
        for (int t = 0; t < 5; t++) {
            const ri product = times_three(fraction);
            store_ternary(x + m + stride * t, d, r_shr(product, 8));
            fraction = r_and(product, r_iset(255));
        }
    }
}

/* Four digits of each of four bytes: lane 4 t + m has digit t of byte m, multiplied by 3^t. */
RDL_INLINE void decode_last(const uint8_t *bytes, rf d, float *x)
{
    static const int32_t shifts[16] = {0, 8, 16, 24, 0, 8, 16, 24, 0, 8, 16, 24, 0, 8, 16, 24};
    static const int32_t powers[16] = {1, 1, 1, 1, 3, 3, 3, 3, 9, 9, 9, 9, 27, 27, 27, 27};
    const ri word = load_word(bytes);
    for (int k = 0; k < 16; k += RDL_WIDTH) {
        const ri byte = r_and(r_shrv(word, r_iload(shifts + k)), r_iset(255));
        const ri fraction = r_and(r_imul(byte, r_iload(powers + k)), r_iset(255));
        store_ternary(x + k, d, r_shr(times_three(fraction), 8));
    }
}

void RDL_TARGET_NAME(rdl_tq1_0_decode)(const uint8_t *blocks, size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++) {
        const rf d = load_half(blocks + 52);
        decode_fives(blocks, 32, d, x);
        decode_fives(blocks + 32, 16, d, x + 160);
        decode_last(blocks + 48, d, x + 240);
        blocks += 54;
        x += RDL_SUPER_BLOCK;
    }
}

void RDL_TARGET_NAME(rdl_tq2_0_decode)(const uint8_t *blocks, size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++) {
        const rf d = load_half(blocks + 64);
        for (int l = 0; l < 64; l += RDL_WIDTH) {
            const ri pairs = r_load_u8(blocks + l);
            for (int t = 0; t < 4; t++)
                store_ternary(x + 128 * (l / 32) + 32 * t + l % 32, d,
                              r_and(r_shr(pairs, 2 * t), r_iset(3)));
        }
        blocks += 66;
        x += RDL_SUPER_BLOCK;
    }
}
