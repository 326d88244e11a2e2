/* Passes over floats in natural order: see struct rdl_passes. */
#include "simd.h"

#include "binary16.h"
#include "kernel.h"
#include "lanes.h"

#include <string.h>

/* ------------------------------------------------------------------------------------------------
 * Magnitudes
 */

static uint32_t largest_magnitude(const float *x, size_t n)
{
    ri magnitudes[4] = {r_iset(0), r_iset(0), r_iset(0), r_iset(0)};
    size_t i = 0;
    for (; i + 4 * RDL_WIDTH <= n; i += 4 * RDL_WIDTH)
        for (size_t k = 0; k < 4; k++) {
            const rf magnitude = r_abs(r_load(x + i + k * RDL_WIDTH));
            magnitudes[k] = r_imax(magnitudes[k], r_bits(magnitude));
        }
    int32_t lanes[RDL_WIDTH], largest = 0;
    r_istore(lanes,
             r_imax(r_imax(magnitudes[0], magnitudes[1]), r_imax(magnitudes[2], magnitudes[3])));
    for (size_t k = 0; k < RDL_WIDTH; k++)
        largest = lanes[k] > largest ? lanes[k] : largest;
    for (; i < n; i++) {
        const int32_t magnitude = (int32_t)(rdl_float_bits(x[i]) & 0x7FFFFFFFu);
        largest = magnitude > largest ? magnitude : largest;
    }
    return (uint32_t)largest;
}

/* ------------------------------------------------------------------------------------------------
 * Elements of 16 bits
 */

RDL_INLINE ri binary16_of(rf x)
{
    return r_to_f16(x);
}

/* The upper half of the bits, rounded to nearest even; a NaN keeps it and becomes quiet. */
RDL_INLINE ri bfloat16_of(rf x)
{
    const ri bits = r_bits(x), odd = r_and(r_shr(bits, 16), r_iset(1));
    const ri rounded = r_iadd(r_iadd(bits, r_iset(0x7FFF)), odd);
    const ri quiet = r_or(bits, r_iset(0x00400000));
    return r_shr(r_iselect(r_eq(x, x), rounded, quiet), 16);
}

/* The last numbers, less than a register of them, are padded. */
#define CONVERT(name, element_of)                                                                  \
    static void name(const float *x, size_t n, uint16_t *to)                                       \
    {                                                                                              \
        size_t i = 0;                                                                              \
        for (; i + RDL_WIDTH <= n; i += RDL_WIDTH)                                                 \
            r_store_u16(to + i, element_of(r_load(x + i)));                                        \
        float last[RDL_WIDTH] = {0};                                                               \
        uint16_t elements[RDL_WIDTH];                                                              \
        memcpy(last, x + i, (n - i) * sizeof *x);                                                  \
        r_store_u16(elements, element_of(r_load(last)));                                           \
        memcpy(to + i, elements, (n - i) * sizeof *to);                                            \
    }

CONVERT(to_f16, binary16_of)
CONVERT(to_bf16, bfloat16_of)

/* ------------------------------------------------------------------------------------------------
 * Past the caches
 */

enum {
    VECTOR = 4 * RDL_WIDTH /* bytes */
};

/* Ordinary stores up to the first boundary of a register in `to`, and behind the last. */
static void stream(const uint8_t *from, size_t size, uint8_t *to)
{
    const size_t beyond = (uintptr_t)to % VECTOR, to_boundary = beyond ? VECTOR - beyond : 0;
    size_t i = to_boundary < size ? to_boundary : size;
    memcpy(to, from, i);
    for (; i + VECTOR <= size; i += VECTOR)
        r_stream(to + i, r_load_bytes(from + i));
    memcpy(to + i, from + i, size - i);
}

static void end_stream(void)
{
    r_end_stream();
}

const struct rdl_passes RDL_TARGET_NAME(rdl_passes) = {
    .largest_magnitude = largest_magnitude,
    .to_f16 = to_f16,
    .to_bf16 = to_bf16,
    .stream = stream,
    .end_stream = end_stream,
};
