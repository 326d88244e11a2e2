/* Axes of charts (plots/drawing/axis.c). */
#include "axis.h"
#include "suite.h"

#include <check.h>
#include <math.h>
#include <string.h>

static const struct {
    double smallest, largest, low, high;
} ranges[] = {
    {1e7, 1e7, 5e6, 2e7},     {2e7, 8e8, 1e7, 1e9},      {2.4e7, 8.6e8, 2e7, 1e9},
    {5.8e6, 1.7e8, 5e6, 2e8}, {1.2e6, 9.9e9, 1e6, 2e10}, {10, 1e15, 5, 2e15},
    {0.03, 0.4, 0.02, 0.5},   {1e-5, 1e-5, 5e-6, 2e-5},
};

static const struct {
    double smallest, largest, low, high;
} linear_ranges[] = {
    {0.79, 1.07, 0.7, 1.1}, {0.1, 7.3, 0, 8},     {-0.93, 0.99, -1, 1},
    {0, 0, 0, 0.5},         {20.1, 39.9, 20, 40}, {0, 60, 0, 60},
};

START_TEST(ends_of_linear_axes_are_ticks)
{
    const struct axis axis =
        axis_across(AXIS_LINEAR, linear_ranges[_i].smallest, linear_ranges[_i].largest, 0, 150);
    ck_assert_double_eq_tol(axis.low, linear_ranges[_i].low, 1e-12);
    ck_assert_double_eq_tol(axis.high, linear_ranges[_i].high, 1e-12);
}
END_TEST

START_TEST(upright_axes_go_up)
{
    const struct axis axis = axis_up(AXIS_LINEAR, 0, 10, 300, 100);
    ck_assert_double_eq_tol(axis_place(&axis, 0), 300, 1e-9);
    ck_assert_double_eq_tol(axis_place(&axis, 2.5), 250, 1e-9);
    ck_assert_double_eq_tol(axis_place(&axis, 10), 100, 1e-9);
}
END_TEST

START_TEST(ends_are_round_and_outside_of_the_values)
{
    const struct axis axis =
        axis_across(AXIS_LOG, ranges[_i].smallest, ranges[_i].largest, 100, 400);
    ck_assert(axis.low == ranges[_i].low);
    ck_assert(axis.high == ranges[_i].high);
    ck_assert(axis.from == 100 && axis.to == 400);
}
END_TEST

/* Equal factors are equal distances. */
START_TEST(places_are_logarithmic)
{
    const struct axis axis = {.logarithmic = true, .low = 1e6, .high = 1e9, .from = 100, .to = 400};
    ck_assert(axis_place(&axis, 1e6) == 100);
    ck_assert(axis_place(&axis, 1e9) == 400);
    ck_assert_double_eq_tol(axis_place(&axis, 1e7), 200, 1e-9);
    ck_assert_double_eq_tol(axis_place(&axis, 1e7 * sqrt(10)), 250, 1e-9);
}
END_TEST

/* The labels of an axis, in one line. */
static const char *labels_of(const struct axis *axis, size_t *count)
{
    static char text[512];
    struct tick ticks[AXIS_TICKS];
    *count = axis_ticks(axis, ticks);
    ck_assert_uint_le(*count, AXIS_TICKS);
    text[0] = '\0';
    for (size_t i = 0; i < *count; i++) {
        ck_assert(ticks[i].value >= axis->low && ticks[i].value <= axis->high);
        ck_assert(i == 0 || ticks[i].value > ticks[i - 1].value);
        if (ticks[i].label[0]) {
            strcat(text, ticks[i].label);
            strcat(text, ",");
        }
    }
    return text;
}

static const struct {
    struct axis axis;
    size_t count;
    const char *labels;
} tick_cases[] = {
    {{true, false, 1e6, 1e9, 0, 400, false, axis_si},
     28,
     "1 M,2 M,5 M,10 M,20 M,50 M,100 M,200 M,500 M,1 G,"},
    {{true, false, 1e6, 1e9, 0, 200, false, axis_si}, 28, "1 M,10 M,100 M,1 G,"},
    {{true, false, 5e5, 2e9, 0, 200, false, axis_si}, 34, "1 M,10 M,100 M,1 G,"},
    {{true, false, 5e5, 2e9, 0, 130, false, axis_si}, 4, "1 M,10 M,100 M,1 G,"},
    {{true, false, 5e5, 2e9, 0, 100, false, axis_si}, 4, "1 M,100 M,"},
    {{true, false, 2e7, 5e7, 0, 400, false, axis_si}, 4, "20 M,50 M,"},
    {{true, false, 1, 1e3, 0, 100, false, axis_si}, 4, "1,10,100,1 k,"},
    {{true, false, 5, 2e15, 0, 500, false, axis_si},
     15,
     "10,100,1 k,10 k,100 k,1 M,10 M,100 M,1 G,10 G,100 G,1 T,10 T,100 T,1 P,"},
    {{true, false, 1e-6, 1e-2, 0, 400, false, NULL}, 37, "10⁻⁶,10⁻⁵,10⁻⁴,0.001,0.01,"},
    {{true, false, 0.02, 0.5, 0, 400, false, NULL}, 13, "0.02,0.05,0.1,0.2,0.5,"},
    {{true, false, 2e-5, 5e-4, 200, 0, true, NULL}, 13, "2·10⁻⁵,5·10⁻⁵,10⁻⁴,2·10⁻⁴,5·10⁻⁴,"},
    {{false, false, -1, 1, 0, 200, false, NULL}, 5, "-1.0,-0.5,0.0,0.5,1.0,"},
    {{false, false, 0, 60, 0, 200, false, NULL}, 4, "0,20,40,60,"},
    {{false, false, 0, 60, 100, 0, true, NULL}, 7, "0,10,20,30,40,50,60,"},
    {{true, true, 4, 256, 0, 240, false, NULL}, 7, "4,8,16,32,64,128,256,"},
    {{true, true, 3, 300, 0, 120, false, NULL}, 7, "4,16,64,256,"},
    {{true, false, 1, AXIS_MOST, 0, 10000, false, axis_si}, 9 * 15 + 1, NULL},
};

START_TEST(ticks_and_labels_have_room)
{
    size_t count;
    const char *labels = labels_of(&tick_cases[_i].axis, &count);
    ck_assert_uint_eq(count, tick_cases[_i].count);
    if (tick_cases[_i].labels)
        ck_assert_str_eq(labels, tick_cases[_i].labels);
}
END_TEST

int main(void)
{
    TCase *axis = tcase_create("axis");
    tcase_set_timeout(axis, 0);
    tcase_add_loop_test(axis, ends_are_round_and_outside_of_the_values, 0,
                        (int)(sizeof ranges / sizeof *ranges));
    tcase_add_loop_test(axis, ends_of_linear_axes_are_ticks, 0,
                        (int)(sizeof linear_ranges / sizeof *linear_ranges));
    tcase_add_test(axis, upright_axes_go_up);
    tcase_add_test(axis, places_are_logarithmic);
    tcase_add_loop_test(axis, ticks_and_labels_have_room, 0,
                        (int)(sizeof tick_cases / sizeof *tick_cases));

    Suite *suite = suite_create("axis");
    suite_add_tcase(suite, axis);
    return suite_run(suite);
}
