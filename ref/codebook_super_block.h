/*
 * What the IQ2 and IQ3 formats have in common: super-blocks of 256 weights in sub-blocks of 16 or
 * 32, each with a 4-bit scale; groups of 8 or 4 weights, each a row of a vector codebook; signs
 * apart.
 *
 *   x = d * (2 * scale + 1) * unit * magnitude * sign
 *
 * Specification: quantizers, section 8.
 */
#ifndef RDL_REF_CODEBOOK_SUPER_BLOCK_H
#define RDL_REF_CODEBOOK_SUPER_BLOCK_H

#include "binary16.h"
#include "codebook_levels.h"
#include "codebook_search.h"
#include "codebooks.h"
#include "kernel.h"
#include "packing.h"
#include "sign_parity.h"

enum {
    RDL_CODEBOOK_MAX_SUB_BLOCKS = 16,
    RDL_CODEBOOK_SIGN_BYTES = RDL_SUPER_BLOCK / RDL_SIGN_GROUP
};

/* The contents of a super-block before packing, or after unpacking. */
struct rdl_codebook_super_block {
    uint16_t d;                                  /* binary16 */
    uint8_t scales[RDL_CODEBOOK_MAX_SUB_BLOCKS]; /* 0 .. 15 */
    uint16_t rows[RDL_SUPER_BLOCK / 4];          /* of all groups */
    uint8_t signs[RDL_CODEBOOK_SIGN_BYTES];      /* full masks; packing may drop the eighth bit */
    bool skipped[RDL_CODEBOOK_MAX_SUB_BLOCKS];   /* by the encoder: zero rows and signs */
};

/* What tells one format of this kind from another. */
struct rdl_codebook_layout {
    size_t block_bytes;
    const struct rdl_codebook *codebook;
    const uint16_t *words; /* of its rows: codebook_levels.h */
    int sub_block;
    float unit;
    bool even_signs; /* seven of eight signs are stored, the eighth makes their number even */
    void (*pack)(const struct rdl_codebook_super_block *block, uint8_t *bytes);
    void (*unpack)(const uint8_t *bytes, struct rdl_codebook_super_block *block);
};

/* What tells one search from another. */
struct rdl_codebook_method {
    /* The weights are importance * sqrt(sigma2 + x^2), where sigma2 is the mean square of the
     * super-block times a factor. Without importance they are share * sigma2 + x^2, or the root of
     * that. */
    float sigma2_factor, share;
    bool root;
    float threshold; /* a sub-block without a magnitude of at least this is left out */
    float fudge;     /* the reference multiplies d by this before it stores it */
    struct rdl_codebook_scan scan;
    /* Fills the choice and the scale, or returns false to leave the sub-block out. */
    bool (*search)(const struct rdl_codebook_target *target, const struct rdl_codebook_scan *scan,
                   struct rdl_codebook_choice *choice, float *scale);
};

/* Searches with the method; rows have tables. */
void rdl_codebook_encode(const struct rdl_codebook_layout *layout,
                         const struct rdl_codebook_method *method, const struct rdl_rows *rows,
                         uint8_t *blocks);

void rdl_codebook_decode(const struct rdl_codebook_layout *layout, const uint8_t *blocks,
                         size_t nblocks, float *x);

/* Real scales to 4-bit codes in units of d, which is the largest scale / 31. Returns false if no
 * scale is positive: then d and codes are 0. */
bool rdl_codebook_code_scales(int nscales, const float *scales, float fudge, uint16_t *d,
                              uint8_t *codes);

/* d * (2 * scale + 1) * unit of sub-block j. */
static inline float rdl_codebook_scale(const struct rdl_codebook_layout *layout,
                                       const struct rdl_codebook_super_block *block, int j)
{
    return rdl_f16_to_f32(block->d) * (float)(2 * block->scales[j] + 1) * layout->unit;
}

#endif
