/*
 * IQ3_S: super-blocks of 256 weights in sub-blocks of 32, groups of 4, 512 rows, all signs.
 *
 *   bytes 0..1 d (binary16), 2..65 low bytes of the rows, 66..73 high bits of the rows, 74..105
 * signs, 106..109 scales
 *
 * A sub-block of zeros has row 0 and positive signs: it decodes to the smallest magnitude there is,
 * 32 times, since the format has no zero beside a d that is none.
 */
#include "codebook_nearest.h"
#include "codebook_packing.h"
#include "codebook_super_block.h"
#include "search/codebook_blocks.h"
#include "searches.h"

enum {
    BLOCK_BYTES = 110,
    SUB_BLOCK = 32,
    SUB_BLOCKS = RDL_SUPER_BLOCK / SUB_BLOCK,
    GROUPS = RDL_SUPER_BLOCK / 4,
    SUB_BLOCK_GROUPS = SUB_BLOCK / 4,
    SUB_BLOCK_SIGNS = SUB_BLOCK / RDL_SIGN_GROUP,
    ROWS_AT = 2,
    HIGH_BITS_AT = 66,
    SIGNS_AT = 74,
    SCALES_AT = 106
};

static void pack(const struct rdl_codebook_super_block *block, uint8_t *bytes)
{
    memcpy(bytes, &block->d, 2);
    memset(bytes + HIGH_BITS_AT, 0, GROUPS / 8);
    for (int g = 0; g < GROUPS; g++) {
        bytes[ROWS_AT + g] = (uint8_t)block->rows[g];
        bytes[HIGH_BITS_AT + g / 8] |= (uint8_t)(block->rows[g] >> 8 << g % 8);
    }
    memcpy(bytes + SIGNS_AT, block->signs, sizeof block->signs);
    rdl_scale_nibbles_pack(SUB_BLOCKS, block->scales, bytes + SCALES_AT);
}

/*
 * The reference's defect: low bytes of rows and signs of a sub-block stand behind those of the last
 * one before it that was not left out, so that every gap which a sub-block of zeros should make is
 * closed, and the fields end in zeros. High bits and scales are in their places. A super-block with
 * zeros before other sub-blocks decodes to wrong weights.
 */
static void pack_with_gaps_closed(const struct rdl_codebook_super_block *block, uint8_t *bytes)
{
    pack(block, bytes);
    uint8_t rows[GROUPS] = {0}, signs[RDL_CODEBOOK_SIGN_BYTES] = {0};
    for (int j = 0, k = 0; j < SUB_BLOCKS; j++) {
        if (block->skipped[j])
            continue;
        memcpy(rows + SUB_BLOCK_GROUPS * k, bytes + ROWS_AT + SUB_BLOCK_GROUPS * j,
               SUB_BLOCK_GROUPS);
        memcpy(signs + SUB_BLOCK_SIGNS * k, bytes + SIGNS_AT + SUB_BLOCK_SIGNS * j,
               SUB_BLOCK_SIGNS);
        k++;
    }
    memcpy(bytes + ROWS_AT, rows, sizeof rows);
    memcpy(bytes + SIGNS_AT, signs, sizeof signs);
}

static void unpack(const uint8_t *bytes, struct rdl_codebook_super_block *block)
{
    memcpy(&block->d, bytes, 2);
    for (int g = 0; g < GROUPS; g++)
        block->rows[g] =
            (uint16_t)(bytes[ROWS_AT + g] | (bytes[HIGH_BITS_AT + g / 8] >> g % 8 & 1) << 8);
    memcpy(block->signs, bytes + SIGNS_AT, sizeof block->signs);
    rdl_scale_nibbles_unpack(SUB_BLOCKS, bytes + SCALES_AT, block->scales);
}

/* Unlike the other formats, this one takes a scan without success for off the grid, and refines
 * every group if one needs it. Specification: quantizers, section 8. */
static bool search(const struct rdl_codebook_target *target, const struct rdl_codebook_scan *scan,
                   struct rdl_codebook_choice *choice, float *scale)
{
    const float extent = target->largest;
    *choice = (struct rdl_codebook_choice){.off_grid = RDL_ALL_GROUPS};
    *scale = rdl_codebook_scan(target, scan, extent, extent / (float)scan->top, choice);
    if (choice->off_grid && *scale > 0.0f)
        *scale = rdl_codebook_refine(target, RDL_ALL_GROUPS, *scale, choice);
    return true;
}

static const struct rdl_codebook_layout layout = {
    .block_bytes = BLOCK_BYTES,
    .codebook = &rdl_codebook_iq3_s,
    .words = rdl_levels_iq3_s,
    .sub_block = SUB_BLOCK,
    .unit = 1.0f,
    .even_signs = false,
    .pack = pack,
    .unpack = unpack,
};

static const struct rdl_codebook_method method = {
    .sigma2_factor = 2.0f,
    .share = 0.0f,
    .threshold = 0x1p-149f, /* only zeros are below */
    .fudge = 1.033f,
    .scan = {.top = 15, .last = 9, .step = 0.2f},
    .search = search,
};

void rdl_iq3_s_encode_ggml(const struct rdl_rows *rows, uint8_t *blocks)
{
    struct rdl_codebook_layout reference = layout;
    reference.pack = pack_with_gaps_closed;
    rdl_codebook_encode(&reference, &method, rows, blocks);
}

void rdl_iq3_s_encode_ggml_fixed(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_codebook_encode(&layout, &method, rows, blocks);
}

void rdl_iq3_s_encode_exact(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_codebook_encode_exact(&layout, &method, rows, blocks);
}

size_t rdl_iq3_s_exact_scratch(const struct rdl_rows *rows)
{
    return rdl_codebook_exact_scratch(&layout, rows);
}

void rdl_iq3_s_encode_nearest(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_codebook_encode_nearest(&layout, rows, blocks);
}

void rdl_iq3_s_decode(const uint8_t *blocks, size_t nblocks, float *x)
{
    rdl_codebook_decode(&layout, blocks, nblocks, x);
}
