/* Synthetic tensors: the numbers, pinned bit for bit. */
#include "suite.h"
#include "synth.h"
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum {
    COUNT = 65536
};

static float weights[COUNT], others[COUNT];

static struct synth parsed(const char *spec)
{
    struct synth synth;
    struct error error;

    ck_assert_msg(synth_parse(spec, &synth, &error), "%s", error.text);
    return synth;
}

/*
 * The contract with every machine and compiler: the first weights as binary32 patterns, and XXH3-64
 * of the first 65536 (262144 bytes, little-endian).
 */
struct published {
    const char *spec;
    uint32_t first[4];
    uint64_t hash;
};

static const struct published published[] = {
    {"synth:gaussian",
     {0x3cc0efc2, 0xbbe74295, 0xbc19c379, 0xbb8c86e1},
     UINT64_C(0x67cec15774edcc79)},
    {"synth:laplace",
     {0x3ca5d690, 0xbb958c44, 0xbbcf9df3, 0xbb2c746a},
     UINT64_C(0xa92be7bea4e83138)},
    {"synth:student-t:1",
     {0x3db445c8, 0xbb818655, 0xbc7d17cc, 0xbcbe53a8},
     UINT64_C(0xa71e5b3ee6d5b249)},
    {"synth:student-t:3",
     {0x3c91f06f, 0xbbaafb59, 0xbca13cf0, 0xbbfe70ae},
     UINT64_C(0x481a48a60558936b)},
    {"synth:student-t:64",
     {0x3cbb5742, 0xbbf05d47, 0xbc21972e, 0xbba7d4c5},
     UINT64_C(0xf257d273850a3a22)},
    {"synth:uniform",
     {0x3cd7f7aa, 0xbc1c8aee, 0xbc4cf33d, 0xbbc0ba11},
     UINT64_C(0x7b7cc2d737196044)},
    {"synth:sparse:0.5",
     {0x3cc0efc2, 0x00000000, 0x00000000, 0x00000000},
     UINT64_C(0xaaac5255903da017)},
    {"synth:outlier-columns",
     {0x3cc0efc2, 0xbbe74295, 0xbc19c379, 0xbb8c86e1},
     UINT64_C(0x091eb2761ec066b2)},
    {"synth:gaussian,sigma=1,seed=18446744073709551615,tensor=4294967295",
     {0x3e8d66ad, 0x3f08d125, 0xbe574e66, 0xbe587101},
     UINT64_C(0x1c2bd81f88e6d82d)},
};
enum {
    NPUBLISHED = sizeof(published) / sizeof(published[0])
};

START_TEST(numbers_are_the_published_ones)
{
    const struct published *expected = &published[_i];
    const struct synth synth = parsed(expected->spec);
    uint32_t first[4];

    synth_fill(&synth, 0, COUNT, weights);
    memcpy(first, weights, sizeof(first));
    for (int i = 0; i < 4; i++)
        ck_assert_msg(first[i] == expected->first[i], "%s: weight %d is 0x%08x", expected->spec, i,
                      first[i]);
    ck_assert_uint_eq(XXH3_64bits(weights, sizeof(weights)), expected->hash);
}
END_TEST

START_TEST(any_split_gives_the_same_numbers)
{
    const struct synth synth = parsed(published[_i].spec);
    const uint64_t start = (UINT64_C(1) << 32) - COUNT / 2; /* the index crosses 32 bits */

    synth_fill(&synth, start, COUNT, weights);
    for (size_t at = 0, step = 1; at < COUNT; at += step, step = step * 3 % 1021 + 1)
        synth_fill(&synth, start + at, COUNT - at < step ? COUNT - at : step, others + at);
    ck_assert_mem_eq(weights, others, sizeof(weights));
    ck_assert_mem_ne(weights, weights + COUNT / 2, sizeof(weights) / 2);
}
END_TEST

START_TEST(seed_and_tensor_number_select_other_samples)
{
    const char *specs[] = {"synth:gaussian", "synth:gaussian,seed=1", "synth:gaussian,tensor=1",
                           "synth:gaussian,seed=4294967296"};

    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < i; j++) {
            const struct synth a = parsed(specs[i]), b = parsed(specs[j]);
            int equal = 0;

            synth_fill(&a, 0, 1000, weights);
            synth_fill(&b, 0, 1000, others);
            for (int k = 0; k < 1000; k++)
                equal += weights[k] == others[k];
            ck_assert_int_eq(equal, 0);
        }
    }
}
END_TEST

struct moments {
    double mean, deviation, kurtosis, zeros; /* kurtosis is E x^4 / (E x^2)^2; 3 for a gaussian */
};

static struct moments moments_of(const char *spec)
{
    const struct synth synth = parsed(spec);
    double sum[5] = {0.0};
    struct moments m = {.zeros = 0.0};

    synth_fill(&synth, 0, COUNT, weights);
    for (int i = 0; i < COUNT; i++) {
        const double x = weights[i];

        sum[1] += x / COUNT;
        sum[2] += x * x / COUNT;
        sum[4] += x * x * x * x / COUNT;
        m.zeros += (x == 0.0) / (double)COUNT;
    }
    m.mean = sum[1];
    m.deviation = sqrt(sum[2]);
    m.kurtosis = sum[4] / (sum[2] * sum[2]);
    return m;
}

