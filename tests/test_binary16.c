/*
 * binary16 <-> binary32 against the definition: the value of a binary16 pattern computed in
 * binary64 from sign, exponent and fraction; rounding by exact midpoints of neighbouring values.
 */
#include "binary16.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* The largest finite pattern is below, the first NaN above. */
#define INFINITY16 0x7C00u
#define INFINITY32 0x7F800000u
#define SIGN32     0x80000000u

/* Patterns from one sample to the next in slow builds: a prime, about a million samples of 2^32. */
#define STRIDE 4099u

/* The value of a pattern without sign; infinity counts as the next number, 2^16. */
static double value_of(unsigned magnitude)
{
    const int exponent = (int)(magnitude >> 10);
    const double fraction = (double)(magnitude & 0x3FFu) / 1024.0;
    return exponent == 0 ? ldexp(fraction, -14) : ldexp(1.0 + fraction, exponent - 15);
}

START_TEST(every_pattern_to_binary32)
{
    for (unsigned h = 0; h <= 0xFFFF; h++) {
        const unsigned magnitude = h & 0x7FFFu;
        const uint32_t sign = h & 0x8000u ? SIGN32 : 0;
        uint32_t expected;
        if (magnitude >= INFINITY16)
            expected = sign | INFINITY32 | (magnitude & 0x3FFu) << 13;
        else
            expected = sign | rdl_float_bits((float)value_of(magnitude));
        const uint32_t actual = rdl_float_bits(rdl_f16_to_f32((uint16_t)h));
        if (actual != expected)
            ck_abort_msg("F(0x%04x) = 0x%08x, expected 0x%08x", h, actual, expected);
    }
}
END_TEST

START_TEST(every_number_comes_back)
{
    for (unsigned h = 0; h <= 0xFFFF; h++)
        if ((h & 0x7FFFu) <= INFINITY16 && rdl_f32_to_f16(rdl_f16_to_f32((uint16_t)h)) != h)
            ck_abort_msg("H(F(0x%04x)) is another pattern", h);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * Rounding
 */

static void check_rounding(uint32_t bits, unsigned expected)
{
    const unsigned actual = rdl_f32_to_f16(rdl_bits_float(bits));
    if (actual != expected)
        ck_abort_msg("H(0x%08x) = 0x%04x, expected 0x%04x", bits, actual, expected);
}

/* True if H gives `expected`, and -`expected` for the negative number, from `first` to `last`. */
static bool all_round_to(uint32_t first, uint32_t last, unsigned expected)
{
    unsigned different = 0;
    for (uint32_t bits = first; bits <= last; bits++) {
        different |= rdl_f32_to_f16(rdl_bits_float(bits)) ^ expected;
        different |= rdl_f32_to_f16(rdl_bits_float(bits | SIGN32)) ^ (expected | 0x8000u);
    }
    return different == 0;
}

/* The last pattern that rounds to `magnitude`: the midpoint to the next number belongs to the even
 * one of the two. Midpoints are binary32 numbers, so that patterns below a number are the smaller
 * numbers. */
static uint32_t last_rounding_to(unsigned magnitude)
{
    const double midpoint = 0.5 * (value_of(magnitude) + value_of(magnitude + 1));
    const uint32_t bits = rdl_float_bits((float)midpoint);
    return magnitude % 2 == 0 ? bits : bits - 1;
}

/* Calls check(first, last, expected) for the ranges of non-negative patterns that H maps to one
 * pattern: they follow each other from 0 to the last NaN without a gap. */
static void for_each_range(void (*check)(uint32_t first, uint32_t last, unsigned expected))
{
    uint32_t first = 0;
    for (unsigned magnitude = 0; magnitude < INFINITY16; magnitude++) {
        const uint32_t last = last_rounding_to(magnitude);
        if (first > last)
            ck_abort_msg("nothing rounds to 0x%04x", magnitude);
        check(first, last, magnitude);
        first = last + 1;
    }
    check(first, INFINITY32, INFINITY16);
    check(INFINITY32 + 1, SIGN32 - 1, 0x7E00);
}

static void check_ends(uint32_t first, uint32_t last, unsigned expected)
{
    for (uint32_t i = 0; i < 3 && i <= last - first; i++) {
        check_rounding(first + i, expected);
        check_rounding(last - i, expected);
        check_rounding((first + i) | SIGN32, expected | 0x8000u);
        check_rounding((last - i) | SIGN32, expected | 0x8000u);
    }
}

START_TEST(rounding_at_every_boundary)
{
    for_each_range(check_ends);
}
END_TEST

#if defined(__OPTIMIZE__) && !defined(ROUNDEL_SLOW_RUN)

static void check_all(uint32_t first, uint32_t last, unsigned expected)
{
    if (!all_round_to(first, last, expected))
        for (uint32_t bits = first; bits <= last; bits++) {
            check_rounding(bits, expected);
            check_rounding(bits | SIGN32, expected | 0x8000u);
        }
}

START_TEST(rounding_of_all_4294967296_patterns)
{
    for_each_range(check_all);
}
END_TEST

#define ROUNDING_TEST rounding_of_all_4294967296_patterns
#define ROUNDING_SAID "all 2^32 patterns"

#else

static void check_sample(uint32_t first, uint32_t last, unsigned expected)
{
    for (uint32_t bits = (first + STRIDE - 1) / STRIDE * STRIDE; bits <= last; bits += STRIDE)
        if (!all_round_to(bits, bits, expected)) {
            check_rounding(bits, expected);
            check_rounding(bits | SIGN32, expected | 0x8000u);
        }
}

START_TEST(rounding_of_every_4099th_pattern)
{
    for_each_range(check_sample);
}
END_TEST

#define ROUNDING_TEST rounding_of_every_4099th_pattern
#define ROUNDING_SAID                                                                              \
    "every 4099th pattern and those at the boundaries (all 2^32 in optimized native builds)"

#endif

int main(void)
{
    puts("rounding to binary16: " ROUNDING_SAID);
    Suite *suite = suite_create("binary16");
    TCase *tcase = tcase_create("binary16");
    tcase_set_timeout(tcase, 0);
    tcase_add_test(tcase, every_pattern_to_binary32);
    tcase_add_test(tcase, every_number_comes_back);
    tcase_add_test(tcase, rounding_at_every_boundary);
    tcase_add_test(tcase, ROUNDING_TEST);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
