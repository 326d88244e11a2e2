/*
 * IQ2_XXS: super-blocks of 256 weights in sub-blocks of 32, groups of 8, 256 rows, seven of eight
 * signs.
 *
 *   bytes 0..1 d (binary16); then 8 bytes for each sub-block: four rows, a word of signs and scale
 *
 * The reference insists on importance. Without it, `ggml-fixed` weighs by sqrt(sigma2 + x^2), which
 * is what an importance of 1 in every column gives. Relative errors on Gaussian, Laplace and
 * Student (3 degrees of freedom) data, plain and weighted by x^2: 0.344/0.206, 0.384/0.171,
 * 0.493/0.050. Weights sigma2 / 4 + x^2, as in IQ2_S, have larger plain errors (0.369, 0.430,
 * 0.556), x^2 still larger ones; uniform weights have the least (0.334, 0.358, 0.416), but lose the
 * large weights of heavy tails (0.228, 0.255, 0.453 when weighted by x^2).
 */
#include "codebook_nearest.h"
#include "codebook_packing.h"
#include "codebook_super_block.h"
#include "nonnegative_search.h"
#include "search/codebook_blocks.h"
#include "searches.h"

enum {
    BLOCK_BYTES = 66,
    SUB_BLOCK = 32,
    SUB_BLOCKS = RDL_SUPER_BLOCK / SUB_BLOCK,
    GROUPS = 4 /* of a sub-block: rows, sign masks */
};

static void pack(const struct rdl_codebook_super_block *block, uint8_t *bytes)
{
    memcpy(bytes, &block->d, 2);
    for (int j = 0; j < SUB_BLOCKS; j++) {
        uint8_t *sub_block = bytes + 2 + 8 * j;
        for (int g = 0; g < GROUPS; g++)
            sub_block[g] = (uint8_t)block->rows[GROUPS * j + g];
        rdl_signs_and_scale_pack(block->signs + GROUPS * j, block->scales[j], sub_block + 4);
    }
}

static void unpack(const uint8_t *bytes, struct rdl_codebook_super_block *block)
{
    memcpy(&block->d, bytes, 2);
    for (int j = 0; j < SUB_BLOCKS; j++) {
        const uint8_t *sub_block = bytes + 2 + 8 * j;
        for (int g = 0; g < GROUPS; g++)
            block->rows[GROUPS * j + g] = sub_block[g];
        block->scales[j] = rdl_signs_and_scale_unpack(sub_block + 4, block->signs + GROUPS * j);
    }
}

/* Rounding each weight on its own, with codes 0 .. 4, gives the extent of the scan: that of code 3.
 * Specification: quantizers, section 9. */
static bool search(const struct rdl_codebook_target *target, const struct rdl_codebook_scan *scan,
                   struct rdl_codebook_choice *choice, float *scale)
{
    uint8_t codes[SUB_BLOCK];
    *scale = rdl_nonnegative_search(SUB_BLOCK, 4, target->magnitudes, target->weights, true, codes);
    const float extent = *scale * 3.0f;
    if (extent <= 0.0f)
        return false;
    *choice = (struct rdl_codebook_choice){.off_grid = 0};
    *scale = rdl_codebook_scan(target, scan, extent, *scale, choice);
    if (*scale > 0.0f)
        *scale = rdl_codebook_refine(target, RDL_ALL_GROUPS, *scale, choice);
    return true;
}

static const struct rdl_codebook_layout layout = {
    .block_bytes = BLOCK_BYTES,
    .codebook = &rdl_codebook_iq2_xxs,
    .words = rdl_levels_iq2_xxs,
    .sub_block = SUB_BLOCK,
    .unit = 0.125f,
    .even_signs = true,
    .pack = pack,
    .unpack = unpack,
};

static const struct rdl_codebook_method method = {
    .sigma2_factor = 1.0f,
    .share = 1.0f,
    .root = true,
    .threshold = 1e-15f,
    .fudge = 1.0f,
    .scan = {.top = 5, .last = 6, .step = 0.1f},
    .search = search,
};

void rdl_iq2_xxs_encode_ggml(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_codebook_encode(&layout, &method, rows, blocks);
}

void rdl_iq2_xxs_encode_exact(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_codebook_encode_exact(&layout, &method, rows, blocks);
}

size_t rdl_iq2_xxs_exact_scratch(const struct rdl_rows *rows)
{
    return rdl_codebook_exact_scratch(&layout, rows);
}

void rdl_iq2_xxs_encode_nearest(const struct rdl_rows *rows, uint8_t *blocks)
{
    rdl_codebook_encode_nearest(&layout, rows, blocks);
}

void rdl_iq2_xxs_decode(const uint8_t *blocks, size_t nblocks, float *x)
{
    rdl_codebook_decode(&layout, blocks, nblocks, x);
}
