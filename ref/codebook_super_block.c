#include "codebook_super_block.h"

#include "block_stats.h"
#include "nearest.h"
#include "row_blocks.h"

enum {
    SCALE_CODE_MAX = 15
};

/* ------------------------------------------------------------------------------------------------
 * Encoder
 */

/* A super-block and where its sub-blocks are. */
struct encoding {
    const struct rdl_codebook_layout *layout;
    const struct rdl_codebook_method *method;
    struct rdl_neighbours neighbours;
    const float *x, *importance;
    float sigma2;
    struct rdl_codebook_super_block block;
};

static void fill_weights(const struct encoding *e, const float *x, const float *importance, int n,
                         float *weights)
{
    if (importance) {
        rdl_importance_weights(n, x, importance, e->sigma2, weights);
        return;
    }
    for (int i = 0; i < n; i++) {
        const float weight = e->method->share * e->sigma2 + x[i] * x[i];
        weights[i] = e->method->root ? sqrtf(weight) : weight;
    }
}

static float largest_of(int n, const float *values)
{
    float largest = values[0];
    for (int i = 1; i < n; i++)
        largest = values[i] > largest ? values[i] : largest;
    return largest;
}

/* Sub-block j as the search sees it; fills its signs. */
static void fill_target(struct encoding *e, int j, struct rdl_codebook_target *target)
{
    const int n = e->layout->sub_block;
    const float *x = e->x + n * j;
    uint8_t *signs = e->block.signs + n / RDL_SIGN_GROUP * j;
    target->neighbours = e->neighbours;
    target->length = n;
    target->group = e->layout->codebook->length;
    fill_weights(e, x, e->importance ? e->importance + n * j : NULL, n, target->weights);
    for (int i = 0; i < n; i++)
        target->roots[i] = sqrtf(target->weights[i]);
    rdl_split_signs(n, x, target->magnitudes, signs);
    if (e->layout->even_signs)
        rdl_make_signs_even(n, x, target->weights, target->magnitudes, signs);
    target->largest = largest_of(n, target->magnitudes);
}

/* A negative scale is as good as the positive one with all signs changed. */
static float make_positive(float scale, int nsigns, uint8_t *signs)
{
    if (!(scale < 0.0f))
        return scale;
    for (int g = 0; g < nsigns; g++)
        signs[g] ^= 0xFF;
    return -scale;
}

/* Fills sub-block j; returns its scale. */
static float encode_sub_block(struct encoding *e, int j)
{
    const int n = e->layout->sub_block;
    const int ngroups = n / e->layout->codebook->length, nsigns = n / RDL_SIGN_GROUP;
    uint8_t *signs = e->block.signs + nsigns * j;
    uint16_t *rows = e->block.rows + ngroups * j;
    struct rdl_codebook_target target;
    struct rdl_codebook_choice choice;
    float scale;
    fill_target(e, j, &target);
    e->block.skipped[j] = target.largest < e->method->threshold ||
                          !e->method->search(&target, &e->method->scan, &choice, &scale);
    if (e->block.skipped[j]) {
        memset(signs, 0, (size_t)nsigns);
        memset(rows, 0, (size_t)ngroups * sizeof *rows);
        return 0.0f;
    }
    memcpy(rows, choice.rows, (size_t)ngroups * sizeof *rows);
    return make_positive(scale, nsigns, signs);
}

bool rdl_codebook_code_scales(int nscales, const float *scales, float fudge, uint16_t *d,
                              uint8_t *codes)
{
    float largest = 0.0f;
    for (int j = 0; j < nscales; j++)
        largest = scales[j] > largest ? scales[j] : largest;
    const float unit = largest / (float)(2 * SCALE_CODE_MAX + 1);
    const float inverse = 1.0f / unit;
    *d = rdl_f32_to_f16(unit * fudge);
    for (int j = 0; j < nscales; j++) {
        const int code = rdl_odd_scale_code(scales[j], inverse, SCALE_CODE_MAX);
        codes[j] = largest > 0.0f ? (uint8_t)code : 0;
    }
    return largest > 0.0f;
}

