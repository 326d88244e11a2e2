/* The syntax of synthetic specs, and what a mistake is told. */
#include "suggest.h"
#include "suite.h"
#include "synth.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct synth parsed(const char *spec)
{
    struct synth synth;
    struct error error;

    ck_assert_msg(synth_parse(spec, &synth, &error), "%s", error.text);
    return synth;
}

START_TEST(canonical_names)
{
    const char *pairs[][2] = {
        {"synth:gaussian", "synth:gaussian,sigma=0.02,shape=1024x1024,seed=0"},
        {"synth:student-t:03,seed=1,shape=4096x8,sigma=2e-2",
         "synth:student-t:3,sigma=0.02,shape=4096x8,seed=1"},
        {"synth:sparse:0.10,tensor=7,sigma=0.30000000000000004",
         "synth:sparse:0.1,sigma=0.30000000000000004,shape=1024x1024,seed=0,tensor=7"},
        {"synth:outlier-columns,sigma=1.2345678901234566e-40,shape=1x9223372036854775807,"
         "seed=18446744073709551615,tensor=4294967295",
         "synth:outlier-columns,sigma=1.2345678901234566e-40,shape=1x9223372036854775807,"
         "seed=18446744073709551615,tensor=4294967295"},
    };

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        struct synth synth = parsed(pairs[i][0]);
        char name[SYNTH_NAME_SIZE], again[SYNTH_NAME_SIZE];

        synth_name(&synth, name);
        ck_assert_str_eq(name, pairs[i][1]);
        synth = parsed(name);
        synth_name(&synth, again);
        ck_assert_str_eq(name, again);
    }
}
END_TEST

struct mistake {
    const char *spec, *message;
};

static const struct mistake mistakes[] = {
    {"gaussian", "gaussian: a synthetic tensor starts with \"synth:\""},
    {"synth:", "synth:: no distribution; choose from gaussian, laplace, student-t:NU, uniform, "
               "sparse:P, outlier-columns"},
    {"synth:gausian", "synth:gausian: unknown distribution \"gausian\"; did you mean gaussian? "
                      "(choices: gaussian, laplace, student-t:NU, uniform, sparse:P, "
                      "outlier-columns)"},
    {"synth:Student_T:3", "synth:Student_T:3: unknown distribution \"Student_T\"; did you mean "
                          "student-t? (choices: gaussian, laplace, student-t:NU, uniform, "
                          "sparse:P, outlier-columns)"},
    {"synth:student-t", "synth:student-t: student-t needs degrees of freedom from 1 to 64, got "
                        "\"\"; example: student-t:3"},
    {"synth:student-t:0", "synth:student-t:0: student-t needs degrees of freedom from 1 to 64, "
                          "got \"0\"; example: student-t:3"},
    {"synth:student-t:65", "synth:student-t:65: student-t needs degrees of freedom from 1 to 64, "
                           "got \"65\"; example: student-t:3"},
    {"synth:student-t:2.5", "synth:student-t:2.5: student-t needs degrees of freedom from 1 to "
                            "64, got \"2.5\"; example: student-t:3"},
    {"synth:sparse:1.5", "synth:sparse:1.5: sparse needs a probability of zeros from 0 to 1, got "
                         "\"1.5\"; example: sparse:0.5"},
    {"synth:sparse:nan", "synth:sparse:nan: sparse needs a probability of zeros from 0 to 1, got "
                         "\"nan\"; example: sparse:0.5"},
    {"synth:uniform:2", "synth:uniform:2: uniform takes no parameter, got \"2\"; write uniform"},
    {"synth:gaussian,sgima=1", "synth:gaussian,sgima=1: unknown setting \"sgima=1\"; did you mean "
                               "sigma? (choices: sigma=S, shape=ROWSxCOLS, seed=N, tensor=N)"},
    {"synth:gaussian,", "synth:gaussian,: unknown setting \"\"; choices: sigma=S, "
                        "shape=ROWSxCOLS, seed=N, tensor=N"},
    {"synth:zzz", "synth:zzz: unknown distribution \"zzz\"; choices: gaussian, laplace, "
                  "student-t:NU, uniform, sparse:P, outlier-columns"},
    {"synth:gaussian,seed", "synth:gaussian,seed: seed needs a value: seed=..."},
    {"synth:gaussian,seed=1,seed=1", "synth:gaussian,seed=1,seed=1: seed is given twice"},
    {"synth:gaussian,seed=-1", "synth:gaussian,seed=-1: seed=-1 is no whole number from 0 to "
                               "2^64 - 1; example: seed=1"},
    {"synth:gaussian,seed=18446744073709551616",
     "synth:gaussian,seed=18446744073709551616: seed=18446744073709551616 is no whole number "
     "from 0 to 2^64 - 1; example: seed=1"},
    {"synth:gaussian,tensor=4294967296", "synth:gaussian,tensor=4294967296: tensor=4294967296 is "
                                         "no whole number from 0 to 2^32 - 1; example: tensor=1"},
    {"synth:gaussian,sigma=0", "synth:gaussian,sigma=0: sigma=0 is no number from 1e-40 to 1e+20; "
                               "example: sigma=0.02"},
    {"synth:gaussian,sigma=inf", "synth:gaussian,sigma=inf: sigma=inf is no number from 1e-40 to "
                                 "1e+20; example: sigma=0.02"},
    {"synth:gaussian,sigma=1e21", "synth:gaussian,sigma=1e21: sigma=1e21 is no number from 1e-40 "
                                  "to 1e+20; example: sigma=0.02"},
    {"synth:gaussian,sigma= 1", "synth:gaussian,sigma= 1: sigma= 1 is no number from 1e-40 to "
                                "1e+20; example: sigma=0.02"},
    {"synth:gaussian,sigma=1x", "synth:gaussian,sigma=1x: sigma=1x is no number from 1e-40 to "
                                "1e+20; example: sigma=0.02"},
    {"synth:gaussian,shape=1024", "synth:gaussian,shape=1024: shape=1024 is not ROWSxCOLS with 1 "
                                  "to 2^63 - 1 weights; example: shape=1024x1024"},
    {"synth:gaussian,shape=0x5", "synth:gaussian,shape=0x5: shape=0x5 is not ROWSxCOLS with 1 to "
                                 "2^63 - 1 weights; example: shape=1024x1024"},
    {"synth:gaussian,shape=4x4x4", "synth:gaussian,shape=4x4x4: shape=4x4x4 is not ROWSxCOLS with "
                                   "1 to 2^63 - 1 weights; example: shape=1024x1024"},
    {"synth:gaussian,shape=4294967296x2147483648",
     "synth:gaussian,shape=4294967296x2147483648: shape=4294967296x2147483648 is not ROWSxCOLS "
     "with 1 to 2^63 - 1 weights; example: shape=1024x1024"},
};
enum {
    NMISTAKES = sizeof(mistakes) / sizeof(mistakes[0])
};

