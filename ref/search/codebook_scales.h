/*
 * How the real scales of the sub-blocks of a super-block on a vector codebook are stored: a
 * binary16 d and integers of 4 bits, d * (2 * scale + 1) * unit.
 */
#ifndef RDL_REF_SEARCH_CODEBOOK_SCALES_H
#define RDL_REF_SEARCH_CODEBOOK_SCALES_H

#include "codebook_super_block.h"
#include "search/codebook_envelope.h"

enum {
    RDL_SCALE_CODES = 16
};

struct rdl_code_sub_block {
    /* Magnitudes and factors times powers of two that bring the largest ones into [1, 2). */
    double x[RDL_CODEBOOK_MAX_SUB_BLOCK], w[RDL_CODEBOOK_MAX_SUB_BLOCK];
    bool odd[RDL_CODEBOOK_MAX_SUB_BLOCK / RDL_SIGN_GROUP]; /* by units */
    bool counts;                                           /* a factor is positive */
    double scale_unit; /* a decoder's scale times this is one of x */
    double error_unit; /* an error of x times this is one of the super-block */
    double sum_squares;
    double best_scale; /* of x, real; 0 if there is none */
    struct rdl_window window;
    struct rdl_envelope envelope;
    const struct rdl_least *least; /* of its cells */
    /* For bounds beyond the window: no row has more a, nor less b. */
    double most_a, least_b;
};

struct rdl_code_super_block {
    const struct rdl_codebook_layout *layout;
    int count;
    double least_error; /* see rdl_code_least_error() */
    struct rdl_code_sub_block sub_blocks[RDL_CODEBOOK_MAX_SUB_BLOCKS];
};

static inline struct rdl_unit rdl_unit_of(const struct rdl_code_sub_block *sub_block, int u)
{
    return (struct rdl_unit){sub_block->w + RDL_SIGN_GROUP * u, sub_block->x + RDL_SIGN_GROUP * u,
                             sub_block->odd[u]};
}

/* The error of zeros. */
double rdl_code_sum_squares(const struct rdl_code_super_block *block);

/* No scales have less, as far as the envelopes know. */
double rdl_code_least_error(const struct rdl_code_super_block *block);

/* Fills d and the codes of the scales. */
void rdl_store_code_scales(const struct rdl_code_super_block *block, enum rdl_scales scales,
                           uint16_t *d, uint8_t *codes);

/* The decoder's scale. */
static inline double rdl_stored_code_scale(const struct rdl_codebook_layout *layout, uint16_t d,
                                           int code)
{
    return (double)(rdl_f16_to_f32(d) * (float)(2 * code + 1) * layout->unit);
}

/* No rows have less error at this scale > 0 of x. In the window it is the least error, but for
 * rounding. */
double rdl_code_error_bound(const struct rdl_code_sub_block *sub_block, double scale);

#endif