/* Bounds of five standard errors or more; the numbers are fixed, so this never fails by chance. */
START_TEST(moments_are_those_of_the_distribution)
{
    struct moments m = moments_of("synth:gaussian,sigma=2");
    ck_assert_double_eq_tol(m.mean, 0.0, 0.04);
    ck_assert_double_eq_tol(m.deviation, 2.0, 0.03);
    ck_assert_double_eq_tol(m.kurtosis, 3.0, 0.1);

    m = moments_of("synth:laplace,sigma=2");
    ck_assert_double_eq_tol(m.mean, 0.0, 0.04);
    ck_assert_double_eq_tol(m.deviation, 2.0, 0.05);
    ck_assert_double_eq_tol(m.kurtosis, 6.0, 0.7);

    m = moments_of("synth:uniform,sigma=2");
    ck_assert_double_eq_tol(m.mean, 0.0, 0.04);
    ck_assert_double_eq_tol(m.deviation, 2.0, 0.02);
    ck_assert_double_eq_tol(m.kurtosis, 1.8, 0.03);

    /* Variance nu / (nu - 2), kurtosis 3 + 6 / (nu - 4). */
    m = moments_of("synth:student-t:64,sigma=2");
    ck_assert_double_eq_tol(m.deviation, 2.0 * sqrt(64.0 / 62.0), 0.03);
    ck_assert_double_eq_tol(m.kurtosis, 3.1, 0.1);
    m = moments_of("synth:student-t:9,sigma=2");
    ck_assert_double_eq_tol(m.deviation, 2.0 * sqrt(9.0 / 7.0), 0.05);
    ck_assert_double_eq_tol(m.kurtosis, 4.2, 0.6);

    m = moments_of("synth:sparse:0.75,sigma=2");
    ck_assert_double_eq_tol(m.zeros, 0.75, 0.01);
    ck_assert_double_eq_tol(m.deviation, 2.0 * sqrt(0.25), 0.03);
    ck_assert_double_eq(moments_of("synth:sparse:0").zeros, 0.0);
    ck_assert_double_eq(moments_of("synth:sparse:1").zeros, 1.0);
}
END_TEST

/* Half of a Cauchy variable (nu = 1) lies within its scale: a check where no moment exists. */
START_TEST(student_t_quartiles)
{
    const struct synth synth = parsed("synth:student-t:1,sigma=2");
    int inside = 0;

    synth_fill(&synth, 0, COUNT, weights);
    for (int i = 0; i < COUNT; i++)
        inside += fabsf(weights[i]) < 2.0f;
    ck_assert_double_eq_tol(inside / (double)COUNT, 0.5, 0.01);
}
END_TEST

START_TEST(outliers_are_where_the_header_says)
{
    const struct synth with = parsed("synth:outlier-columns,shape=256x300,sigma=1");
    const struct synth without = parsed("synth:gaussian,shape=256x300,sigma=1");
    int rare = 0;

    synth_fill(&with, 0, COUNT, weights);
    synth_fill(&without, 0, COUNT, others);
    for (int i = 0; i < COUNT; i++) {
        const int column = i % 300;
        const float expected = column == 140 ? 30.0f : column == 41 || column == 238 ? 8.0f : 1.0f;
        const float factor = roundf(weights[i] / others[i]);

        ck_assert_msg(factor == expected || factor == 20.0f * expected, "weight %d: factor %g", i,
                      (double)factor);
        rare += factor != expected;
    }
    ck_assert_int_ge(rare, 2); /* 8 expected */
    ck_assert_int_le(rare, 25);
}
END_TEST

START_TEST(largest_sigma_stays_finite)
{
    const struct synth synth = parsed("synth:student-t:1,sigma=1e20");

    synth_fill(&synth, 0, COUNT, weights);
    for (int i = 0; i < COUNT; i++)
        ck_assert(isfinite(weights[i]));
}
END_TEST

START_TEST(open_appends_a_readable_tensor)
{
    struct tensor_list list = {0};
    struct buffer buffer = {0};
    struct error error;

    ck_assert(synth_open("synth:gaussian,shape=5x7", &list, &error));
    ck_assert(synth_open("synth:laplace", &list, &error));
    ck_assert(!synth_open("synth:laplac", &list, &error));
    ck_assert_uint_eq(list.count, 2);

    const struct tensor *tensor = &list.tensors[0];

    ck_assert_str_eq(tensor->name, "synth:gaussian,sigma=0.02,shape=5x7,seed=0");
    ck_assert_uint_eq(tensor->nrows, 5);
    ck_assert_uint_eq(tensor->ncols, 7);
    ck_assert_uint_eq(tensor->ndims, 2);
    ck_assert(tensor_readable(tensor));
    ck_assert(tensor_read(tensor, 2, 33, weights, &buffer, &error));
    synth_fill(tensor->synth, 0, 35, others);
    ck_assert_mem_eq(weights, others + 2, 33 * sizeof(float));
    buffer_free(&buffer);
    tensor_list_free(&list);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("synth");
    TCase *tc = tcase_create("all");

    tcase_set_timeout(tc, 0);
    tcase_add_loop_test(tc, numbers_are_the_published_ones, 0, NPUBLISHED);
    tcase_add_loop_test(tc, any_split_gives_the_same_numbers, 0, NPUBLISHED);
    tcase_add_test(tc, seed_and_tensor_number_select_other_samples);
    tcase_add_test(tc, moments_are_those_of_the_distribution);
    tcase_add_test(tc, student_t_quartiles);
    tcase_add_test(tc, outliers_are_where_the_header_says);
    tcase_add_test(tc, largest_sigma_stays_finite);
    tcase_add_test(tc, open_appends_a_readable_tensor);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
