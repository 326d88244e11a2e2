#include "codebook_nearest.h"

#include "row_blocks.h"
#include "row_runs.h"

#include <math.h>

/* Errors of all halves: sums over the weights in order. */
static void fill_errors(const struct rdl_halved_codebook *codebook, const float *magnitudes,
                        float scale, float *errors)
{
    size_t count = 1;
    errors[0] = 0.0f;
    for (size_t i = 0; i < codebook->half_length; i++) {
        for (size_t l = codebook->levels; l-- > 0;) {
            const float difference = scale * codebook->magnitudes[l] - magnitudes[i];
            for (size_t k = 0; k < count; k++)
                errors[l * count + k] = errors[k] + difference * difference;
        }
        count *= codebook->levels;
    }
}

static uint16_t nearest_row(const struct rdl_halved_codebook *codebook, const float *magnitudes,
                            float scale)
{
    float first[RDL_HALF_POINTS], last[RDL_HALF_POINTS];
    fill_errors(codebook, magnitudes, scale, first);
    fill_errors(codebook, magnitudes + codebook->half_length, scale, last);
    bool sure; /* whatever is not is not worth a second look */
    return rdl_find_least_row(codebook, &(struct rdl_half_costs){first, last, NULL, NULL}, &sure);
}

/* The scales that send the largest magnitude of each sub-block to that of the codebook. */
static void code_scales(const struct rdl_codebook_layout *layout,
                        const struct rdl_halved_codebook *codebook, const float *x,
                        struct rdl_codebook_super_block *block)
{
    const float top = layout->unit * codebook->magnitudes[codebook->levels - 1];
    const int nsub_blocks = RDL_SUPER_BLOCK / layout->sub_block;
    float scales[RDL_CODEBOOK_MAX_SUB_BLOCKS];
    for (int j = 0; j < nsub_blocks; j++) {
        float largest = 0.0f;
        for (int i = layout->sub_block * j; i < layout->sub_block * (j + 1); i++)
            largest = fabsf(x[i]) > largest ? fabsf(x[i]) : largest;
        scales[j] = largest / top;
    }
    rdl_codebook_code_scales(nsub_blocks, scales, 1.0f, &block->d, block->scales);
}

static void encode_block(const struct rdl_codebook_layout *layout,
                         const struct rdl_halved_codebook *codebook, const float *x,
                         struct rdl_codebook_super_block *block)
{
    float magnitudes[RDL_SUPER_BLOCK], ones[RDL_SUPER_BLOCK];
    for (int i = 0; i < RDL_SUPER_BLOCK; i++)
        ones[i] = 1.0f;
    rdl_split_signs(RDL_SUPER_BLOCK, x, magnitudes, block->signs);
    if (layout->even_signs)
        rdl_make_signs_even(RDL_SUPER_BLOCK, x, ones, magnitudes, block->signs);
    code_scales(layout, codebook, x, block);
    const int length = layout->codebook->length;
    for (int g = 0; g < RDL_SUPER_BLOCK / length; g++) {
        const float scale = rdl_codebook_scale(layout, block, length * g / layout->sub_block);
        block->rows[g] = nearest_row(codebook, magnitudes + length * g, scale);
    }
}

void rdl_codebook_encode_nearest(const struct rdl_codebook_layout *layout,
                                 const struct rdl_rows *rows, uint8_t *blocks)
{
    struct rdl_halved_codebook codebook;
    rdl_halve_codebook(layout->codebook, &codebook);
    const size_t nblocks = rdl_count_blocks(rows, RDL_SUPER_BLOCK);
    for (size_t b = 0; b < nblocks; b++) {
        struct rdl_codebook_super_block block;
        encode_block(layout, &codebook, rows->x + b * RDL_SUPER_BLOCK, &block);
        layout->pack(&block, blocks + b * layout->block_bytes);
    }
}
