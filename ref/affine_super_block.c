#include "affine_super_block.h"

#include "block_stats.h"
#include "nearest.h"
#include "nonnegative_search.h"

enum {
    N = RDL_AFFINE_SUB_BLOCK,
    SUB_BLOCKS = RDL_AFFINE_SUB_BLOCKS,
    FIELD_MAX = 63
};

/* The real scales and mins of the sub-blocks, as the searches leave them. */
struct fits {
    float scales[SUB_BLOCKS];
    float mins[SUB_BLOCKS];
};

/* ------------------------------------------------------------------------------------------------
 * From real scales to stored ones
 */

static float largest_of(const float *values)
{
    float largest = 0.0f;
    for (int j = 0; j < SUB_BLOCKS; j++)
        if (values[j] > largest)
            largest = values[j];
    return largest;
}

/* Codes of the values in units of largest / 63; returns the unit. The cut to a byte comes before
 * the minimum: a value that rounding noise made negative gives 63, as in the reference. */
static float code_by_largest(const float *values, uint8_t *codes)
{
    const float largest = largest_of(values);
    const float inverse = largest > 0.0f ? (float)FIELD_MAX / largest : 0.0f;
    for (int j = 0; j < SUB_BLOCKS; j++) {
        const uint8_t code = (uint8_t)rdl_nearest_int(inverse * values[j]);
        codes[j] = code < FIELD_MAX ? code : FIELD_MAX;
    }
    return largest / (float)FIELD_MAX;
}

/* Codes by a search that gives each sub-block the sum of its weights; returns the unit. */
static float code_by_search(const float *values, const float *sums_of_weights, uint8_t *codes)
{
    const float unit =
        rdl_nonnegative_search(SUB_BLOCKS, FIELD_MAX, values, sums_of_weights, codes);
    for (int j = 0; j < SUB_BLOCKS; j++)
        codes[j] = codes[j] < FIELD_MAX ? codes[j] : FIELD_MAX;
    return unit;
}

/* Finds each code again for the scale and min that a decoder will see; a sub-block whose stored
 * scale is zero keeps the codes of the search. */
static void requantize(const float *x, int code_max, struct rdl_affine_super_block *block)
{
    const float d = rdl_f16_to_f32(block->d), dmin = rdl_f16_to_f32(block->dmin);
    for (int j = 0; j < SUB_BLOCKS; j++) {
        const float scale = d * (float)block->scales[j];
        const float min = dmin * (float)block->mins[j];
        if (scale == 0.0f)
            continue;
        for (int i = N * j; i < N * (j + 1); i++)
            block->codes[i] =
                (uint8_t)rdl_clamp(rdl_nearest_int((x[i] + min) / scale), 0, code_max);
    }
}

static void store_by_largest(const struct fits *fits, struct rdl_affine_super_block *block)
{
    block->d = rdl_f32_to_f16(code_by_largest(fits->scales, block->scales));
    block->dmin = rdl_f32_to_f16(code_by_largest(fits->mins, block->mins));
}

/* ------------------------------------------------------------------------------------------------
 * Encoders
 */

static void keep_fit(struct fits *fits, int j, struct rdl_affine_fit fit)
{
    fits->scales[j] = fit.scale;
    fits->mins[j] = fit.min;
}

/* Weights rms + |x|: large weights count more, small ones are not ignored. */
static void encode_plain(const float *x, const struct rdl_affine_grid *grid,
                         struct rdl_affine_super_block *block)
{
    struct fits fits;
    for (int j = 0; j < SUB_BLOCKS; j++) {
        const float *sub_x = x + N * j;
        float weights[N];
        const float rms = sqrtf(rdl_sum_of_squares(N, sub_x) / (float)N);
        for (int i = 0; i < N; i++)
            weights[i] = rms + fabsf(sub_x[i]);
        keep_fit(&fits, j, rdl_affine_search(N, sub_x, weights, grid, block->codes + N * j));
    }
    store_by_largest(&fits, block);
    requantize(x, grid->code_max, block);
}

/* Weights importance * sqrt(sigma2 + x^2) with sigma2 twice the mean square of the super-block. */
static void encode_with_importance(const float *x, const float *importance, int code_max,
                                   struct rdl_affine_super_block *block)
{
    const struct rdl_affine_grid grid = {code_max, -0.9f, 0.05f, 36, false};
    const float sigma2 = 2.0f * rdl_sum_of_squares(RDL_SUPER_BLOCK, x) / (float)RDL_SUPER_BLOCK;
    struct fits fits;
    float sums_of_weights[SUB_BLOCKS];
    for (int j = 0; j < SUB_BLOCKS; j++) {
        const float *sub_x = x + N * j;
        float weights[N], sum = 0.0f;
        for (int i = 0; i < N; i++) {
            weights[i] = importance[N * j + i] * sqrtf(sigma2 + sub_x[i] * sub_x[i]);
            sum += weights[i];
        }
        sums_of_weights[j] = sum;
        keep_fit(&fits, j, rdl_affine_search(N, sub_x, weights, &grid, block->codes + N * j));
    }
    block->d = rdl_f32_to_f16(code_by_search(fits.scales, sums_of_weights, block->scales));
    block->dmin = rdl_f32_to_f16(code_by_search(fits.mins, sums_of_weights, block->mins));
    requantize(x, code_max, block);
}

