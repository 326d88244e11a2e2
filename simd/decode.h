/*
 * What decoders have in common. They work in natural order: a register holds consecutive weights,
 * and the bodies are written for registers of 4, 8 or 16 lanes.
 *
 * No decoder reads back through memory what it wrote there in smaller pieces: such a load waits
 * until all stores before it, those of weights included, have reached the cache.
 */
#ifndef RDL_SIMD_DECODE_H
#define RDL_SIMD_DECODE_H

#include "kernel.h"
#include "lanes.h"
#include "super_blocks.h"

#include <string.h>

/* For arrays of floats that are written register by register and read one by one: a load does not
 * get its data from a store that crosses a cache line before that has reached the cache. */
#define RDL_ALIGNED _Alignas(64)

/*
 * Has the compiler load from an array what was stored in it. It would rather keep that in registers
 * and take it apart by shuffles, of which a CPU does one or two a cycle; loads that broadcast or
 * widen need none. No instruction.
 */
#define THROUGH_MEMORY(array) __asm__("" : "+m"(array))

/* A binary16 number, in all lanes. */
RDL_INLINE rf load_half(const uint8_t *p)
{
    uint16_t half;
    memcpy(&half, p, sizeof half);
    return r_from_f16(r_iset(half));
}

/* Four bytes, in all lanes. */
RDL_INLINE ri load_word(const uint8_t *p)
{
    int32_t word;
    memcpy(&word, p, sizeof word);
    return r_iset(word);
}

/* 0, 1, 2, ... */
RDL_INLINE ri lane_numbers(void)
{
    static const int32_t numbers[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    return r_iload(numbers);
}

/* A bit field of each byte of a register: it must not reach into the next byte. */
RDL_INLINE ri byte_field(ri bytes, int shift, uint8_t mask)
{
    return r_and(r_shr(bytes, shift), r_iset(mask * 0x01010101));
}

/* A table of 16 values to look up codes in: the factor times each. */
RDL_INLINE void fill_table(rf factor, const float *values, float *table)
{
    for (int k = 0; k < 16; k += RDL_WIDTH)
        r_store(table + k, r_mul(factor, r_load(values + k)));
}

/*
 * n bytes of nibbles: the low ones are n consecutive weights at `low`, the high ones n at `high`,
 * each looked up in its table.
 */
RDL_INLINE void decode_nibbles(int n, const uint8_t *bytes, const float *low_table,
                               const float *high_table, float *low, float *high)
{
    for (int l = 0; l < n; l += RDL_WIDTH) {
        const ri byte = r_load_u8(bytes + l);
        r_store(low + l, r_table16(low_table, byte));
        r_store(high + l, r_table16(high_table, r_shr(byte, 4)));
    }
}

#endif
