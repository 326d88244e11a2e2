/* Bit fields that several vector codebook formats share. */
#ifndef RDL_REF_CODEBOOK_PACKING_H
#define RDL_REF_CODEBOOK_PACKING_H

#include "codebooks.h"

#include <string.h>

/* n 4-bit scales in n / 2 bytes: byte j holds scales 2 j (low) and 2 j + 1 (high). */
static inline void rdl_scale_nibbles_pack(int n, const uint8_t *scales, uint8_t *bytes)
{
    for (int j = 0; j < n / 2; j++)
        bytes[j] = (uint8_t)(scales[2 * j] | scales[2 * j + 1] << 4);
}

static inline void rdl_scale_nibbles_unpack(int n, const uint8_t *bytes, uint8_t *scales)
{
    for (int j = 0; j < n / 2; j++) {
        scales[2 * j] = bytes[j] & 15;
        scales[2 * j + 1] = bytes[j] >> 4;
    }
}

/* Four sign masks without their eighth bits, and a 4-bit scale on top, in four bytes. */
static inline void rdl_signs_and_scale_pack(const uint8_t *signs, uint8_t scale, uint8_t *bytes)
{
    uint32_t word = (uint32_t)scale << 28;
    for (int k = 0; k < 4; k++)
        word |= (uint32_t)(signs[k] & 127) << 7 * k;
    memcpy(bytes, &word, sizeof word);
}

/* Returns the scale. */
static inline uint8_t rdl_signs_and_scale_unpack(const uint8_t *bytes, uint8_t *signs)
{
    uint32_t word;
    memcpy(&word, bytes, sizeof word);
    for (int k = 0; k < 4; k++)
        signs[k] = rdl_codebook_signs7[word >> 7 * k & 127];
    return (uint8_t)(word >> 28);
}

#endif
