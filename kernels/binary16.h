/*
 * IEEE binary16 <-> binary32 without hardware help (baseline x86-64 has none). Notation of the
 * specification: H(x) and F(h). Both agree with hardware conversion for every input but the payload
 * of NaNs; tests run all 2^16 and all 2^32 of them.
 */
#ifndef RDL_BINARY16_H
#define RDL_BINARY16_H

#include <stdint.h>
#include <string.h>

static inline uint32_t rdl_float_bits(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float rdl_bits_float(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/*
 * H: round to nearest, ties to even; subnormals; |x| >= 65520 gives infinity; NaN gives sign |
 * 0x7E00.
 *
 * Normal results: the value in units of the last place of binary16 is the 32-bit pattern shifted
 * right by 13; adding 0xFFF plus the lowest kept bit rounds to nearest even, with a carry into the
 * exponent where it belongs. Subnormal results (|x| < 2^-14): adding 0.5 aligns the last place of
 * the float sum with 2^-24, so that the hardware rounds for us.
 */
static inline uint16_t rdl_f32_to_f16(float x)
{
    const uint32_t bits = rdl_float_bits(x);
    const uint32_t sign = bits >> 16 & 0x8000u;
    const uint32_t magnitude = bits & 0x7FFFFFFFu;
    if (magnitude > 0x7F800000u)
        return (uint16_t)(sign | 0x7E00u);
    if (magnitude >= 0x477FF000u) /* 65520 */
        return (uint16_t)(sign | 0x7C00u);
    if (magnitude < 0x38800000u) /* 2^-14 */
        return (uint16_t)(sign | (rdl_float_bits(rdl_bits_float(magnitude) + 0.5f) & 0x7FFu));
    const uint32_t rebased = magnitude - (112u << 23);
    return (uint16_t)(sign | (rebased + 0xFFFu + (rebased >> 13 & 1u)) >> 13);
}

/*
 * F: exact. Normal numbers: the exponent is moved by 112. Subnormal ones, which the scales of small
 * weights are: with the exponent field of 2^-14 they read 2^-14 too much. Arithmetic on subnormal
 * binary32 numbers is avoided, as it can be slow (measured: decoding Q4_K took twice the time).
 * Infinities and NaNs keep their payload.
 */
static inline float rdl_f16_to_f32(uint16_t h)
{
    const uint32_t sign = (uint32_t)(h & 0x8000u) << 16;
    const uint32_t magnitude = (uint32_t)(h & 0x7FFFu) << 13;
    if (magnitude >= 0x0F800000u)
        return rdl_bits_float(sign | 0x7F800000u | magnitude);
    if (magnitude >= 0x00800000u)
        return rdl_bits_float(sign | (magnitude + (112u << 23)));
    const float value = rdl_bits_float(magnitude + (113u << 23)) - 0x1p-14f;
    return rdl_bits_float(sign | rdl_float_bits(value));
}

#endif
