#include "symmetric_block.h"

#include "block_stats.h"
#include "nearest.h"
#include "row_blocks.h"
#include "symmetric_search.h"

enum {
    N = RDL_BLOCK
};

/* Truncating x / d + (N + 1/2) rounds to nearest, halves up. A scale so small that its inverse is
 * infinite is stored as zero; its codes are those of zero. */
static void encode_plain(const float *x, int half_range, struct rdl_symmetric_block *block)
{
    float extreme;
    rdl_signed_absmax(N, x, &extreme);
    const float d = extreme / -(float)half_range;
    const float exact_inverse = d != 0.0f ? 1.0f / d : 0.0f;
    const float inverse = isinf(exact_inverse) ? 0.0f : exact_inverse;
    block->d = rdl_f32_to_f16(d);
    for (int i = 0; i < N; i++) {
        const int code = (int)(x[i] * inverse + ((float)half_range + 0.5f));
        block->codes[i] = (uint8_t)(code < 2 * half_range ? code : 2 * half_range - 1);
    }
}

static void encode_with_importance(const float *x, const float *importance, float sigma2,
                                   int half_range, struct rdl_symmetric_block *block)
{
    float w[N];
    rdl_importance_weights(N, x, importance, sigma2, w);
    block->d = rdl_f32_to_f16(
        rdl_symmetric_search(N, rdl_symmetric_levels(half_range), x, w, block->codes));
}

static void encode_nearest(const float *x, int half_range, struct rdl_symmetric_block *block)
{
    block->d = rdl_f32_to_f16(rdl_symmetric_extreme_scale(N, half_range, x));
    const float d = rdl_f16_to_f32(block->d);
    if (d != 0.0f)
        rdl_symmetric_codes(N, half_range, x, d, block->codes);
    else
        memset(block->codes, half_range, N);
}

void rdl_symmetric_block_encode_ggml(const struct rdl_symmetric_block_layout *layout,
                                     const struct rdl_rows *rows, uint8_t *blocks)
{
    const float *x = rows->x;
    for (size_t row = 0; row < rows->nrows; row++) {
        const float sigma2 = rows->importance ? rdl_row_mean_square(rows, row) : 0.0f;
        for (size_t column = 0; column < rows->ncols; column += N) {
            struct rdl_symmetric_block block;
            if (rows->importance)
                encode_with_importance(x, rows->importance + column, sigma2, layout->half_range,
                                       &block);
            else
                encode_plain(x, layout->half_range, &block);
            layout->pack(&block, blocks);
            x += N;
            blocks += layout->block_bytes;
        }
    }
}

void rdl_symmetric_block_encode_nearest(const struct rdl_symmetric_block_layout *layout,
                                        const struct rdl_rows *rows, uint8_t *blocks)
{
    const size_t nblocks = rdl_count_blocks(rows, N);
    for (size_t b = 0; b < nblocks; b++) {
        struct rdl_symmetric_block block;
        encode_nearest(rows->x + b * N, layout->half_range, &block);
        layout->pack(&block, blocks + b * layout->block_bytes);
    }
}

void rdl_symmetric_block_decode(const struct rdl_symmetric_block_layout *layout,
                                const uint8_t *blocks, size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++) {
        struct rdl_symmetric_block block;
        layout->unpack(blocks + b * layout->block_bytes, &block);
        const float d = rdl_f16_to_f32(block.d);
        for (size_t i = 0; i < N; i++)
            x[b * N + i] = (float)(block.codes[i] - layout->half_range) * d;
    }
}
