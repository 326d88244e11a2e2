/* The values of a raster in 16 bits each (plots/viewer/viewer.codes.c). */
#include "suite.h"
#include "viewer_codes.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

static const double LOW = 0.8; /* of colours that are logarithmic */

static struct viewer_codes codes_of(const double *values, size_t count, bool logarithmic)
{
    const struct map map = {.title = "m", .raster = {.width = count, .height = 1, values, {0}}};
    const struct colouring colouring = {.low = LOW, .high = 1, .logarithmic = logarithmic};
    struct viewer_codes codes;
    struct error error;
    ck_assert(viewer_codes_for(&codes, &map, &colouring, &error));
    return codes;
}

START_TEST(codes_are_equally_spaced)
{
    const double values[] = {-3, (double)NAN, 65531, 0};
    const struct viewer_codes codes = codes_of(values, 4, false);
    ck_assert(codes.first == -3 && codes.last == 65531);
    ck_assert(!codes.floor && !codes.logarithmic);
    ck_assert_uint_eq(viewer_code(&codes, (double)NAN), VIEWER_BLANK);
    ck_assert_uint_eq(viewer_code(&codes, -3), 1);
    ck_assert_uint_eq(viewer_code(&codes, -2.51), 1);
    ck_assert_uint_eq(viewer_code(&codes, -2.49), 2);
    ck_assert_uint_eq(viewer_code(&codes, 0), 4);
    ck_assert_uint_eq(viewer_code(&codes, 65531), 65535);
}
END_TEST

/* Each decade has a third of the steps. */
START_TEST(codes_follow_the_logarithm)
{
    const double values[] = {0.25, 250, 2.5};
    const struct viewer_codes codes = codes_of(values, 3, true);
    ck_assert(codes.logarithmic && !codes.floor);
    ck_assert(codes.first == 0.25 && codes.last == 250);
    ck_assert_uint_eq(viewer_code(&codes, 0.25), 1);
    ck_assert_uint_eq(viewer_code(&codes, 2.5), 1 + 21845);
    ck_assert_uint_eq(viewer_code(&codes, 250), 65535);
}
END_TEST

/* An angle of an exact method may be 0, which has no logarithm. */
START_TEST(values_without_logarithm_are_at_the_floor)
{
    const double values[] = {0, 80};
    const struct viewer_codes codes = codes_of(values, 2, true);
    ck_assert(codes.floor);
    ck_assert(codes.first == LOW && codes.last == 80);
    ck_assert_uint_eq(viewer_code(&codes, 0), VIEWER_FIRST);
    ck_assert_uint_eq(viewer_code(&codes, -1), VIEWER_FIRST);
    ck_assert_uint_eq(viewer_code(&codes, 8), 1 + 32767);
}
END_TEST

static const struct colouring shuffled = {.high = 1, .shuffled = true};

START_TEST(numbers_of_things_have_a_code_each)
{
    static const double values[] = {40, 7, 7, 1.6e7, (double)NAN, 7, 40};
    static const unsigned expected[] = {2, 1, 1, 3, VIEWER_BLANK, 1, 2};
    const struct map map = {.title = "m", .raster = {.width = 7, .height = 1, values, {0}}};
    struct viewer_codes codes;
    struct error error;
    ck_assert(viewer_codes_for(&codes, &map, &shuffled, &error));
    ck_assert_uint_eq(codes.count, 3);
    ck_assert(codes.numbers[0] == 7 && codes.numbers[1] == 40 && codes.numbers[2] == 1.6e7);
    for (size_t i = 0; i < 7; i++)
        ck_assert_uint_eq(viewer_code(&codes, values[i]), expected[i]);
    viewer_codes_free(&codes);
}
END_TEST

START_TEST(there_are_so_many_codes)
{
    static double values[65536];
    struct map map = {.title = "m", .raster = {.width = 65535, .height = 1, values, {0}}};
    struct viewer_codes codes;
    struct error error;
    for (size_t i = 0; i < 65536; i++)
        values[i] = (double)(65536 - i);
    ck_assert(viewer_codes_for(&codes, &map, &shuffled, &error));
    ck_assert_uint_eq(viewer_code(&codes, values[0]), VIEWER_LAST);
    viewer_codes_free(&codes);
    map.raster.width++;
    ck_assert(!viewer_codes_for(&codes, &map, &shuffled, &error));
    ck_assert_str_eq(error.text,
                     "map \"m\": more than 65535 numbers, which is what a panorama has codes for");
}
END_TEST

START_TEST(all_values_may_be_equal_or_absent)
{
    const double blank = (double)NAN, one = 1;
    for (int logarithmic = 0; logarithmic < 2; logarithmic++) {
        struct viewer_codes codes = codes_of(&one, 1, logarithmic);
        ck_assert(codes.first == 1 && codes.last == 1);
        ck_assert_uint_eq(viewer_code(&codes, 1), VIEWER_FIRST);
        codes = codes_of(&blank, 1, logarithmic);
        ck_assert(codes.first == 0 && codes.last == 0);
        ck_assert_uint_eq(viewer_code(&codes, blank), VIEWER_BLANK);
    }
    const double huge[] = {-1.6e308, 1.6e308};
    const struct viewer_codes codes = codes_of(huge, 2, false);
    ck_assert_uint_eq(viewer_code(&codes, 0), 1 + 32767);
    ck_assert_uint_eq(viewer_code(&codes, 3.2e307), 1 + 39320);
}
END_TEST

START_TEST(base64_is_as_published)
{
    /* Codes 0, 1, 65535 and then a rest of one and two bytes. */
    static const char *const expected[] = {"", "AAA=", "AAABAA==", "AAABAP//"};
    const double values[] = {(double)NAN, 5, 6};
    const struct viewer_codes codes = codes_of(values, 3, false);
    for (size_t n = 0; n < 4; n++) {
        const struct raster raster = {.width = n, .height = 1, values, {0}};
        char *text;
        size_t size;
        FILE *file = open_memstream(&text, &size);
        ck_assert_ptr_nonnull(file);
        viewer_codes_write(file, &codes, &raster);
        ck_assert_int_eq(fclose(file), 0);
        ck_assert_str_eq(text, expected[n]);
        free(text);
    }
}
END_TEST

static Suite *viewer_codes_suite(void)
{
    Suite *suite = suite_create("viewer_codes");
    TCase *codes = tcase_create("codes");
    tcase_add_test(codes, codes_are_equally_spaced);
    tcase_add_test(codes, codes_follow_the_logarithm);
    tcase_add_test(codes, values_without_logarithm_are_at_the_floor);
    tcase_add_test(codes, numbers_of_things_have_a_code_each);
    tcase_add_test(codes, there_are_so_many_codes);
    tcase_add_test(codes, all_values_may_be_equal_or_absent);
    tcase_add_test(codes, base64_is_as_published);
    suite_add_tcase(suite, codes);
    return suite;
}

int main(void)
{
    return suite_run(viewer_codes_suite());
}
