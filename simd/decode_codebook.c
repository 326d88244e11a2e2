/* Decoders of the IQ2 and IQ3 formats: x = (d * (2 scale + 1)) * unit * +-magnitude. */
#include "simd.h"

#include "codebook_levels.h"
#include "decode.h"

/* ------------------------------------------------------------------------------------------------
 * Weights
 */

/* Magnitudes with the signs of bits first, first + 1, ... of a word: ones are negative. */
RDL_INLINE void store_signed(float *to, rf magnitudes, ri signs, int first)
{
    const ri counts = r_isub(r_iset(31 - first), lane_numbers());
    const ri sign = r_and(r_shlv(signs, counts), r_iset(INT32_MIN));
    r_store(to, r_float_of_bits(r_xor(r_bits(magnitudes), sign)));
}

/* 16 weights whose levels are pairs of bits, the signs at bit `first` of their word. */
RDL_INLINE void decode_pairs(rf scale, uint32_t levels, ri signs, int first, float *x)
{
    static const float magnitudes[4] = {8, 25, 43, 0}; /* there is no level 3 */
    for (int i = 0; i < 16; i += RDL_WIDTH) {
        const ri number = r_iadd(lane_numbers(), r_iset(i));
        const ri level = r_shrv(r_iset((int32_t)levels), r_shl(number, 1));
        store_signed(x + i, r_mul(scale, r_table4(magnitudes, level)), signs, first + i);
    }
}

