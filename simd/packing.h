/* Bit fields that several formats share: plain loops over bytes, which compilers vectorize. */
#ifndef RDL_SIMD_PACKING_H
#define RDL_SIMD_PACKING_H

#include <stdint.h>

/* K-quant nibbles: the low four bits of 256 codes in 128 bytes. Run c of 32 bytes holds codes 64 c
 * .. in the low and codes 64 c + 32 .. in the high nibbles. */
static inline void pack_nibbles(const uint8_t *restrict codes, uint8_t *restrict bytes)
{
    for (int c = 0; c < 4; c++)
        for (int l = 0; l < 32; l++)
            bytes[32 * c + l] =
                (uint8_t)((codes[64 * c + l] & 15) | (uint8_t)(codes[64 * c + 32 + l] << 4));
}

/* One bit of 256 codes in 32 bytes: bit c of byte l is that of code 32 c + l. */
static inline void pack_bit(const uint8_t *restrict codes, int bit, uint8_t *restrict bytes)
{
    for (int l = 0; l < 32; l++) {
        uint8_t bits = 0;
        for (int c = 0; c < 8; c++)
            bits |= (uint8_t)((codes[32 * c + l] >> bit & 1) << c);
        bytes[l] = bits;
    }
}

/* The fifth bits of the codes. */
static inline void pack_fifth_bits(const uint8_t *restrict codes, uint8_t *restrict bytes)
{
    pack_bit(codes, 4, bytes);
}

/* K-quant pairs: the low two bits of 256 codes in 64 bytes. Bits 2 t .. 2 t + 1 of byte 32 h + l
 * belong to code 128 h + 32 t + l. */
static inline void pack_pairs(const uint8_t *restrict codes, uint8_t *restrict bytes)
{
    for (int h = 0; h < 2; h++)
        for (int l = 0; l < 32; l++) {
            const uint8_t *c = codes + 128 * h + l;
            bytes[32 * h + l] =
                (uint8_t)((c[0] & 3) | (c[32] & 3) << 2 | (c[64] & 3) << 4 | (uint8_t)(c[96] << 6));
        }
}

#endif
