#include "ternary.h"

#include "block_stats.h"
#include "nearest.h"

/* A scale so small that its inverse is infinite is stored as zero; its digits are those of zero. */
uint16_t rdl_ternary_digits(const float *x, uint8_t *digits)
{
    float signed_max;
    const float d = rdl_signed_absmax(RDL_TERNARY_BLOCK, x, &signed_max);
    const float exact_inverse = d != 0.0f ? 1.0f / d : 0.0f;
    const float inverse = isinf(exact_inverse) ? 0.0f : exact_inverse;
    for (int i = 0; i < RDL_TERNARY_BLOCK; i++)
        digits[i] = (uint8_t)(rdl_nearest_int_away(x[i] * inverse) + 1);
    return rdl_f32_to_f16(d);
}

void rdl_ternary_decode(uint16_t d, const uint8_t *digits, float *x)
{
    const float scale = rdl_f16_to_f32(d);
    for (int i = 0; i < RDL_TERNARY_BLOCK; i++)
        x[i] = (float)(digits[i] - 1) * scale;
}
