#include "codebook_nearest.h"

#include "row_blocks.h"

#include <math.h>

enum {
    MAX_ROWS = 1024,
    MAX_LEVELS = 8,
    HALF_POINTS = 81 /* 4 weights of 3 levels; 2 of 8 are 64 */
};

/* The codebook cut in two: the error of a row is the sum of the errors of its halves, and there are
 * few different halves. A half is the number of its levels, the first weight's the lowest digit. */
struct halved_codebook {
    int rows, half_length, levels;
    float magnitudes[MAX_LEVELS];
    uint8_t halves[2][MAX_ROWS];
};

static void halve(const struct rdl_codebook *codebook, struct halved_codebook *halved)
{
    const uint8_t *entries = (const uint8_t *)codebook->entries;
    halved->rows = codebook->rows;
    halved->half_length = codebook->length / 2;
    halved->levels = codebook->levels;
    for (int row = 0; row < halved->rows; row++)
        for (int h = 0; h < 2; h++) {
            int half = 0;
            for (int i = halved->half_length - 1; i >= 0; i--) {
                const int column = halved->half_length * h + i;
                const uint8_t level = rdl_codebook_level(codebook, row, column);
                halved->magnitudes[level] = (float)entries[codebook->length * row + column];
                half = half * halved->levels + level;
            }
            halved->halves[h][row] = (uint8_t)half;
        }
}

/* Errors of all halves: sums over the weights in order. */
static void fill_errors(const struct halved_codebook *codebook, const float *magnitudes,
                        float scale, float *errors)
{
    int count = 1;
    errors[0] = 0.0f;
    for (int i = 0; i < codebook->half_length; i++) {
        for (int l = codebook->levels - 1; l >= 0; l--) {
            const float difference = scale * codebook->magnitudes[l] - magnitudes[i];
            for (int k = 0; k < count; k++)
                errors[l * count + k] = errors[k] + difference * difference;
        }
        count *= codebook->levels;
    }
}

static uint16_t nearest_row(const struct halved_codebook *codebook, const float *magnitudes,
                            float scale)
{
    float errors[2][HALF_POINTS];
    for (int h = 0; h < 2; h++)
        fill_errors(codebook, magnitudes + codebook->half_length * h, scale, errors[h]);
    int nearest = 0;
    float least = errors[0][codebook->halves[0][0]] + errors[1][codebook->halves[1][0]];
    for (int row = 1; row < codebook->rows; row++) {
        const float error =
            errors[0][codebook->halves[0][row]] + errors[1][codebook->halves[1][row]];
        if (error < least) {
            least = error;
            nearest = row;
        }
    }
    return (uint16_t)nearest;
}

/* The scales that send the largest magnitude of each sub-block to that of the codebook. */
static void code_scales(const struct rdl_codebook_layout *layout,
                        const struct halved_codebook *codebook, const float *x,
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
                         const struct halved_codebook *codebook, const float *x,
                         struct rdl_codebook_super_block *block)
{
    float magnitudes[RDL_SUPER_BLOCK], ones[RDL_SUPER_BLOCK];
    for (int i = 0; i < RDL_SUPER_BLOCK; i++)
        ones[i] = 1.0f;
    rdl_split_signs(RDL_SUPER_BLOCK, x, magnitudes, block->signs);
    if (layout->even_signs)
        rdl_make_signs_even(RDL_SUPER_BLOCK, x, ones, magnitudes, block->signs);
    code_scales(layout, codebook, x, block);
    const int length = 2 * codebook->half_length;
    for (int g = 0; g < RDL_SUPER_BLOCK / length; g++) {
        const float scale = rdl_codebook_scale(layout, block, length * g / layout->sub_block);
        block->rows[g] = nearest_row(codebook, magnitudes + length * g, scale);
    }
}

void rdl_codebook_encode_nearest(const struct rdl_codebook_layout *layout,
                                 const struct rdl_rows *rows, uint8_t *blocks)
{
    struct halved_codebook codebook;
    halve(layout->codebook, &codebook);
    const size_t nblocks = rdl_count_blocks(rows, RDL_SUPER_BLOCK);
    for (size_t b = 0; b < nblocks; b++) {
        struct rdl_codebook_super_block block;
        encode_block(layout, &codebook, rows->x + b * RDL_SUPER_BLOCK, &block);
        layout->pack(&block, blocks + b * layout->block_bytes);
    }
}