static void encode_block(struct encoding *e)
{
    const int nsub_blocks = RDL_SUPER_BLOCK / e->layout->sub_block;
    const float sum = rdl_add_squares(0.0f, e->x, RDL_SUPER_BLOCK);
    e->sigma2 = e->method->sigma2_factor * sum / (float)RDL_SUPER_BLOCK;
    float scales[RDL_CODEBOOK_MAX_SUB_BLOCKS];
    for (int j = 0; j < nsub_blocks; j++)
        scales[j] = encode_sub_block(e, j);
    const bool zero = !rdl_codebook_code_scales(nsub_blocks, scales, e->method->fudge, &e->block.d,
                                                e->block.scales);
    /* The reference clears a super-block without a positive scale; the formats with full signs keep
     * the rows and signs of a search whose scale came out as zero. */
    if (zero && e->layout->even_signs)
        memset(&e->block, 0, sizeof e->block);
}

void rdl_codebook_encode(const struct rdl_codebook_layout *layout,
                         const struct rdl_codebook_method *method, const struct rdl_rows *rows,
                         uint8_t *blocks)
{
    struct encoding e = {
        .layout = layout,
        .method = method,
        .neighbours = rdl_neighbours(rows->tables),
    };
    const size_t nblocks = rdl_count_blocks(rows, RDL_SUPER_BLOCK);
    for (size_t b = 0; b < nblocks; b++) {
        e.x = rows->x + b * RDL_SUPER_BLOCK;
        e.importance = rdl_block_importance(rows, RDL_SUPER_BLOCK, b);
        encode_block(&e);
        layout->pack(&e.block, blocks + b * layout->block_bytes);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Decoder
 */

/* The n bytes that belong to the weights of sub-block j: its rows, and its sign masks, of which
 * each weight has its copy. */
static void gather(const struct rdl_codebook *codebook,
                   const struct rdl_codebook_super_block *block, int n, int j, uint8_t *entries,
                   uint8_t *masks)
{
    const uint8_t *table = (const uint8_t *)codebook->entries;
    for (int g = n / RDL_SIGN_GROUP * j; g < n / RDL_SIGN_GROUP * (j + 1); g++) {
        if (codebook->length == 8) {
            memcpy(entries, table + 8 * block->rows[g], 8);
        } else {
            memcpy(entries, table + 4 * block->rows[2 * g], 4);
            memcpy(entries + 4, table + 4 * block->rows[2 * g + 1], 4);
        }
        memset(masks, block->signs[g], RDL_SIGN_GROUP);
        entries += RDL_SIGN_GROUP;
        masks += RDL_SIGN_GROUP;
    }
}

static void decode_block(const struct rdl_codebook_layout *layout,
                         const struct rdl_codebook_super_block *block, float *x)
{
    static const uint8_t bits[RDL_CODEBOOK_MAX_SUB_BLOCK] = {
        1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128,
        1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    const int n = layout->sub_block;
    for (int j = 0; j < RDL_SUPER_BLOCK / n; j++) {
        uint8_t entries[RDL_CODEBOOK_MAX_SUB_BLOCK], masks[RDL_CODEBOOK_MAX_SUB_BLOCK];
        gather(layout->codebook, block, n, j, entries, masks);
        const float scale = rdl_codebook_scale(layout, block, j);
        for (int i = 0; i < n; i++)
            x[n * j + i] = scale * (float)entries[i] * (masks[i] & bits[i] ? -1.0f : 1.0f);
    }
}

void rdl_codebook_decode(const struct rdl_codebook_layout *layout, const uint8_t *blocks,
                         size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++) {
        struct rdl_codebook_super_block block;
        layout->unpack(blocks + b * layout->block_bytes, &block);
        decode_block(layout, &block, x + b * RDL_SUPER_BLOCK);
    }
}
