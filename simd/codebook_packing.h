/* Fields of the vector codebook formats: those of one super-block. */
#ifndef RDL_SIMD_CODEBOOK_PACKING_H
#define RDL_SIMD_CODEBOOK_PACKING_H

#include <stdint.h>
#include <string.h>

/* A super-block before packing. */
struct codebook_fields {
    uint16_t d;            /* binary16 */
    const uint8_t *scales; /* 0 .. 15 */
    const uint16_t *rows;
    const uint8_t *signs; /* full masks for 8 weights each */
};

/* Two 4-bit scales to a byte. */
static inline void pack_scales(int n, const uint8_t *scales, uint8_t *bytes)
{
    for (int j = 0; j < n / 2; j++)
        bytes[j] = (uint8_t)(scales[2 * j] | scales[2 * j + 1] << 4);
}

/* Four sign masks without their eighth bits, and a scale on top. */
static inline void pack_signs_and_scale(const uint8_t *signs, uint8_t scale, uint8_t *bytes)
{
    uint32_t word = (uint32_t)scale << 28;
    for (int k = 0; k < 4; k++)
        word |= (uint32_t)(signs[k] & 127) << 7 * k;
    memcpy(bytes, &word, sizeof word);
}

/* The low bytes of n rows. */
static inline void pack_rows(int n, const uint16_t *rows, uint8_t *low)
{
    for (int g = 0; g < n; g++)
        low[g] = (uint8_t)rows[g];
}

/* Bits 8 and up of n rows, `bits` of each. */
static inline void pack_high_bits(int n, int bits, const uint16_t *rows, uint8_t *high)
{
    const int rows_of_byte = 8 / bits;
    for (int k = 0; k < n / rows_of_byte; k++) {
        unsigned byte = 0;
        for (int g = 0; g < rows_of_byte; g++)
            byte |= (unsigned)rows[rows_of_byte * k + g] >> 8 << bits * g;
        high[k] = (uint8_t)byte;
    }
}

/* d, then for each sub-block four rows and a word of signs and scale. */
static inline void pack_iq2_xxs(const struct codebook_fields *fields, uint8_t *bytes)
{
    memcpy(bytes, &fields->d, 2);
    for (int j = 0; j < 8; j++) {
        pack_rows(4, fields->rows + 4 * j, bytes + 2 + 8 * j);
        pack_signs_and_scale(fields->signs + 4 * j, fields->scales[j], bytes + 6 + 8 * j);
    }
}

/* d, words of nine bits of row and seven of signs, scales. */
static inline void pack_iq2_xs(const struct codebook_fields *fields, uint8_t *bytes)
{
    memcpy(bytes, &fields->d, 2);
    for (int g = 0; g < 32; g++) {
        const uint16_t word = (uint16_t)(fields->rows[g] | (fields->signs[g] & 127) << 9);
        memcpy(bytes + 2 + 2 * g, &word, 2);
    }
    pack_scales(16, fields->scales, bytes + 66);
}

/* d, low bytes of rows, signs, high bits of rows, scales. */
static inline void pack_iq2_s(const struct codebook_fields *fields, uint8_t *bytes)
{
    memcpy(bytes, &fields->d, 2);
    pack_rows(32, fields->rows, bytes + 2);
    memcpy(bytes + 34, fields->signs, 32);
    pack_high_bits(32, 2, fields->rows, bytes + 66);
    pack_scales(16, fields->scales, bytes + 74);
}

/* d, rows, words of signs and scale. */
static inline void pack_iq3_xxs(const struct codebook_fields *fields, uint8_t *bytes)
{
    memcpy(bytes, &fields->d, 2);
    pack_rows(64, fields->rows, bytes + 2);
    for (int j = 0; j < 8; j++)
        pack_signs_and_scale(fields->signs + 4 * j, fields->scales[j], bytes + 66 + 4 * j);
}

/* d, low bytes of rows, high bits of rows, signs, scales. */
static inline void pack_iq3_s(const struct codebook_fields *fields, uint8_t *bytes)
{
    memcpy(bytes, &fields->d, 2);
    pack_rows(64, fields->rows, bytes + 2);
    pack_high_bits(64, 1, fields->rows, bytes + 66);
    memcpy(bytes + 74, fields->signs, 32);
    pack_scales(8, fields->scales, bytes + 106);
}

/* The reference's defect: low bytes of rows, and signs, of a sub-block stand behind those of the
 * last one before it that was not left out; the fields end in zeros. */
static inline void close_iq3_s_gaps(const uint8_t *skipped, uint8_t *bytes)
{
    uint8_t rows[64] = {0}, signs[32] = {0};
    for (int j = 0, k = 0; j < 8; j++) {
        if (skipped[j])
            continue;
        memcpy(rows + 8 * k, bytes + 2 + 8 * j, 8);
        memcpy(signs + 4 * k, bytes + 74 + 4 * j, 4);
        k++;
    }
    memcpy(bytes + 2, rows, sizeof rows);
    memcpy(bytes + 74, signs, sizeof signs);
}

#endif
