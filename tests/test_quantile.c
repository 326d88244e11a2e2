/* What synthetic numbers are made of: Philox, the logarithm, the exponential and the normal
 * quantile. */
#include "philox.h"
#include "quantile.h"
#include "suite.h"
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum {
#ifdef ROUNDEL_SLOW_RUN
    LOGS = 100000
#else
    LOGS = 1000000
#endif
};

/* Known answers of the authors of Philox (Random123, kat_vectors, philox4x32 10). */
START_TEST(philox_gives_the_known_answers)
{
    const struct philox_point points[] = {
        {0, 0, 0, 0},
        {UINT64_MAX, UINT64_MAX, UINT32_MAX, UINT32_MAX},
        {UINT64_C(0x299f31d0a4093822), UINT64_C(0x85a308d3243f6a88), 0x13198a2e, 0x03707344},
    };
    const uint64_t answers[][2] = {
        {UINT64_C(0xe169c58d6627e8d5), UINT64_C(0x9b00dbd8bc57ac4c)},
        {UINT64_C(0x41c83b0e408f276d), UINT64_C(0x6d5451fda20bc7c6)},
        {UINT64_C(0x94fdccebd16cfe09), UINT64_C(0x24126ea15001e420)},
    };

    for (int i = 0; i < 3; i++) {
        const struct philox_words words = philox(&points[i]);

        ck_assert_uint_eq(words.word[0], answers[i][0]);
        ck_assert_uint_eq(words.word[1], answers[i][1]);
    }
}
END_TEST

/* Distance of two doubles of one sign in steps of the grid. */
static uint64_t steps_between(double a, double b)
{
    uint64_t p, q;

    memcpy(&p, &a, sizeof(p));
    memcpy(&q, &b, sizeof(q));
    return p > q ? p - q : q - p;
}

/* libm's log is within one step of the truth on the systems we know, and so is ours. */
START_TEST(log_is_near_libm)
{
    struct philox_point point = {.seed = 1};

    for (; point.element < LOGS; point.element++) {
        const struct philox_words words = philox(&point);
        const double mantissa = 1.0 + (double)(words.word[0] >> 12) * 0x1p-52;
        const int wide = (int)(words.word[1] % 2044) - 1022, narrow = (int)(words.word[1] % 3) - 1;
        const double near_one = 1.0 + (mantissa - 1.5) * ldexp(1.0, -(int)(words.word[1] % 40));
        const double xs[] = {ldexp(mantissa, wide), ldexp(mantissa, narrow), near_one};

        for (int i = 0; i < 3; i++)
            ck_assert_msg(steps_between(natural_log(xs[i]), log(xs[i])) <= 2, "log(%a)", xs[i]);
    }
    ck_assert(natural_log(1.0) == 0.0);
}
END_TEST

/* The same of exp, over all of its range; beyond it, nothing and infinity. */
START_TEST(exp_is_near_libm)
{
    struct philox_point point = {.seed = 2};

    for (; point.element < 100000; point.element++) {
        const struct philox_words words = philox(&point);
        const double unit = (double)(words.word[0] >> 11) * 0x1p-53;
        const double xs[] = {-708.0 + 1417.78 * unit, -17.0 * unit, ldexp(unit, -30)};

        for (int i = 0; i < 3; i++)
            ck_assert_msg(steps_between(natural_exp(xs[i]), exp(xs[i])) <= 2, "exp(%a)", xs[i]);
    }
    ck_assert(natural_exp(0.0) == 1.0 && natural_exp(-0.0) == 1.0);
    ck_assert(natural_exp(-709.0) == 0.0 && natural_exp(-INFINITY) == 0.0);
    ck_assert(natural_exp(709.78) < INFINITY && natural_exp(709.79) == INFINITY);
    ck_assert(natural_exp(INFINITY) == INFINITY);
}
END_TEST

/* The quantile undoes the distribution function, P(Z <= z) = erfc(-z / sqrt 2) / 2. */
START_TEST(normal_quantile_inverts_the_distribution)
{
    for (int i = 1; i < 100000; i++) {
        const double q = 0.5 - i / 200000.0;
        const double z = normal_quantile(q), p = 0.5 - q;

        ck_assert_double_eq_tol(0.5 * erfc(z / sqrt(2.0)) / p, 1.0, 1e-13);
        ck_assert(normal_quantile(-q) == -z);
    }
    for (int i = 2; i <= 53; i++) {
        const double p = ldexp(1.0, -i);

        ck_assert_double_eq_tol(0.5 * erfc(normal_quantile(0.5 - p) / sqrt(2.0)) / p, 1.0, 1e-12);
    }
    ck_assert(normal_quantile(0.0) == 0.0);
}
END_TEST

/* The same bits on every machine and compiler: XXH3-64 of many values (little-endian). */
START_TEST(bits_are_the_published_ones)
{
    enum {
        N = 65536
    };
    static double logs[N], quantiles[N];

    for (int i = 0; i < N; i++) {
        const double u = (i + 0.5) / N;

        logs[i] = natural_log(ldexp(1.0 + u, i % 64 - 32));
        quantiles[i] = normal_quantile(u - 0.5);
    }
    ck_assert_uint_eq(XXH3_64bits(logs, sizeof(logs)), UINT64_C(0xa9dc529909d90bd));
    ck_assert_uint_eq(XXH3_64bits(quantiles, sizeof(quantiles)), UINT64_C(0x37e2b1a7957847a2));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("quantile");
    TCase *tc = tcase_create("all");

    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, philox_gives_the_known_answers);
    tcase_add_test(tc, log_is_near_libm);
    tcase_add_test(tc, exp_is_near_libm);
    tcase_add_test(tc, normal_quantile_inverts_the_distribution);
    tcase_add_test(tc, bits_are_the_published_ones);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
