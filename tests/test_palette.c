/* Colours of numbers. */
#include "map.h"
#include "suite.h"

#include <math.h>
#include <string.h>

static unsigned packed(enum palette palette, double t)
{
    const struct rgb c = palette_colour(palette, t);
    return (unsigned)lround(255 * c.red) << 16 | (unsigned)lround(255 * c.green) << 8 |
           (unsigned)lround(255 * c.blue);
}

/* Ends and middles as matplotlib has them. */
START_TEST(known_colours)
{
    ck_assert_uint_eq(packed(PALETTE_VIRIDIS, 0), 0x440154);
    ck_assert_uint_eq(packed(PALETTE_VIRIDIS, 128 / 255.0), 0x21918c);
    ck_assert_uint_eq(packed(PALETTE_VIRIDIS, 1), 0xfde725);
    ck_assert_uint_eq(packed(PALETTE_MAGMA, 0), 0x000004);
    ck_assert_uint_eq(packed(PALETTE_MAGMA, 1), 0xfcfdbf);
    ck_assert_uint_eq(packed(PALETTE_CIVIDIS, 1), 0xfee838);
    ck_assert_uint_eq(packed(PALETTE_DIVERGING, 0.5), 0xffffff);
    for (unsigned p = 0; p < PALETTE_COUNT; p++) {
        ck_assert_uint_eq(packed((enum palette)p, -3), packed((enum palette)p, 0));
        ck_assert_uint_eq(packed((enum palette)p, 1e300), packed((enum palette)p, 1));
    }
    ck_assert_str_eq(palette_name(PALETTE_CIVIDIS), "cividis");
    ck_assert_ptr_null(palette_name(PALETTE_COUNT));
}
END_TEST

/* Relative luminance of sRGB. */
static double luminance(struct rgb c)
{
    const double channels[] = {c.red, c.green, c.blue}, shares[] = {0.2126, 0.7152, 0.0722};
    double sum = 0;
    for (int i = 0; i < 3; i++)
        sum += shares[i] * (channels[i] <= 0.04045 ? channels[i] / 12.92
                                                   : pow((channels[i] + 0.055) / 1.055, 2.4));
    return sum;
}

/* More is lighter; of differences, more is darker on either side, and the sides are alike. */
START_TEST(lightness_is_monotone)
{
    for (int i = 0; i < 1000; i++) {
        const double t = i / 1000.0, next = (i + 1) / 1000.0;
        for (unsigned p = 0; p < PALETTE_DIVERGING; p++)
            ck_assert(luminance(palette_colour((enum palette)p, next)) >
                      luminance(palette_colour((enum palette)p, t)) - 1e-4);
        const double below = luminance(palette_colour(PALETTE_DIVERGING, 0.5 - t / 2));
        ck_assert(luminance(palette_colour(PALETTE_DIVERGING, 0.5 - next / 2)) < below);
        ck_assert(fabs(luminance(palette_colour(PALETTE_DIVERGING, 0.5 + t / 2)) - below) < 0.1);
    }
}
END_TEST

START_TEST(places)
{
    const struct colouring linear = {.low = -1, .high = 3};
    ck_assert(colouring_place(&linear, -1) == 0 && colouring_place(&linear, 3) == 1);
    ck_assert(colouring_place(&linear, 0) == 0.25 && colouring_place(&linear, 5) == 1.5);
    const struct colouring decades = {.low = 0.01, .high = 100, .logarithmic = true};
    ck_assert(fabs(colouring_place(&decades, 1) - 0.5) < 1e-15);
    ck_assert(fabs(colouring_place(&decades, 1000) - 1.25) < 1e-15);
    ck_assert(colouring_place(&decades, 0) == -INFINITY);
    const struct colouring shuffled = {.low = 0, .high = 1, .shuffled = true};
    for (int i = 0; i < 100; i++) {
        const double place = colouring_place(&shuffled, i);
        ck_assert(place >= 0 && place < 1);
        for (int k = 1; k < 5; k++) /* neighbouring numbers are told apart */
            ck_assert(fabs(colouring_place(&shuffled, i + k) - place) > 0.1);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("palette");
    TCase *tests = tcase_create("colours");
    tcase_add_test(tests, known_colours);
    tcase_add_test(tests, lightness_is_monotone);
    tcase_add_test(tests, places);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
