/* Nearest integers and nearest codebook entries against their definitions, in binary64. */
#include "../ref/nearest.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Patterns from one sample to the next; a prime. */
#define STRIDE 4099u

/* Every STRIDE-th pattern of finite numbers below `limit`, both signs. */
static void sample(float limit, void (*check)(float v))
{
    for (uint32_t bits = 0; bits < rdl_float_bits(limit); bits += STRIDE) {
        check(rdl_bits_float(bits));
        check(-rdl_bits_float(bits));
    }
}

/* v and its two neighbours, and their opposites. */
static void check_around(float v, void (*check)(float v))
{
    const float around[] = {v, nextafterf(v, INFINITY), nextafterf(v, -INFINITY)};
    for (int i = 0; i < 3; i++) {
        check(around[i]);
        check(-around[i]);
    }
}

/* ------------------------------------------------------------------------------------------------
 * NI
 */

/* Ties to even, without the functions of libm that depend on a mode. */
static double nearest_even(double v)
{
    const double below = floor(v), rest = v - below;
    if (rest == 0.5)
        return fmod(below, 2.0) == 0.0 ? below : below + 1.0;
    return rest < 0.5 ? below : below + 1.0;
}

static void check_nearest_int(float v)
{
    const double expected = nearest_even((double)v);
    if ((double)rdl_nearest_int(v) != expected)
        ck_abort_msg("NI(%a) = %d, expected %.0f", (double)v, rdl_nearest_int(v), expected);
}

START_TEST(nearest_int_rounds_ties_to_even)
{
    for (int half = 0; half <= 20000; half++)
        check_around(0.5f * (float)half, check_nearest_int);
    for (int power = -149; power < 22; power++)
        check_around(ldexpf(1.0f, power), check_nearest_int);
    for (int half = 2 * 4194303 - 20000; half < 2 * 4194303; half++)
        check_around(0.5f * (float)half, check_nearest_int);
    check_nearest_int(4194303.0f);
    check_nearest_int(-4194303.0f);
    sample(4194303.0f, check_nearest_int);
}
END_TEST

/* Worked out by hand from the recipe of the specification: t = v + 12582912 rounded to binary32,
 * then the fraction of t minus 4194304. */
START_TEST(nearest_int_follows_the_recipe_beyond_its_range)
{
    ck_assert_int_eq(rdl_nearest_int(NAN), 0);
    ck_assert_int_eq(rdl_nearest_int(-NAN), 0);
    ck_assert_int_eq(rdl_nearest_int(INFINITY), -4194304);
    ck_assert_int_eq(rdl_nearest_int(-INFINITY), -4194304);
    ck_assert_int_eq(rdl_nearest_int(4194304.0f), -4194304);  /* t = 2^24 */
    ck_assert_int_eq(rdl_nearest_int(4194306.0f), -4194303);  /* t = 2^24 + 2 */
    ck_assert_int_eq(rdl_nearest_int(-4194304.0f), -4194304); /* t = 2^23 */
    ck_assert_int_eq(rdl_nearest_int(-4194305.0f), 4194302);  /* t = 2^23 - 1 */
    ck_assert_int_eq(rdl_nearest_int(-12582912.0f), -4194304);
    ck_assert_int_eq(rdl_nearest_int(0x1p60f), -4194304);
    ck_assert_int_eq(rdl_nearest_int(-0x1.8p60f), 0);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * R
 */

static void check_nearest_int_away(float v)
{
    const double magnitude = fabs((double)v), below = floor(magnitude);
    const double rounded = magnitude - below >= 0.5 ? below + 1.0 : below;
    const double expected = v < 0.0f ? -rounded : rounded;
    if ((double)rdl_nearest_int_away(v) != expected)
        ck_abort_msg("R(%a) = %d, expected %.0f", (double)v, rdl_nearest_int_away(v), expected);
}

START_TEST(nearest_int_away_rounds_ties_away_from_zero)
{
    for (int half = 0; half <= 20000; half++)
        check_around(0.5f * (float)half, check_nearest_int_away);
    for (int power = -149; power < 31; power++)
        check_around(ldexpf(1.0f, power), check_nearest_int_away);
    check_around(0.49999997f, check_nearest_int_away);
    check_around(8388607.5f, check_nearest_int_away);
    check_nearest_int_away(2147483520.0f);
    check_nearest_int_away(-2147483520.0f);
    sample(0x1p31f, check_nearest_int_away);
}
END_TEST

/* ------------------------------------------------------------------------------------------------
 * clamp and NEAR16
 */

START_TEST(clamp_keeps_to_its_range)
{
    for (int low = -5; low <= 5; low++)
        for (int high = low; high <= 5; high++)
            for (int v = -8; v <= 8; v++) {
                const int clamped = rdl_clamp(v, low, high);
                ck_assert(clamped >= low && clamped <= high);
                ck_assert(clamped == v || (v < low && clamped == low) ||
                          (v > high && clamped == high));
            }
}
END_TEST

/* The entry of least distance, of two the larger one. Beyond a thousand the distances of binary64
 * could no longer be told apart. */
static int nearest_entry(float v)
{
    const double near = fmin(fmax((double)v, -1000.0), 1000.0);
    int best = 0;
    for (int k = 1; k < 16; k++)
        if (fabs(near - rdl_codebook_iq4_nl[k]) <= fabs(near - rdl_codebook_iq4_nl[best]))
            best = k;
    return best;
}

static void check_nearest_entry(float v)
{
    if (rdl_nearest_iq4_nl(v) != nearest_entry(v))
        ck_abort_msg("NEAR16(%a) = %d, expected %d", (double)v, rdl_nearest_iq4_nl(v),
                     nearest_entry(v));
}

START_TEST(nearest_entry_is_the_nearest)
{
    for (int quarter = 0; quarter <= 600; quarter++)
        check_around(0.25f * (float)quarter, check_nearest_entry);
    sample(INFINITY, check_nearest_entry);
    check_nearest_entry(INFINITY);
    check_nearest_entry(-INFINITY);
    ck_assert_int_eq(rdl_nearest_iq4_nl(NAN), 15);
    ck_assert_int_eq(rdl_nearest_iq4_nl(0.0f), 8);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nearest");
    TCase *tcase = tcase_create("nearest");
    tcase_set_timeout(tcase, 0);
    tcase_add_test(tcase, nearest_int_rounds_ties_to_even);
    tcase_add_test(tcase, nearest_int_follows_the_recipe_beyond_its_range);
    tcase_add_test(tcase, nearest_int_away_rounds_ties_away_from_zero);
    tcase_add_test(tcase, clamp_keeps_to_its_range);
    tcase_add_test(tcase, nearest_entry_is_the_nearest);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
