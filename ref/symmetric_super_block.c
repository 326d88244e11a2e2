#include "symmetric_super_block.h"

#include "block_stats.h"
#include "nearest.h"

enum {
    N = RDL_SYMMETRIC_SUB_BLOCK,
    SUB_BLOCKS = RDL_SYMMETRIC_SUB_BLOCKS
};

void rdl_symmetric_begin_nearest(const float *x, int half_range, float *scales,
                                 struct rdl_symmetric_super_block *block)
{
    for (int j = 0; j < SUB_BLOCKS; j++)
        scales[j] = rdl_symmetric_extreme_scale(N, half_range, x + N * j);
    memset(block->codes, half_range, sizeof block->codes);
}

void rdl_symmetric_requantize(const float *x, int half_range,
                              struct rdl_symmetric_super_block *block)
{
    const float d = rdl_f16_to_f32(block->d);
    for (int j = 0; j < SUB_BLOCKS; j++) {
        const float scale = d * (float)block->scales[j];
        if (scale != 0.0f)
            rdl_symmetric_codes(N, half_range, x + N * j, scale, block->codes + N * j);
    }
}

bool rdl_symmetric_code_scales(const float *scales, int limit, float smallest,
                               struct rdl_symmetric_super_block *block)
{
    float extreme;
    const float largest = rdl_signed_absmax(SUB_BLOCKS, scales, &extreme);
    if (largest < smallest || largest == 0.0f) {
        block->d = 0;
        return false;
    }
    const float inverse = -(float)limit / extreme;
    for (int j = 0; j < SUB_BLOCKS; j++)
        block->scales[j] =
            (int8_t)rdl_clamp(rdl_nearest_int(inverse * scales[j]), -limit, limit - 1);
    block->d = rdl_f32_to_f16(1.0f / inverse);
    return true;
}

void rdl_symmetric_super_block_decode(const struct rdl_symmetric_super_block *block, int half_range,
                                      float *x)
{
    const float d = rdl_f16_to_f32(block->d);
    for (int j = 0; j < SUB_BLOCKS; j++) {
        const float scale = d * (float)block->scales[j];
        for (int i = N * j; i < N * (j + 1); i++)
            x[i] = scale * (float)(block->codes[i] - half_range);
    }
}
