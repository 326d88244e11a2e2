/* Bit fields that several formats share. Codes are one byte each; bytes are the block's. */
#ifndef RDL_REF_PACKING_H
#define RDL_REF_PACKING_H

#include <stdint.h>

enum {
    RDL_SUPER_BLOCK = 256
};

/*
 * K-quant nibbles: the low four bits of 256 codes in 128 bytes. Run c of 32 bytes holds codes 64 c
 * .. in the low and codes 64 c + 32 .. in the high nibbles.
 */
static inline void rdl_nibbles_pack(const uint8_t *codes, uint8_t *bytes)
{
    for (int c = 0; c < 4; c++)
        for (int l = 0; l < 32; l++)
            bytes[32 * c + l] =
                (uint8_t)((codes[64 * c + l] & 15) | (codes[64 * c + 32 + l] & 15) << 4);
}

/*
 * K-quant pairs: the low two bits of 256 codes in 64 bytes. Bits 2t .. 2t + 1 of byte 32 h + l
 * belong to code 128 h + 32 t + l. Unpacking gives 0 .. 3.
 */
static inline void rdl_pairs_pack(const uint8_t *codes, uint8_t *bytes)
{
    for (int h = 0; h < 2; h++)
        for (int l = 0; l < 32; l++) {
            const uint8_t *c = codes + 128 * h + l;
            bytes[32 * h + l] =
                (uint8_t)((c[0] & 3) | (c[32] & 3) << 2 | (c[64] & 3) << 4 | (c[96] & 3) << 6);
        }
}

static inline void rdl_pairs_unpack(const uint8_t *bytes, uint8_t *codes)
{
    for (int h = 0; h < 2; h++)
        for (int t = 0; t < 4; t++)
            for (int l = 0; l < 32; l++)
                codes[128 * h + 32 * t + l] = bytes[32 * h + l] >> 2 * t & 3;
}

/* Nibbles of a block of 32: byte j holds codes j (low) and j + 16 (high). */
static inline void rdl_block_nibbles_pack(const uint8_t *codes, uint8_t *bytes)
{
    for (int j = 0; j < 16; j++)
        bytes[j] = (uint8_t)((codes[j] & 15) | (codes[j + 16] & 15) << 4);
}

static inline void rdl_block_nibbles_unpack(const uint8_t *bytes, uint8_t *codes)
{
    for (int j = 0; j < 16; j++) {
        codes[j] = bytes[j] & 15;
        codes[j + 16] = bytes[j] >> 4;
    }
}

#endif
