/*
 * The oracle for the vector codebooks of the IQ2 and IQ3 formats: blocks whose weights share a real
 * scale, every group of 4 or 8 of them takes a row of magnitudes, and every weight a sign.
 *
 * Formats store either all eight signs of 8 weights, or seven: then the number of negative ones is
 * even. Rows of 4 share this parity in pairs. For the formats of ggml:
 *
 *              codebook               even_signs   weights per scale
 *   IQ2_XXS    rdl_codebook_iq2_xxs   true         32
 *   IQ2_XS     rdl_codebook_iq2_xs    true         16
 *   IQ2_S      rdl_codebook_iq2_s     false        16
 *   IQ3_XXS    rdl_codebook_iq3_xxs   true         32
 *   IQ3_S      rdl_codebook_iq3_s     false        32
 */
#ifndef RDL_REF_ORACLE_CODEBOOK_H
#define RDL_REF_ORACLE_CODEBOOK_H

#include "codebooks.h"
#include "roundel_block.h"

enum {
    RDL_CODEBOOK_UNIT = 8 /* weights that may share a parity */
};

struct rdl_codebook_block {
    const struct rdl_codebook *codebook; /* of magnitudes, with rows of 4 or 8 */
    bool even_signs;
    size_t n;             /* a multiple of 8, up to RDL_BLOCK_MAX_LENGTH */
    const float *x;       /* finite */
    const float *weights; /* finite, >= 0 */
};

/* Weight i stands for scale * magnitude * sign. */
struct rdl_codebook_fit {
    double scale; /* >= 0 */
    /* The row of every group; the signs of every 8 weights, bit i set: weight i is negative. */
    uint16_t rows[RDL_BLOCK_MAX_LENGTH / 4];
    uint8_t signs[RDL_BLOCK_MAX_LENGTH / 8];
};

/* magnitude * sign of weight i */
double rdl_codebook_value(const struct rdl_codebook_block *block,
                          const struct rdl_codebook_fit *fit, size_t i);

/* sum of w_i (x_i - scale * magnitude * sign)^2 */
double rdl_codebook_error(const struct rdl_codebook_block *block,
                          const struct rdl_codebook_fit *fit);

/* The rows and signs of least error at fit->scale. Ties: the first row, the sign of the weight. */
void rdl_codebook_nearest(const struct rdl_codebook_block *block, struct rdl_codebook_fit *fit);

/* Bytes of scratch for blocks of n weights. */
size_t rdl_codebook_oracle_scratch(const struct rdl_codebook *codebook, size_t n);

/* The scale, rows and signs of least error. The scratch is aligned as malloc aligns. */
void rdl_codebook_oracle(const struct rdl_codebook_block *block, void *scratch,
                         struct rdl_codebook_fit *fit);

#endif