/* The same with 8 levels, in nibbles; the first 8 weights in one word, the others in another. */
RDL_INLINE void decode_levels(rf scale, const float *magnitudes, const uint32_t *levels, ri signs,
                              int first, float *x)
{
    for (int i = 0; i < 16; i += RDL_WIDTH) {
        const ri number = r_iadd(lane_numbers(), r_iset(i));
        const rm in_first = r_ilt(number, r_iset(8));
        const ri word = r_iselect(in_first, r_iset((int32_t)levels[0]), r_iset((int32_t)levels[1]));
        const ri level = r_shrv(word, r_shl(r_and(number, r_iset(7)), 2));
        store_signed(x + i, r_mul(scale, r_table8(magnitudes, level)), signs, first + i);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Fields
 */

static inline uint32_t word_at(const uint8_t *p)
{
    uint32_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

/* Two rows of 16 bits. */
static inline uint32_t two_rows(const uint16_t *table, unsigned first, unsigned second)
{
    return table[first] | (uint32_t)table[second] << 16;
}

/* Sets bit 7 of each byte such that the number of its bits is even. */
static inline uint32_t make_even(uint32_t bytes)
{
    uint32_t parity = bytes ^ bytes >> 4;
    parity ^= parity >> 2;
    parity ^= parity >> 1;
    return bytes | (parity & 0x01010101u) << 7;
}

/* From four fields of seven bits to bytes. */
static inline uint32_t spread_sevens(uint32_t fields)
{
    const uint32_t halves = (fields & 0x3FFFu) | (fields & 0x0FFFC000u) << 2;
    return (halves & 0x007F007Fu) | (halves & 0x3F803F80u) << 1;
}

/* d * (2 code + 1) * unit. */
RDL_INLINE rf odd_scale(rf d, ri code, float unit)
{
    const ri odd = r_iadd(r_shl(code, 1), r_iset(1));
    return r_mul(r_mul(d, r_to_float(odd)), r_set(unit));
}

/* 16 scales of two words of nibbles. */
RDL_INLINE void load_scales(ri first, ri second, rf d, float unit, float *scales)
{
    for (int k = 0; k < 16; k += RDL_WIDTH) {
        const ri number = r_iadd(lane_numbers(), r_iset(k));
        const ri word = r_iselect(r_ilt(number, r_iset(8)), first, second);
        const ri shift = r_shl(r_and(number, r_iset(7)), 2);
        const ri code = r_and(r_shrv(word, shift), r_iset(15));
        r_store(scales + k, odd_scale(d, code, unit));
    }
}

/* ------------------------------------------------------------------------------------------------
 * Rows of 8 weights
 */

static const float pair_unit = 0.125f;

/* A sub-block of 32 is four bytes of rows and a word of signs and scale. */
void RDL_TARGET_NAME(rdl_iq2_xxs_decode)(const uint8_t *blocks, size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++) {
        const rf d = load_half(blocks);
        for (int j = 0; j < 8; j++) {
            const uint8_t *rows = blocks + 2 + 8 * j;
            const uint32_t word = word_at(rows + 4);
            const rf scale = odd_scale(d, r_iset((int32_t)(word >> 28)), pair_unit);
            const ri signs = r_iset((int32_t)make_even(spread_sevens(word)));
            for (int h = 0; h < 2; h++)
                decode_pairs(scale, two_rows(rdl_levels_iq2_xxs, rows[2 * h], rows[2 * h + 1]),
                             signs, 16 * h, x + 32 * j + 16 * h);
        }
        blocks += 66;
        x += RDL_SUPER_BLOCK;
    }
}

/* The upper seven bits of four halves as bytes. */
static inline uint32_t upper_sevens(uint64_t halves)
{
    const uint64_t fields = halves >> 9 & 0x007F007F007F007Fu;
    const uint64_t pairs = (fields | fields >> 8) & 0x0000FFFF0000FFFFu;
    return (uint32_t)(pairs | pairs >> 16);
}

/* Four halves of nine bits for the row and seven for signs make 32 weights. */
void RDL_TARGET_NAME(rdl_iq2_xs_decode)(const uint8_t *blocks, size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++) {
        const rf d = load_half(blocks);
        RDL_ALIGNED float scales[16];
        load_scales(load_word(blocks + 66), load_word(blocks + 70), d, pair_unit, scales);
        for (int j = 0; j < 8; j++) {
            uint64_t halves;
            memcpy(&halves, blocks + 2 + 8 * j, sizeof halves);
            const ri signs = r_iset((int32_t)make_even(upper_sevens(halves)));
            for (int h = 0; h < 2; h++) {
                const unsigned first = (unsigned)(halves >> 32 * h & 511);
                const unsigned second = (unsigned)(halves >> (32 * h + 16) & 511);
                decode_pairs(r_set(scales[2 * j + h]), two_rows(rdl_levels_iq2_xs, first, second),
                             signs, 16 * h, x + 32 * j + 16 * h);
            }
        }
        blocks += 74;
        x += RDL_SUPER_BLOCK;
    }
}

/* Bytes 2 .. are the low bits of the rows, 34 .. signs, 66 .. the high two bits of four rows. */
void RDL_TARGET_NAME(rdl_iq2_s_decode)(const uint8_t *blocks, size_t nblocks, float *x)
{
    for (size_t b = 0; b < nblocks; b++) {
        const rf d = load_half(blocks);
        RDL_ALIGNED float scales[16];
        load_scales(load_word(blocks + 74), load_word(blocks + 78), d, pair_unit, scales);
        for (int j = 0; j < 8; j++) {
            const uint8_t *rows = blocks + 2 + 4 * j;
            const unsigned high = blocks[66 + j];
            const ri signs = load_word(blocks + 34 + 4 * j);
            for (int h = 0; h < 2; h++) {
                const unsigned first = rows[2 * h] | (high << (8 - 4 * h) & 0x300u);
                const unsigned second = rows[2 * h + 1] | (high << (6 - 4 * h) & 0x300u);
                decode_pairs(r_set(scales[2 * j + h]), two_rows(rdl_levels_iq2_s, first, second),
                             signs, 16 * h, x + 32 * j + 16 * h);
            }
        }
        blocks += 82;
        x += RDL_SUPER_BLOCK;
    }
}

/* ------------------------------------------------------------------------------------------------
 * Rows of 4 weights
 */

void RDL_TARGET_NAME(rdl_iq3_xxs_decode)(const uint8_t *blocks, size_t nblocks, float *x)
{
    static const float magnitudes[8] = {4, 12, 20, 28, 36, 44, 52, 62};
    for (size_t b = 0; b < nblocks; b++) {
        const rf d = load_half(blocks);
        for (int j = 0; j < 8; j++) {
            const uint8_t *rows = blocks + 2 + 8 * j;
            const uint32_t word = word_at(blocks + 66 + 4 * j);
            const rf scale = odd_scale(d, r_iset((int32_t)(word >> 28)), 0.25f);
            const ri signs = r_iset((int32_t)make_even(spread_sevens(word)));
            for (int h = 0; h < 2; h++) {
                const uint8_t *r = rows + 4 * h;
                const uint32_t levels[2] = {two_rows(rdl_levels_iq3_xxs, r[0], r[1]),
                                            two_rows(rdl_levels_iq3_xxs, r[2], r[3])};
                decode_levels(scale, magnitudes, levels, signs, 16 * h, x + 32 * j + 16 * h);
            }
        }
        blocks += 98;
        x += RDL_SUPER_BLOCK;
    }
}

/* Bytes 2 .. are the low bits of the rows, 66 .. the ninth bits of eight rows, 74 .. signs. */
void RDL_TARGET_NAME(rdl_iq3_s_decode)(const uint8_t *blocks, size_t nblocks, float *x)
{
    static const float magnitudes[8] = {1, 3, 5, 7, 9, 11, 13, 15};
    for (size_t b = 0; b < nblocks; b++) {
        RDL_ALIGNED float scales[16];
        const ri codes = load_word(blocks + 106);
        load_scales(codes, codes, load_half(blocks), 1.0f, scales);
        for (int j = 0; j < 8; j++) {
            const uint8_t *rows = blocks + 2 + 8 * j;
            const unsigned high = (unsigned)blocks[66 + j] << 8;
            const ri signs = load_word(blocks + 74 + 4 * j);
            for (int h = 0; h < 2; h++) {
                unsigned row[4];
                for (int k = 0; k < 4; k++)
                    row[k] = rows[4 * h + k] | (high >> (4 * h + k) & 0x100u);
                const uint32_t levels[2] = {two_rows(rdl_levels_iq3_s, row[0], row[1]),
                                            two_rows(rdl_levels_iq3_s, row[2], row[3])};
                decode_levels(r_set(scales[j]), magnitudes, levels, signs, 16 * h,
                              x + 32 * j + 16 * h);
            }
        }
        blocks += 110;
        x += RDL_SUPER_BLOCK;
    }
}
