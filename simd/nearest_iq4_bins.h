/*
 * Two-level search of the nearest IQ4_NL entry with tables of 16: eight bins for either sign, which
 * grow with |v| as the distances of the values do. Bins 0 .. 3 are 11.5 wide and bins 4 .. 7 are 23
 * wide, up to 138. They are what two bits of mantissa and one of exponent tell apart of
 * |v| / 46 + 1: quarters of [1, 2) and of [2, 4).
 *
 * A bin has at most one midpoint, and it is at least 0.5 away from its ends, so that the rounding
 * of |v| / 46 does not matter; the one bin without has the last midpoint:
 *
 *   bin    0     1     2      3      4      5      6       7
 *   from   0    11.5  23     34.5   46     69     92     115
 *   v > 0  7    19    31.5   45.5   61     79    101     101
 *   v < 0 -4.5 -16   -28.5  -42    -57    -74    -93.5  -115.5
 *
 * The value is half the distance of the neighbouring values below or above the midpoint. Both
 * numbers have few bits and fit into the halves of a word.
 *
 * A target says how to look up 16 words: nearest_place() gives the place of the bin in the tables,
 * as far as it does not depend on the sign of v, and nearest_pick() the entry; b + 4 modulo 8 is
 * the place of bin b, and there are eight more for v < 0.
 */
#ifndef RDL_SIMD_NEAREST_IQ4_BINS_H
#define RDL_SIMD_NEAREST_IQ4_BINS_H

/* High half: the midpoint; low half: half the distance; both the high half of a float. */
static const uint32_t nearest_midpoint_of_bin[16] = {
    0x42744100, 0x429E4120, 0x42CA4140, 0x42CA4140, 0x40E040C0, 0x419840C0, 0x41FC40D0, 0x423640F0,
    0xC2644100, 0xC2944110, 0xC2BB4128, 0xC2E74138, 0xC09040B0, 0xC18040C0, 0xC1E440D0, 0xC22840E0};

static const uint32_t nearest_lower_index_of_bin[16] = {12, 13, 14, 14, 8, 9, 10, 11,
                                                        3,  2,  1,  0,  7, 6, 5,  4};

RDL_INLINE rf nearest_midpoint(ri entry)
{
    return r_float_of_bits(r_and(entry, r_iset(-0x10000)));
}

RDL_INLINE rf r_two_level_value(rf v)
{
    const ri entry = nearest_pick(nearest_midpoint_of_bin, nearest_place(v), v);
    const rf midpoint = nearest_midpoint(entry);
    const ri sign = r_and(r_bits(r_sub(v, midpoint)), r_iset(INT32_MIN));
    return r_add(midpoint, r_float_of_bits(r_or(r_shl(entry, 16), sign)));
}

RDL_INLINE ri r_two_level_index(rf v)
{
    const ri place = nearest_place(v);
    const rf midpoint = nearest_midpoint(nearest_pick(nearest_midpoint_of_bin, place, v));
    const ri lower = nearest_pick(nearest_lower_index_of_bin, place, v);
    return r_icount(lower, r_le(midpoint, v));
}

#endif
