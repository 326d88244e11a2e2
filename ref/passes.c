/* Passes over floats, one by one: see struct rdl_passes. */
#include "binary16.h"
#include "kernel.h"

static uint32_t largest_magnitude(const float *x, size_t n)
{
    int32_t largest = 0;
    for (size_t i = 0; i < n; i++) {
        const int32_t magnitude = (int32_t)(rdl_float_bits(x[i]) & 0x7FFFFFFFu);
        largest = magnitude > largest ? magnitude : largest;
    }
    return (uint32_t)largest;
}

static void to_f16(const float *x, size_t n, uint16_t *to)
{
    for (size_t i = 0; i < n; i++)
        to[i] = rdl_f32_to_f16(x[i]);
}

/* Half of the last place that is kept is 0x8000; a tie is rounded up if that place is odd. */
static uint16_t bfloat16(float x)
{
    const uint32_t bits = rdl_float_bits(x);
    if (x != x)
        return (uint16_t)(bits >> 16 | 0x0040u);
    return (uint16_t)((bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16);
}

static void to_bf16(const float *x, size_t n, uint16_t *to)
{
    for (size_t i = 0; i < n; i++)
        to[i] = bfloat16(x[i]);
}

/* Plain C has no other stores than ordinary ones. */
static void stream(const uint8_t *from, size_t size, uint8_t *to)
{
    memcpy(to, from, size);
}

static void end_stream(void)
{
}

const struct rdl_passes rdl_passes = {
    .largest_magnitude = largest_magnitude,
    .to_f16 = to_f16,
    .to_bf16 = to_bf16,
    .stream = stream,
    .end_stream = end_stream,
};
