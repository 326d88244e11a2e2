#include "scale_field.h"

#include "block_stats.h"

static uint8_t at_most_63(uint8_t code)
{
    return code < 63 ? code : 63;
}

void rdl_scale_field_fit(struct rdl_affine_super_block *block)
{
    for (int j = 0; j < 8; j++) {
        block->scales[j] = at_most_63(block->scales[j]);
        block->mins[j] = at_most_63(block->mins[j]);
    }
}

/* Sub-blocks 0..3 have scale and min in the low six bits of bytes j and j + 4. Sub-blocks 4..7 have
 * their low nibbles together in byte j + 4, and their high two bits on top of bytes j - 4 and j. */
void rdl_scale_field_pack(const struct rdl_affine_super_block *block, uint8_t *field)
{
    const uint8_t *scales = block->scales, *mins = block->mins;
    for (int j = 0; j < 4; j++) {
        field[j] = (uint8_t)(scales[j] | scales[j + 4] >> 4 << 6);
        field[j + 4] = (uint8_t)(mins[j] | mins[j + 4] >> 4 << 6);
        field[j + 8] = (uint8_t)((scales[j + 4] & 15) | (mins[j + 4] & 15) << 4);
    }
}

void rdl_scale_field_unpack(const uint8_t *bytes, float *scales, float *mins)
{
    uint16_t stored[2];
    memcpy(stored, bytes, sizeof stored);
    const float d = rdl_f16_to_f32(stored[0]), dmin = rdl_f16_to_f32(stored[1]);
    const uint8_t *field = bytes + sizeof stored;
    for (int j = 0; j < 4; j++) {
        scales[j] = d * (float)(field[j] & 63);
        mins[j] = dmin * (float)(field[j + 4] & 63);
        scales[j + 4] = d * (float)((field[j + 8] & 15) | field[j] >> 6 << 4);
        mins[j + 4] = dmin * (float)(field[j + 8] >> 4 | field[j + 4] >> 6 << 4);
    }
}

void rdl_rms_weights(int n, const float *x, float *w)
{
    const float rms = sqrtf(rdl_add_squares(0.0f, x, n) / (float)n);
    for (int i = 0; i < n; i++)
        w[i] = rms + fabsf(x[i]);
}
