/*
 * Decoders of the IQ2 and IQ3 formats in AVX-512 with VBMI; those of the other targets are in
 * decode_codebook.c. x = (d * (2 scale + 1)) * unit * +-magnitude.
 *
 * Rows are looked up in registers, 32 at a time: VPERMI2W takes one of 64 16-bit words of
 * codebook_levels.h, and the higher bits of the row numbers choose among its results.
 * They go through memory, from where a load gives the levels of 16 weights to all lanes; a shift by
 * lane and a permutation make magnitudes of them, and signs are masks.
 *
 * IQ2_XXS: 23 G weights/s, IQ3_S 19; levels to bytes and bytes to floats in registers: 17 and 15;
 * decode_codebook.c: 12 and 8.
 */
#include "simd.h"

#include "codebook_levels.h"
#include "decode_slab.h"

/* Eight bytes, the first lowest, in each part of 64 bits. */
RDL_INLINE __m512i repeat(char a, char b, char c, char d, char e, char f, char g, char h)
{
    return _mm512_broadcast_i32x4(_mm_setr_epi8(a, b, c, d, e, f, g, h, a, b, c, d, e, f, g, h));
}

RDL_INLINE __m512i load_512(const uint8_t *p)
{
    return _mm512_loadu_si512(p);
}

RDL_INLINE __m256i load_256(const uint8_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

/* ------------------------------------------------------------------------------------------------
 * Rows
 */

/* table[row] for each of 32 words; `length` of the table is 64 times a power of two. */
RDL_INLINE __m512i look_up(const uint16_t *table, int length, __m512i rows)
{
    __m512i found[16];
    for (int i = 0; i < length / 64; i++)
        found[i] = _mm512_permutex2var_epi16(_mm512_loadu_si512(table + 64 * i), rows,
                                             _mm512_loadu_si512(table + 64 * i + 32));
    for (int bit = 64; bit < length; bit *= 2) {
        const __mmask32 upper = _mm512_test_epi16_mask(rows, _mm512_set1_epi16((short)bit));
        for (int i = 0; i < length / 2 / bit; i++)
            found[i] = _mm512_mask_blend_epi16(upper, found[2 * i], found[2 * i + 1]);
    }
    return found[0];
}

/* ------------------------------------------------------------------------------------------------
 * Signs
 */

/* Sets bit 7 of each byte such that the number of its bits is even, by the parities of nibbles. */
RDL_INLINE __m256i make_even(__m256i sevens)
{
    const __m256i odd =
        _mm256_setr_epi8(0, -128, -128, 0, -128, 0, 0, -128, -128, 0, 0, -128, 0, -128, -128, 0, 0,
                         -128, -128, 0, -128, 0, 0, -128, -128, 0, 0, -128, 0, -128, -128, 0);
    const __m256i nibble = _mm256_set1_epi8(15);
    const __m256i low = _mm256_and_si256(sevens, nibble);
    const __m256i high = _mm256_and_si256(_mm256_srli_epi16(sevens, 4), nibble);
    const __m256i last =
        _mm256_xor_si256(_mm256_shuffle_epi8(odd, low), _mm256_shuffle_epi8(odd, high));
    return _mm256_or_si256(sevens, last);
}

/* From eight words, in the lower halves of 64 bits, of four fields of seven bits. */
RDL_INLINE __m256i signs_of_words(__m512i words)
{
    const __m512i places = repeat(0, 7, 14, 21, 0, 0, 0, 0);
    const __m256i fields = _mm512_cvtepi64_epi32(_mm512_multishift_epi64_epi8(places, words));
    return make_even(_mm256_and_si256(fields, _mm256_set1_epi8(127)));
}

/* ------------------------------------------------------------------------------------------------
 * Scales and weights
 */

/* d * (2 code + 1) * unit, of sub-blocks of 16 weights. */
RDL_INLINE void store_scales(const uint8_t *d, __m512i codes, float unit, float *scales)
{
    const ri odd = r_iadd(r_shl(codes, 1), r_iset(1));
    r_store(scales, r_mul(r_mul(load_half(d), r_to_float(odd)), r_set(unit)));
}

RDL_INLINE void store_signs(uint8_t *to, __m256i signs)
{
    _mm256_store_si256((__m256i *)(void *)to, signs);
}

/* 16 weights, the signs in the bits of two bytes. */
RDL_INLINE void store_weights(rf magnitudes, const float *scale, const uint8_t *signs, float *x)
{
    uint16_t negative;
    memcpy(&negative, signs, sizeof negative);
    const rf value = r_mul(r_set(*scale), magnitudes);
    r_store(x, _mm512_mask_xor_ps(value, negative, value, r_set(-0.0f)));
}

/* A super-block of rows of 8. */
RDL_INLINE void store_pairs(const uint8_t *block, const struct prepared *prepared, float *x)
{
    (void)block;
    static const float magnitudes[4] = {8, 25, 43, 0}; /* there is no level 3 */
    const ri places = r_shl(lane_numbers(), 1);
    for (int i = 0; i < 16; i++) {
        const ri levels = load_word(prepared->codes + 4 * i);
        store_weights(r_table4(magnitudes, r_shrv(levels, places)), prepared->scales + i,
                      prepared->signs + 2 * i, x + 16 * i);
    }
}

/* A super-block of rows of 4. A nibble of 64 bits goes to the lowest byte of each lane. */
RDL_INLINE void store_nibbles(const struct prepared *prepared, const float *magnitudes, float *x)
{
    const __m512i places = _mm512_cvtepu32_epi64(_mm256_setr_epi32(0, 8, 16, 24, 32, 40, 48, 56));
    const __m512i both = _mm512_or_si512(
        places, _mm512_slli_epi64(_mm512_add_epi64(places, _mm512_set1_epi64(4)), 32));
    for (int i = 0; i < 16; i++) {
        long long levels;
        memcpy(&levels, prepared->codes + 8 * i, sizeof levels);
        const ri level = _mm512_multishift_epi64_epi8(both, _mm512_set1_epi64(levels));
        store_weights(r_table8(magnitudes, level), prepared->scales + i, prepared->signs + 2 * i,
                      x + 16 * i);
    }
}

/* Numbers of words or nibbles, each twice: for formats whose sub-blocks have 32 weights. */
RDL_INLINE __m512i pairs_of_lanes(void)
{
    return r_shr(lane_numbers(), 1);
}

/* ------------------------------------------------------------------------------------------------
 * Formats
 */

/* A sub-block of 32 is four bytes of rows and a word of signs and scale. */
RDL_INLINE void prepare_iq2_xxs(const uint8_t *block, struct prepared *prepared)
{
    static const uint8_t places[32] = {0,  1,  2,  3,  8,  9,  10, 11, 16, 17, 18,
                                       19, 24, 25, 26, 27, 32, 33, 34, 35, 40, 41,
                                       42, 43, 48, 49, 50, 51, 56, 57, 58, 59};
    const __m512i row_places = _mm512_cvtepu8_epi16(load_256(places));
    const __m512i sub_block = load_512(block + 2);
    const __m512i rows = _mm512_maskz_permutexvar_epi8(0x5555555555555555u, row_places, sub_block);
    const __m512i words = _mm512_srli_epi64(sub_block, 32);
    const ri word_lanes = r_or(lane_numbers(), r_iset(1)); /* each word, twice */
    store_scales(block, r_shr(_mm512_permutexvar_epi32(word_lanes, sub_block), 28), 0.125f,
                 prepared->scales);
    store_signs(prepared->signs, signs_of_words(words));
    store_codes(prepared->codes, look_up(rdl_levels_iq2_xxs, 256, rows));
}

void rdl_iq2_xxs_decode_avx512(const uint8_t *blocks, size_t nblocks, float *x)
{
    decode_slabs(66, prepare_iq2_xxs, store_pairs, blocks, nblocks, x);
}

/* A row is nine bits of a half, signs are the seven above. */
RDL_INLINE void prepare_iq2_xs(const uint8_t *block, struct prepared *prepared)
{
    const __m512i halves = load_512(block + 2);
    const __m512i rows = _mm512_and_si512(halves, _mm512_set1_epi16(511));
    const uint8_t *nibbles = block + 66;
    const ri words =
        r_iselect(r_ilt(lane_numbers(), r_iset(8)), load_word(nibbles), load_word(nibbles + 4));
    const ri shifts = r_shl(r_and(lane_numbers(), r_iset(7)), 2);
    store_scales(block, r_and(r_shrv(words, shifts), r_iset(15)), 0.125f, prepared->scales);
    store_signs(prepared->signs, make_even(_mm512_cvtepi16_epi8(_mm512_srli_epi16(halves, 9))));
    store_codes(prepared->codes, look_up(rdl_levels_iq2_xs, 512, rows));
}

void rdl_iq2_xs_decode_avx512(const uint8_t *blocks, size_t nblocks, float *x)
{
    decode_slabs(74, prepare_iq2_xs, store_pairs, blocks, nblocks, x);
}

/* Bytes 2 .. are the low bits of the rows, 34 .. signs, 66 .. a pair of high bits for each row. */
RDL_INLINE void prepare_iq2_s(const uint8_t *block, struct prepared *prepared)
{
    /* The pair of row r is at bit 2 r of 64; it goes to the upper byte of word r. */
    static const uint8_t places[64] = {0, 0,  0, 2,  0, 4,  0, 6,  0, 8,  0, 10, 0, 12, 0, 14,
                                       0, 16, 0, 18, 0, 20, 0, 22, 0, 24, 0, 26, 0, 28, 0, 30,
                                       0, 32, 0, 34, 0, 36, 0, 38, 0, 40, 0, 42, 0, 44, 0, 46,
                                       0, 48, 0, 50, 0, 52, 0, 54, 0, 56, 0, 58, 0, 60, 0, 62};
    const __m512i pair_places = load_512(places);
    long long pairs;
    memcpy(&pairs, block + 66, sizeof pairs);
    const __m512i high =
        _mm512_and_si512(_mm512_multishift_epi64_epi8(pair_places, _mm512_set1_epi64(pairs)),
                         _mm512_set1_epi16(0x300));
    const __m512i rows = _mm512_or_si512(_mm512_cvtepu8_epi16(load_256(block + 2)), high);
    const uint8_t *nibbles = block + 74;
    const ri words =
        r_iselect(r_ilt(lane_numbers(), r_iset(8)), load_word(nibbles), load_word(nibbles + 4));
    const ri shifts = r_shl(r_and(lane_numbers(), r_iset(7)), 2);
    store_scales(block, r_and(r_shrv(words, shifts), r_iset(15)), 0.125f, prepared->scales);
    store_codes(prepared->codes, look_up(rdl_levels_iq2_s, 1024, rows));
    store_signs(prepared->signs, load_256(block + 34));
}

void rdl_iq2_s_decode_avx512(const uint8_t *blocks, size_t nblocks, float *x)
{
    decode_slabs(82, prepare_iq2_s, store_pairs, blocks, nblocks, x);
}

/* Bytes 2 .. are rows, 66 .. a word of signs and scale for 32 weights. */
RDL_INLINE void prepare_iq3_xxs(const uint8_t *block, struct prepared *prepared)
{
    const __m256i words = load_256(block + 66);
    const ri twice = _mm512_permutexvar_epi32(pairs_of_lanes(), _mm512_castsi256_si512(words));
    store_scales(block, r_shr(twice, 28), 0.25f, prepared->scales);
    store_signs(prepared->signs, signs_of_words(_mm512_cvtepu32_epi64(words)));
    for (int h = 0; h < 2; h++) {
        const __m512i rows = _mm512_cvtepu8_epi16(load_256(block + 2 + 32 * h));
        store_codes(prepared->codes + 64 * h, look_up(rdl_levels_iq3_xxs, 256, rows));
    }
}

RDL_INLINE void store_iq3_xxs(const uint8_t *block, const struct prepared *prepared, float *x)
{
    (void)block;
    static const float magnitudes[8] = {4, 12, 20, 28, 36, 44, 52, 62};
    store_nibbles(prepared, magnitudes, x);
}

void rdl_iq3_xxs_decode_avx512(const uint8_t *blocks, size_t nblocks, float *x)
{
    decode_slabs(98, prepare_iq3_xxs, store_iq3_xxs, blocks, nblocks, x);
}

/* Bytes 2 .. are the low bits of the rows, 66 .. the ninth bits, 74 .. signs. */
RDL_INLINE void prepare_iq3_s(const uint8_t *block, struct prepared *prepared)
{
    const ri codes = r_shrv(load_word(block + 106), r_shl(pairs_of_lanes(), 2));
    store_scales(block, r_and(codes, r_iset(15)), 1.0f, prepared->scales);
    for (int h = 0; h < 2; h++) {
        uint32_t ninth;
        memcpy(&ninth, block + 66 + 4 * h, sizeof ninth);
        const __m512i low = _mm512_cvtepu8_epi16(load_256(block + 2 + 32 * h));
        const __m512i rows = _mm512_mask_add_epi16(low, ninth, low, _mm512_set1_epi16(256));
        store_codes(prepared->codes + 64 * h, look_up(rdl_levels_iq3_s, 512, rows));
    }
    store_signs(prepared->signs, load_256(block + 74));
}

RDL_INLINE void store_iq3_s(const uint8_t *block, const struct prepared *prepared, float *x)
{
    (void)block;
    static const float magnitudes[8] = {1, 3, 5, 7, 9, 11, 13, 15};
    store_nibbles(prepared, magnitudes, x);
}

void rdl_iq3_s_decode_avx512(const uint8_t *blocks, size_t nblocks, float *x)
{
    decode_slabs(110, prepare_iq3_s, store_iq3_s, blocks, nblocks, x);
}
