#include "affine_super_block.h"

#include "block_stats.h"
#include "nearest.h"
#include "nonnegative_search.h"
#include "row_blocks.h"

/* The real scales and mins of the sub-blocks, as the searches leave them. */
struct fits {
    float scales[RDL_AFFINE_MAX_SUB_BLOCKS];
    float mins[RDL_AFFINE_MAX_SUB_BLOCKS];
};

static void keep_fit(struct fits *fits, int j, struct rdl_affine_fit fit)
{
    fits->scales[j] = fit.scale;
    fits->mins[j] = fit.min;
}

/* ------------------------------------------------------------------------------------------------
 * From real scales to stored ones
 */

/* Codes of the values in units of largest / field_max; returns the unit. */
static float code_by_largest(const struct rdl_affine_layout *layout, const float *values,
                             uint8_t *codes)
{
    float largest = 0.0f;
    for (int j = 0; j < layout->sub_blocks; j++)
        if (values[j] > largest)
            largest = values[j];
    const float inverse = largest > 0.0f ? (float)layout->field_max / largest : 0.0f;
    for (int j = 0; j < layout->sub_blocks; j++)
        codes[j] = (uint8_t)rdl_nearest_int(inverse * values[j]);
    return largest / (float)layout->field_max;
}

/* Finds each code again for the scale and min that a decoder will see; a sub-block whose stored
 * scale is zero keeps the codes of the search. */
static void requantize(const struct rdl_affine_layout *layout, const float *x,
                       struct rdl_affine_super_block *block)
{
    const float d = rdl_f16_to_f32(block->d), dmin = rdl_f16_to_f32(block->dmin);
    const int n = layout->length;
    for (int j = 0; j < layout->sub_blocks; j++) {
        const float scale = d * (float)block->scales[j];
        const float min = dmin * (float)block->mins[j];
        if (scale == 0.0f)
            continue;
        for (int i = n * j; i < n * (j + 1); i++)
            block->codes[i] = (uint8_t)rdl_clamp(rdl_nearest_int((x[i] + min) / scale), 0,
                                                 layout->plain_grid.code_max);
    }
}

static void store_by_largest(const struct rdl_affine_layout *layout, const struct fits *fits,
                             struct rdl_affine_super_block *block)
{
    block->d = rdl_f32_to_f16(code_by_largest(layout, fits->scales, block->scales));
    block->dmin = rdl_f32_to_f16(code_by_largest(layout, fits->mins, block->mins));
    layout->fit_field(block);
}

/* Codes by a search that gives each sub-block the sum of its weights. */
static void store_by_search(const struct rdl_affine_layout *layout, const struct fits *fits,
                            const float *sums_of_weights, struct rdl_affine_super_block *block)
{
    const int n = layout->sub_blocks, most = layout->field_max;
    block->d = rdl_f32_to_f16(
        rdl_nonnegative_search(n, most, fits->scales, sums_of_weights, true, block->scales));
    block->dmin = rdl_f32_to_f16(
        rdl_nonnegative_search(n, most, fits->mins, sums_of_weights, true, block->mins));
    layout->fit_field(block);
}

/* ------------------------------------------------------------------------------------------------
 * Encoders
 */

static void encode_plain(const struct rdl_affine_layout *layout, const float *x,
                         struct rdl_affine_super_block *block)
{
    const int n = layout->length;
    struct fits fits;
    for (int j = 0; j < layout->sub_blocks; j++) {
        float w[RDL_AFFINE_MAX_LENGTH];
        layout->plain_weights(n, x + n * j, w);
        keep_fit(&fits, j,
                 rdl_affine_search(n, x + n * j, w, &layout->plain_grid, block->codes + n * j));
    }
    store_by_largest(layout, &fits, block);
    requantize(layout, x, block);
}

/* Weights importance * sqrt(sigma2 + x^2), and one grid for every format of this kind. */
static void encode_with_importance(const struct rdl_affine_layout *layout, const float *x,
                                   const float *importance, struct rdl_affine_super_block *block)
{
    const struct rdl_affine_grid grid = {layout->plain_grid.code_max, -0.9f, 0.05f, 36, false};
    const float sigma2 =
        layout->sigma2_factor * rdl_add_squares(0.0f, x, RDL_SUPER_BLOCK) / (float)RDL_SUPER_BLOCK;
    const int n = layout->length;
    struct fits fits;
    float sums_of_weights[RDL_AFFINE_MAX_SUB_BLOCKS];
    for (int j = 0; j < layout->sub_blocks; j++) {
        float w[RDL_AFFINE_MAX_LENGTH];
        sums_of_weights[j] = rdl_importance_weights(n, x + n * j, importance + n * j, sigma2, w);
        keep_fit(&fits, j, rdl_affine_search(n, x + n * j, w, &grid, block->codes + n * j));
    }
    store_by_search(layout, &fits, sums_of_weights, block);
    requantize(layout, x, block);
}

static void encode_nearest(const struct rdl_affine_layout *layout, const float *x,
                           struct rdl_affine_super_block *block)
{
    struct fits fits;
    for (int j = 0; j < layout->sub_blocks; j++)
        keep_fit(&fits, j,
                 rdl_affine_min_max(layout->length, x + layout->length * j,
                                    layout->plain_grid.code_max));
    memset(block->codes, 0, sizeof block->codes);
    store_by_largest(layout, &fits, block);
    requantize(layout, x, block);
}

void rdl_affine_encode_ggml(const struct rdl_affine_layout *layout, const struct rdl_rows *rows,
                            uint8_t *blocks)
{
    const size_t nblocks = rdl_count_blocks(rows, RDL_SUPER_BLOCK);
    for (size_t b = 0; b < nblocks; b++) {
        const float *x = rows->x + b * RDL_SUPER_BLOCK;
        const float *importance = rdl_block_importance(rows, RDL_SUPER_BLOCK, b);
        struct rdl_affine_super_block block;
        if (importance)
            encode_with_importance(layout, x, importance, &block);
        else
            encode_plain(layout, x, &block);
        layout->pack(&block, blocks + b * layout->block_bytes);
    }
}

void rdl_affine_encode_nearest(const struct rdl_affine_layout *layout, const struct rdl_rows *rows,
                               uint8_t *blocks)
{
    const size_t nblocks = rdl_count_blocks(rows, RDL_SUPER_BLOCK);
    for (size_t b = 0; b < nblocks; b++) {
        struct rdl_affine_super_block block;
        encode_nearest(layout, rows->x + b * RDL_SUPER_BLOCK, &block);
        layout->pack(&block, blocks + b * layout->block_bytes);
    }
}
