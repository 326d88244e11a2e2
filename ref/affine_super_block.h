/*
 * What Q4_K and Q5_K have in common: super-blocks of 8 sub-blocks of 32 weights, each with a 6-bit
 * scale and a 6-bit min, and a code of 4 or 5 bits per weight.
 */
#ifndef RDL_REF_AFFINE_SUPER_BLOCK_H
#define RDL_REF_AFFINE_SUPER_BLOCK_H

#include "affine_search.h"
#include "kernel.h"

enum {
    RDL_SUPER_BLOCK = 256,
    RDL_AFFINE_SUB_BLOCKS = 8,
    RDL_AFFINE_SUB_BLOCK = 32,
    RDL_SCALE_FIELD_BYTES = 12
};

/* The contents of a super-block before packing, or after unpacking. */
struct rdl_affine_super_block {
    uint16_t d, dmin; /* binary16 units of scales and mins */
    uint8_t scales[RDL_AFFINE_SUB_BLOCKS];
    uint8_t mins[RDL_AFFINE_SUB_BLOCKS];
    uint8_t codes[RDL_SUPER_BLOCK];
};

/* What tells one format of this kind from another. */
struct rdl_affine_layout {
    size_t block_bytes;
    struct rdl_affine_grid plain_grid; /* of the search without importance; gives code_max */
    void (*pack)(const struct rdl_affine_super_block *block, uint8_t *bytes);
    void (*unpack)(const uint8_t *bytes, struct rdl_affine_super_block *block);
};

/* The reference's search, with or without importance. */
void rdl_affine_encode_ggml(const struct rdl_affine_layout *layout, const struct rdl_rows *rows,
                            uint8_t *blocks);

/* Minimum and maximum of each sub-block, no search. */
void rdl_affine_encode_nearest(const struct rdl_affine_layout *layout, const struct rdl_rows *rows,
                               uint8_t *blocks);

void rdl_affine_decode(const struct rdl_affine_layout *layout, const uint8_t *blocks,
                       size_t nblocks, float *x);

/* The 12-byte field of eight 6-bit scales and eight 6-bit mins. */
void rdl_scale_field_pack(const uint8_t *scales, const uint8_t *mins, uint8_t *field);
void rdl_scale_field_unpack(const uint8_t *field, uint8_t *scales, uint8_t *mins);

/* Four bits of each of 256 codes in 128 bytes: run c of 32 bytes holds codes 64c.. in the low and
 * codes 64c + 32.. in the high nibbles. Higher bits of codes are ignored; unpacking gives 0 .. 15.
 */
void rdl_nibbles_pack(const uint8_t *codes, uint8_t *bytes);
void rdl_nibbles_unpack(const uint8_t *bytes, uint8_t *codes);

#endif
