/*
 * The number tables that define formats. Origin: the constants of the ggml library (MIT licence,
 * Copyright (c) 2023-2026 The ggml authors), taken over as numbers.
 */
#ifndef RDL_CODEBOOKS_H
#define RDL_CODEBOOKS_H

#include <stdint.h>

/* IQ4_NL and IQ4_XS: 16 reconstruction values, ascending; the index is the 4-bit code. */
static const int8_t rdl_codebook_iq4_nl[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                               1,    13,   25,  38,  53,  69,  89,  113};

/* The same as floats. */
extern const float rdl_iq4_nl_values[16];

/* MXFP4: twice the E2M1 values; the second zero (code 8) has lost its sign. */
static const int8_t rdl_codebook_mxfp4[16] = {0, 1,  2,  3,  4,  6,  8,  12,
                                              0, -1, -2, -3, -4, -6, -8, -12};

/*
 * A vector codebook: each row is the entries of `length` consecutive weights. There are few
 * distinct entries; in ascending order they are the levels 0, 1, ... of which the searches speak.
 * Rows are distinct and sorted by the sum of level_i * base^i, base 4 for rows of 8 and 8 for rows
 * of 4 weights, and row 0 is all level 0.
 */
struct rdl_codebook {
    const void *entries; /* rows * length bytes: magnitudes (uint8_t), or -1, 0, 1 (int8_t) */
    uint16_t rows;
    uint8_t length, levels;
    uint8_t offset, shift; /* level = (entry + offset) >> shift */
};

extern const struct rdl_codebook rdl_codebook_iq2_xxs; /* 256 x 8 magnitudes 8, 25, 43 */
extern const struct rdl_codebook rdl_codebook_iq2_xs;  /* 512 x 8, the same */
extern const struct rdl_codebook rdl_codebook_iq2_s;   /* 1024 x 8, the same */
extern const struct rdl_codebook rdl_codebook_iq3_xxs; /* 256 x 4 magnitudes 4, 12, ..., 52, 62 */
extern const struct rdl_codebook rdl_codebook_iq3_s;   /* 512 x 4 magnitudes 1, 3, ..., 15 */
extern const struct rdl_codebook rdl_codebook_iq1_s;   /* 2048 x 8 values -1, 0, 1; also IQ1_M */

/* Sign masks of the formats that store seven of eight signs, by these seven bits: the eighth makes
 * the number of negative weights even. */
extern const uint8_t rdl_codebook_signs7[128];

static inline uint8_t rdl_codebook_level(const struct rdl_codebook *codebook, int row, int column)
{
    const uint8_t *entries = (const uint8_t *)codebook->entries;
    return (uint8_t)(entries[row * codebook->length + column] + codebook->offset) >>
           codebook->shift;
}

#endif