static void encode_nearest(const float *x, int code_max, struct rdl_affine_super_block *block)
{
    struct fits fits;
    for (int j = 0; j < SUB_BLOCKS; j++)
        keep_fit(&fits, j, rdl_affine_min_max(N, x + N * j, code_max));
    memset(block->codes, 0, sizeof block->codes);
    store_by_largest(&fits, block);
    requantize(x, code_max, block);
}

void rdl_affine_encode_ggml(const struct rdl_affine_layout *layout, const struct rdl_rows *rows,
                            uint8_t *blocks)
{
    const float *x = rows->x;
    for (size_t row = 0; row < rows->nrows; row++)
        for (size_t column = 0; column < rows->ncols; column += RDL_SUPER_BLOCK) {
            struct rdl_affine_super_block block;
            if (rows->importance)
                encode_with_importance(x, rows->importance + column, layout->plain_grid.code_max,
                                       &block);
            else
                encode_plain(x, &layout->plain_grid, &block);
            layout->pack(&block, blocks);
            x += RDL_SUPER_BLOCK;
            blocks += layout->block_bytes;
        }
}

void rdl_affine_encode_nearest(const struct rdl_affine_layout *layout, const struct rdl_rows *rows,
                               uint8_t *blocks)
{
    const size_t nblocks = rows->nrows * (rows->ncols / RDL_SUPER_BLOCK);
    for (size_t b = 0; b < nblocks; b++) {
        struct rdl_affine_super_block block;
        encode_nearest(rows->x + b * RDL_SUPER_BLOCK, layout->plain_grid.code_max, &block);
        layout->pack(&block, blocks + b * layout->block_bytes);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Decoder
 */

static void decode_block(const struct rdl_affine_super_block *block, float *x)
{
    const float d = rdl_f16_to_f32(block->d), dmin = rdl_f16_to_f32(block->dmin);
    for (int j = 0; j < SUB_BLOCKS; j++) {
        const float scale = d * (float)block->scales[j];
        const float min = dmin * (float)block->mins[j];
        for (int i = N * j; i < N * (j + 1); i++)
            x[i] = scale * (float)block->codes[i] - min;
    }
}

void rdl_affine_decode(const struct rdl_affine_layout *layout, const uint8_t *blocks,
                       size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++) {
        struct rdl_affine_super_block block;
        layout->unpack(blocks + b * layout->block_bytes, &block);
        decode_block(&block, x + b * RDL_SUPER_BLOCK);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Packing
 */

/* Sub-blocks 0..3 have scale and min in the low six bits of bytes j and j + 4. Sub-blocks 4..7 have
 * their low nibbles together in byte j + 4, and their high two bits on top of bytes j - 4 and j. */
void rdl_scale_field_pack(const uint8_t *scales, const uint8_t *mins, uint8_t *field)
{
    for (int j = 0; j < 4; j++) {
        field[j] = (uint8_t)(scales[j] | scales[j + 4] >> 4 << 6);
        field[j + 4] = (uint8_t)(mins[j] | mins[j + 4] >> 4 << 6);
        field[j + 8] = (uint8_t)((scales[j + 4] & 15) | (mins[j + 4] & 15) << 4);
    }
}

void rdl_scale_field_unpack(const uint8_t *field, uint8_t *scales, uint8_t *mins)
{
    for (int j = 0; j < 4; j++) {
        scales[j] = field[j] & 63;
        mins[j] = field[j + 4] & 63;
        scales[j + 4] = (uint8_t)((field[j + 8] & 15) | field[j] >> 6 << 4);
        mins[j + 4] = (uint8_t)(field[j + 8] >> 4 | field[j + 4] >> 6 << 4);
    }
}

void rdl_nibbles_pack(const uint8_t *codes, uint8_t *bytes)
{
    for (int c = 0; c < 4; c++)
        for (int l = 0; l < 32; l++)
            bytes[32 * c + l] =
                (uint8_t)((codes[64 * c + l] & 15) | (codes[64 * c + 32 + l] & 15) << 4);
}

void rdl_nibbles_unpack(const uint8_t *bytes, uint8_t *codes)
{
    for (int c = 0; c < 4; c++)
        for (int l = 0; l < 32; l++) {
            codes[64 * c + l] = bytes[32 * c + l] & 15;
            codes[64 * c + 32 + l] = bytes[32 * c + l] >> 4;
        }
}