START_TEST(mistakes_get_one_clear_line)
{
    struct synth synth;
    struct error error;

    ck_assert(!synth_parse(mistakes[_i].spec, &synth, &error));
    ck_assert_str_eq(error.text, mistakes[_i].message);
}
END_TEST

START_TEST(long_specs_are_refused_without_harm)
{
    char spec[5000];
    struct synth synth;
    struct error error;

    memset(spec, '1', sizeof(spec));
    memcpy(spec, "synth:gaussian,sigma=", strlen("synth:gaussian,sigma="));
    spec[sizeof(spec) - 1] = '\0';
    ck_assert(!synth_parse(spec, &synth, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "example: sigma=0.02"));
}
END_TEST

START_TEST(suggest_finds_the_nearest_name)
{
    const char *names[] = {"nearest", "exact", "ggml", "ggml-fixed"};

    ck_assert_str_eq(suggest("nearst", 6, names, 4), "nearest");
    ck_assert_str_eq(suggest("GGML_fixed", 10, names, 4), "ggml-fixed");
    ck_assert_str_eq(suggest("ggmlXXX", 4, names, 4), "ggml");
    ck_assert_ptr_null(suggest("", 0, names, 4));
    ck_assert_str_eq(suggest("gg", 2, names, 4), "ggml");
    ck_assert_ptr_null(suggest("g", 1, names, 4));
    ck_assert_str_eq(suggest("nearXXX", 7, names, 1), "nearest");
    ck_assert_ptr_null(suggest("neaXXXX", 7, names, 1));
    ck_assert_str_eq(suggest("EXACT", 5, (const char *[]){"ggml", "exact"}, 2), "exact");
    ck_assert_str_eq(suggest("abx", 3, (const char *[]){"abc", "abd"}, 2), "abc");
    ck_assert_ptr_null(suggest("x", 1, names, 0));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("synth_spec");
    TCase *tc = tcase_create("all");

    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, canonical_names);
    tcase_add_loop_test(tc, mistakes_get_one_clear_line, 0, NMISTAKES);
    tcase_add_test(tc, long_specs_are_refused_without_harm);
    tcase_add_test(tc, suggest_finds_the_nearest_name);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
