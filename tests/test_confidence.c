/* What intervals are made of: quantiles of Student's t, shares, ranks, moments, sorted numbers. */
#include "confidence.h"
#include "moments.h"
#include "order.h"
#include "suite.h"

#include <math.h>

/* Two-sided 99 and 95 %, from tables. */
START_TEST(student_quantiles_are_those_of_tables)
{
    static const struct {
        uint64_t freedom;
        double t99, t95;
    } known[] = {
        {1, 63.656741162871, 12.706204736175}, {2, 9.924843200918, 4.302652729911},
        {3, 5.840909309733, 3.182446305284},   {5, 4.032142983557, 2.570581835636},
        {10, 3.169272672616, 2.228138851965},  {30, 2.749995653567, 2.042272456301},
        {60, 2.660283028855, 2.000297821058},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const uint64_t freedom = known[i].freedom;
        ck_assert_double_eq_tol(student_quantile(0.99, freedom), known[i].t99, 1e-9 * known[i].t99);
        ck_assert_double_eq_tol(student_quantile(0.95, freedom), known[i].t95, 1e-9 * known[i].t95);
    }
    ck_assert_double_eq_tol(student_quantile(0.99, 119), 2.6177760, 5e-8);
    ck_assert_double_eq_tol(student_quantile(0.99, 1000000000), 2.5758293035489, 1e-8);
    ck_assert(isnan(student_quantile(0.99, 0)));
}
END_TEST

/* The sum of few degrees and the series of many meet. */
START_TEST(student_quantiles_fall_smoothly)
{
    const double a = student_quantile(0.99, 98), b = student_quantile(0.99, 99);
    const double c = student_quantile(0.99, 100), d = student_quantile(0.99, 101);
    ck_assert(a > b && b > c && c > d);
    /* The second differences of c / v, 2 c / v^3, change by 3 % from one to the next. */
    const double first = a - 2.0 * b + c, second = b - 2.0 * c + d;
    ck_assert_double_eq_tol(first / second, 1.03, 0.003);
}
END_TEST

/* Of 10 draws the median lies between number 1 and 10 with 1 - 2 / 1024. */
START_TEST(ranks_of_the_median)
{
    struct rank_interval ranks = quantile_ranks(0.99, 0.5, 10);
    ck_assert_uint_eq(ranks.low, 1);
    ck_assert_uint_eq(ranks.high, 10);
    ranks = quantile_ranks(0.97, 0.5, 10); /* 2 * 11 / 1024 */
    ck_assert_uint_eq(ranks.low, 2);
    ck_assert_uint_eq(ranks.high, 9);
    ranks = quantile_ranks(0.99, 0.5, 7); /* 2 / 128 is too much */
    ck_assert_uint_eq(ranks.low, 0);
    ck_assert_uint_eq(ranks.high, 8);
}
END_TEST

/* The interval covers as it says, and the next narrower one on each side would not. */
START_TEST(ranks_cover_as_they_say)
{
    const double ps[] = {0.01, 0.5, 0.9, 0.95, 0.99};
    for (uint64_t n = 1; n <= 400; n += n < 20 ? 1 : 19)
        for (size_t i = 0; i < sizeof ps / sizeof *ps; i++) {
            const double p = ps[i];
            const struct rank_interval ranks = quantile_ranks(0.99, p, n);
            double below = 0.0, above = 0.0, below_next = 0.0, above_next = 0.0;
            for (uint64_t k = 0; k <= n; k++) {
                const double probability = exp(lgamma((double)n + 1.0) - lgamma((double)k + 1.0) -
                                               lgamma((double)(n - k) + 1.0) + (double)k * log(p) +
                                               (double)(n - k) * log(1.0 - p));
                below += k < ranks.low ? probability : 0.0;
                above += k >= ranks.high ? probability : 0.0;
                below_next += k < ranks.low + 1 ? probability : 0.0;
                above_next += k + 1 >= ranks.high ? probability : 0.0;
            }
            ck_assert_double_le(below, 0.005 + 1e-12);
            ck_assert_double_le(above, 0.005 + 1e-12);
            const double mode = floor(((double)n + 1.0) * p);
            ck_assert(below_next > 0.005 || (double)ranks.low == mode);
            ck_assert(above_next > 0.005 || (double)ranks.high == mode);
        }
}
END_TEST

/* E. B. Wilson's formula, in its other form: the roots of (p - k/n)^2 = z^2 p (1 - p) / n. */
START_TEST(shares_stay_within_one)
{
    const double z = 2.5758293035489;
    for (uint64_t n = 1; n < 200; n += 7)
        for (uint64_t k = 0; k <= n; k++) {
            const struct share_interval share = wilson_interval(0.99, k, n);
            const double p = (double)k / (double)n;
            ck_assert(share.low >= 0.0 && share.high <= 1.0 && share.low < share.high);
            const double ends[] = {share.low, share.high};
            for (int i = 0; i < 2; i++) {
                const double end = ends[i];
                ck_assert_double_eq_tol((p - end) * (p - end),
                                        z * z * end * (1.0 - end) / (double)n, 1e-12);
            }
        }
}
END_TEST

/* Deviations of a billion and 4, 7, 13, 16: a textbook case of cancellation. */
START_TEST(moments_do_not_cancel)
{
    struct moments moments = {0};
    ck_assert(isnan(moments_variance(&moments)));
    moments_add(&moments, 1e9 + 4.0);
    ck_assert(isnan(moments_standard_error(&moments)));
    moments_add(&moments, 1e9 + 7.0);
    moments_add(&moments, 1e9 + 13.0);
    moments_add(&moments, 1e9 + 16.0);
    ck_assert_uint_eq(moments.count, 4);
    ck_assert(moments.mean == 1e9 + 10.0);
    ck_assert(moments_variance(&moments) == 30.0);
    ck_assert(moments_standard_error(&moments) == sqrt(7.5));
}
END_TEST

START_TEST(quantiles_lie_between_their_neighbours)
{
    double values[] = {4.0, -1.0, 10.0, 2.0};
    sort_ascending(values, 4);
    ck_assert(values[0] == -1.0 && values[1] == 2.0 && values[2] == 4.0 && values[3] == 10.0);
    ck_assert(quantile_of_sorted(values, 4, 0.0) == -1.0);
    ck_assert(quantile_of_sorted(values, 4, 1.0) == 10.0);
    ck_assert(quantile_of_sorted(values, 4, 0.5) == 3.0);
    ck_assert_double_eq_tol(quantile_of_sorted(values, 4, 0.1), -0.1, 1e-15);
    ck_assert(quantile_of_sorted(values, 1, 0.7) == -1.0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("confidence");
    TCase *tcase = tcase_create("confidence");
    tcase_add_test(tcase, student_quantiles_are_those_of_tables);
    tcase_add_test(tcase, student_quantiles_fall_smoothly);
    tcase_add_test(tcase, ranks_of_the_median);
    tcase_add_test(tcase, ranks_cover_as_they_say);
    tcase_add_test(tcase, shares_stay_within_one);
    tcase_add_test(tcase, moments_do_not_cancel);
    tcase_add_test(tcase, quantiles_lie_between_their_neighbours);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
