/*
 * Two-level search of the nearest IQ4_NL entry with tables of 16: eight bins for either sign, which
 * grow with |v| as the distances of the values do. Bins 0 .. 3 are 11.5 wide and bins 4 .. 7 are 23
 * wide, up to 138. They are what two bits of mantissa and one of exponent tell apart of
 * |v| / 46 + 1: quarters of [1, 2) and of [2, 4).
 *
 * A bin has at most one midpoint of neighbouring values, and it is at least 0.5 away from its ends,
 * so that the rounding of |v| / 46 does not matter; the one bin without has the last midpoint:
 *
 *   bin    0     1     2      3      4      5      6       7
 *   from   0    11.5  23     34.5   46     69     92     115
 *   v > 0  7    19    31.5   45.5   61     79    101     101
 *   v < 0 -4.5 -16   -28.5  -42    -57    -74    -93.5  -115.5
 *
 * The value is half the distance of its neighbours below or above the midpoint.
 *
 * A target says how to look up 16 words: nearest_place() gives the place of the bin in the tables,
 * as far as it does not depend on the sign of v, and nearest_pick() the entry. The place of bin b
 * is (b + 4) mod 8, and eight more for v < 0.
 */
#ifndef RDL_SIMD_NEAREST_IQ4_BINS_H
#define RDL_SIMD_NEAREST_IQ4_BINS_H

/* The midpoint in the high half of the bits, half the distance in the low half: both have so few
 * digits that half a float holds them. 61 and 8, 79 and 10, 101 and 12, ... */
static const float nearest_midpoint_of_bin[16] = {
    0x1.e882p+5f,   0x1.3c824p+6f,  0x1.94828p+6f,  0x1.94828p+6f,  0x1.c0818p+2f,  0x1.30818p+4f,
    0x1.f881ap+4f,  0x1.6c81ep+5f,  -0x1.c882p+5f,  -0x1.28822p+6f, -0x1.76825p+6f, -0x1.ce827p+6f,
    -0x1.20816p+2f, -0x1.00818p+4f, -0x1.c881ap+4f, -0x1.5081cp+5f};

static const float nearest_lower_index_of_bin[16] = {12.0f, 13.0f, 14.0f, 14.0f, 8.0f, 9.0f,
                                                     10.0f, 11.0f, 3.0f,  2.0f,  1.0f, 0.0f,
                                                     7.0f,  6.0f,  5.0f,  4.0f};

RDL_INLINE rf nearest_midpoint(ri entry)
{
    return r_float_of_bits(r_and(entry, r_iset(-0x10000)));
}

RDL_INLINE rf r_two_level_value(rf v)
{
    const ri entry = r_bits(nearest_pick(nearest_midpoint_of_bin, nearest_place(v), v));
    const rf midpoint = nearest_midpoint(entry);
    const ri sign = r_and(r_bits(r_sub(v, midpoint)), r_iset(INT32_MIN));
    return r_add(midpoint, r_float_of_bits(r_or(r_shl(entry, 16), sign)));
}

RDL_INLINE ri r_two_level_index(rf v)
{
    const ri place = nearest_place(v);
    const rf entry = nearest_pick(nearest_midpoint_of_bin, place, v);
    const rf lower = nearest_pick(nearest_lower_index_of_bin, place, v);
    return r_icount(r_truncate(lower), r_le(nearest_midpoint(r_bits(entry)), v));
}

#endif
