/* Logarithmic axes (plots/axis.c). */
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
};

START_TEST(ends_are_round_and_outside_of_the_values)
{
    const struct log_axis axis = log_axis_around(ranges[_i].smallest, ranges[_i].largest, 100, 400);
    ck_assert(axis.low == ranges[_i].low);
    ck_assert(axis.high == ranges[_i].high);
    ck_assert(axis.from == 100 && axis.to == 400);
}
END_TEST

/* Equal factors are equal distances. */
START_TEST(places_are_logarithmic)
{
    const struct log_axis axis = {.low = 1e6, .high = 1e9, .from = 100, .to = 400};
    ck_assert(log_axis_place(&axis, 1e6) == 100);
    ck_assert(log_axis_place(&axis, 1e9) == 400);
    ck_assert_double_eq_tol(log_axis_place(&axis, 1e7), 200, 1e-9);
    ck_assert_double_eq_tol(log_axis_place(&axis, 1e7 * sqrt(10)), 250, 1e-9);
}
END_TEST

/* The labels of an axis, in one line. */
static const char *labels_of(const struct log_axis *axis, size_t *count)
{
    static char text[512];
    struct tick ticks[LOG_AXIS_TICKS];
    *count = log_axis_ticks(axis, ticks);
    ck_assert_uint_le(*count, LOG_AXIS_TICKS);
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
    struct log_axis axis;
    size_t count;
    const char *labels;
} tick_cases[] = {
    {{1e6, 1e9, 0, 400, NULL}, 28, "1 M,2 M,5 M,10 M,20 M,50 M,100 M,200 M,500 M,1 G,"},
    {{1e6, 1e9, 0, 200, NULL}, 28, "1 M,10 M,100 M,1 G,"},
    {{5e5, 2e9, 0, 200, NULL}, 34, "1 M,10 M,100 M,1 G,"},
    {{5e5, 2e9, 0, 130, NULL}, 4, "1 M,10 M,100 M,1 G,"},
    {{5e5, 2e9, 0, 100, NULL}, 4, "1 M,100 M,"},
    {{2e7, 5e7, 0, 400, NULL}, 4, "20 M,50 M,"},
    {{1, 1e3, 0, 100, NULL}, 4, "1,10,100,1 k,"},
    {{5, 2e15, 0, 500, NULL},
     15,
     "10,100,1 k,10 k,100 k,1 M,10 M,100 M,1 G,10 G,100 G,1 T,10 T,100 T,1 P,"},
    {{1, LOG_AXIS_MOST, 0, 10000, NULL}, 9 * 15 + 1, NULL},
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
    tcase_add_test(axis, places_are_logarithmic);
    tcase_add_loop_test(axis, ticks_and_labels_have_room, 0,
                        (int)(sizeof tick_cases / sizeof *tick_cases));

    Suite *suite = suite_create("axis");
    suite_add_tcase(suite, axis);
    return suite_run(suite);
}
