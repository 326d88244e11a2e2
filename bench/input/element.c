#include "element.h"

#include "binary16.h"
#include <string.h>

size_t element_size(enum element_kind kind)
{
    switch (kind) {
    case ELEMENT_F32:
        return 4;
    case ELEMENT_F16:
    case ELEMENT_BF16:
        return 2;
    case ELEMENT_F64:
        return 8;
    case ELEMENT_BLOCKS:
    case ELEMENT_SYNTH:
    case ELEMENT_OTHER:
        break;
    }
    return 0;
}

/* Hosts are little-endian (kernels/roundel.h), so only big-endian bytes need work. */
static uint16_t load16(const uint8_t *bytes, bool swapped)
{
    uint16_t bits;
    memcpy(&bits, bytes, sizeof bits);
    return swapped ? (uint16_t)(bits << 8 | bits >> 8) : bits;
}

static uint32_t load32(const uint8_t *bytes, bool swapped)
{
    uint32_t bits;
    memcpy(&bits, bytes, sizeof bits);
    return swapped ? (uint32_t)load16(bytes, true) << 16 | load16(bytes + 2, true) : bits;
}

static uint64_t load64(const uint8_t *bytes, bool swapped)
{
    uint64_t bits;
    memcpy(&bits, bytes, sizeof bits);
    return swapped ? (uint64_t)load32(bytes, true) << 32 | load32(bytes + 4, true) : bits;
}

static float f32_from_f64_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return (float)value;
}

void element_to_f32(enum element_kind kind, bool swapped, const uint8_t *bytes, size_t count,
                    float *out)
{
    switch (kind) {
    case ELEMENT_F32:
        for (size_t i = 0; i < count; i++)
            out[i] = rdl_bits_float(load32(bytes + 4 * i, swapped));
        break;
    case ELEMENT_F16:
        for (size_t i = 0; i < count; i++)
            out[i] = rdl_f16_to_f32(load16(bytes + 2 * i, swapped));
        break;
    case ELEMENT_BF16: /* the upper half of a binary32 number */
        for (size_t i = 0; i < count; i++)
            out[i] = rdl_bits_float((uint32_t)load16(bytes + 2 * i, swapped) << 16);
        break;
    case ELEMENT_F64:
        for (size_t i = 0; i < count; i++)
            out[i] = f32_from_f64_bits(load64(bytes + 8 * i, swapped));
        break;
    case ELEMENT_BLOCKS:
    case ELEMENT_SYNTH:
    case ELEMENT_OTHER:
        break;
    }
}
