/* Which target runs a kernel (target_choice.c): --target, RDL_TARGET, the best there is. */
#include "target_choice.h"

#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct target_choice choice;
static struct error error;

static void choose(const char *name)
{
    ck_assert_msg(target_choose(name, &choice, &error), "%s", error.text);
}

/* A target that this machine or build does not have. */
static enum rdl_target absent(void)
{
#if defined(__aarch64__)
    return RDL_AVX2;
#else
    return RDL_NEON;
#endif
}

static void without_variable(void)
{
    ck_assert_int_eq(unsetenv("RDL_TARGET"), 0);
}

START_TEST(nothing_is_forced_by_default)
{
    choose(NULL);
    ck_assert(!choice.forced);
    ck_assert_uint_eq(choice.detected, rdl_detect_targets());
    ck_assert_uint_eq(choice.offered, rdl_detect_targets() & targets_built());
    ck_assert_uint_eq(target_set(&choice), choice.offered);
    ck_assert(choice.offered >> RDL_SCALAR & 1u);
    ck_assert_int_eq(setenv("RDL_TARGET", "", 1), 0);
    choose(NULL);
    ck_assert(!choice.forced);
}
END_TEST

START_TEST(option_and_variable_force)
{
    choose("Scalar");
    ck_assert(choice.forced);
    ck_assert_int_eq(choice.target, RDL_SCALAR);
    ck_assert_uint_eq(target_set(&choice), 1u << RDL_SCALAR);
    ck_assert_int_eq(setenv("RDL_TARGET", "scalar", 1), 0);
    choose(NULL);
    ck_assert(choice.forced);
    ck_assert_int_eq(choice.target, RDL_SCALAR);
}
END_TEST

START_TEST(option_wins)
{
    ck_assert_int_eq(setenv("RDL_TARGET", "nonsense", 1), 0);
    choose("scalar");
    ck_assert_int_eq(choice.target, RDL_SCALAR);
}
END_TEST

/* The message lists what there is, and only that. */
START_TEST(absent_target_is_refused)
{
    ck_assert(!target_choose(rdl_target_name(absent()), &choice, &error));
    char expected[128];
    snprintf(expected, sizeof expected, "target '%s' is not available here; choices: scalar",
             rdl_target_name(absent()));
    ck_assert_msg(strncmp(error.text, expected, strlen(expected)) == 0, "%s", error.text);
    const char *choices = strstr(error.text, "choices: ");
    for (unsigned t = 0; t < RDL_TARGET_COUNT; t++)
        ck_assert_int_eq(strstr(choices, rdl_target_name((enum rdl_target)t)) != NULL,
                         choice.offered >> t & 1u);
}
END_TEST

START_TEST(wrong_variable_is_named)
{
    ck_assert_int_eq(setenv("RDL_TARGET", "axv2", 1), 0);
    ck_assert(!target_choose(NULL, &choice, &error));
    ck_assert_msg(
        strncmp(error.text, "RDL_TARGET: unknown target 'axv2'; did you mean 'avx2'?", 55) == 0,
        "%s", error.text);
}
END_TEST

/* Every offered target that does all that scalar does, the last one first. */
START_TEST(best_encoder_is_taken)
{
    choose(NULL);
    for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++)
        for (unsigned r = 0; r < RDL_FIRST_SEARCH; r++)
            for (unsigned w = 0; w < RDL_WEIGHTING_COUNT; w++) {
                const enum rdl_format format = (enum rdl_format)f;
                const enum rdl_rounding rounding = (enum rdl_rounding)r;
                const enum rdl_weighting weighting = (enum rdl_weighting)w;
                enum rdl_target target;
                const bool found =
                    choose_encoder_target(&choice, format, rounding, weighting, &target);
                const unsigned all = rdl_encoder_support(format, rounding, weighting, RDL_SCALAR);
                ck_assert_int_eq(found, all != 0);
                ck_assert(found || target == RDL_SCALAR);
                ck_assert_uint_eq(rdl_encoder_support(format, rounding, weighting, target), all);
                for (unsigned better = target + 1; better < RDL_TARGET_COUNT; better++)
                    ck_assert(!(choice.offered >> better & 1u) || all == 0 ||
                              rdl_encoder_support(format, rounding, weighting,
                                                  (enum rdl_target)better) != all);
            }
}
END_TEST

START_TEST(best_decoder_is_taken)
{
    choose(NULL);
    for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++) {
        enum rdl_target target;
        ck_assert(choose_decoder_target(&choice, (enum rdl_format)f, &target));
        ck_assert(rdl_decoder_support((enum rdl_format)f, target));
        for (unsigned better = target + 1; better < RDL_TARGET_COUNT; better++)
            ck_assert(!(choice.offered >> better & 1u) ||
                      !rdl_decoder_support((enum rdl_format)f, (enum rdl_target)better));
    }
}
END_TEST

/* A forced target is taken or nothing is: never scalar in its place. */
START_TEST(forced_target_has_no_substitute)
{
    for (unsigned t = 0; t < RDL_TARGET_COUNT; t++) {
        const struct target_choice forced = {
            .offered = ~0u, .forced = true, .target = (enum rdl_target)t};
        for (unsigned f = 0; f < RDL_FORMAT_COUNT; f++) {
            enum rdl_target target;
            ck_assert_int_eq(
                choose_encoder_target(&forced, (enum rdl_format)f, RDL_GGML, RDL_NATIVE, &target),
                target_has_encoder((enum rdl_format)f, RDL_GGML, RDL_NATIVE, (enum rdl_target)t));
            ck_assert_int_eq(target, t);
            ck_assert_int_eq(choose_decoder_target(&forced, (enum rdl_format)f, &target),
                             rdl_decoder_support((enum rdl_format)f, (enum rdl_target)t));
            ck_assert_int_eq(target, t);
        }
    }
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("choice");
    tcase_set_timeout(tcase, 0);
    tcase_add_checked_fixture(tcase, without_variable, without_variable);
    tcase_add_test(tcase, nothing_is_forced_by_default);
    tcase_add_test(tcase, option_and_variable_force);
    tcase_add_test(tcase, option_wins);
    tcase_add_test(tcase, absent_target_is_refused);
    tcase_add_test(tcase, wrong_variable_is_named);
    tcase_add_test(tcase, best_encoder_is_taken);
    tcase_add_test(tcase, best_decoder_is_taken);
    tcase_add_test(tcase, forced_target_has_no_substitute);
    Suite *suite = suite_create("target_choice");
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
